import dataclasses

import pytest

from desktop.drafting.errors import OfficeDictionaryUnreadableError
from desktop.drafting.masking_settings import office_dictionary, worker_settings
from desktop.drafting.policy import DEFAULT
from models.worker.client import BlockingClient
from models.worker.masking import settings_from_json


def policy_with(path):
    return dataclasses.replace(DEFAULT, masking_dictionary_file=str(path))


def test_without_a_dictionary_there_are_only_the_persons_own_words():
    settings = worker_settings(office_dictionary(DEFAULT), always_mask=[("カワセミ計画", "CUSTOM")])
    assert settings["always_mask"] == [["カワセミ計画", "CUSTOM"]]
    assert settings_from_json(settings).include_quasi


def test_what_the_office_masks_a_person_cannot_leave_visible(tmp_path):
    path = tmp_path / "用語表.csv"
    path.write_text("語,種別,指定\nカワセミ計画,CUSTOM,常に伏せる\n森,,伏せない\n", encoding="utf-8")
    settings = worker_settings(office_dictionary(policy_with(path)), never_mask=["カワセミ計画", "泉"])
    assert ["カワセミ計画", "CUSTOM"] in settings["always_mask"]
    assert settings["never_mask"] == ["森", "泉"]


@pytest.mark.parametrize(
    ("content", "reason", "line"),
    [(None, "unreachable", 0), ("語,種別,指定\n森,ナゾノシュルイ,\n", "bad_line", 2)],
)
def test_a_dictionary_that_cannot_be_read_stops_everything(tmp_path, content, reason, line):
    path = tmp_path / "用語表.csv"
    if content is not None:
        path.write_text(content, encoding="utf-8")
    with pytest.raises(OfficeDictionaryUnreadableError) as caught:
        office_dictionary(policy_with(path))
    assert (caught.value.reason, caught.value.line) == (reason, line)


def test_the_masking_worker_obeys_the_dictionary(tmp_path):
    path = tmp_path / "用語表.csv"
    path.write_bytes("カワセミ計画,CUSTOM,\n".encode("cp932"))
    settings = worker_settings(office_dictionary(policy_with(path)))
    with BlockingClient("masking") as masking:
        found = masking.call("analyze", {"text": "来週カワセミ計画の打合せ", "settings": settings})
    assert [(row["start"], row["end"], row["label"]) for row in found["spans"]] == [(2, 8, "CUSTOM")]
