"""Templates in and out by file: what the window and the terminal ask in the same order and words."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from desktop.drafting.errors import ForbiddenByPolicyError
from desktop.drafting.messages import message_for
from desktop.drafting.policy import Policy
from models.masking.entities import NOUNS, EntityType
from prompts.errors import ImportCancelledError, ImportRefusedError
from prompts.library import PromptLibrary
from prompts.sharing import (
    Finder,
    ImportPlan,
    PersonalFind,
    PlannedEntry,
    Rejected,
    SignatureState,
    export,
    find_in_template,
    plan_import,
)
from prompts.template import PromptTemplate, diff

_KEYS: Final = {
    "version": "版",
    "title": "題名",
    "category": "用途",
    "tags": "検索のための言葉",
    "description": "説明",
    "issuer": "作成",
    "audience": "対象",
    "updated": "更新日",
    "accuracy": "正確性の水準",
    "confidentiality": "機密性",
    "personal_information": "個人情報",
    "minutes_by_hand": "手で書くときの時間（分）",
    "system": "はじめの指示",
    "fields": "項目の順序",
    "examples": "記入例",
    "cautions": "注意",
    "checklist": "確認すること",
    "license": "利用条件",
    "body": "本文",
    "demo_model": "見本モデルで試せるか",
    "schema": "形式",
    "name": "名前",
    "label": "見出し",
    "type": "種類",
    "required": "必須",
    "default": "はじめの値",
    "options": "選択肢",
    "help": "説明",
    "example": "例",
    "pii": "個人情報が入る",
    "verbatim": "そのまま使う",
    "id": "識別番号",
}


@dataclass(frozen=True)
class ExportFormat:
    """A kind of file that templates are written to; `is_single` takes exactly one."""

    suffix: str
    words: str
    is_single: bool = False


EXPORT_FORMATS: Final = (
    ExportFormat(".kianpack", "まとめて渡す（.kianpack）"),
    ExportFormat(".prompt.md", "1つだけ渡す（.prompt.md）", is_single=True),
    ExportFormat(".json", "Open WebUI（.json）"),
    ExportFormat(".csv", "表（.csv）"),
    ExportFormat(".docx", "印刷用の一覧（.docx）"),
)

Progress = Callable[[int, int], None]


def plan_paths(
    paths: Sequence[Path],
    library: PromptLibrary,
    *,
    policy: Policy,
    find: Finder | None = None,
    on_read: Progress | None = None,
    on_searched: Progress | None = None,
    is_cancelled: Callable[[], bool] | None = None,
) -> ImportPlan:
    """Read files and folders and compare them with the library; nothing is stored.

    Args:
        paths: What the person chose or dropped.
        library: What to compare with.
        policy: IT's rules.
        find: Finds personal information in what comes in; None leaves that out.
        on_read: Called with done and total while files are read.
        on_searched: The same while personal information is looked for.
        is_cancelled: Asked as often.

    Raises:
        ForbiddenByPolicyError: IT asks for a trusted signature and there is none.
        ImportCancelledError: `is_cancelled` said so.
    """
    plans = []
    for path in paths:
        plan = plan_import(
            path,
            library,
            trusted_keys=policy.sharing_trusted_keys,
            progress=on_read,
            is_cancelled=is_cancelled,
        )
        check_signature(plan, policy)
        plans.append(plan if len(paths) == 1 else _named(plan, path.name))
    plan = plans[0] if len(plans) == 1 else _merged(plans)
    if find is None:
        return plan
    return searched(plan, find, progress=on_searched, is_cancelled=is_cancelled)


def searched(
    plan: ImportPlan,
    find: Finder,
    *,
    progress: Progress | None = None,
    is_cancelled: Callable[[], bool] | None = None,
) -> ImportPlan:
    """The plan with the personal information in everything that could come in.

    Raises:
        ImportCancelledError: `is_cancelled` said so.
    """
    entries = (*plan.new, *plan.updated, *plan.conflicts)
    finds: list[PersonalFind] = []
    for number, entry in enumerate(entries):
        _watch(number, len(entries), progress, is_cancelled)
        finds += find_in_template(entry.template, find, path=entry.path)
    return replace(plan, personal_information=tuple(finds))


def check_signature(plan: ImportPlan, policy: Policy) -> None:
    """Make sure that what would be stored bears the signature that IT asks for.

    Raises:
        ForbiddenByPolicyError: It does not.
    """
    state = plan.header.signature if plan.header else SignatureState.UNSIGNED
    if policy.sharing_require_signature and state is not SignatureState.TRUSTED:
        raise ForbiddenByPolicyError("sharing.require_signature")


def finds_in(
    templates: Sequence[PromptTemplate],
    find: Finder,
    *,
    progress: Progress | None = None,
    is_cancelled: Callable[[], bool] | None = None,
) -> tuple[PersonalFind, ...]:
    """Personal information in templates that are to leave.

    Raises:
        ImportCancelledError: `is_cancelled` said so.
    """
    finds: list[PersonalFind] = []
    for number, template in enumerate(templates):
        _watch(number, len(templates), progress, is_cancelled)
        finds += find_in_template(template, find, path=template.title)
    return tuple(finds)


def export_templates(
    templates: Sequence[PromptTemplate],
    path: Path,
    *,
    policy: Policy,
    title: str = "",
    issuer: str = "",
    key: Ed25519PrivateKey | None = None,
) -> None:
    """Write templates in the format of the file's name, where the policy lets anything leave.

    Raises:
        ForbiddenByPolicyError: It does not.
        ExportFailedError: The file cannot be written.
        ValueError: Another kind of file, or several templates for one `.prompt.md`.
    """
    policy.check_export()
    day = datetime.date.today().isoformat()
    export(templates, path, title=title, issuer=issuer, created=day, key=key)


def refusal_words(refused: Rejected) -> str:
    """Why an entry cannot be imported, with its place, in one sentence."""
    place = f"{refused.path}{f'（{refused.line}行目）' if refused.line else ''}"
    return f"{place}：{message_for(ImportRefusedError(refused.path, refused.reason)).what}"


def find_words(find: PersonalFind, template: PromptTemplate | None = None) -> str:
    """A find of personal information: where it stands, its kind and itself."""
    return f"{key_words(find.key, template)}：{NOUNS[EntityType(find.kind)]}「{find.text}」"


def key_words(key: str, template: PromptTemplate | None = None) -> str:
    """A place in a template, such as `fields.subject.label`, in the words of the form builder.

    Args:
        key: The place.
        template: Gives fields their labels; without it they are told by their names.
    """
    first, *rest = key.split(".")
    if first == "fields" and rest:
        field = template.field(rest[0]) if template else None
        name = f"項目「{field.label if field else rest[0]}」"
        return f"{name}の{_KEYS.get(rest[1], rest[1])}" if len(rest) > 1 else name
    if first.startswith("examples"):
        return _KEYS["examples"]
    return _KEYS.get(first, first)


def _named(plan: ImportPlan, name: str) -> ImportPlan:
    """The plan of one of several files, its entries told apart by the file's name."""

    def entries(found: Iterable[PlannedEntry]) -> tuple[PlannedEntry, ...]:
        return tuple(replace(e, path=e.path if e.path == name else f"{name}: {e.path}") for e in found)

    return replace(
        plan,
        new=entries(plan.new),
        updated=entries(plan.updated),
        unchanged=entries(plan.unchanged),
        conflicts=entries(plan.conflicts),
        rejected=tuple(
            replace(r, path=r.path if r.path == name else f"{name}: {r.path}") for r in plan.rejected
        ),
    )


def _merged(plans: Sequence[ImportPlan]) -> ImportPlan:
    """Several plans as one; a second template of one id is a conflict, or nothing new."""
    seen: dict[str, PromptTemplate] = {}
    new: list[PlannedEntry] = []
    updated: list[PlannedEntry] = []
    unchanged: list[PlannedEntry] = []
    conflicts: list[PlannedEntry] = []
    for plan in plans:
        unchanged += plan.unchanged
        conflicts += plan.conflicts
        for found, goes_to in ((plan.new, new), (plan.updated, updated)):
            for entry in found:
                first = seen.setdefault(entry.template.id, entry.template)
                if first is entry.template:
                    goes_to.append(entry)
                    continue
                changes = diff(first, entry.template)
                again = replace(entry, changes=changes, present_version=first.version)
                (conflicts if changes else unchanged).append(again)
    rejected = tuple(refused for plan in plans for refused in plan.rejected)
    return ImportPlan(tuple(new), tuple(updated), tuple(unchanged), tuple(conflicts), rejected)


def _watch(done: int, total: int, progress: Progress | None, is_cancelled: Callable[[], bool] | None) -> None:
    if progress:
        progress(done, total)
    if is_cancelled and is_cancelled():
        raise ImportCancelledError(done, total)
