"""A text too long for the model, through the whole session, against an engine that keeps the contract."""

import re

import pytest

from desktop.drafting.errors import PartsUnreadableError
from desktop.drafting.long_input.reading import PartStatus, StepKind
from desktop.drafting.session import CountCall, DraftSession, SessionRules, State
from models.engine.fake import FakeEngine
from models.engine.protocol import Completion, FinishReason, LoadOptions, Usage
from models.errors import ContextTooLongError, DecodeFailedError, ModelsError, WorkerCrashedError
from models.masking.entities import EntityType, Span
from prompts.template import parse

TEMPLATE = """---
schema: 1
id: 0b4f3c52-6c1a-4d0e-9f2a-1f2f7d1b8a02
version: "1"
title: 例規の要点
category: 要約
system: 自治体の文書を読みます。
fields:
  - name: question
    label: 知りたいこと
    type: text
  - name: when
    label: 日時
    type: text
    verbatim: true
  - name: document
    label: 条文
    type: long_text
    required: true
checklist:
  - 原文で確かめた
---
次の条文の要点をまとめてください。

# 条件
- 条文にないことは書かない。

# 資料
知りたいこと：{{question}}
日時：{{when}}

【条文】
{{document}}
"""
PERSON = "山田太郎"
ARTICLE = (
    "（見出し{n}）\n第{n}条　市長は、{n}号様式による申請があったときは、{a}円を限度として補助金を交付する。\n"
    "２　前項の申請は、令和9年{m}月{d}日までに、担当の山田太郎に提出しなければならない。\n"
)


def ordinance(articles):
    return "".join(
        ARTICLE.format(n=n, a=1_000 + n, m=n % 12 + 1, d=n % 28 + 1) for n in range(1, articles + 1)
    )


def points_of(messages):
    """Writes one line for each article of the part, as a good model would; the last request is answered."""
    text = messages[-1].text.text
    if "# 部分（" in text:
        part = text.split("# 部分（", 1)[1].split("）\n", 1)[1]
        return (
            "\n".join(f"・{name}の要点（<氏名1>）" for name in re.findall(r"^第\d+条", part, re.MULTILINE))
            or "・なし"
        )
    if text.startswith("次は、長い資料の要点です"):
        return "・まとめた要点"
    return "補助金を交付する（第1条）。日時は<日付1>。"


def started(articles=60, **rules):
    session = DraftSession(parse(TEMPLATE), SessionRules(**rules))
    session.set_values({"question": "誰が対象か", "when": "4月1日", "document": ordinance(articles)})
    return session


def confirmed(session):
    call = session.begin_masking()
    finds = [Span(m.start(), m.end(), EntityType.PERSON) for m in re.finditer(PERSON, call.text)]
    session.analysis_received(call, finds)
    return session.confirm_review()


def loaded(tmp_path, *, n_ctx=2048, script=points_of, **options):
    engine = FakeEngine(script=script, n_ctx=n_ctx, **options)
    engine.load(tmp_path / "any.gguf", LoadOptions())
    return engine


class Driver:
    """Runs a session against an engine, as window and terminal do, and can stop or break on the way."""

    def __init__(self, session, engine):
        self.session, self.engine = session, engine
        self.progress = []
        self.stop_at = 0
        self.errors_at = {}

    def run(self, call):
        """Until the session wants nothing more."""
        while call is not None:
            try:
                call = self._answer(call)
            except ModelsError as error:
                call = self.session.engine_failed(error)
        return self.session.state

    def _answer(self, call):
        if isinstance(call, CountCall):
            return self.session.counted([self.engine.count_tokens(prompt) for prompt in call.prompts])
        self.progress.append(call.part)
        number = len(self.progress)
        if number in self.errors_at:
            raise self.errors_at[number]
        is_stopped = number == self.stop_at
        return self.session.completion_received(
            self.engine.generate(
                call.messages,
                call.params,
                on_progress=lambda read, total: None,
                on_chunk=self.session.chunk_received,
                is_cancelled=lambda: is_stopped,
            )
        )


@pytest.fixture
def driver(tmp_path):
    return Driver(started(), loaded(tmp_path))


def planned(driver):
    assert driver.run(confirmed(driver.session)) is State.PLANNED
    return driver.session


