"""A whole draft with the real server in the building: what it is sent, what is kept, what the person reads."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from desktop.cli.draft import TerminalDraft, result_json
from desktop.drafting.archive import DraftArchive
from desktop.drafting.model_choice import choose_model
from desktop.drafting.paths import Paths
from desktop.drafting.policy import Policy, parse_policy
from desktop.drafting.records.audit import AuditLog
from desktop.drafting.records.drafts import DraftStore
from desktop.drafting.session import State
from desktop.drafting.workplace import open_library
from models.demo import demo_model_path
from models.errors import InferenceServerError, ServerFault
from models.worker.client import BlockingClient
from prompts.template import PromptTemplate
from tests.support.authority import Authority
from tests.support.inference_servers import KEY, MODEL, running
from tests.support.people import CONSULTATION, leaks_below, leaks_in

POLICY = """
[inference_server]
url = "https://localhost:{port}/v1"
model = "{model}"
allowed_addresses = ["127.0.0.1/32"]
ca_file = '{ca_file}'
key_file = '{key_file}'
"""


@dataclass(frozen=True)
class Building:
    """A server in the building, what it was sent, and the policy that names it."""

    policy: Policy
    bodies: Path

    @property
    def heard(self) -> bytes:
        return self.bodies.read_bytes() if self.bodies.exists() else b""


@pytest.fixture(scope="module")
def building(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Building]:
    folder = tmp_path_factory.mktemp("building")
    authority = Authority.made_in(folder)
    key_file = folder / "key"
    key_file.write_text(KEY)
    with running("real_inference_server.py", folder / "bodies", *authority.issue("localhost")) as port:
        text = POLICY.format(port=port, model=MODEL, ca_file=authority.file, key_file=key_file)
        yield Building(parse_policy(text), folder / "bodies")


@pytest.fixture
def paths(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Paths:
    monkeypatch.setenv("KIAN_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    return Paths.from_environment().ensure()


@pytest.fixture(scope="module")
def masking() -> Iterator[BlockingClient]:
    with BlockingClient("masking") as client:
        yield client


@contextmanager
def terminal_under(policy: Policy, paths: Paths, masking: BlockingClient) -> Iterator[TerminalDraft]:
    choice = choose_model(paths, policy)
    with (
        closing(DraftStore(paths.drafts_db, backups_dir=paths.backups_dir)) as drafts,
        closing(AuditLog(paths.audit_db, backups_dir=paths.backups_dir)) as audit,
        BlockingClient(choice.worker) as engine,
    ):
        archive = DraftArchive(drafts, audit, policy=policy, model=choice, who="試験職員")
        yield TerminalDraft(
            masking, engine, archive, policy=policy, choice=choice, states_dir=paths.engine_states_dir
        )


def notice_and_values(paths: Paths) -> tuple[PromptTemplate, dict[str, str]]:
    with open_library(paths) as library:
        template = library.resolve("notice")
    return template, dict(template.example_values)


def consultation(paths: Paths) -> tuple[PromptTemplate, dict[str, str]]:
    with open_library(paths) as library:
        card = next(card for card in library.list() if "相談記録" in card.title)
        template = library.get(card.id)
    long_text = next(field for field in template.fields if field.type == "long_text")
    return template, {**template.example_values, long_text.name: CONSULTATION}


def test_a_whole_draft_is_written_by_the_server_and_everything_says_so(
    building: Building, masking: BlockingClient, paths: Paths, capsys: pytest.CaptureFixture[str]
) -> None:
    template, values = notice_and_values(paths)
    with terminal_under(building.policy, paths, masking) as terminal:
        session = terminal.draft(template, values, is_confirmed=True)
        assert terminal.engine.pid is not None
    said = capsys.readouterr().err
    assert "庁内サーバー利用中（localhost:" in said
    assert session.state is State.CHECKING
    assert len(session.text) > 40
    result = json.loads(json.dumps(result_json(session, terminal.choice)))
    assert result["model"]["id"] == f"server:{result['model']['server']}/{MODEL}"
    assert any("庁内サーバー利用中" in notice for notice in result["notices"])
    with closing(AuditLog(paths.audit_db, backups_dir=paths.backups_dir)) as audit:
        assert {record.entry.model_id for record in audit.records()} == {result["model"]["id"]}
        assert audit.verify().is_intact


def test_the_server_never_sees_what_was_masked(
    building: Building,
    masking: BlockingClient,
    paths: Paths,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
) -> None:
    template, values = consultation(paths)
    with terminal_under(building.policy, paths, masking) as terminal:
        session = terminal.draft(template, values, is_confirmed=True)
    capfd.readouterr()  # the finds are shown to the person: that is what the terminal is for
    assert session.turns
    requests = building.heard
    assert requests.count(b'"messages"') >= 1
    assert "来庁".encode("unicode_escape") in requests, "the request itself is there to be searched"
    assert leaks_in(requests, "the server's requests") == []
    assert leaks_below(tmp_path) == []


def test_a_server_that_is_gone_is_told_and_no_other_model_takes_its_place(
    masking: BlockingClient, paths: Paths, tmp_path: Path
) -> None:
    authority = Authority.made_in(tmp_path)
    with running("scripted_inference_server.py", tmp_path / "log") as port:
        pass
    text = POLICY.format(port=port, model=MODEL, ca_file=authority.file, key_file="")
    template, values = notice_and_values(paths)
    with (
        terminal_under(parse_policy(text), paths, masking) as terminal,
        pytest.raises(InferenceServerError) as caught,
    ):
        terminal.draft(template, values, is_confirmed=True)
    assert caught.value.reason == ServerFault.REFUSED
    with closing(DraftStore(paths.drafts_db, backups_dir=paths.backups_dir)) as drafts:
        kept = drafts.list()
    assert len(kept) == 1, "what was confirmed is kept"


def test_a_model_file_that_a_person_names_stays_on_this_pc(building: Building, paths: Paths) -> None:
    choice = choose_model(paths, building.policy, asked=demo_model_path())
    assert (choice.worker, choice.server_notice) == ("engine", "")
    assert choose_model(paths, building.policy).worker == "server"
