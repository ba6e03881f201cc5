"""`kian draft`: one document in the terminal, the same way as in the window."""

from __future__ import annotations

import argparse
import getpass
import sys
import uuid
from collections import Counter
from collections.abc import Mapping
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from desktop.cli.output import give, give_json, say
from desktop.drafting.archive import DraftArchive
from desktop.drafting.documents.reading import read_document
from desktop.drafting.errors import ReviewNotConfirmedError
from desktop.drafting.long_input.reading import StepKind
from desktop.drafting.masking_settings import office_dictionary, worker_settings
from desktop.drafting.messages import message_for
from desktop.drafting.model_choice import DEMO_NOTICE, DEMO_POINTER, ModelChoice, choose_model
from desktop.drafting.paths import Paths
from desktop.drafting.policy import Policy, policy_in_force
from desktop.drafting.reach import within_reach
from desktop.drafting.records.audit import AuditLog
from desktop.drafting.records.drafts import DraftStore
from desktop.drafting.requests import AnalyzeCall, CountCall, EngineCall, GenerateCall, PartProgress
from desktop.drafting.session import DraftSession, State
from desktop.drafting.workplace import open_library
from models.errors import (
    CancelledError,
    ForbiddenKindError,
    ModelsError,
    MyNumberFoundError,
    UnmaskedValueError,
)
from models.masking.entities import NOUNS, QUASI_IDENTIFIERS
from models.masking.review import Review, ReviewItem
from models.worker.client import BlockingClient
from models.worker.protocol import Event, completion_from_json, messages_to_json, span_from_json
from prompts.errors import UnknownFieldError
from prompts.library import PromptLibrary
from prompts.template import PromptTemplate

UNCONFIRMED_MARK = "下書き（AI生成・未確認）"
MAX_FAILURES = 2
"""So often in a row may the engine fail while a long text is read in parts."""
EXAMPLE_TEMPLATE = "notice"
"""Short name of the built-in template that `--example` takes when none is named."""


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `draft` to the commands."""
    parser = commands.add_parser("draft", help="ひな形から下書きを1つ作ります")
    parser.add_argument("--template", metavar="ID", help="ひな形のID（「kian templates list」で分かります）")
    parser.add_argument("--example", action="store_true", help="ひな形の記入例を使います（動作確認用）")
    parser.add_argument("--set", action="append", default=[], metavar="項目=値", help="項目に値を入れます")
    parser.add_argument(
        "--set-file",
        action="append",
        default=[],
        metavar="項目=ファイル",
        help="項目にファイルの文章を入れます",
    )
    parser.add_argument("--model", type=Path, metavar="ファイル", help="使うモデル（GGUF）")
    parser.add_argument("--yes", action="store_true", help="マスキングの結果を確認したものとして進めます")
    parser.add_argument("--json", action="store_true", help="結果をJSONで出力します")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Draft one document. Exit code 0 only when there is one."""
    paths = Paths.from_environment()
    paths.ensure()
    policy, problem = policy_in_force(paths.policy_file)
    reachable, lost = within_reach(paths)
    for trouble in filter(None, (problem, *lost)):
        say(message_for(trouble).what)
    with open_library(paths) as library:
        template = _template(library, arguments)
    session_values = _values(template, arguments)
    choice = choose_model(reachable, policy, asked=arguments.model)
    policy.check_confidentiality(template.confidentiality)
    with (
        closing(DraftStore(paths.drafts_db, backups_dir=paths.backups_dir)) as drafts,
        closing(AuditLog(paths.audit_db, backups_dir=paths.backups_dir)) as audit,
        BlockingClient("masking") as masking,
        BlockingClient(choice.worker) as engine,
    ):
        archive = DraftArchive(drafts, audit, policy=policy, model=choice, who=getpass.getuser())
        terminal = TerminalDraft(
            masking, engine, archive, policy=policy, choice=choice, states_dir=paths.engine_states_dir
        )
        session = terminal.draft(template, session_values, is_confirmed=arguments.yes)
    if arguments.json:
        give_json(result_json(session, choice))
    else:
        _give_text(session, choice)
    return 0


