"""How a worker process is started: its command and environment. Shared by both clients."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

WORKER_FLAG = "--worker"
"""In a packaged program the executable itself becomes the worker: `kian --worker engine`."""


CODE_FROM_ELSEWHERE = (
    "GGML_BACKEND_PATH",
    "LLAMA_CPP_LIB_PATH",
    "VK_ADD_DRIVER_FILES",
    "VK_DRIVER_FILES",
    "VK_ICD_FILENAMES",
)
"""Variables that make llama.cpp, or Vulkan under it, load a library from any folder; the package's own and the
system's graphics drivers are the only ones."""


def worker_command(worker: str) -> Sequence[str]:
    """Program and arguments that start worker `masking`, `engine` or `server`."""
    if getattr(sys, "frozen", False):
        return [sys.executable, WORKER_FLAG, worker]
    # -P: a folder `models` in the current directory must not take our package's place.
    return [sys.executable, "-P", "-s", "-m", "models.worker", worker]


def worker_environment() -> dict[str, str]:
    """The child's environment: ours, with UTF-8 throughout and every hub client told to stay offline."""
    environment = {name: value for name, value in os.environ.items() if name not in CODE_FROM_ELSEWHERE}
    environment.update(
        PYTHONUTF8="1",
        PYTHONDONTWRITEBYTECODE="1",
        HF_HUB_OFFLINE="1",
        HF_HUB_DISABLE_TELEMETRY="1",
        TRANSFORMERS_OFFLINE="1",
        VK_LOADER_LAYERS_DISABLE="~all~",  # what recorders and game overlays put into every program with Vulkan
    )
    environment.setdefault("GLIBC_TUNABLES", "glibc.malloc.hugetlb=1")  # weights in huge pages: writes faster
    return environment
