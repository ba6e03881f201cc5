"""Every error has its sentences, for every reason it can give."""

from __future__ import annotations

import dataclasses
import types
import typing

import pytest

import prompts.errors as prompts_errors
from desktop.drafting.documents.notes import Note
from desktop.drafting.errors import DraftingError
from desktop.drafting.messages import ERROR_BASES, message_for, message_table, note_for
from models.errors import (
    CrashReason,
    InferenceServerError,
    ServerFault,
    StorageFullError,
    WorkerCrashedError,
    crash_reason,
)
from models.gguf_file import BrokenReason


def all_errors() -> list[type[Exception]]:
    found: list[type[Exception]] = []
    todo = list(ERROR_BASES)
    while todo:
        for child in todo.pop().__subclasses__():
            found.append(child)
            todo.append(child)
    return sorted(set(found), key=lambda cls: (cls.__module__, cls.__name__))


def sample(cls: type[Exception], **given: object) -> Exception:
    """An error with invented values that fit the types of its fields."""
    hints = typing.get_type_hints(cls)
    values: dict[str, object] = {}
    for field in dataclasses.fields(cls):  # type: ignore[arg-type]
        hint = hints[field.name]
        if isinstance(hint, types.UnionType):
            hint = next(part for part in typing.get_args(hint) if part is not type(None))
        origin = typing.get_origin(hint) or hint
        values[field.name] = {int: 12_345, str: "PERSON", tuple: ("a", "b"), float: 1.5, bool: True}[origin]
    if "rule" in values and issubclass(cls, DraftingError):
        values["rule"] = cls.reasons[0]
    return cls(**(values | given)) if values else cls()


@pytest.mark.parametrize("cls", all_errors(), ids=lambda cls: cls.__name__)
def test_every_error_has_an_entry_and_its_fields_fit(cls: type[Exception]) -> None:
    message = message_for(sample(cls))
    assert message.title != message_table()["unexpected"]["title"], f"no entry for {cls.__name__}"
    for part in (message.title, message.what, message.todo):
        assert part
        assert "{" not in part
    assert message.todo.endswith("。")


REASONS: list[tuple[type[Exception], str]] = [
    *(
        (cls, reason)
        for cls in all_errors()
        if issubclass(cls, DraftingError)
        for reason in cls.reasons
    ),
    *((prompts_errors.TemplateSyntaxError, reason) for reason in sorted(prompts_errors.TEMPLATE_REASONS)),
    *((prompts_errors.FieldValueError, reason) for reason in sorted(prompts_errors.VALUE_REASONS)),
    *((prompts_errors.LibraryUnwritableError, reason) for reason in sorted(prompts_errors.LIBRARY_REASONS)),
    *((prompts_errors.ExportFailedError, reason) for reason in sorted(prompts_errors.LIBRARY_REASONS)),
    *((prompts_errors.ImportRefusedError, reason) for reason in sorted(prompts_errors.IMPORT_REASONS)),
]  # fmt: skip


@pytest.mark.parametrize(("cls", "reason"), REASONS, ids=lambda value: getattr(value, "__name__", value))
def test_every_reason_word_has_a_sentence_of_its_own(cls: type[Exception], reason: str) -> None:
    name = "rule" if "rule" in typing.get_type_hints(cls) else "reason"
    without = message_for(sample(cls, **{name: "no such word"}))
    assert message_for(sample(cls, **{name: reason})) != without


@pytest.mark.parametrize("reason", list(BrokenReason))
def test_every_fault_of_a_model_file_has_a_sentence(reason: BrokenReason) -> None:
    assert message_table()["model_file_broken"]["reasons"][reason]


@pytest.mark.parametrize("fault", list(ServerFault))
def test_every_fault_of_the_inference_server_has_a_sentence(fault: ServerFault) -> None:
    message = message_for(InferenceServerError(fault.value, "llm.city.example:443", 503))
    assert (
        message_table()["inference_server"]["reasons"][fault].format(
            server="llm.city.example:443", status=503
        )
        in message.what
    )


def test_no_sentence_stands_in_the_table_without_an_error() -> None:
    codes = {cls.code for cls in all_errors() if issubclass(cls, ERROR_BASES)}
    assert set(message_table()) - codes == {"unexpected", "reasons"}


def test_a_bug_is_told_without_its_own_words() -> None:
    message = message_for(ValueError("山田太郎"))
    assert "山田太郎" not in str(message)
    assert "不具合" in message.what


def test_figures_are_written_for_people() -> None:
    too_large = all_errors()
    cls = next(c for c in too_large if c.__name__ == "DocumentTooLargeError")
    message = message_for(cls(60_000_000, 50_000_000))
    assert "60.0 MB" in message.what
    kind = next(c for c in too_large if c.__name__ == "ForbiddenKindError")
    assert "氏名が 3 か所" in message_for(kind("PERSON", 3)).what


def test_a_size_below_a_tenth_of_a_gigabyte_is_not_told_as_nothing() -> None:
    small = message_for(StorageFullError(4_675_680, 1_300_000)).what
    assert "4.7 MB" in small and "1.3 MB" in small and "0.0" not in small
    assert "6.5 GB" in message_for(StorageFullError(6_500_000_000, 5_000_000_000)).what


@pytest.mark.parametrize("note", list(Note))
def test_every_note_about_a_document_has_a_sentence(note: Note) -> None:
    assert note_for(note).endswith("。")


@pytest.mark.parametrize(
    ("exit_code", "reason", "words"),
    [
        (-4, CrashReason.ILLEGAL_INSTRUCTION, "CPU"),
        (0xC000001D, CrashReason.ILLEGAL_INSTRUCTION, "CPU"),
        (0xC000001D - 2**32, CrashReason.ILLEGAL_INSTRUCTION, "CPU"),  # as Qt gives it on Windows
        (-9, CrashReason.KILLED, "メモリ"),
        (-6, CrashReason.ABORTED, "メモリ"),
        (-11, CrashReason.OTHER, "もう一度"),
        (None, CrashReason.OTHER, "もう一度"),
    ],
)
def test_the_end_of_a_process_is_told_with_its_cause(
    exit_code: int | None, reason: CrashReason, words: str
) -> None:
    assert crash_reason(exit_code) is reason
    message = message_for(WorkerCrashedError("engine", exit_code))
    assert words in message.todo
    assert message_table()["worker_crashed"]["reasons"].keys() == set(CrashReason)