def test_a_long_text_is_read_in_parts_and_the_document_is_made_of_their_points(driver):
    session = planned(driver)
    total = len(session.parts)
    assert total > 3
    assert driver.run(session.read_parts()) is State.CHECKING
    kinds = [step.kind for step in driver.progress if step is not None]
    assert kinds[:total] == [StepKind.PART] * total
    assert kinds[-1] is StepKind.WHOLE
    assert session.text == "補助金を交付する（第1条）。日時は4月1日。"


def test_before_anything_is_read_the_person_sees_which_parts_there_are(driver):
    session = planned(driver)
    assert {part.status for part in session.parts} == {PartStatus.WAITING}
    assert re.fullmatch(r"第1条〜第\d+条", session.parts[0].mark)
    assert sum(part.chars for part in session.parts) == len(ordinance(60).rstrip().replace(PERSON, "<氏名1>"))
    assert driver.engine.seen == [driver.engine.seen[0]]  # the one that was refused


def test_every_point_is_kept_with_the_part_it_came_from(driver):
    session = planned(driver)
    driver.run(session.read_parts())
    (turn,) = session.turns
    for part in turn.parts:
        assert part.status is PartStatus.READ
        first, last = (int(n) for n in re.findall(r"\d+", part.mark))
        told = [int(re.search(r"\d+", point)[0]) for point in part.points]
        assert told == list(range(first, last + 1))
        assert PERSON in part.points[0]
    assert "".join(part.mark for part in turn.parts).count("第60条") == 1


def test_every_request_fits_and_none_holds_a_value(driver):
    driver.run(planned(driver).read_parts())
    for messages in driver.engine.seen[1:]:
        assert driver.engine.count_tokens(messages) < driver.engine.n_ctx
        text = "".join(message.text.text for message in messages)
        assert PERSON not in text
        assert "4月1日" not in text.replace("令和9年4月1日", "")


def test_the_parts_share_their_beginning_so_that_it_is_read_once(driver):
    session = planned(driver)
    driver.run(session.read_parts())
    parts = [m[-1].text.text for m in driver.engine.seen[1 : len(session.parts) + 1]]
    assert len({text.split("# 部分（")[0] for text in parts}) == 1


def test_points_that_are_too_many_are_brought_together_in_rounds(tmp_path):
    wordy = "・" + "とても長い要点の文です" * 12

    def script(messages):
        text = messages[-1].text.text
        is_part = "# 部分（" in text
        return f"{wordy}{hash(text) % 97}" if is_part else points_of(messages)

    driver = Driver(started(150), loaded(tmp_path, script=script))
    session = planned(driver)
    assert driver.run(session.read_parts()) is State.CHECKING
    assert StepKind.CONDENSE in [step.kind for step in driver.progress if step]
    assert len(session.turns[0].request.text) < 2048


def test_a_fact_of_any_part_counts_as_known_and_an_invented_one_does_not(tmp_path):
    def script(messages):
        if "# 部分（" in messages[-1].text.text:
            return points_of(messages)
        return "限度は1,060円（第57条〜第60条）、期限は令和9年12月24日、別に98,765円。"

    driver = Driver(started(), loaded(tmp_path, script=script))
    driver.run(planned(driver).read_parts())
    assert [found.text for found in driver.session.turns[0].report.unsupported] == ["98,765円"]


def test_names_that_a_summary_leaves_out_are_not_reported_but_lost_values_of_the_form_are(tmp_path):
    def script(messages):
        return points_of(messages) if "# 部分（" in messages[-1].text.text else "何もない"

    driver = Driver(started(max_attempts=1), loaded(tmp_path, script=script))
    driver.run(planned(driver).read_parts())
    assert driver.session.turns[0].report.missing_placeholders == ("<日付1>",)


def test_stopping_keeps_what_was_read_and_going_on_reads_only_the_rest(driver):
    session = planned(driver)
    driver.stop_at = len(driver.progress) + 3
    assert driver.run(session.read_parts()) is State.PLANNED
    assert [part.status for part in session.parts][:3] == [
        PartStatus.READ,
        PartStatus.READ,
        PartStatus.WAITING,
    ]
    asked_before = len(driver.progress)
    assert driver.run(session.read_parts()) is State.CHECKING
    assert driver.progress[asked_before].number == 3


