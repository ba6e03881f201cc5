"""「この下書きをひな形にする」: what of a good draft belongs to its one case, and is taken out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from typing import Final

from desktop.drafting.session import DraftSession
from models.masking.entities import NOUNS, EntityType
from prompts.template import FieldType, Particular, PromptTemplate, template_from_draft

_HARMLESS: Final = frozenset({"日付", "金額", "施設名", "部署"})
"""Nouns of verbatim values that may stay as an example: they tell nothing of a resident."""
_SHORT: Final = frozenset({FieldType.TEXT, FieldType.NUMBER, FieldType.DATE, FieldType.TIME})
_LEAST_CHARS: Final = 2
_MAX_TITLE: Final = 120

Find = tuple[int, int, str]


def propose_template(text: str, finds: Sequence[Find], session: DraftSession) -> PromptTemplate:
    """A template made from a draft, to be looked over in the form builder.

    Taken out are: what the masker finds in the finished text, every value that travelled as a
    placeholder, and what stood in the form's short fields. Only harmless values stay as examples.

    Args:
        text: The draft as the person corrected it, values in place.
        finds: Start, end (code points of `text`) and kind of all the masker finds in it.
        session: The session it was made in.
    """
    template = session.template
    made = template_from_draft(
        text,
        [*_found(finds), *_masked(text, session), *_filled(text, session, finds)],
        title=f"{template.title}（下書きから）"[:_MAX_TITLE],
        category=template.category,
        updated=date.today().isoformat(),
    )
    return replace(
        made,
        description=f"「{template.title}」で作った下書きと同じ形の文書を作ります。"[:_MAX_TITLE],
        accuracy=template.accuracy,
        confidentiality=template.confidentiality,
        system=template.system,
        minutes_by_hand=template.minutes_by_hand,
    )


def _found(finds: Sequence[Find]) -> Iterator[Particular]:
    for start, end, kind in finds:
        yield Particular(start, end, NOUNS[EntityType(kind)])


def _masked(text: str, session: DraftSession) -> Iterator[Particular]:
    for entry in session.vault.entries:
        noun = entry.placeholder.noun
        is_harmless = entry.entity_type is EntityType.VERBATIM and noun in _HARMLESS
        for start in _places(text, entry.value):
            yield Particular(start, start + len(entry.value), noun, is_personal=not is_harmless)


def _filled(text: str, session: DraftSession, finds: Sequence[Find]) -> Iterator[Particular]:
    for field in session.template.fields:
        value = session.values.get(field.name, "").strip()
        if field.type not in _SHORT:
            continue
        for start in _places(text, value):
            end = start + len(value)
            touches_find = any(start < f_end and f_start < end for f_start, f_end, _ in finds)
            yield Particular(start, end, field.label, is_personal=field.pii or touches_find)


def _places(text: str, value: str) -> Iterator[int]:
    if len(value) < _LEAST_CHARS:
        return
    at = text.find(value)
    while at >= 0:
        yield at
        at = text.find(value, at + len(value))
