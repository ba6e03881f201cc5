"""From an error to the Japanese sentences a person reads, for the window and the terminal alike.

The sentences stand in `messages.toml`, one entry per error `code`. A test demands an entry for every
error class of `models`, `prompts` and `desktop.drafting`, and a sentence for every reason word.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from desktop.drafting.documents.notes import Note
from desktop.drafting.errors import DraftingError
from models.errors import ModelsError, crash_reason
from models.masking.entities import NOUNS, EntityType
from prompts.errors import PromptsError

ERROR_BASES = (DraftingError, ModelsError, PromptsError)
"""The bases of every failure that is expected; anything else is a bug."""

_WORKERS = {"masking": "マスキングの処理", "engine": "文章を作る処理", "server": "文章を作る処理"}
_NOTES = {
    Note.HIDDEN_SHEETS: "非表示のシートは読み込んでいません。",
    Note.PAGES_WITHOUT_TEXT: "文字のないページ（画像など）があります。そのページは読み込んでいません。",
    Note.FOOTNOTES: "脚注・コメント・ヘッダー・フッターは読み込んでいません。",
    Note.CONTROL_CHARACTERS: "目に見えない制御文字を取り除きました。",
    Note.NOT_UTF8: "文字コードを Shift_JIS などと判断して読み込みました。文字化けがないか確かめてください。",
}


@dataclass(frozen=True)
class Message:
    """What a person reads.

    Attributes:
        title: What happened, in a few words.
        what: What happened, in sentences.
        todo: What to do now.
    """

    title: str
    what: str
    todo: str

    def __str__(self) -> str:
        return f"{self.title}\n{self.what}\n{self.todo}"


@cache
def message_table() -> dict[str, Any]:
    """The content of `messages.toml`."""
    path = resources.files("desktop.drafting").joinpath("messages.toml")
    return tomllib.loads(path.read_text("utf-8"))


def message_for(error: Exception) -> Message:
    """The sentences for an error; a bug gets those of a bug, without the error's own text."""
    table = message_table()
    entry: Mapping[str, Any] | None = None
    if isinstance(error, ERROR_BASES):
        entry = table.get(error.code)
    if entry is None or not isinstance(error, ERROR_BASES):
        return Message(**table["unexpected"])
    fields = _described(error.fields())
    reason = str(fields.get("reason") or fields.get("rule") or "")
    why = entry.get("reasons", {}).get(reason) or table["reasons"].get(reason, "")
    fields["why"] = why.format(**fields)
    return Message(*(entry[part].format(**fields) for part in ("title", "what", "todo")))


def note_for(note: Note) -> str:
    """The sentence for what was left out or guessed while a document was read."""
    return _NOTES[note]


def _described(fields: Mapping[str, object]) -> dict[str, Any]:
    """The fields of an error and what is derived from them for the sentences."""
    described: dict[str, Any] = dict(fields)
    for name, value in fields.items():
        if name.endswith("_bytes") and isinstance(value, int):
            stem = name.removesuffix("_bytes")
            described[f"{stem}_mb"] = f"{value / 1e6:,.1f} MB"
            described[f"{stem}_gb"] = f"{value / 1e9:,.1f} GB" if value >= 1e8 else f"{value / 1e6:,.1f} MB"
        elif name.endswith("_ms") and isinstance(value, int):
            described[f"{name.removesuffix('_ms')}_s"] = f"{value / 1000:g}"
        elif isinstance(value, list | tuple):
            described[f"{name}_text"] = "、".join(map(str, value)) or "なし"
    prompt_tokens, n_ctx = fields.get("prompt_tokens"), fields.get("n_ctx")
    if isinstance(prompt_tokens, int) and isinstance(n_ctx, int):
        described["prompt_percent"] = round(100 * prompt_tokens / max(1, n_ctx))
    if isinstance(position := fields.get("position"), int):
        described["position_from_1"] = position + 1
    if "exit_code" in fields:
        exit_code = fields["exit_code"]
        described["reason"] = crash_reason(exit_code if isinstance(exit_code, int) else None).value
    kind = str(fields.get("entity_type", ""))
    described["kind_name"] = NOUNS[EntityType(kind)] if kind in set(EntityType) else kind
    worker = str(fields.get("worker", ""))
    described["worker_name"] = _WORKERS.get(worker, "内部の処理")
    described["place"] = _place(fields.get("line"), fields.get("key"))
    line, suffix = fields.get("line"), fields.get("suffix")
    described["line_words"] = f"{line} 行目：" if line else ""
    described["suffix_words"] = f"（{suffix}）" if suffix else ""
    return described


def _place(line: object, key: object) -> str:
    parts = [f" {line} 行目" if line else "", f"「{key}」" if key else ""]
    found = "、".join(filter(None, parts))
    return f"{found}: " if found else "内容: "