def test_after_a_crash_the_same_part_is_asked_for_again_and_nothing_else(driver):
    session = planned(driver)
    driver.errors_at[len(driver.progress) + 2] = WorkerCrashedError("engine", -9)
    assert driver.run(session.read_parts()) is State.FAILED
    assert session.parts[0].status is PartStatus.READ
    broken = driver.progress[-1]
    assert driver.run(session.retry()) is State.CHECKING
    assert [step for step in driver.progress if step == broken] == [broken, broken]
    assert session.turns[0].report.unread_parts == ()


def test_a_part_that_fails_twice_is_left_out_and_told(driver):
    session = planned(driver)
    at = len(driver.progress) + 2
    driver.errors_at |= {at: DecodeFailedError(1), at + 1: DecodeFailedError(1)}
    assert driver.run(session.read_parts()) is State.FAILED
    assert driver.run(session.retry()) is State.CHECKING
    left_out = driver.progress[at - 1].mark
    (turn,) = session.turns
    assert turn.report.unread_parts == (left_out,)
    assert not turn.report.is_clean
    assert turn.parts[1].status is PartStatus.UNREAD
    assert f"【{left_out}】" not in turn.request.text
    assert session.check(turn.completion).unread_parts == (left_out,)


def test_an_answer_in_circles_is_asked_for_again_and_then_cut_and_told(tmp_path):
    def script(messages):
        text = messages[-1].text.text
        if "# 部分（第1条" in text:
            return "・初めの要点\n" + "・同じことの繰り返し\n" * 30
        return points_of(messages)

    driver = Driver(started(), loaded(tmp_path, script=script))
    session = planned(driver)
    driver.run(session.read_parts())
    first = [step for step in driver.progress if step and step.number == 1 and step.kind is StepKind.PART]
    assert len(first) == 2
    assert session.turns[0].parts[0].status is PartStatus.CUT
    assert session.turns[0].report.cut_parts == (session.turns[0].parts[0].mark,)
    assert session.turns[0].parts[0].points[0] == "・初めの要点"


def test_where_no_part_can_be_read_there_is_no_draft_and_another_try_is_possible(tmp_path):
    engine = loaded(tmp_path, script=lambda messages: "" if "# 部分（" in messages[-1].text.text else "x")
    driver = Driver(started(), engine)
    session = planned(driver)
    assert driver.run(session.read_parts()) is State.FAILED
    assert isinstance(session.error, PartsUnreadableError)
    engine.script = points_of
    assert driver.run(session.retry()) is State.CHECKING


def test_another_answer_asks_for_the_document_alone(driver):
    session = planned(driver)
    driver.run(session.read_parts())
    before = len(driver.progress)
    assert driver.run(session.regenerate()) is State.CHECKING
    assert [step.kind for step in driver.progress[before:]] == [StepKind.WHOLE]
    assert len(session.turns) == 1


def test_a_follow_up_carries_the_points_not_the_long_text(driver):
    session = planned(driver)
    driver.run(session.read_parts())
    call = session.begin_follow_up("もっと短くしてください。", is_fixed=True)
    assert driver.engine.count_tokens(call.messages) < driver.engine.n_ctx
    driver.run(call)
    assert len(session.turns) == 2
    assert session.parts == session.turns[0].parts


def test_the_same_text_again_needs_only_the_parts_that_were_not_read(driver):
    session = planned(driver)
    driver.stop_at = len(driver.progress) + 4
    driver.run(session.read_parts())
    session.back()
    assert session.state is State.FORM
    driver.run(confirmed(session))
    assert [part.status for part in session.parts].count(PartStatus.READ) == 3


def test_notes_outlive_the_program(driver):
    from desktop.drafting.long_input.notes import Notes
    from models.masking.vault import Vault

    session = planned(driver)
    driver.stop_at = len(driver.progress) + 4
    driver.run(session.read_parts())
    later = DraftSession(session.template, session.rules, vault=Vault.from_json(session.vault.to_json()))
    later.set_values(session.values)
    later.notes = Notes.from_json(session.notes.to_json(), later.masker)
    again = Driver(later, driver.engine)
    again.run(confirmed(later))
    assert [part.status for part in later.parts].count(PartStatus.READ) == 3
    assert PERSON not in str(session.notes.to_json())
    assert again.run(later.read_parts()) is State.CHECKING


def test_the_demonstration_model_is_not_asked_to_read_in_parts(tmp_path):
    driver = Driver(started(is_demo=True), loaded(tmp_path))
    assert driver.run(confirmed(driver.session)) is State.FAILED
    assert isinstance(driver.session.error, ContextTooLongError)


