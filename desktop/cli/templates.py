"""`kian templates`: the prompt library in the terminal."""

from __future__ import annotations

import argparse
import getpass
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from desktop.cli.output import give, give_json, say
from desktop.drafting.errors import DocumentUnreadableError
from desktop.drafting.messages import message_for
from desktop.drafting.paths import Paths
from desktop.drafting.policy import Policy, policy_in_force
from desktop.drafting.sharing import (
    export_templates,
    find_words,
    finds_in,
    key_words,
    plan_paths,
    refusal_words,
)
from desktop.drafting.workplace import open_library, refresh_standard_shelf_briefly
from models.errors import SigningKeyUnusableError
from models.worker.client import BlockingClient
from prompts.errors import PromptsError
from prompts.library import PromptLibrary, Shelf
from prompts.sharing import (
    Decision,
    Finder,
    ImportPlan,
    apply,
)
from prompts.template import PromptTemplate, diff, dump, parse

_PARTS = (
    ("new", "新しいひな形"),
    ("updated", "新しい版"),
    ("unchanged", "変更なし"),
    ("conflicts", "内容が食い違うもの"),
)


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `templates` and what can be done with them."""
    parser = commands.add_parser("templates", help="ひな形を扱います")
    actions = parser.add_subparsers(dest="action", required=True, metavar="操作")
    listing = actions.add_parser("list", help="ひな形の一覧を表示します")
    listing.set_defaults(run=run_list)
    show = actions.add_parser("show", help="ひな形を1つ表示します")
    show.add_argument("template", metavar="ひな形", help="ID、IDの先頭、または題名")
    show.set_defaults(run=run_show)
    search = actions.add_parser("search", help="ひな形を探します")
    search.add_argument("query", metavar="言葉", help="題名・分類・本文などにある言葉")
    search.add_argument("--limit", type=_count, default=20, metavar="件数", help="表示する件数（既定は20）")
    search.set_defaults(run=run_search)
    _add_import(actions)
    _add_export(actions)
    lint = actions.add_parser("lint", help="ひな形のファイルに誤りがないか調べます")
    lint.add_argument("paths", nargs="+", type=Path, metavar="ファイル", help="調べる .prompt.md")
    lint.set_defaults(run=run_lint)
    compare = actions.add_parser("diff", help="2つのひな形（IDまたはファイル）の違いを表示します")
    compare.add_argument("old", metavar="前", help="変わる前のひな形（ID、題名、またはファイル）")
    compare.add_argument("new", metavar="後", help="変わった後のひな形")
    compare.set_defaults(run=run_diff)
    for action in actions.choices.values():
        action.add_argument("--json", action="store_true", help="結果をJSONで出力します")


def _add_import(actions: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = actions.add_parser("import", help="ファイルやフォルダーからひな形を取り込みます")
    parser.add_argument(
        "path", type=Path, metavar="場所", help="ひな形のファイル（.prompt.md、.kianpack など）かフォルダー"
    )
    parser.add_argument("--dry-run", action="store_true", help="取り込まずに、結果の見込みだけを表示します")
    parser.add_argument(
        "--shelf", choices=["personal", "section"], default="personal", help="入れる棚（個人または課）"
    )
    parser.add_argument(
        "--conflicts",
        choices=[decision.value for decision in Decision],
        default=Decision.SKIP.value,
        help="食い違うもの：取り込まない（skip）、置き換える（replace）、別のひな形にする（copy）",
    )
    parser.add_argument(
        "--allow-personal-information",
        action="store_true",
        help="個人情報の指摘を確認したものとして取り込みます",
    )
    parser.set_defaults(run=run_import)


def _add_export(actions: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = actions.add_parser(
        "export", help="ひな形を書き出します（.prompt.md .kianpack .json .csv .docx）"
    )
    parser.add_argument(
        "templates", nargs="*", metavar="ひな形", help="書き出すひな形（指定しなければ個人と課のすべて）"
    )
    parser.add_argument(
        "--output",
        required=True,
        type=Path,
        metavar="ファイル",
        help="書き出すファイル（拡張子で形式が決まります）",
    )
    parser.add_argument("--title", default="", metavar="題名", help=".kianpack に付ける題名")
    parser.add_argument("--issuer", default="", metavar="発行者", help=".kianpack に書く発行者")
    parser.add_argument("--sign", type=Path, metavar="鍵", help="署名に使う Ed25519 の秘密鍵（PEM）")
    parser.add_argument(
        "--allow-personal-information",
        action="store_true",
        help="個人情報の指摘を確認したものとして書き出します",
    )
    parser.set_defaults(run=run_export)


def run_list(arguments: argparse.Namespace) -> int:
    """List every template."""
    with _library() as (library, _):
        return _give_templates([library.get(card.id) for card in library.list()], is_json=arguments.json)


def run_search(arguments: argparse.Namespace) -> int:
    """List what answers a query, best first."""
    with _library() as (library, _):
        cards = library.search(arguments.query, limit=arguments.limit)
        return _give_templates([library.get(card.id) for card in cards], is_json=arguments.json)


def run_show(arguments: argparse.Namespace) -> int:
    """Show one template."""
    with _library() as (library, _):
        template = library.resolve(arguments.template)
    if arguments.json:
        give_json({**template_json(template), "text": dump(template)})
    else:
        give(dump(template))
    return 0


def run_import(arguments: argparse.Namespace) -> int:
    """Plan an import, show it, and carry it out unless it is a dry run.

    Raises:
        ForbiddenByPolicyError: IT asks for a trusted signature and there is none.
    """
    with _library() as (library, policy), BlockingClient("masking") as masking:
        plan = plan_paths([arguments.path], library, policy=policy, find=_finder(masking))
        _tell_plan(plan)
        may_store = arguments.allow_personal_information or not plan.personal_information
        stored = 0
        if not arguments.dry_run and may_store:
            decisions = {entry.path: Decision(arguments.conflicts) for entry in plan.conflicts}
            result = apply(
                plan, library, shelf=Shelf(arguments.shelf), decisions=decisions, by=getpass.getuser()
            )
            stored = result.stored
            say(f"{stored}件を取り込みました。")
        elif not may_store and not arguments.dry_run:
            say("個人情報と思われる箇所があるため、取り込みませんでした。")
            say("内容を確かめ、よければ --allow-personal-information を付けてください。")
    if arguments.json:
        give_json(plan.as_json())
    return 0 if _has_worked(plan, arguments, stored) else 1


def run_export(arguments: argparse.Namespace) -> int:
    """Write templates to a file, after looking for personal information in them."""
    key = _private_key(arguments.sign)
    with _library() as (library, policy), BlockingClient("masking") as masking:
        policy.check_export()
        chosen = [library.resolve(words) for words in arguments.templates] or [
            library.get(card.id)
            for shelf in (Shelf.PERSONAL, Shelf.SECTION)
            for card in library.list(shelf=shelf)
        ]
        finds = finds_in(chosen, _finder(masking))
    for find in finds:
        say(f"  個人情報？ {find.path}の{find_words(find)}")
    if finds and not arguments.allow_personal_information:
        say("個人情報と思われる箇所があるため、書き出しませんでした。")
        say("内容を確かめ、よければ --allow-personal-information を付けてください。")
        return 1
    if not chosen:
        say("書き出すひな形がありません。")
        return 1
    try:
        export_templates(
            chosen,
            arguments.output,
            policy=policy,
            title=arguments.title,
            issuer=arguments.issuer,
            key=key,
        )
    except ValueError:
        say("この形式では書き出せません。.prompt.md（1件だけ）、.kianpack、.json、.csv、.docx が使えます。")
        return 2
    say(f"{len(chosen)}件を書き出しました。")
    if arguments.json:
        give_json({"path": str(arguments.output), "templates": [template.id for template in chosen]})
    return 0


def run_lint(arguments: argparse.Namespace) -> int:
    """Parse files; exit code 0 when every one is right."""
    rows = []
    for path in arguments.paths:
        try:
            parse(_text(path))
        except (PromptsError, DocumentUnreadableError) as error:
            message = message_for(error)
            rows.append({"path": str(path), "code": error.code, "message": message.what, **error.fields()})
            say(f"{path.name}：{message.what}{message.todo}")
    if arguments.json:
        give_json(rows)
    if not rows:
        say(f"{len(arguments.paths)}件とも正しいひな形です。")
    return 1 if rows else 0


def run_diff(arguments: argparse.Namespace) -> int:
    """Show what changed from one template to another."""
    with _library() as (library, _):
        old, new = (_template(library, words) for words in (arguments.old, arguments.new))
    changes = diff(old, new)
    if arguments.json:
        give_json([{"key": c.key, "before": c.before, "after": c.after} for c in changes])
        return 0
    for change in changes:
        give(f"■ {change.key}")
        for mark, text in (("-", change.before), ("+", change.after)):
            for line in text.splitlines():
                give(f"  {mark} {line}")
    if not changes:
        say("違いはありません。")
    return 0


def _count(text: str) -> int:
    """A number of hits: 1 or more."""
    number = int(text)
    if number < 1:
        raise ValueError(text)
    return number


def template_json(template: PromptTemplate) -> dict[str, Any]:
    """A template as the terminal's JSON describes it."""
    return {
        "id": template.id,
        "title": template.title,
        "category": template.category.value,
        "fields": [
            {
                "name": field.name,
                "label": field.label,
                "type": field.type.value,
                "required": field.required,
                "options": list(field.options),
                "example": field.example,
            }
            for field in template.fields
        ],
        "demo_model": template.demo_model,
    }


