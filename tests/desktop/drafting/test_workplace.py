import dataclasses

import pytest

from desktop.drafting.paths import Paths
from desktop.drafting.policy import DEFAULT
from desktop.drafting.workplace import (
    open_library,
    refresh_standard_shelf,
    refresh_standard_shelf_briefly,
    shelf_folder,
)
from prompts.builtin import load_builtin
from prompts.library import Shelf
from prompts.template import dump


@pytest.fixture
def paths(tmp_path):
    made = Paths(tmp_path / "data", tmp_path / "policy.toml", (tmp_path / "machine",))
    made.ensure()
    return made


@pytest.fixture
def policy(tmp_path):
    return dataclasses.replace(DEFAULT, sharing_shelf=str(tmp_path / "共有　棚"))


def put(folder, title):
    folder.mkdir(parents=True, exist_ok=True)
    template = dataclasses.replace(load_builtin()[0], id="3f1f7d52-6c1a-4d0e-9f2a-1f2f7d1b8a99", title=title)
    (folder / "a.prompt.md").write_text(dump(template), encoding="utf-8")


def standard(paths):
    with open_library(paths) as library:
        return [card.title for card in library.list(shelf=Shelf.STANDARD)]


def test_the_library_opens_with_every_shipped_template(paths):
    with open_library(paths) as library:
        assert library.count() == len(load_builtin())


def test_the_shelf_follows_its_folder_and_stays_when_the_folder_is_out_of_reach(paths, policy, tmp_path):
    folder = tmp_path / "共有　棚"
    put(folder, "庁内の通知")
    open_library(paths).close()
    assert refresh_standard_shelf(paths, policy).is_changed
    assert standard(paths) == ["庁内の通知"]
    (folder / "a.prompt.md").unlink()
    folder.rmdir()
    refreshed = refresh_standard_shelf(paths, policy)
    assert not refreshed.is_reachable
    assert refreshed.last_contact
    assert standard(paths) == ["庁内の通知"]


def test_the_machines_own_shelf_is_used_when_the_policy_names_none(paths, tmp_path):
    assert shelf_folder(paths, DEFAULT) is None
    assert refresh_standard_shelf(paths, DEFAULT) is None
    put(tmp_path / "machine" / "shelf", "機械の棚")
    assert refresh_standard_shelf_briefly(paths, DEFAULT).is_changed
    assert standard(paths) == ["機械の棚"]
