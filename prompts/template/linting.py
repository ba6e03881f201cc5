"""What a template could do better, beyond following the format."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from prompts.template.model import FieldType, PromptTemplate, placeholders

MAX_REQUIRED = 3
"""Fields a person must fill before a first draft: more keeps people from beginning."""
_LONG = frozenset({FieldType.LONG_TEXT, FieldType.TABLE, FieldType.ATTACHMENT})


class Rule(StrEnum):
    """What was looked at."""

    UNUSED_FIELD = "unused_field"
    NO_FIELDS = "no_fields"
    TOO_MANY_REQUIRED = "too_many_required"
    NO_EXAMPLE = "no_example"
    NO_HELP = "no_help"
    NO_DESCRIPTION = "no_description"
    NO_CAUTION = "no_caution"
    NO_CHECKLIST = "no_checklist"
    TEXT_AFTER_DATA = "text_after_data"
    """Instructions stand after a long value: the engine cannot keep them, and small models forget them."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule that a template does not meet, and where."""

    rule: Rule
    key: str


def lint(template: PromptTemplate) -> tuple[Finding, ...]:
    """Findings in the order of `Rule`; empty for a template that meets all."""
    used = placeholders(template.body)
    findings = [
        Finding(Rule.UNUSED_FIELD, f"fields.{field.name}")
        for field in template.fields
        if field.name not in used
    ]
    if not template.fields:
        findings.append(Finding(Rule.NO_FIELDS, "fields"))
    if sum(field.required for field in template.fields) > MAX_REQUIRED:
        findings.append(Finding(Rule.TOO_MANY_REQUIRED, "fields"))
    findings += [
        Finding(Rule.NO_EXAMPLE, f"fields.{field.name}.example")
        for field in template.fields
        if not field.example
    ]
    findings += [
        Finding(Rule.NO_HELP, f"fields.{field.name}.help")
        for field in template.fields
        if field.required and field.type in _LONG and not field.help and not field.example
    ]
    for rule, key, value in (
        (Rule.NO_DESCRIPTION, "description", template.description),
        (Rule.NO_CAUTION, "cautions", template.cautions),
        (Rule.NO_CHECKLIST, "checklist", template.checklist),
    ):
        if not value:
            findings.append(Finding(rule, key))
    if _has_text_after_data(template):
        findings.append(Finding(Rule.TEXT_AFTER_DATA, "body"))
    return tuple(findings)


def _has_text_after_data(template: PromptTemplate) -> bool:
    """True when a line of instructions, longer than a label, follows the first long value."""
    long = {field.name for field in template.fields if field.type in _LONG}
    lines = template.body.split("\n")
    first = next((i for i, line in enumerate(lines) if long & set(placeholders(line))), len(lines))
    return any("{{" not in line and len(line.strip()) > 20 for line in lines[first + 1 :])