def _give_templates(templates: Sequence[PromptTemplate], *, is_json: bool) -> int:
    if is_json:
        give_json([template_json(template) for template in templates])
        return 0
    for template in templates:
        mark = "（見本モデルで試せます）" if template.demo_model else ""
        give(f"{template.id}  {template.category}  {template.title}{mark}")
    if not templates:
        say("見つかりませんでした。別の言葉でお試しください。")
    return 0


@contextmanager
def _library() -> Iterator[tuple[PromptLibrary, Policy]]:
    paths = Paths.from_environment()
    paths.ensure()
    policy, problem = policy_in_force(paths.policy_file)
    if problem is not None:  # else a refusal would name rules that nobody wrote
        say(message_for(problem).what)
    with open_library(paths) as library:
        shelf = refresh_standard_shelf_briefly(paths, policy)
        if shelf is not None and not shelf.is_reachable:
            say(
                f"庁内標準のフォルダーに届きません。前回（{shelf.last_contact or '記録なし'}）の内容を使います。"
            )
        yield library, policy


def _finder(masking: BlockingClient) -> Finder:
    def find(text: str) -> list[tuple[int, int, str]]:
        found = masking.call("analyze", {"text": text, "fast_first": False})
        return [(row["start"], row["end"], row["label"]) for row in found["spans"]]

    return find


