"""The library: shelves, revisions, marks, the bin, and what a kill or a broken file leaves."""

import contextlib
import dataclasses
import sqlite3
import subprocess
import sys
import textwrap
from collections import Counter
from itertools import count

import pytest

from prompts.builtin import builtin_id, builtin_names, install_builtin, load_builtin
from prompts.errors import (
    ImportCancelledError,
    LibraryUnwritableError,
    TemplateAmbiguousError,
    TemplateNotFoundError,
    TemplateReadOnlyError,
    VersionNotFoundError,
)
from prompts.library import PromptLibrary, ReviewStatus, Shelf
from prompts.template import Category, dump, parse, read

NOTICE = builtin_id("notice")


def make(number: int, title: str = "", **changes):
    template = dataclasses.replace(
        load_builtin()[0],
        id=f"00000000-0000-4000-8000-{number:012d}",
        title=title or f"ひな形{number}",
        tags=("試験",),
        **changes,
    )
    return parse(dump(template))


@pytest.fixture
def clock():
    ticks = count()
    return lambda: f"2026-11-22T09:00:{next(ticks):05d}"


@pytest.fixture
def library(tmp_path, clock):
    with PromptLibrary(tmp_path / "ライブラリ" / "library.db", clock=clock) as opened:
        install_builtin(opened)
        yield opened


def test_the_built_in_templates_are_installed_once(library):
    assert library.count() == len(load_builtin())
    assert install_builtin(library) is False
    assert library.get(NOTICE).title == "通知文（記書き）"
    assert library.card(NOTICE).is_read_only
    assert library.card(NOTICE).status is ReviewStatus.STANDARD


def test_categories_are_counted_without_reading_the_cards(library):
    counts = library.count_by_category()
    assert counts == Counter(card.category for card in library.list())
    assert sum(counts.values()) == library.count()


@pytest.mark.parametrize("is_demo", [False, True])
def test_marked_templates_come_first_then_the_most_used(library, is_demo):
    cards = library.list()
    library.set_favourite(cards[-1].id, True)
    for _ in range(2):
        library.record_use(cards[-2].id)
    library.record_use(cards[-3].id)
    expected = sorted(
        library.list(), key=lambda c: (not c.is_favourite, -c.use_count, is_demo and not c.demo_model)
    )
    assert [c.id for c in library.frequent(8, is_demo=is_demo)] == [c.id for c in expected[:8]]


def test_a_built_in_template_keeps_its_comments(library):
    shelf, text = library.texts([NOTICE])[NOTICE]
    assert shelf is Shelf.BUILT_IN
    assert "# minutes_by_hand:" in text


def test_built_in_templates_cannot_be_changed_but_duplicated(library):
    with pytest.raises(TemplateReadOnlyError):
        library.delete(NOTICE)
    with pytest.raises(TemplateReadOnlyError):
        library.save(library.get(NOTICE), shelf=Shelf.STANDARD)
    copy = library.duplicate(NOTICE)
    assert (copy.title, copy.shelf, copy.status) == (
        "通知文（記書き）（写し）",
        Shelf.PERSONAL,
        ReviewStatus.DRAFT,
    )
    assert copy.id != NOTICE


def test_an_own_version_covers_the_built_in_one_until_it_is_deleted(library):
    own = dataclasses.replace(library.get(NOTICE), title="わが課の通知文", version="1.1")
    library.save(own)
    assert library.get(NOTICE).title == "わが課の通知文"
    assert library.count() == len(load_builtin())
    assert [card.title for card in library.search("わが課")] == ["わが課の通知文"]
    library.delete(NOTICE)
    assert library.get(NOTICE).title == "通知文（記書き）"
    assert library.search("わが課") == ()
    library.restore(NOTICE)
    assert library.get(NOTICE).title == "わが課の通知文"


def test_every_save_leaves_a_revision_that_can_be_compared_and_restored(library):
    library.save(make(1, "一"), by="田中")
    library.save(make(1, "二"), note="直した")
    library.save(make(1, "二"))
    revisions = library.revisions(make(1).id)
    assert [(entry.revision, entry.saved_by, entry.note) for entry in revisions] == [
        (2, "", "直した"),
        (1, "田中", ""),
    ]
    assert [(change.key, change.before, change.after) for change in library.diff(make(1).id, 1, 2)] == [
        ("title", "一", "二")
    ]
    assert library.restore_revision(make(1).id, 1).title == "一"
    assert [entry.revision for entry in library.revisions(make(1).id)] == [3, 2, 1]
    with pytest.raises(VersionNotFoundError):
        library.revision(make(1).id, 9)


def test_the_bin_keeps_a_template_until_it_is_purged(library):
    library.save(make(1))
    library.delete(make(1).id)
    assert [card.id for card in library.bin()] == [make(1).id]
    with pytest.raises(TemplateNotFoundError):
        library.get(make(1).id)
    library.restore(make(1).id)
    assert library.get(make(1).id) == make(1)
    library.delete(make(1).id)
    library.purge(make(1).id)
    assert library.bin() == ()
    with pytest.raises(TemplateNotFoundError):
        library.restore(make(1).id)


