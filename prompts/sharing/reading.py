"""Reading whatever a person drops: a file, a folder or an archive of any format that is known."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from prompts.errors import ImportRefusedError
from prompts.sharing.archive import MAX_ARCHIVE_BYTES, read_archive, read_folder
from prompts.sharing.fabric import read_pattern
from prompts.sharing.kianpack import SUFFIX as PACK_SUFFIX
from prompts.sharing.kianpack import PackHeader, read_kianpack
from prompts.sharing.open_webui import read_open_webui
from prompts.sharing.plain import read_plain
from prompts.sharing.prompty import read_prompty
from prompts.sharing.sources import Reading, SourceFile, Watch, decode, unwatched
from prompts.sharing.tables import read_csv, read_xlsx

TEMPLATE_SUFFIX = ".prompt.md"
_IGNORED = ("readme.md", "license", "license.md", "license.txt", "thumbs.db", "desktop.ini", "manifest.json")


def read_path(
    path: Path,
    *,
    columns: Mapping[str, str] | None = None,
    trusted_keys: Iterable[str] = (),
    watch: Watch = unwatched,
) -> tuple[PackHeader | None, Reading]:
    """Reads every template below a path.

    Args:
        path: a file of a known format, a folder of such files, or a zip of them.
        columns: for tables, the headers by what they hold, where they are not recognised.
        trusted_keys: public keys that IT listed, Base64 of their 32 bytes.
        watch: told of each file of a folder or an archive.

    Returns:
        The header of a `.kianpack`, else None; and what was found.

    Raises:
        ImportRefusedError: the whole cannot be read or is not to be trusted.
    """
    if path.is_dir():
        return None, read_files(read_folder(path), columns, watch)
    try:
        if path.stat().st_size > MAX_ARCHIVE_BYTES:
            raise ImportRefusedError(path.name, "too_large")
        content = path.read_bytes()
    except OSError as error:
        raise ImportRefusedError(path.name, "unreadable") from error
    suffix = path.suffix.lower()
    if suffix == PACK_SUFFIX:
        return read_kianpack(content, trusted_keys, watch)
    if suffix == ".zip":
        files = read_archive(content)
        if any(file.path == "manifest.json" for file in files):
            return read_kianpack(content, trusted_keys, watch)
        return None, read_files(files, columns, watch)
    return None, read_files([SourceFile(path.name, content)], columns)


def read_files(
    files: Iterable[SourceFile], columns: Mapping[str, str] | None = None, watch: Watch = unwatched
) -> Reading:
    """Reads files by their names; one of no known format is rejected by name."""
    reading = Reading()
    by_path = {file.path: file for file in files}
    for done, file in enumerate(by_path.values()):
        watch(done, len(by_path))
        if _is_ignored(file):
            continue
        if file.name.lower() == "system.md":
            reading.extend(read_pattern(file, by_path.get(f"{file.folder}/user.md".lstrip("/"))))
        elif file.name.lower() == "user.md" and f"{file.folder}/system.md".lstrip("/") in by_path:
            continue
        else:
            reading.extend(_read_file(file, columns))
    return reading


def _is_ignored(file: SourceFile) -> bool:
    parts = file.path.split("/")
    return (
        any(part.startswith((".", "__MACOSX")) for part in parts)
        or (len(parts) > 1 and file.name.lower() in _IGNORED)
        or not file.name
    )


def _read_file(file: SourceFile, columns: Mapping[str, str] | None) -> Reading:
    name = file.name.lower()
    if name.endswith((".csv", ".tsv")):
        return read_csv(file.path, file.content, columns)
    if name.endswith((".xlsx", ".xlsm")):
        return read_xlsx(file.path, file.content, columns)
    reading = Reading()
    text = decode(file.content)
    if not name.endswith((TEMPLATE_SUFFIX, ".prompty", ".json", ".md", ".markdown", ".txt")):
        reading.reject(file.path, "unknown_format")
    elif text is None:
        reading.reject(file.path, "bad_encoding")
    elif name.endswith(TEMPLATE_SUFFIX):
        reading.add_text(file.path, text)
    elif name.endswith(".prompty"):
        return read_prompty(file.path, text)
    elif name.endswith(".json"):
        return read_open_webui(file.path, text)
    elif text.startswith("---") and "\nschema:" in text.replace("\r\n", "\n").split("\n---", 1)[0]:
        reading.add_text(file.path, text)
    else:
        return read_plain(file.path, text)
    return reading