def _has_worked(plan: ImportPlan, arguments: argparse.Namespace, stored: int) -> bool:
    """Whether everything that was asked for was done: nothing refused, nothing left out."""
    if plan.rejected:
        return False
    if not any(getattr(plan, name) for name, _ in _PARTS):
        say("取り込めるひな形が見つかりませんでした。場所と中身を確かめてください。")
        return False
    if arguments.dry_run:
        return True
    left_out = len(plan.conflicts) if arguments.conflicts == Decision.SKIP else 0
    return not left_out and stored == len(plan.new) + len(plan.updated) + len(plan.conflicts) - left_out


def _tell_plan(plan: ImportPlan) -> None:
    for name, title in _PARTS:
        say(f"{title}：{len(getattr(plan, name))}件")
    for entry in plan.conflicts:
        places = "、".join(key_words(change.key) for change in entry.changes)
        say(f"  食い違い {entry.path}：{entry.template.title}（{places}）")
    for refused in plan.rejected:
        say(f"  取り込めません {refusal_words(refused)}")
    for find in plan.personal_information:
        say(f"  個人情報？ {find.path}の{find_words(find)}")


def _private_key(path: Path | None) -> Ed25519PrivateKey | None:
    """Raises SigningKeyUnusableError when the file holds no Ed25519 key."""
    if path is None:
        return None
    try:
        key = load_pem_private_key(path.read_bytes(), password=None)
    except (OSError, ValueError, TypeError) as error:
        raise SigningKeyUnusableError from error
    if not isinstance(key, Ed25519PrivateKey):
        raise SigningKeyUnusableError
    return key


def _template(library: PromptLibrary, words: str) -> PromptTemplate:
    path = Path(words)
    return parse(_text(path)) if words.endswith(".md") or path.is_file() else library.resolve(words)


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError as error:
        raise DocumentUnreadableError("missing", path.suffix) from error
    except UnicodeDecodeError as error:
        raise DocumentUnreadableError("encoding", path.suffix) from error
    except OSError as error:
        raise DocumentUnreadableError("denied", path.suffix) from error
