"""Models and engines that several tests of this folder share."""

import pytest

from models.demo import demo_model_path
from models.engine.llama import LlamaEngine
from models.engine.protocol import LoadOptions
from tests.support.random_gguf import write_random_gguf


@pytest.fixture(scope="module")
def demo_engine():
    engine = LlamaEngine()
    engine.load(demo_model_path(), LoadOptions(n_threads=1))
    yield engine
    engine.unload()


@pytest.fixture(scope="session")
def random_model(tmp_path_factory):
    return write_random_gguf(tmp_path_factory.mktemp("models") / "random.gguf")


@pytest.fixture(scope="module")
def random_engine(random_model):
    engine = LlamaEngine()
    engine.load(random_model, LoadOptions(n_threads=1))
    yield engine
    engine.unload()
