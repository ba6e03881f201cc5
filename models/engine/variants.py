"""The processor's part of llama.cpp, which a package brings several times: the best one is loaded here.

A build for one machine (`pip install llama-cpp-python`) has that part built in and nothing is loaded. The
packages' build (installer/llama) has one library for each step of Intel's and AMD's processors; ggml asks each
for its score on this one and keeps the best. llama-cpp-python itself never asks ggml to do so.
"""

from __future__ import annotations

import ctypes
from pathlib import Path
from typing import Any

from llama_cpp import _ggml

from models.errors import ProcessorTooOldError


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
    # UTF-8 on both systems; the bytes of an odd Linux name stay what they are.
    library.ggml_backend_load_all_from_path(str(folder).encode("utf-8", "surrogateescape"))
    if not library.ggml_backend_reg_count():
        raise ProcessorTooOldError
