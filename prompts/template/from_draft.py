"""「この下書きをひな形にする」: a good draft becomes a template, its particulars become fields."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from prompts.template.model import (
    SCHEMA,
    Category,
    Field,
    FieldType,
    PersonalInformation,
    PromptTemplate,
)
from prompts.template.parsing import MAX_FIELDS, MAX_TEXT

_BLANK = "○○"


@dataclass(frozen=True, slots=True)
class Particular:
    """A part of the draft that belongs to this one case.

    Attributes:
        start: first code point.
        end: one past the last.
        label: what it is, such as 氏名 or 日付; becomes the field's label.
        is_personal: personal information; never kept as an example.
    """

    start: int
    end: int
    label: str
    is_personal: bool = True


def template_from_draft(
    draft: str,
    particulars: Sequence[Particular],
    *,
    title: str,
    category: Category,
    issuer: str = "",
    updated: str = "",
) -> PromptTemplate:
    """Makes a template that asks for a document like this draft.

    The draft stands in the body as the model to follow, with a field in place of each particular;
    the same text under the same label is one field. Overlapping particulars count once, the
    longer first. Nothing that is marked as personal is left anywhere in the template.

    Args:
        draft: the finished text, values in place.
        particulars: what the masker found and what the person marked.
        title: name of the new template.
        category: where it belongs.
        issuer: office that answers for it.
        updated: ISO date.
    """
    apart = _apart(particulars)
    secrets = sorted({draft[one.start : one.end] for one in apart if one.is_personal}, key=len, reverse=True)
    fields: dict[tuple[str, str], Field] = {}
    model, position = "", 0
    for found in apart:
        value = draft[found.start : found.end]
        key = (found.label, value)
        if key not in fields and len(fields) < MAX_FIELDS:
            fields[key] = _field(found, value, fields.values())
        model += _plain(draft[position : found.start], secrets)
        model += f"{{{{{fields[key].name}}}}}" if key in fields else _BLANK
        position = found.end
    model += _plain(draft[position:], secrets)
    body = (
        "次の【見本】と同じ構成と文体で、文書を作成してください。\n"
        "値の入っているところはそのまま使い、入っていないところは「（要確認）」と書いてください。\n\n"
        f"【見本】\n{model.strip()}"
    )
    return PromptTemplate(
        schema=SCHEMA,
        id=str(uuid.uuid4()),
        version="1.0",
        title=title,
        category=category,
        body=body,
        issuer=issuer,
        updated=updated,
        personal_information=PersonalInformation.MASKED,
        fields=tuple(fields.values()),
        cautions=("見本にした文書の内容が残っていないか、確かめてください。",),
        checklist=("日付・金額・数値・固有名詞を資料と照合した", "見本の内容が残っていない"),
    )


def _apart(particulars: Sequence[Particular]) -> list[Particular]:
    taken: list[Particular] = []
    for found in sorted(particulars, key=lambda one: (one.start - one.end, one.start)):
        if found.start < found.end and all(found.end <= one.start or one.end <= found.start for one in taken):
            taken.append(found)
    return sorted(taken, key=lambda one: one.start)


def _field(found: Particular, value: str, present: Iterable[Field]) -> Field:
    label = found.label.strip()[:60] or "項目"
    number = 1 + sum(field.label.rstrip("0123456789") == label for field in present)
    return Field(
        name=f"{_name(label)}{number}",
        label=f"{label}{number}",
        type=FieldType.LONG_TEXT if "\n" in value else FieldType.TEXT,
        example="" if found.is_personal else value.strip()[:MAX_TEXT],
        pii=found.is_personal,
        verbatim=True,
    )


def _name(label: str) -> str:
    name = "".join(char for char in label if char.isalnum() or char == "_")[:30]
    return name if name and not name[0].isdigit() else f"v{name}"


def _plain(text: str, secrets: Sequence[str]) -> str:
    """A part of the draft that stays: no braces like a placeholder's, no personal value missed there."""
    for secret in secrets:
        if len(secret) > 1:
            text = text.replace(secret, _BLANK)
    return text.replace("{", "｛").replace("}", "｝")