@dataclass(frozen=True)
class TerminalDraft:
    """Drives a `DraftSession` with two blocking workers."""

    masking: BlockingClient
    engine: BlockingClient
    archive: DraftArchive
    policy: Policy
    choice: ModelChoice
    states_dir: Path

    def draft(
        self, template: PromptTemplate, values: Mapping[str, str], *, is_confirmed: bool
    ) -> DraftSession:
        """Mask, ask, write, restore.

        Raises:
            ReviewNotConfirmedError: The person did not confirm the masking; nothing was sent.
            CancelledError: The person did not want a long text to be read in parts.
            ModelsError, PromptsError, DraftingError: What went wrong on the way.
        """
        draft_id = uuid.uuid4().hex
        session = DraftSession(template, self.choice.rules(self.policy))
        session.set_values(values)
        if self.choice.server_notice:
            say(self.choice.server_notice)
        if self.choice.is_demo and not template.demo_model:
            say(f"注意：このひな形は見本モデルの対象外です。正しい文章にはなりません。{DEMO_POINTER}")
        review = self._review(session, session.begin_masking())
        _show(review)
        self.archive.check_review(draft_id, review)
        call = self._confirm(session, draft_id, is_confirmed=is_confirmed)
        self.archive.review_confirmed(draft_id, session)
        self._load_model()
        self._write(session, call, is_confirmed=is_confirmed)
        self.archive.answered(draft_id, session)
        return session

    def _review(self, session: DraftSession, call: AnalyzeCall) -> Review:
        say("個人情報を探しています…")
        settings = worker_settings(office_dictionary(self.policy))
        answer = self.masking.call("analyze", {"text": call.text, "settings": settings, "fast_first": False})
        return session.analysis_received(call, [span_from_json(row) for row in answer["spans"]])

    def _confirm(self, session: DraftSession, draft_id: str, *, is_confirmed: bool) -> GenerateCall:
        where = (
            f"庁内サーバー（{self.choice.server.name}）に送って" if self.choice.server else "モデルに渡して"
        )
        if not is_confirmed and not _ask(f"この内容で{where}よいですか？ [y/N] "):
            raise ReviewNotConfirmedError
        try:
            return session.confirm_review()
        except (MyNumberFoundError, ForbiddenKindError, UnmaskedValueError) as error:
            self.archive.stopped(draft_id, session, outcome=error.code)
            raise

    def _load_model(self) -> None:
        # A person asked for this very model, so it is loaded even if it once ended the process.
        options = asdict(self.choice.load_options(self.states_dir, is_retry=True))
        self.engine.call("load", {"path": str(self.choice.path), "options": options})

    def _write(self, session: DraftSession, call: EngineCall | None, *, is_confirmed: bool) -> None:
        """Answer the session's calls until it wants nothing more."""
        failures = 0
        while call is not None:
            try:
                call = self._count(session, call) if isinstance(call, CountCall) else self._ask(session, call)
                failures = 0
            except ModelsError as error:
                failures += 1
                call = self._after(session, error, is_last=failures > MAX_FAILURES)
            if session.state is State.PLANNED:
                call = _agree_to_parts(session, is_confirmed=is_confirmed)
        if session.state is State.FAILED and session.error is not None:
            raise session.error

    def _after(self, session: DraftSession, error: ModelsError, *, is_last: bool) -> EngineCall | None:
        """What to ask after a failure: a long text goes on where it stood, with the model loaded anew."""
        call = session.engine_failed(error)
        if call is None and (is_last or not session.parts):
            raise error
        if self.engine.pid is None:
            self._load_model()
        return call if call is not None else session.retry()

    def _count(self, session: DraftSession, call: CountCall) -> EngineCall | None:
        prompts = [messages_to_json(prompt) for prompt in call.prompts]
        answer = self.engine.call("count_tokens", {"prompts": prompts})
        return session.counted([int(count) for count in answer["tokens"]])

    def _ask(self, session: DraftSession, call: GenerateCall) -> EngineCall | None:
        _announce(call)
        answer = self.engine.call(
            "generate",
            {"messages": messages_to_json(call.messages), "params": vars(call.params)},
            on_event=None if call.part is not None else _show_progress,
        )
        return session.completion_received(completion_from_json(answer))


def _announce(call: GenerateCall) -> None:
    if call.part is not None:
        say(f"  {progress_line(call.part)}" + (f"（{call.attempt + 1}回目）" if call.attempt else ""))
    elif call.attempt:
        say(f"抜けた項目があるため、書き直しています（{call.attempt + 1}回目）…")


def progress_line(part: PartProgress) -> str:
    """Where the reading of a long text stands, in one line."""
    if part.kind is StepKind.WHOLE:
        return "集めた要点から、下書きを書いています…"
    doing = "" if part.kind is StepKind.PART else "要点をまとめています　"
    return f"{doing}{part.number} / {part.total}　{part.mark}"


def _agree_to_parts(session: DraftSession, *, is_confirmed: bool) -> GenerateCall | None:
    say(f"資料が長いため、{len(session.parts)}つに分けて読み、部分ごとの要点から下書きを作ります。")
    if not is_confirmed and not _ask("分けて読んでよいですか？ [y/N] "):
        raise CancelledError
    return session.read_parts()


