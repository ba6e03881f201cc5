"""The installer's scripts are not a package: each test loads the one it is about by its path."""

import importlib.util
import sys
from pathlib import Path

import pytest

INSTALLER = Path(__file__).parents[2] / "installer"


@pytest.fixture(scope="session")
def script():
    """Load `installer/<path>` as a module."""

    def load(path):
        name = "installer_" + path.removesuffix(".py").replace("/", "_")
        if name not in sys.modules:
            spec = importlib.util.spec_from_file_location(name, INSTALLER / path)
            module = importlib.util.module_from_spec(spec)
            sys.modules[name] = module
            spec.loader.exec_module(module)
        return sys.modules[name]

    return load
