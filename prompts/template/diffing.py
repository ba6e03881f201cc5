"""What changed between two versions of a template, entry by entry."""

from __future__ import annotations

from dataclasses import dataclass, fields

from prompts.template.model import Field, PromptTemplate

_OWN_WAY = frozenset({"fields", "params", "examples"})


@dataclass(frozen=True, slots=True)
class Change:
    """One difference. `before` is empty for something new, `after` for something taken away.

    Attributes:
        key: key of the front matter, `fields.NAME.KEY`, `fields` (their order) or `body`.
        before: the old value as text, lists one entry per line.
        after: the new value as text.
    """

    key: str
    before: str
    after: str


def diff(old: PromptTemplate, new: PromptTemplate) -> tuple[Change, ...]:
    """Differences from `old` to `new` in the format's order; empty when they are the same."""
    changes: list[Change] = []
    for entry in fields(PromptTemplate):
        before, after = getattr(old, entry.name), getattr(new, entry.name)
        if before != after and entry.name not in _OWN_WAY:
            changes.append(Change(entry.name, _text(before), _text(after)))
    for name in ("temperature", "top_p", "max_tokens", "seed"):
        before, after = getattr(old.params, name), getattr(new.params, name)
        if before != after:
            changes.append(Change(f"params.{name}", _text(before), _text(after)))
    changes += _field_changes(old, new)
    if old.examples != new.examples:
        changes.append(
            Change(
                "examples",
                _text([example.title for example in old.examples]),
                _text([example.title for example in new.examples]),
            )
        )
    return tuple(changes)


def _field_changes(old: PromptTemplate, new: PromptTemplate) -> list[Change]:
    changes: list[Change] = []
    before_names = [field.name for field in old.fields]
    after_names = [field.name for field in new.fields]
    for name in dict.fromkeys(before_names + after_names):
        before, after = old.field(name), new.field(name)
        if before is None or after is None:
            changes.append(Change(f"fields.{name}", _label(before), _label(after)))
            continue
        for entry in fields(Field):
            left, right = getattr(before, entry.name), getattr(after, entry.name)
            if left != right:
                changes.append(Change(f"fields.{name}.{entry.name}", _text(left), _text(right)))
    if sorted(before_names) == sorted(after_names) and before_names != after_names:
        changes.append(Change("fields", _text(before_names), _text(after_names)))
    return changes


def _label(field: Field | None) -> str:
    return "" if field is None else field.label


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple | list):
        return "\n".join(str(item) for item in value)
    return str(value)