def result_json(session: DraftSession, choice: ModelChoice) -> dict[str, Any]:
    """The object that `--json` prints."""
    turn = session.turns[-1]
    usage = turn.usage
    return {
        "template": session.template.id,
        "masked_prompt": turn.spans.text.text,
        "spans": [
            {
                "start": span.start,
                "end": span.end,
                "label": span.entity_type.value,
                "placeholder": span.replacement,
            }
            for span in turn.spans.spans
        ],
        "completion_masked": turn.completion_masked.text,
        "completion": turn.completion,
        "missing_placeholders": list(turn.report.missing_placeholders),
        "unknown_placeholders": list(turn.report.unknown_placeholders),
        "unsupported": [found.text for found in turn.report.unsupported],
        "usage": {
            "prompt_tokens": usage.prompt_tokens,
            "completion_tokens": usage.completion_tokens,
            "prompt_ms": usage.prompt_ms,
            "completion_ms": usage.completion_ms,
        },
        "attempts": turn.attempts,
        "parts": [
            {
                "mark": part.mark,
                "chars": part.chars,
                "status": part.status.value,
                "points": list(part.points),
            }
            for part in turn.parts
        ],
        "finish_reason": turn.finish_reason.value,
        "model": {
            "id": choice.card.id,
            "sha256": choice.sha256,
            "server": choice.server.name if choice.server else "",
        },
        "notices": _notices(session, choice),
    }


def _notices(session: DraftSession, choice: ModelChoice) -> list[str]:
    notices = [] if session.state is State.CONFIRMED else [UNCONFIRMED_MARK]
    notices += [choice.server_notice] if choice.server_notice else []
    return notices + ([f"{DEMO_NOTICE}。{DEMO_POINTER}"] if choice.is_demo else [])


def _give_text(session: DraftSession, choice: ModelChoice) -> None:
    report = session.turns[-1].report
    give(session.text)
    give("\n―――\n" + "\n".join(_notices(session, choice)))
    for title, found in (
        ("文章に現れなかった項目", report.missing_placeholders),
        ("モデルが作り出した記号", report.unknown_placeholders),
        ("資料に無い事項", tuple(u.text for u in report.unsupported)),
        ("読めなかった部分", report.unread_parts),
        ("要点が途中までの部分", report.cut_parts),
    ):
        if found:
            say(f"確認してください：{title}　" + "、".join(found))
    for part in session.turns[-1].parts:
        if part.points:
            say(f"\n部分ごとの要点【{part.mark}】\n" + "\n".join(part.points))
    if not report.has_ended:
        say("確認してください：文章が途中で終わっています。")


def _template(library: PromptLibrary, arguments: argparse.Namespace) -> PromptTemplate:
    if arguments.template:
        return library.resolve(arguments.template)
    if not arguments.example:
        say("--template でひな形を指定してください。一覧は「kian templates list」で見られます。")
        sys.exit(2)
    return library.resolve(EXAMPLE_TEMPLATE)


def _values(template: PromptTemplate, arguments: argparse.Namespace) -> dict[str, str]:
    values = dict(template.example_values) if arguments.example else {}
    for entry in arguments.set:
        name, value = _pair(entry)
        values[_field_name(template, name)] = value
    for entry in arguments.set_file:
        name, path = _pair(entry)
        values[_field_name(template, name)] = read_document(Path(path)).text
    return values


def _field_name(template: PromptTemplate, name: str) -> str:
    """A field may be named by its name or by the label a person reads."""
    by_label = {field.label: field.name for field in template.fields}
    if template.field(name):
        return name
    if name not in by_label:
        raise UnknownFieldError(name, tuple(f"{label}（{own}）" for label, own in by_label.items()))
    return by_label[name]


def _pair(entry: str) -> tuple[str, str]:
    name, sign, value = entry.partition("=")
    if not sign or not name.strip():
        say(f"「項目=値」の形で指定してください（「{name.strip()[:40]}」）。")
        sys.exit(2)
    return name.strip(), value


def _show(review: Review) -> None:
    counts = "、".join(f"{NOUNS[kind]} {count}件" for kind, count in review.counts.items())
    say(f"見つかった個人情報など：{counts or 'なし'}（{review.person_count}人）")
    lines = Counter(_find_line(review, item) for item in review.items)
    for line, places in lines.items():  # a long text names the same person a hundred times
        say(f"  {line}" + (f"　{places}か所" if places > 1 else ""))


def _find_line(review: Review, item: ReviewItem) -> str:
    mark = (
        "マスク" if item.is_masked else "指摘のみ" if item.span.entity_type in QUASI_IDENTIFIERS else "表示"
    )
    doubt = "（要確認）" if item.span.is_low_confidence else ""
    return f"[{mark}] {item.span.noun or NOUNS[item.span.entity_type]}：{review.value_of(item)}{doubt}"


def _ask(question: str) -> bool:
    if not sys.stdin.isatty():
        return False
    say(question, end="")
    return sys.stdin.readline().strip().lower() in ("y", "yes", "はい")


def _show_progress(event: Event) -> None:
    if event.name == "progress" and event.payload["read"] in (0, event.payload["total"]):
        say("読み込み中…" if event.payload["read"] == 0 else "書いています…")