def test_saving_again_takes_a_template_out_of_the_bin(library):
    library.save(make(1))
    library.delete(make(1).id)
    library.save(make(1))
    assert library.get(make(1).id) == make(1)
    assert library.bin() == ()


def test_marks_belong_to_the_person_and_survive_an_upgrade_of_the_shelf(library):
    library.set_favourite(NOTICE, True)
    library.record_use(NOTICE)
    library.record_use(NOTICE)
    library.rate(NOTICE, 4)
    changed = dataclasses.replace(library.get(NOTICE), version="2.0")
    library.replace_shelf(Shelf.BUILT_IN, [changed], digest="new")
    card = library.card(NOTICE)
    assert (card.is_favourite, card.use_count, card.rating, card.version) == (True, 2, 4, "2.0")
    assert library.count() == 1
    assert [found.id for found in library.favourites()] == [NOTICE]
    assert [found.id for found in library.recents()] == [NOTICE]
    with pytest.raises(ValueError, match="rating"):
        library.rate(NOTICE, 6)


def test_recents_are_in_order_of_use(library):
    for name in ("notice", "thanks", "notice", "request"):
        library.record_use(builtin_id(name))
    assert [card.id for card in library.recents(2)] == [builtin_id("request"), NOTICE]


def test_a_template_moves_between_the_shelves_of_people(library):
    library.save(make(1))
    assert library.move(make(1).id, Shelf.SECTION).shelf is Shelf.SECTION
    with pytest.raises(TemplateReadOnlyError):
        library.move(make(1).id, Shelf.STANDARD)


def test_approval_is_recorded_with_who_and_when(library):
    library.save(make(1))
    library.set_status(make(1).id, ReviewStatus.SECTION_APPROVED, by="総務課長", note="可")
    library.set_status(make(1).id, ReviewStatus.STANDARD, by="情報政策課")
    assert library.card(make(1).id).status is ReviewStatus.STANDARD
    assert [(entry.status, entry.reviewed_by) for entry in library.reviews(make(1).id)] == [
        (ReviewStatus.STANDARD, "情報政策課"),
        (ReviewStatus.SECTION_APPROVED, "総務課長"),
    ]


def test_a_shelf_that_is_a_copy_is_replaced_as_a_whole(library):
    library.replace_shelf(Shelf.STANDARD, [make(1), make(2)], digest="a")
    library.replace_shelf(Shelf.STANDARD, [make(2, "新しい"), make(3)], digest="b")
    assert [card.title for card in library.list(shelf=Shelf.STANDARD)] == ["ひな形3", "新しい"]
    state = library.shelf_state(Shelf.STANDARD)
    assert (state.digest, bool(state.last_contact)) == ("b", True)
    assert library.shelf_state(Shelf.SECTION) is None


def test_lists_filter_by_category_and_page(library):
    cards = library.list(category=Category.DRAFTING)
    assert {card.category for card in cards} == {Category.DRAFTING}
    assert library.list(limit=1, offset=1) == library.list()[1:2]
    assert library.tags()["通知"] >= 1


RESOLVED = ["notice", NOTICE, NOTICE.upper(), NOTICE[:8], "通知文（記書き）", "通知文(記書き)"]


@pytest.mark.parametrize("words", RESOLVED)
def test_a_terminal_may_name_a_template_in_several_ways(library, words):
    assert library.resolve(words).id == NOTICE


def test_a_name_that_fits_nothing_or_too_much_is_refused(library):
    library.save_many([make(1, "同じ"), make(2, "同じ")])
    with pytest.raises(TemplateNotFoundError):
        library.resolve("無いひな形")
    with pytest.raises(TemplateAmbiguousError) as caught:
        library.resolve("同じ")
    assert len(caught.value.candidates) == 2
    with pytest.raises(TemplateAmbiguousError):
        library.resolve("00000000")


def test_many_are_stored_together_or_not_at_all(library):
    seen = []
    many = [make(number) for number in range(120)]
    with pytest.raises(ImportCancelledError) as caught:
        library.save_many(many, progress=lambda *step: seen.append(step), is_cancelled=lambda: len(seen) > 2)
    assert caught.value.done == 100
    assert not library.ids() & {template.id for template in many}
    assert library.search("ひな形1") == ()
    assert library.save_many([read(dump(template)) for template in many]) == 120
    assert library.save_many(many) == 0


def test_short_names_of_built_in_templates_are_known():
    assert builtin_names()[NOTICE] == "notice"
    assert len(builtin_names()) == len(load_builtin())
    assert {template.id for template in load_builtin()} == set(builtin_names())


