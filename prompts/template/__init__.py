"""The prompt template: what it is, how a `.prompt.md` text is read and written, how it is filled."""

from prompts.template.diffing import Change, diff
from prompts.template.dumping import dump
from prompts.template.from_draft import Particular, template_from_draft
from prompts.template.front_matter import MAX_BYTES
from prompts.template.linting import Finding, Rule, lint
from prompts.template.model import (
    SCHEMA,
    Accuracy,
    Category,
    Example,
    Field,
    FieldType,
    PersonalInformation,
    PromptTemplate,
    SamplingParams,
    placeholders,
)
from prompts.template.parsing import TemplateText, parse, read
from prompts.template.rendering import RenderedPrompt, Segment, check_values, render
from prompts.template.values import MAX_VALUE_CHARS, clean_value, is_checked

__all__ = [
    "MAX_BYTES",
    "MAX_VALUE_CHARS",
    "SCHEMA",
    "Accuracy",
    "Category",
    "Change",
    "Example",
    "Field",
    "FieldType",
    "Finding",
    "Particular",
    "PersonalInformation",
    "PromptTemplate",
    "RenderedPrompt",
    "Rule",
    "SamplingParams",
    "Segment",
    "TemplateText",
    "check_values",
    "clean_value",
    "diff",
    "dump",
    "is_checked",
    "lint",
    "parse",
    "placeholders",
    "read",
    "render",
    "template_from_draft",
]
