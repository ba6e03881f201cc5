"""Writing templates to a file in the format that its name asks for."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Sequence
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from prompts.errors import ExportFailedError
from prompts.sharing.kianpack import SUFFIX as PACK_SUFFIX
from prompts.sharing.kianpack import write_kianpack
from prompts.sharing.open_webui import write_open_webui
from prompts.template import PromptTemplate, TemplateText, dump

_UNSAFE = re.compile(r'[\\/:*?"<>|\x00-\x1f]')


def file_name(template: PromptTemplate) -> str:
    """A name that every system takes, such as `通知文.prompt.md`."""
    stem = _UNSAFE.sub("_", template.title).strip(" .")[:60] or template.id
    return f"{stem}.prompt.md"


def export(
    templates: Sequence[PromptTemplate | TemplateText],
    path: Path,
    *,
    title: str = "",
    issuer: str = "",
    created: str = "",
    key: Ed25519PrivateKey | None = None,
) -> None:
    """Writes templates; the file is complete or not there.

    Args:
        templates: what to write; to a `.prompt.md` exactly one.
        path: `.prompt.md`, `.kianpack`, `.json` (Open WebUI), `.csv` or `.docx` (list for printing).
        title: of a pack or a list.
        issuer: of a pack.
        created: ISO date.
        key: signs a pack.

    Raises:
        ExportFailedError: the file cannot be written.
        ValueError: another kind of file, or several templates for one `.prompt.md`.
    """
    plain = [entry.template if isinstance(entry, TemplateText) else entry for entry in templates]
    name = path.name.lower()
    if name.endswith(".prompt.md"):
        (single,) = templates
        content = (single.text if isinstance(single, TemplateText) else dump(single)).encode("utf-8")
    elif name.endswith(PACK_SUFFIX):
        content = write_kianpack(templates, title=title, issuer=issuer, created=created, key=key)
    elif name.endswith(".json"):
        content = write_open_webui(plain).encode("utf-8")
    elif name.endswith(".csv"):
        # Tables and Word lists are loaded when they are asked for: their libraries are large.
        from prompts.sharing.tables import write_csv

        content = write_csv(plain)
    elif name.endswith(".docx"):
        from prompts.sharing.docx_list import write_docx_list

        content = write_docx_list(plain, title=title or "ひな形の一覧", created=created)
    else:
        raise ValueError("suffix")
    _write(path, content)


def _write(path: Path, content: bytes) -> None:
    try:
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".kian-")
        try:
            with os.fdopen(handle, "wb") as stream:
                stream.write(content)
                stream.flush()
                os.fsync(stream.fileno())
            Path(temporary).replace(path)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
    except PermissionError as error:
        raise ExportFailedError(reason="read_only") from error
    except FileNotFoundError as error:
        raise ExportFailedError(reason="not_a_folder") from error
    except OSError as error:
        reason = "disk_full" if error.errno == 28 else "io_error"
        raise ExportFailedError(reason=reason) from error
