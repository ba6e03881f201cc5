"""Loading the processor's part of llama.cpp from the variants that a package brings."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from models.engine.native.library import cpu_features
from models.engine.variants import has_gpu_part, load_best_variant, load_gpu_part
from models.errors import ProcessorTooOldError
from models.worker.launch import CODE_FROM_ELSEWHERE, worker_environment


class Call:
    """A C function as ctypes shows it: callable, with a result type that is set."""

    restype: object = None

    def __init__(self, function):
        self.function = function

    def __call__(self, *arguments):
        return self.function(*arguments)


class Ggml:
    """ggml's two functions: so many backends now, so many more after looking through a folder."""

    def __init__(self, *, built_in: int, found: int) -> None:
        self.count, self.folders = built_in, []
        self.ggml_backend_reg_count = Call(lambda: self.count)

        def load(folder: bytes) -> None:
            self.folders.append(folder)
            self.count += found

        self.ggml_backend_load_all_from_path = Call(load)
        self.ggml_backend_load = Call(self.folders.append)


def test_what_is_built_in_needs_no_loading():
    ggml = Ggml(built_in=1, found=1)
    load_best_variant(ggml, Path("lib"))
    assert ggml.folders == []


def test_the_variants_are_looked_for_in_the_packages_own_folder_whatever_its_name():
    ggml = Ggml(built_in=0, found=1)
    load_best_variant(ggml, Path("/場所/田中　太郎/lib"))
    assert [Path(folder.decode("utf-8")) for folder in ggml.folders] == [Path("/場所/田中　太郎/lib")]
    load_best_variant(ggml, Path("other"))
    assert len(ggml.folders) == 1


def test_a_processor_that_no_variant_fits_is_told_as_such():
    with pytest.raises(ProcessorTooOldError):
        load_best_variant(Ggml(built_in=0, found=0), Path("lib"))


def test_the_part_for_gpus_lies_apart_and_is_loaded_by_its_path(tmp_path):
    folder = tmp_path / "田中　太郎" / "lib"
    part = folder / "gpu" / "libggml-vulkan.so"
    part.parent.mkdir(parents=True)
    part.touch()
    ggml = Ggml(built_in=1, found=0)
    load_gpu_part(ggml, folder)
    assert [Path(path.decode("utf-8")) for path in ggml.folders] == [part]
    assert has_gpu_part(folder)


def test_a_package_without_a_part_for_gpus_loads_none(tmp_path):
    ggml = Ggml(built_in=1, found=0)
    load_gpu_part(ggml, tmp_path)
    assert ggml.folders == []
    assert not has_gpu_part(tmp_path)


def test_the_build_at_hand_names_what_it_uses_before_any_model_is_loaded():
    assert cpu_features()


@pytest.mark.parametrize("name", CODE_FROM_ELSEWHERE)
def test_no_variable_brings_other_code_into_a_worker(monkeypatch, name):
    monkeypatch.setenv(name, "/somewhere/else")
    seen = subprocess.run(
        [sys.executable, "-c", f"import os; print(os.environ.get('{name}'))"],
        env=worker_environment(),
        check=True,
        capture_output=True,
        text=True,
    )
    assert seen.stdout.strip() == "None"
