"""Keeps llama.cpp off Intel's AMX units, whose code path ends the process when built with GCC 12.

GCC before 12.4 and 13.3 drops the stores to the tile configuration in front of `_tile_loadconfig`
(GCC bug 114098), so the first matrix product loads whatever lies on the stack and faults. Builds
made on the spot (`pip install llama-cpp-python`) on a server CPU have that path, and it cannot be
switched off without losing the other fast paths too (`use_extra_bufts`).

llama.cpp asks Linux for permission to use AMX when it first lists its buffer types, and does without
when refused. Linux refuses while a thread has an alternate signal stack that is too small for the
AMX registers (https://docs.kernel.org/arch/x86/xstate.html). So one is in place during that moment.
"""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

_TOO_SMALL_BYTES: Final = 8_192  # the AMX registers alone take as much


class _Stack(ctypes.Structure):
    """`stack_t` of <signal.h>."""

    _fields_ = (("sp", ctypes.c_void_p), ("flags", ctypes.c_int), ("size", ctypes.c_size_t))


@contextmanager
def amx_refused(*, is_built_in: bool) -> Iterator[None]:
    """Within the block Linux refuses this process the AMX units, unless it has them already.

    Args:
        is_built_in: Whether the build of llama.cpp has the AMX path; nothing is done otherwise.
    """
    if not is_built_in or sys.platform != "linux":
        yield
        return
    libc = ctypes.CDLL(None)
    space = ctypes.create_string_buffer(_TOO_SMALL_BYTES)
    small = _Stack(ctypes.addressof(space), 0, _TOO_SMALL_BYTES)
    before = _Stack()
    is_set = libc.sigaltstack(ctypes.byref(small), ctypes.byref(before)) == 0
    try:
        with _stderr_closed():  # llama.cpp prints a line about it past its own log
            yield
    finally:
        if is_set:
            libc.sigaltstack(ctypes.byref(before), None)


@contextmanager
def _stderr_closed() -> Iterator[None]:
    sys.stderr.flush()
    kept, sink = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(sink, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(sink)
