"""The parts of llama.cpp that a package brings beside its libraries: the processor's, and one for GPUs.

A build for one machine (`pip install llama-cpp-python`) has that part built in and nothing is loaded. The
packages' build (installer/llama) has one library for each step of Intel's and AMD's processors; ggml asks each
for its score on this one and keeps the best. llama-cpp-python itself never asks ggml to do so.

The part for GPUs is only in packages whose builder asked for it, in a folder of its own: loading it opens the
drivers, and a broken one may end the process. So it is loaded apart, and later (see `gpus.py`).
"""

from __future__ import annotations

import ctypes
from pathlib import Path
from typing import Any, Final

from llama_cpp import _ggml

from models.errors import ProcessorTooOldError

_GPU_FOLDER: Final = "gpu"


def load_best_variant(library: Any = _ggml.libggml, folder: Path = _ggml.libggml_base_path) -> None:
    """Load the best variant for this processor, where none is built in or loaded already.

    Args:
        library: ggml's own library.
        folder: Where the variants lie.

    Raises:
        ProcessorTooOldError: There is none it can run.
    """
    library.ggml_backend_reg_count.restype = ctypes.c_size_t
    if library.ggml_backend_reg_count():
        return
    library.ggml_backend_load_all_from_path(_encoded(folder))
    if not library.ggml_backend_reg_count():
        raise ProcessorTooOldError


def has_gpu_part(folder: Path = _ggml.libggml_base_path) -> bool:
    """Whether the package brings a part for GPUs."""
    return any(_gpu_parts(folder))


def load_gpu_part(library: Any = _ggml.libggml, folder: Path = _ggml.libggml_base_path) -> None:
    """Load the part for GPUs where the package brings one; without a driver ggml goes on without it.

    Args:
        library: ggml's own library.
        folder: Where the variants lie; the part lies in a folder below.
    """
    library.ggml_backend_load.restype = ctypes.c_void_p
    for path in _gpu_parts(folder):
        library.ggml_backend_load(_encoded(path))


def _gpu_parts(folder: Path) -> list[Path]:
    return sorted(path for path in (folder / _GPU_FOLDER).glob("*ggml-*") if path.is_file())


def _encoded(path: Path) -> bytes:
    """UTF-8 on both systems; the bytes of an odd Linux name stay what they are."""
    return str(path).encode("utf-8", "surrogateescape")
