"""Importing in two steps: a plan that a person looks at, and one transaction that carries it out."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

from prompts.errors import ImportCancelledError, ImportRefusedError
from prompts.library import PromptLibrary, Shelf
from prompts.sharing.kianpack import PackHeader
from prompts.sharing.reading import read_path
from prompts.sharing.sources import Candidate, Rejected
from prompts.template import Change, PromptTemplate, TemplateText, diff, dump, parse, read
from prompts.template.model import PLACEHOLDER

_WATCH_STEP = 50

Finder = Callable[[str], Sequence[tuple[int, int, str]]]
"""Finds personal information in a text: start and end in code points, and the kind."""


class Decision(StrEnum):
    """What to do with a conflict."""

    SKIP = "skip"
    REPLACE = "replace"
    COPY = "copy"
    """Store the incoming one beside the present one, under an id of its own."""


@dataclass(frozen=True, slots=True)
class PlannedEntry:
    """A template that could be imported.

    Attributes:
        path: where it comes from.
        source: the template and its text.
        changes: from the one in the library to this; empty for a new one.
        present_version: version in the library, empty for a new one.
    """

    path: str
    source: TemplateText
    changes: tuple[Change, ...] = ()
    present_version: str = ""

    @property
    def template(self) -> PromptTemplate:
        """The incoming template."""
        return self.source.template


@dataclass(frozen=True, slots=True)
class PersonalFind:
    """Personal information in a template: where, of what kind, and what it is."""

    path: str
    template_id: str
    key: str
    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class ImportPlan:
    """What an import would do. Nothing is stored yet.

    Attributes:
        new: ids the library does not have.
        updated: a higher version than the library's.
        unchanged: the same as the library's.
        conflicts: another content without a higher version, or a second entry of one id.
        rejected: entries that cannot be imported, with the reason.
        personal_information: finds in everything that is new, updated or in conflict.
        header: what a `.kianpack` says about itself.
    """

    new: tuple[PlannedEntry, ...] = ()
    updated: tuple[PlannedEntry, ...] = ()
    unchanged: tuple[PlannedEntry, ...] = ()
    conflicts: tuple[PlannedEntry, ...] = ()
    rejected: tuple[Rejected, ...] = ()
    personal_information: tuple[PersonalFind, ...] = ()
    header: PackHeader | None = None

    def as_json(self) -> dict[str, list[dict[str, object]]]:
        """The plan for a terminal: lists of plain objects, without the texts that were found."""
        return {
            "new": [_entry_json(entry) for entry in self.new],
            "updated": [_entry_json(entry) for entry in self.updated],
            "unchanged": [_entry_json(entry) for entry in self.unchanged],
            "conflicts": [_entry_json(entry) for entry in self.conflicts],
            "rejected": [
                {"path": entry.path, "reason": entry.reason, "key": entry.key, "line": entry.line}
                for entry in self.rejected
            ],
            "personal_information": [
                {"path": find.path, "id": find.template_id, "key": find.key, "label": find.kind}
                for find in self.personal_information
            ],
        }


@dataclass(frozen=True, slots=True)
class ImportResult:
    """What an import did: templates stored, and conflicts left as they were."""

    stored: int
    skipped: int


def plan_import(
    path: Path,
    library: PromptLibrary,
    find_personal_information: Finder | None = None,
    *,
    columns: Mapping[str, str] | None = None,
    trusted_keys: Iterable[str] = (),
    progress: Callable[[int, int], None] | None = None,
    is_cancelled: Callable[[], bool] | None = None,
) -> ImportPlan:
    """Reads a path and compares it with the library; changes nothing.

    Args:
        path: see `read_path`.
        library: what to compare with.
        find_personal_information: looks through each incoming template; None leaves that out.
        columns: headers of a table by what they hold, where they are not recognised.
        trusted_keys: public keys that IT listed, Base64 of their 32 bytes.
        progress: called with done and total now and then.
        is_cancelled: asked as often.

    Returns:
        The plan. A path that is refused as a whole gives a plan with this one refusal.

    Raises:
        ImportCancelledError: `is_cancelled` said so.
    """

    def watch(done: int, total: int) -> None:
        if done % _WATCH_STEP == 0:
            if progress:
                progress(done, total)
            if is_cancelled and is_cancelled():
                raise ImportCancelledError(done, total)

    try:
        header, reading = read_path(path, columns=columns, trusted_keys=trusted_keys, watch=watch)
    except ImportRefusedError as error:
        return ImportPlan(rejected=(Rejected(error.entry or path.name, error.reason),))
    plan = _compare(reading.candidates, library)
    finds: list[PersonalFind] = []
    if find_personal_information is not None:
        for entry in (*plan.new, *plan.updated, *plan.conflicts):
            finds += find_in_template(entry.template, find_personal_information, path=entry.path)
    return replace(plan, rejected=tuple(reading.rejected), personal_information=tuple(finds), header=header)


def _compare(candidates: Sequence[Candidate], library: PromptLibrary) -> ImportPlan:
    present = library.texts(candidate.source.template.id for candidate in candidates)
    new: list[PlannedEntry] = []
    updated: list[PlannedEntry] = []
    unchanged: list[PlannedEntry] = []
    conflicts: list[PlannedEntry] = []
    seen: dict[str, PromptTemplate] = {}
    for candidate in candidates:
        template = candidate.source.template
        entry = PlannedEntry(candidate.path, candidate.source)
        if template.id in seen:
            same = diff(seen[template.id], template)
            (conflicts if same else unchanged).append(
                replace(entry, changes=same, present_version=seen[template.id].version)
            )
            continue
        seen[template.id] = template
        if template.id not in present:
            new.append(entry)
            continue
        text = present[template.id][1]
        if text == candidate.source.text:
            unchanged.append(replace(entry, present_version=template.version))
            continue
        old = parse(text)
        if not candidate.has_version:
            entry = _with_next_version(entry, old)
        entry = replace(entry, changes=diff(old, entry.template), present_version=old.version)
        if not entry.changes:
            unchanged.append(entry)
        elif entry.template.version_key > old.version_key:
            updated.append(entry)
        else:
            conflicts.append(entry)
    return ImportPlan(tuple(new), tuple(updated), tuple(unchanged), tuple(conflicts))


def _with_next_version(entry: PlannedEntry, old: PromptTemplate) -> PlannedEntry:
    """A format without versions: the same content is the same version, any other the next one."""
    same = replace(entry.template, version=old.version)
    if same == old:
        return replace(entry, source=TemplateText(old, dump(old)))
    major, minor, _ = old.version_key
    template = replace(entry.template, version=f"{major}.{minor + 1}")
    return replace(entry, source=TemplateText(template, dump(template)))


def find_in_template(template: PromptTemplate, find: Finder, *, path: str = "") -> list[PersonalFind]:
    """Looks for personal information in every text of a template, before it enters or leaves."""
    texts = list(template_texts(template))
    joined = "\n\n".join(text for _, text in texts)
    starts, position = [], 0
    for _, text in texts:
        starts.append(position)
        position += len(text) + 2
    finds = []
    # `{{CURRENT_DATE}}` is no name: what stands in braces is blanked, at the same length.
    searched = PLACEHOLDER.sub(lambda match: " " * len(match[0]), joined)
    for start, end, kind in find(searched):
        place = max(number for number, first in enumerate(starts) if first <= start)
        finds.append(PersonalFind(path, template.id, texts[place][0], kind, joined[start:end]))
    return finds


def template_texts(template: PromptTemplate) -> Iterable[tuple[str, str]]:
    """Every text of a template with its key."""
    yield "title", template.title
    for key, text in (("description", template.description), ("issuer", template.issuer)):
        if text:
            yield key, text
    if template.system:
        yield "system", template.system
    yield "body", template.body
    for field in template.fields:
        for key in ("label", "default", "help", "example"):
            text = getattr(field, key)
            if text:
                yield f"fields.{field.name}.{key}", text
    for number, example in enumerate(template.examples, 1):
        yield (
            f"examples[{number}]",
            "\n".join((example.title, *(value for _, value in example.values), example.output)),
        )
    for key, lines in (
        ("cautions", template.cautions),
        ("checklist", template.checklist),
        ("tags", template.tags),
    ):
        if lines:
            yield key, "\n".join(lines)


def apply(
    plan: ImportPlan,
    library: PromptLibrary,
    *,
    shelf: Shelf = Shelf.PERSONAL,
    decisions: Mapping[str, Decision] | None = None,
    by: str = "",
    progress: Callable[[int, int], None] | None = None,
    is_cancelled: Callable[[], bool] | None = None,
) -> ImportResult:
    """Carries a plan out in one transaction.

    Args:
        plan: what `plan_import` gave.
        library: where to.
        shelf: 課 or 個人.
        decisions: what to do with a conflict, by its path; one that is not named is skipped.
        by: who imports.
        progress: called with done and total now and then.
        is_cancelled: asked as often; True takes everything back.

    Raises:
        ImportCancelledError: `is_cancelled` said so; the library is as before.
        LibraryUnwritableError: the library is as before.
    """
    chosen = [entry.source for entry in (*plan.new, *plan.updated)]
    skipped = 0
    for entry in plan.conflicts:
        decision = (decisions or {}).get(entry.path, Decision.SKIP)
        if decision is Decision.SKIP:
            skipped += 1
        elif decision is Decision.REPLACE:
            chosen.append(entry.source)
        else:
            chosen.append(read(dump(replace(entry.template, id=str(uuid.uuid4())))))
    stored = library.save_many(
        chosen, shelf=shelf, by=by, note="import", progress=progress, is_cancelled=is_cancelled
    )
    return ImportResult(stored, skipped)


def _entry_json(entry: PlannedEntry) -> dict[str, object]:
    return {
        "path": entry.path,
        "id": entry.template.id,
        "title": entry.template.title,
        "version": entry.template.version,
        "present_version": entry.present_version,
        "changes": [change.key for change in entry.changes],
    }
