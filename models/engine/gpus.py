"""GPUs as ggml sees them: which one is used, and how much memory it has free."""

from __future__ import annotations

import ctypes
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from llama_cpp import _ggml

from models.engine.native.library import ggml_base, start_backend
from models.engine.protocol import GpuState
from models.engine.variants import has_gpu_part, load_gpu_part

_PROCESSOR: Final = 0
_DEDICATED: Final = 1
_SHARED: Final = 2
"""ggml's kinds of devices. What shares the PC's memory is not used: writing is as fast as that memory, with
either, and the model would be copied within it."""


@dataclass(frozen=True)
class Device:
    """One device of ggml's.

    Attributes:
        kind: The processor (0), a GPU with memory of its own (1) or without (2), or something else.
        name: What its driver calls it.
        free_bytes: Free memory.
        handle: ggml's own; valid as long as the process.
    """

    kind: int
    name: str
    free_bytes: int
    handle: int


@dataclass(frozen=True)
class GpuFound:
    """What was found of GPUs.

    Attributes:
        state: Whether one is used, or why not.
        device: It, the one with the most free memory; None without one to use.
    """

    state: GpuState
    device: Device | None = None

    @property
    def free_bytes(self) -> int:
        """Its free memory; 0 without one."""
        return self.device.free_bytes if self.device else 0


def find_gpu() -> GpuFound:
    """Open the GPUs' drivers, where this build has a part for GPUs, and pick the one to use.

    A driver that fails says so and the processor does the work. One that is broken may end the process
    (see `CrashMarker`), so nothing of it is touched before.
    """
    _open_drivers()
    return choose(devices(), is_included=has_gpu_part())


def choose(found: list[Device], *, is_included: bool) -> GpuFound:
    """Pick the GPU to use among all devices.

    Args:
        found: See `devices`.
        is_included: Whether the package brings a part for GPUs.
    """
    dedicated = [device for device in found if device.kind == _DEDICATED and device.free_bytes]
    if dedicated:
        return GpuFound(GpuState.READY, max(dedicated, key=lambda device: device.free_bytes))
    if any(device.kind == _SHARED for device in found):
        return GpuFound(GpuState.SHARED_MEMORY)
    return GpuFound(GpuState.NOT_FOUND if is_included else GpuState.NOT_INCLUDED)


def devices() -> list[Device]:
    """Every device that ggml has; of GPUs only after `find_gpu`, unless they are built in."""
    start_backend()
    registry, base = _ggml.libggml, _base()
    found = []
    for index in range(registry.ggml_backend_dev_count()):
        handle = registry.ggml_backend_dev_get(index)
        free, total = ctypes.c_size_t(0), ctypes.c_size_t(0)
        base.ggml_backend_dev_memory(handle, ctypes.byref(free), ctypes.byref(total))
        name: bytes = base.ggml_backend_dev_description(handle) or b""
        kind = int(base.ggml_backend_dev_type(handle))
        found.append(Device(kind, name.decode("utf-8", "replace"), free.value, int(handle)))
    return found


@cache
def _open_drivers() -> None:
    start_backend()
    load_gpu_part()


@cache
def _base() -> Any:
    """The base library of ggml; the signatures of what is called here are set on both libraries."""
    registry: Any = _ggml.libggml
    base = ggml_base()
    registry.ggml_backend_dev_count.restype = ctypes.c_size_t
    registry.ggml_backend_dev_get.restype = ctypes.c_void_p
    registry.ggml_backend_dev_get.argtypes = [ctypes.c_size_t]
    base.ggml_backend_dev_type.argtypes = [ctypes.c_void_p]
    base.ggml_backend_dev_description.restype = ctypes.c_char_p
    base.ggml_backend_dev_description.argtypes = [ctypes.c_void_p]
    base.ggml_backend_dev_memory.restype = None
    base.ggml_backend_dev_memory.argtypes = [ctypes.c_void_p] * 3
    return base