@pytest.mark.parametrize("category", ["点検・校正", "翻訳・やさしい日本語"])
def test_a_task_that_puts_the_whole_text_into_other_words_is_not_summarized(tmp_path, category):
    session = DraftSession(parse(TEMPLATE.replace("要約", category)), SessionRules())
    session.set_values({"document": ordinance(60)})
    driver = Driver(session, loaded(tmp_path))
    assert driver.run(confirmed(session)) is State.FAILED
    assert isinstance(session.error, ContextTooLongError)


def test_a_task_written_into_the_long_field_itself_is_not_cut_with_it(tmp_path):
    template = parse(TEMPLATE.split("---\n次の条文")[0] + "---\n{{document}}\n")
    session = DraftSession(template, SessionRules())
    session.set_values({"document": "次を要約してください。\n" + ordinance(60)})
    driver = Driver(session, loaded(tmp_path))
    assert driver.run(confirmed(session)) is State.FAILED


def test_a_context_too_small_for_the_task_itself_is_refused_as_before(tmp_path):
    driver = Driver(started(), loaded(tmp_path, n_ctx=500))
    assert driver.run(confirmed(driver.session)) is State.FAILED
    assert isinstance(driver.session.error, ContextTooLongError)


def test_a_model_that_came_back_with_less_room_gets_smaller_parts(driver, tmp_path):
    session = planned(driver)
    driver.errors_at[len(driver.progress) + 2] = WorkerCrashedError("engine", -9)
    driver.run(session.read_parts())
    many = len(session.parts)
    driver.engine.load(tmp_path / "any.gguf", LoadOptions(n_ctx=1300))
    assert driver.run(session.retry()) is State.PLANNED
    assert len(session.parts) > many
    assert driver.run(session.read_parts()) is State.CHECKING


def test_a_long_list_is_cut_between_its_lines(tmp_path):
    template = parse(TEMPLATE.replace("【条文】\n{{document}}", "意見：\n・{{document}}"))
    session = DraftSession(template, SessionRules())
    session.set_values({"document": "\n".join(f"・意見{n}は駐車場が足りないということ" for n in range(200))})
    driver = Driver(session, loaded(tmp_path))
    assert driver.run(confirmed(session)) is State.PLANNED
    driver.run(session.read_parts())
    parts = [m[-1].text.text.split("）\n", 2)[-1] for m in driver.engine.seen[1 : len(session.parts) + 1]]
    lines = [
        line
        for part in parts
        for line in part.split("# 部分（")[-1].splitlines()
        if line.startswith("・意見")
    ]
    assert [re.search(r"\d+", line)[0] for line in lines] == [str(n) for n in range(200)]


def test_two_long_texts_are_read_one_after_the_other(tmp_path):
    source = TEMPLATE.replace(
        "checklist", "  - name: other\n    label: 別の条文\n    type: long_text\nchecklist"
    )
    template = parse(source.rstrip() + "\n\n【別の条文】\n{{other}}\n")
    session = DraftSession(template, SessionRules())
    session.set_values({"document": ordinance(30), "other": ordinance(29)})
    driver = Driver(session, loaded(tmp_path))
    assert driver.run(confirmed(session)) is State.PLANNED
    assert driver.run(session.read_parts()) is State.CHECKING
    assert any("別の条文" in part.mark for part in session.turns[0].parts)


def test_what_all_parts_cost_is_counted_together(driver):
    session = planned(driver)
    driver.run(session.read_parts())
    read = sum(driver.engine.count_tokens(m) for m in driver.engine.seen[1:])
    assert session.turns[0].usage.prompt_tokens == read


def test_a_stop_before_the_first_word_of_the_document_keeps_all_parts(driver):
    session = planned(driver)
    driver.stop_at = len(driver.progress) + len(session.parts) + 1
    assert driver.run(session.read_parts()) is State.PLANNED
    assert {part.status for part in session.parts} == {PartStatus.READ}
    assert driver.run(session.read_parts()) is State.CHECKING


def test_a_part_that_is_answered_while_it_is_stopped_is_asked_for_again(driver):
    session = planned(driver)
    session.read_parts()
    session.completion_received(Completion("・半分", FinishReason.CANCELLED, Usage(0, 0, 0, 0)))
    assert session.state is State.PLANNED
    assert session.parts[0].status is PartStatus.WAITING
