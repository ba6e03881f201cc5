"""The library itself: started once, silent, and asked about itself."""

from __future__ import annotations

import ctypes
import os
from collections import Counter
from functools import cache
from typing import Any, Final

from llama_cpp import _ctypes_extensions, _ggml
from llama_cpp import llama_cpp as _untyped

from models.engine.variants import load_best_variant

lib: Any = _untyped
"""llama.cpp's functions and structures; the bindings carry no usable types."""

_NO_MEMORY: Final = (b"failed to allocate", b"unable to allocate", b"Cannot allocate memory", b"bad_alloc")

log_counts: Counter[int | str] = Counter()
"""How many lines llama.cpp logged, by its own level (3 is error), and how many told of missing memory. The
lines are not kept: they may hold paths with a user's name, and stdout and stderr belong to the protocol."""


@lib.llama_log_callback  # type: ignore[untyped-decorator]
def _count_line(level: int, text: bytes, _user_data: object) -> None:
    log_counts[level] += 1
    log_counts["no_memory"] += any(words in text for words in _NO_MEMORY)


_started: list[bool] = []


def start_backend() -> None:
    """Silence llama.cpp and start it, once per process.

    Raises:
        ProcessorTooOldError: This build cannot run on this processor.
    """
    if not _started:
        os.environ["GGML_NO_BACKTRACE"] = "1"  # it starts gdb where there is one
        lib.llama_log_set(_count_line, ctypes.c_void_p(0))
        load_best_variant()
        lib.llama_backend_init()
        _started.append(True)


def library_version() -> str:
    """The version of llama.cpp that is loaded; saved states are not shared between versions."""
    version: bytes = lib.llama_version()
    return version.decode("ascii", "replace")


def system_info() -> str:
    """llama.cpp's own line on the CPU features this build uses on this PC."""
    start_backend()
    line: bytes = lib.llama_print_system_info()
    return line.decode("ascii", "replace")


def cpu_features() -> tuple[str, ...]:
    """Instruction sets that this build of llama.cpp uses on this PC, such as `AVX2`."""
    pairs = (part.split("=") for part in system_info().replace("CPU :", "").split("|") if "=" in part)
    return tuple(name.strip() for name, value in pairs if value.strip() == "1")


@cache
def ggml_base() -> Any:
    """The base library of ggml, which knows devices and the kinds of memory."""
    base: Any = _ctypes_extensions.load_shared_library("ggml-base", _ggml.libggml_base_path)
    base.ggml_backend_cpu_buffer_type.restype = ctypes.c_void_p
    return base
