"""Where things lie: the person's folder, the machine's folder, and the lock on the former.

The person's folder moves with `KIAN_DATA_DIR` (tests, trials from a folder). The machine's folder, with
IT's policy in it, moves with no environment variable: otherwise a person could step around the policy.
Drafts stay on this machine (`LocalAppData`), not in a roaming profile.
"""

from __future__ import annotations

import os
import platform
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

import platformdirs
from filelock import FileLock, Timeout

from desktop.drafting.errors import DataFolderUnwritableError, SecondInstanceError, write_trouble
from desktop.drafting.installation import given_models_folders, given_shelf_folders

DATA_DIR_VARIABLE = "KIAN_DATA_DIR"


@dataclass(frozen=True)
class Paths:
    """All places the program reads or writes.

    Attributes:
        data_dir: The person's folder; everything we write lies below it.
        policy_file: IT's policy, read only; missing means that no policy was set.
        machine_dirs: Folders IT fills for all accounts (models, shelf), best first, read only.
        given_models: Folders of models named at the installation; they come before the machine's.
        given_shelves: Template shelves named at the installation, likewise.
    """

    data_dir: Path
    policy_file: Path
    machine_dirs: tuple[Path, ...] = ()
    given_models: tuple[Path, ...] = ()
    given_shelves: tuple[Path, ...] = ()

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] = os.environ) -> Paths:
        """The places of this account on this machine."""
        override = environ.get(DATA_DIR_VARIABLE, "")
        data_dir = (
            Path(override).expanduser().absolute()
            if override
            else platformdirs.user_data_path("Kian", appauthor=False, roaming=False)
        )
        if platform.system() == "Linux":
            machine_dirs: tuple[Path, ...] = (
                Path("/var/lib/kian"),
                Path("/usr/local/share/kian"),
                Path("/usr/share/kian"),
            )
            return cls(data_dir, Path("/etc/kian/policy.toml"), machine_dirs)
        machine_dir = platformdirs.site_data_path("Kian", appauthor=False)
        policy_file = machine_dir / "policy.toml"
        return cls(data_dir, policy_file, (machine_dir,), given_models_folders(), given_shelf_folders())

    @property
    def drafts_db(self) -> Path:
        """Masked drafts and effect answers."""
        return self.data_dir / "drafts.sqlite3"

    @property
    def library_db(self) -> Path:
        """The prompt library."""
        return self.data_dir / "library.sqlite3"

    @property
    def audit_db(self) -> Path:
        """The hash-chained audit log."""
        return self.data_dir / "audit.sqlite3"

    @property
    def unsent_dir(self) -> Path:
        """Encrypted autosave of what was typed and not yet sent."""
        return self.data_dir / "unsent"

    @property
    def key_file(self) -> Path:
        """The key of `unsent_dir` where the system has no key store."""
        return self.data_dir / "unsent.key"

    @property
    def backups_dir(self) -> Path:
        """Copies of databases made before a migration."""
        return self.data_dir / "backups"

    @property
    def logs_dir(self) -> Path:
        """Log files: ids, counts and durations, never text."""
        return self.data_dir / "logs"

    @property
    def settings_file(self) -> Path:
        """The person's own settings."""
        return self.data_dir / "settings.toml"

    @property
    def engine_states_dir(self) -> Path:
        """What the engine has read of fixed text, and its notes of crashes; no text of a person."""
        return self.data_dir / "engine_states"

    @property
    def models_dir(self) -> Path:
        """Models of this account."""
        return self.data_dir / "models"

    @property
    def machine_models_dirs(self) -> tuple[Path, ...]:
        """Models IT placed for all accounts."""
        return (*self.given_models, *(folder / "models" for folder in self.machine_dirs))

    @property
    def machine_shelf_dirs(self) -> tuple[Path, ...]:
        """Template shelves IT placed for all accounts; the policy's `sharing.shelf` comes before them."""
        return (*self.given_shelves, *(folder / "shelf" for folder in self.machine_dirs))

    @property
    def lock_file(self) -> Path:
        """The file whose lock says that the program runs."""
        return self.data_dir / "kian.lock"

    def ensure(self) -> Paths:
        """Create our folders (mode 0700) and prove by a probe that they can be written.

        Returns:
            Itself.

        Raises:
            DataFolderUnwritableError: Read-only, full, denied, or a file stands where a folder should.
        """
        folders = (self.data_dir, self.unsent_dir, self.backups_dir, self.logs_dir, self.models_dir)
        try:
            for folder in folders:
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=self.data_dir) as probe:
                probe.write(b"\0" * 4096)
                probe.flush()
                os.fsync(probe.fileno())
        except OSError as error:
            raise DataFolderUnwritableError(write_trouble(error)) from error
        return self


class SingleInstance:
    """The right to be the only window on a data folder. The system gives it back even after a kill.

    Keep the object: the right is given back when the object is forgotten, too.

    Raises:
        SecondInstanceError: On entering, when another process holds it.
        DataFolderUnwritableError: On entering, when the lock file cannot be made.
    """

    def __init__(self, paths: Paths) -> None:
        self._lock = FileLock(paths.lock_file, timeout=0, thread_local=False)

    def __enter__(self) -> SingleInstance:
        self.acquire()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.release()

    def acquire(self) -> None:
        """Take it (see the class docstring for errors)."""
        try:
            self._lock.acquire()
        except Timeout as error:
            raise SecondInstanceError from error
        except OSError as error:
            raise DataFolderUnwritableError(write_trouble(error)) from error

    def release(self) -> None:
        """Give it back; harmless when it is not held."""
        self._lock.release()
