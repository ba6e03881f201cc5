"""The canary: invented personal information goes every way there is and must be found nowhere."""

import ast
import inspect
import json
import re
import sys
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from desktop.cli.draft import TerminalDraft, result_json
from desktop.drafting.archive import DraftArchive
from desktop.drafting.model_choice import choose_model
from desktop.drafting.paths import Paths
from desktop.drafting.policy import policy_in_force
from desktop.drafting.records.audit import AuditLog
from desktop.drafting.records.drafts import DraftStore
from desktop.drafting.session import AnalyzeCall, GenerateCall, State
from desktop.drafting.workplace import open_library
from models.errors import WorkerCrashedError
from models.worker.client import BlockingClient
from models.worker.protocol import completion_from_json, messages_to_json, span_from_json
from tests.support.people import CONSULTATION, leaks_below, leaks_in
from tests.support.random_gguf import Shape, write_random_gguf

TEE = Path(__file__).parents[1] / "support" / "tee_worker.py"


@pytest.fixture
def office(tmp_path, monkeypatch):
    """A terminal's parts, with everything said to the engine copied to a file."""
    monkeypatch.setenv("KIAN_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("TMPDIR", str(tmp_path / "tmp"))
    (tmp_path / "tmp").mkdir()
    paths = Paths.from_environment()
    paths.ensure()
    policy, _ = policy_in_force(paths.policy_file)
    # The demonstration model's context is too short for a conversation about 400 characters.
    choice = choose_model(paths, policy, asked=write_random_gguf(tmp_path / "larger.gguf"))
    said = tmp_path / "said_to_engine"
    with (
        closing(DraftStore(paths.drafts_db, backups_dir=paths.backups_dir)) as drafts,
        closing(AuditLog(paths.audit_db, backups_dir=paths.backups_dir)) as audit,
        BlockingClient("masking") as masking,
        BlockingClient("engine", command=[sys.executable, str(TEE), "engine", str(said)]) as engine,
    ):
        archive = DraftArchive(drafts, audit, policy=policy, model=choice, who="試験職員")
        yield (
            TerminalDraft(
                masking, engine, archive, policy=policy, choice=choice, states_dir=paths.engine_states_dir
            ),
            paths,
            said,
        )


def consultation(paths):
    with open_library(paths) as library:
        card = next(card for card in library.list() if "相談記録" in card.title)
        template = library.get(card.id)
    values = dict(template.example_values)
    long_text = next(field for field in template.fields if field.type == "long_text")
    return template, {**values, long_text.name: CONSULTATION}


def test_no_canary_in_the_engines_stdin_the_databases_the_log_or_temporary_files(
    office, tmp_path, caplog, capfd
):
    terminal, paths, said = office
    template, values = consultation(paths)
    with caplog.at_level("DEBUG"):
        session = terminal.draft(template, values, is_confirmed=True)
    capfd.readouterr()  # the finds are shown to the person: that is what the terminal is for
    heard = said.read_bytes()
    assert b'"op":"generate"' in heard
    assert leaks_in(heard, "engine stdin") == []
    assert leaks_in(caplog.text.encode(), "log") == []
    assert leaks_below(tmp_path) == []
    assert session.state is State.CHECKING


def test_no_canary_on_the_way_of_a_typed_follow_up_and_of_another_answer(office, tmp_path):
    terminal, paths, said = office
    template, values = consultation(paths)
    session = terminal.draft(template, values, is_confirmed=True)
    call = session.begin_follow_up("榊原みつえさんの電話090-5550-1234も入れて", is_fixed=False)
    assert isinstance(call, AnalyzeCall)
    found = terminal.masking.call("analyze", {"text": call.text})
    session.analysis_received(call, [span_from_json(row) for row in found["spans"]])
    generate: GenerateCall | None = session.confirm_review()
    for _ in range(2):
        while generate is not None:
            answer = terminal.engine.call(
                "generate", {"messages": messages_to_json(generate.messages), "params": vars(generate.params)}
            )
            generate = session.completion_received(completion_from_json(answer))
        terminal.archive.answered("x", session)
        generate = session.regenerate()
    assert said.read_bytes().count(b'"op":"generate"') >= 3
    assert leaks_in(said.read_bytes(), "engine stdin") == []
    assert leaks_below(tmp_path) == []


def test_no_canary_on_the_way_of_a_long_text_in_parts(office, tmp_path, capfd):
    terminal, paths, said = office
    small = write_random_gguf(tmp_path / "small.gguf", Shape(n_ctx=1024))
    terminal = replace(terminal, choice=replace(terminal.choice, path=small))
    template, values = consultation(paths)
    long_text = next(field.name for field in template.fields if field.type == "long_text")
    notes = "".join(f"{n}　相談の記録\n{CONSULTATION}\n" for n in range(1, 6))
    session = terminal.draft(template, {**values, long_text: notes}, is_confirmed=True)
    told = capfd.readouterr().err
    heard = said.read_bytes()
    total = len(session.turns[0].parts)
    assert total > 1
    assert f"{total} / {total}　" in told
    finds = [line for line in told.splitlines() if line.startswith("  [")]
    assert len(set(finds)) == len(finds), "the same find is told again and again"
    assert any("か所" in line for line in finds)
    assert heard.count(b'"op":"generate"') > total
    assert leaks_in(heard, "engine stdin") == []
    assert leaks_below(tmp_path) == []
    parts = result_json(session, terminal.choice)["parts"]
    assert [set(part) for part in parts] == [{"mark", "chars", "status", "points"}] * total
    assert sum(part["chars"] for part in parts) > len(notes) * 0.8


def test_the_handbook_names_exactly_the_keys_of_the_draft_s_json():
    handbook = Path("docs/it-handbook.md").read_text("utf-8")
    table = handbook.split("<!-- draft-json -->")[1].split("<!-- /draft-json -->")[0]
    source = ast.parse(inspect.getsource(result_json))
    keys = {key.value for node in ast.walk(source) if isinstance(node, ast.Dict) for key in node.keys}
    assert set(re.findall(r"`(\w+)`", table)) == keys


def test_without_an_answer_from_the_masker_the_engine_hears_nothing(office, monkeypatch):
    terminal, paths, said = office
    template, values = consultation(paths)

    class DeadMasker:
        def call(self, *arguments, **options):
            raise WorkerCrashedError("masking", -9)

    dead = replace(terminal, masking=DeadMasker())
    with pytest.raises(WorkerCrashedError):
        dead.draft(template, values, is_confirmed=True)
    assert not said.exists() or b"generate" not in said.read_bytes()


def test_the_canarys_search_finds_what_it_looks_for(tmp_path):
    (tmp_path / "a.db").write_bytes("xx榊原みつえxx".encode())
    (tmp_path / "b.log").write_bytes("小鳥遊".encode("utf-16-le"))
    (tmp_path / "c.json").write_text(json.dumps({"t": "榊原みつえ"}))
    assert {leak.where for leak in leaks_below(tmp_path)} == {"a.db", "b.log", "c.json"}
