"""From a `PromptTemplate` to the text of a `.prompt.md` file."""

from __future__ import annotations

from typing import Any

import yaml

from prompts.template.model import Example, Field, PromptTemplate

_BASE = getattr(yaml, "CSafeDumper", yaml.SafeDumper)


class _Dumper(_BASE):  # type: ignore[misc, valid-type]
    """Writes texts of many lines as blocks and never writes an alias."""

    def ignore_aliases(self, data: object) -> bool:
        return True


def _represent_text(dumper: Any, text: str) -> yaml.Node:
    style = "|" if "\n" in text else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)  # type: ignore[no-any-return]


_Dumper.add_representer(str, _represent_text)


def dump(template: PromptTemplate) -> str:
    """Writes a template in the format's own order of keys, leaving out what is empty.

    `parse(dump(t)) == t` for every template that `parse` can give; for one built otherwise (a
    form builder), `parse(dump(t))` is the check that it follows the format.
    """
    front = yaml.dump(
        _front(template),
        Dumper=_Dumper,
        allow_unicode=True,
        sort_keys=False,
        default_flow_style=False,
        width=10**6,
    )
    return f"---\n{front}---\n\n{template.body}\n"


def _front(template: PromptTemplate) -> dict[str, object]:
    params = {
        name: getattr(template.params, name)
        for name in ("temperature", "top_p", "max_tokens", "seed")
        if getattr(template.params, name) is not None
    }
    front: dict[str, object] = {
        "schema": template.schema,
        "id": template.id,
        "version": template.version,
        "title": template.title,
        "category": template.category.value,
        "tags": list(template.tags),
        "description": template.description,
        "issuer": template.issuer,
        "audience": template.audience,
        "updated": template.updated,
        "accuracy": template.accuracy.value,
        "confidentiality": template.confidentiality,
        "personal_information": template.personal_information.value,
        "minutes_by_hand": template.minutes_by_hand,
        "demo_model": template.demo_model,
        "system": template.system,
        "params": params,
        "fields": [_field(field) for field in template.fields],
        "examples": [_example(example) for example in template.examples],
        "cautions": list(template.cautions),
        "checklist": list(template.checklist),
        "license": template.license,
    }
    return {key: value for key, value in front.items() if value not in ("", [], {}, False)}


def _field(field: Field) -> dict[str, object]:
    entry: dict[str, object] = {
        "name": field.name,
        "label": field.label,
        "type": field.type.value,
        "required": field.required,
        "default": field.default,
        "options": list(field.options),
        "help": field.help,
        "example": field.example,
        "pii": field.pii,
        "verbatim": field.verbatim,
    }
    return {key: value for key, value in entry.items() if value not in ("", [], False)}


def _example(example: Example) -> dict[str, object]:
    entry: dict[str, object] = {
        "title": example.title,
        "values": dict(example.values),
        "output": example.output,
    }
    return {key: value for key, value in entry.items() if value not in ("", {})}
