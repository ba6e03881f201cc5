"""What import-linter cannot say about the house."""

import ast
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
PACKAGES = ("desktop", "models", "prompts")
HEAVY = ("llama_cpp", "presidio_analyzer", "spacy", "sudachipy", "ginza", "torch")


def sources(*folders):
    for folder in folders:
        yield from (ROOT / folder).rglob("*.py")


def imported_names(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def loaded_after(statement):
    code = f"import sys; {statement}; print(' '.join(m.split('.')[0] for m in sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def test_no_module_of_ours_imports_qts_network_or_web_engine():
    forbidden = re.compile(r"PySide6\.(QtNetwork|QtWeb\w*|QtHttpServer)")
    found = [path for path in sources(*PACKAGES) for name in imported_names(path) if forbidden.match(name)]
    assert found == []


def test_neither_the_windows_nor_the_terminals_process_loads_an_engine_or_an_analyzer():
    assert loaded_after("import desktop.app") & set(HEAVY) == set()
    assert loaded_after("import desktop.cli.main") & {*HEAVY, "PySide6"} == set()


def test_no_file_names_a_package_registry_or_a_path_of_one_machine():
    pattern = re.compile(r"https?://[\w.-]+/simple\b|--(?:extra-)?index-url|(?<![\w.])/(?:work|root)/")
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True)
    found = []
    for name in tracked.stdout.splitlines():
        path = ROOT / name
        if path.suffix in (".gguf", ".png") or path == Path(__file__) or not path.is_file():
            continue
        if pattern.search(path.read_text(encoding="utf-8", errors="ignore")):
            found.append(name)
    assert found == []
