"""GPUs as ggml sees them: their free memory decides how many layers they get."""

from __future__ import annotations

import ctypes
from functools import cache
from typing import Any, Final

from llama_cpp import _ctypes_extensions, _ggml

from models.engine.native import start_backend, supports_gpu

_DEVICE_TYPE_GPU: Final = 1  # dedicated memory; one that shares the PC's memory gains nothing


def gpu_free_bytes() -> int:
    """Free memory of the largest GPU that this build of llama.cpp can use; 0 without one."""
    if not supports_gpu():
        return 0
    start_backend()
    return max((free for kind, free in devices() if kind == _DEVICE_TYPE_GPU), default=0)


def devices() -> list[tuple[int, int]]:
    """Type (0 is the processor) and free bytes of every device that ggml has."""
    registry, base = _ggml.libggml, _base()
    found = []
    for index in range(registry.ggml_backend_dev_count()):
        device = registry.ggml_backend_dev_get(index)
        free, total = ctypes.c_size_t(0), ctypes.c_size_t(0)
        base.ggml_backend_dev_memory(device, ctypes.byref(free), ctypes.byref(total))
        found.append((int(base.ggml_backend_dev_type(device)), free.value))
    return found


@cache
def _base() -> Any:
    """The base library of ggml; the signatures of what is called here are set on both libraries."""
    registry: Any = _ggml.libggml
    base: Any = _ctypes_extensions.load_shared_library("ggml-base", _ggml.libggml_base_path)
    registry.ggml_backend_dev_count.restype = ctypes.c_size_t
    registry.ggml_backend_dev_get.restype = ctypes.c_void_p
    registry.ggml_backend_dev_get.argtypes = [ctypes.c_size_t]
    base.ggml_backend_dev_type.argtypes = [ctypes.c_void_p]
    base.ggml_backend_dev_memory.restype = None
    base.ggml_backend_dev_memory.argtypes = [ctypes.c_void_p] * 3
    return base