def test_killing_the_program_in_the_middle_of_an_import_leaves_the_old_library(tmp_path):
    path = tmp_path / "library.db"
    script = """
        import dataclasses, os, sys, uuid
        from pathlib import Path
        from prompts.builtin import install_builtin, load_builtin
        from prompts.library import PromptLibrary
        library = PromptLibrary(Path(sys.argv[1]))
        install_builtin(library)
        many = [dataclasses.replace(load_builtin()[0], id=str(uuid.uuid4())) for _ in range(200)]
        library.save_many(many, progress=lambda done, total: os.kill(os.getpid(), 9) if done == 150 else None)
    """
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(script), str(path)], check=False)
    assert done.returncode == -9
    with PromptLibrary(path) as library:
        assert library.count() == len(load_builtin())
        assert library.search("通知")[0].id == NOTICE
        assert library.save(make(1)).id == make(1).id
    assert sqlite3.connect(path).execute("PRAGMA integrity_check").fetchone() == ("ok",)


SAVING = """
    import dataclasses, itertools, sys
    from pathlib import Path
    from prompts.builtin import load_builtin
    from prompts.library import PromptLibrary
    library = PromptLibrary(Path(sys.argv[1]))
    first = load_builtin()[0]
    for number in itertools.count(1):
        changed = dataclasses.replace(first, title=f"第{number}号", description=f"第{number}号", version=f"1.{number}")
        library.save(changed)
        library.record_use(first.id)
        if number == 3:
            print("ready", flush=True)
"""


@pytest.mark.parametrize("milliseconds", [3, 40, 111])
def test_killing_the_program_at_any_point_of_a_save_leaves_one_whole_state(tmp_path, milliseconds):
    path = tmp_path / "library.db"
    child = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(SAVING), str(path)], stdout=subprocess.PIPE, text=True
    )
    with child:
        assert child.stdout.readline() == "ready\n"
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(timeout=milliseconds / 1000)
        child.kill()
    with PromptLibrary(path) as library:
        (card,) = library.list()
        template = library.get(card.id)
        assert card.title == template.title == template.description
        assert card.revision == len(library.revisions(card.id)) == int(template.version.removeprefix("1."))
        assert [found.id for found in library.search(card.title)] == [card.id]
        assert library.search("第1号") == ()
        assert card.use_count in (card.revision, card.revision - 1)
    assert sqlite3.connect(path).execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_a_file_that_is_no_database_is_named_as_such(tmp_path):
    path = tmp_path / "library.db"
    path.write_bytes(b"this is not a database" * 100)
    with pytest.raises(LibraryUnwritableError) as caught:
        PromptLibrary(path)
    assert caught.value.reason == "not_a_database"
    assert path.read_bytes().startswith(b"this is")


def test_a_library_of_a_newer_program_is_left_alone(tmp_path):
    path = tmp_path / "library.db"
    PromptLibrary(path).close()
    connection = sqlite3.connect(path)
    with connection:
        connection.execute(
            "INSERT INTO _sqlite_migrations (migration_set, name, applied_at) VALUES ('prompts', 'of_2030', '')"
        )
    connection.close()
    with pytest.raises(LibraryUnwritableError) as caught:
        PromptLibrary(path)
    assert caught.value.reason == "newer_schema"


def test_a_folder_in_place_of_the_file_is_refused(tmp_path):
    with pytest.raises(LibraryUnwritableError) as caught:
        PromptLibrary(tmp_path)
    assert caught.value.reason == "read_only"


def test_a_library_can_live_in_memory_when_no_file_can():
    with PromptLibrary(None) as library:
        install_builtin(library)
        assert library.count() == len(load_builtin())


def test_an_outdated_index_is_built_anew(tmp_path):
    path = tmp_path / "library.db"
    with PromptLibrary(path) as library:
        install_builtin(library)
    connection = sqlite3.connect(path)
    with connection:
        connection.execute("UPDATE settings SET value = '0' WHERE name = 'index_version'")
        connection.execute("INSERT INTO name_index (name_index) VALUES ('delete-all')")
    connection.close()
    with PromptLibrary(path) as library:
        assert library.search("通知")[0].id == NOTICE


def test_a_library_of_an_older_schema_is_copied_and_brought_up_to_date(tmp_path):
    path = tmp_path / "library.db"
    with PromptLibrary(path) as library:
        library.save(make(1, "通知の下書き"))
        library.set_favourite(make(1).id, True)
    connection = sqlite3.connect(path)
    with connection:
        connection.execute("DROP TABLE name_index")
        connection.execute("DROP TABLE body_index")
        connection.execute("DELETE FROM settings")
        connection.execute("DELETE FROM _sqlite_migrations WHERE name <> 'first_library'")
    connection.close()
    with PromptLibrary(path) as library:
        assert [card.title for card in library.search("下書")] == ["通知の下書き"]
        assert library.card(make(1).id).is_favourite
    copy = sqlite3.connect(tmp_path / "library.db.schema1.bak")
    assert copy.execute("SELECT title FROM templates").fetchall() == [("通知の下書き",)]
    copy.close()
