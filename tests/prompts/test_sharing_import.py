"""Importing: the preview, conflicts, packs and their integrity, and the shared shelf."""

import base64
import dataclasses
import io
import json
import random
import stat
import zipfile

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from prompts.builtin import builtin_id, install_builtin, load_builtin
from prompts.errors import REASONS, ImportCancelledError, ImportRefusedError
from prompts.library import PromptLibrary, Shelf
from prompts.sharing import (
    Decision,
    SignatureState,
    apply,
    export,
    find_in_template,
    fingerprint,
    plan_import,
    refresh_shelf,
)
from prompts.sharing.archive import is_safe_path, read_archive
from prompts.sharing.kianpack import read_kianpack, write_kianpack
from prompts.template import dump, parse


def make(number: int, title: str = "", **changes):
    template = dataclasses.replace(
        load_builtin()[0],
        id=f"00000000-0000-4000-8000-{number:012d}",
        title=title or f"ひな形{number}",
        **changes,
    )
    return parse(dump(template))


def pack(*templates, key=None):
    return write_kianpack(templates, title="通知集", issuer="総務課", created="2026-11-22", key=key)


@pytest.fixture
def library():
    with PromptLibrary(None) as opened:
        yield opened


@pytest.fixture
def file(tmp_path):
    def write(name, content):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


def ids(entries):
    return [entry.template.id[-2:] for entry in entries]


def test_a_plan_tells_new_newer_unchanged_and_conflicting_apart(library, file):
    library.save_many([make(1), make(2), make(3)])
    path = file("a.kianpack", pack(make(1), make(2, "直した"), make(3, "新しい", version="1.1"), make(4)))
    plan = plan_import(path, library)
    assert (ids(plan.new), ids(plan.updated), ids(plan.unchanged), ids(plan.conflicts)) == (
        ["04"],
        ["03"],
        ["01"],
        ["02"],
    )
    assert [(change.key, change.before, change.after) for change in plan.updated[0].changes] == [
        ("version", "1.0", "1.1"),
        ("title", "ひな形3", "新しい"),
    ]
    assert plan.header.title == "通知集"
    assert library.count() == 3
    assert set(plan.as_json()) == {
        "new",
        "updated",
        "unchanged",
        "conflicts",
        "rejected",
        "personal_information",
    }
    json.dumps(plan.as_json())


def test_a_plan_is_carried_out_with_the_persons_decisions(library, file):
    library.save_many([make(1), make(2), make(3)])
    path = file("a.kianpack", pack(make(1, "一"), make(2, "二"), make(3, "三"), make(4)))
    plan = plan_import(path, library)
    replaced, copied, _ = plan.conflicts
    result = apply(
        plan, library, decisions={replaced.path: Decision.REPLACE, copied.path: Decision.COPY}, by="田中"
    )
    assert (result.stored, result.skipped) == (3, 1)
    assert [card.title for card in library.list()] == ["ひな形2", "ひな形3", "ひな形4", "一", "二"]
    assert [entry.saved_by for entry in library.revisions(make(1).id)] == ["田中", ""]
    assert library.revision(make(1).id, 1).title == "ひな形1"


def test_importing_the_same_thing_again_changes_nothing(library, file):
    path = file("a.csv", "タイトル,本文\n依頼,依頼文を書く\n".encode("cp932"))
    apply(plan_import(path, library), library)
    again = plan_import(path, library)
    assert (len(again.unchanged), again.new, again.updated) == (1, (), ())
    path = file("a.csv", "タイトル,本文\n依頼,依頼文を丁寧に書く\n")
    changed = plan_import(path, library)
    assert [entry.template.version for entry in changed.updated] == ["1.1"]
    assert [change.key for change in changed.updated[0].changes] == ["version", "body"]


def test_two_entries_of_one_id_conflict_with_each_other(library, file):
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("a.prompt.md", dump(make(1)))
        archive.writestr("b.prompt.md", dump(make(1)))
        archive.writestr("c.prompt.md", dump(make(1, "別")))
    plan = plan_import(file("a.zip", content.getvalue()), library)
    assert (len(plan.new), len(plan.unchanged), len(plan.conflicts)) == (1, 1, 1)


def test_a_cancelled_import_leaves_the_library_as_it_was(library, file):
    plan = plan_import(file("a.kianpack", pack(*[make(n) for n in range(120)])), library)
    with pytest.raises(ImportCancelledError):
        apply(plan, library, is_cancelled=iter([False, False, True]).__next__)
    assert library.count() == 0
    with pytest.raises(ImportCancelledError):
        plan_import(
            file("a.kianpack", pack(*[make(n) for n in range(60)])), library, is_cancelled=lambda: True
        )
    steps = []
    apply(plan, library, progress=lambda *step: steps.append(step))
    assert steps[0] == (0, 120)
    assert steps[-1] == (120, 120)


def test_a_wrong_template_is_rejected_by_path_line_and_key_while_others_come_in(library, file):
    bad = dump(make(2)).replace("accuracy:", "colour: red\naccuracy:")
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("良い.prompt.md", dump(make(1)))
        archive.writestr("悪い.prompt.md", bad)
    plan = plan_import(file("a.zip", content.getvalue()), library)
    assert ids(plan.new) == ["01"]
    (rejected,) = plan.rejected
    assert (rejected.path, rejected.reason, rejected.key) == ("悪い.prompt.md", "unknown_key", "colour")
    assert rejected.line > 0


def finder(text):
    start = text.find("山田太郎")
    return [(start, start + 4, "PERSON")] if start >= 0 else []


def test_personal_information_is_found_with_its_place(library, file):
    leaky = make(1, body="山田太郎さんに送る", fields=())
    plan = plan_import(file("a.kianpack", pack(leaky, make(2))), library, finder)
    (find,) = plan.personal_information
    assert (find.key, find.kind, find.text, find.template_id) == ("body", "PERSON", "山田太郎", leaky.id)
    assert "山田太郎" not in json.dumps(plan.as_json(), ensure_ascii=False)
    assert find_in_template(dataclasses.replace(make(3), title="山田太郎"), finder)[0].key == "title"


def test_a_signed_pack_tells_its_key_and_whether_it_is_trusted():
    key = Ed25519PrivateKey.generate()
    name = fingerprint(key.public_key())
    assert read_kianpack(pack(make(1)))[0].signature is SignatureState.UNSIGNED
    header, _ = read_kianpack(pack(make(1), key=key))
    assert (header.signature, header.key_fingerprint) == (SignatureState.VALID, name)
    listed = base64.b64encode(key.public_key().public_bytes_raw()).decode()  # as the policy writes keys
    assert read_kianpack(pack(make(1), key=key), [listed])[0].signature is SignatureState.TRUSTED
    assert read_kianpack(pack(make(1), key=key), [name])[0].signature is SignatureState.VALID


def test_the_same_templates_give_the_same_pack():
    assert pack(make(1), make(2)) == pack(make(1), make(2))


def rezip(content, change):
    """The archive with its entries passed through `change(name, data)`, None leaving one out."""
    source, target = zipfile.ZipFile(io.BytesIO(content)), io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for entry in source.infolist():
            data = change(entry.filename, source.read(entry))
            if data is not None:
                archive.writestr(entry.filename, data)
    return target.getvalue()


def add(content, name, data=b"x", attributes=0o644 << 16):
    target = io.BytesIO(content)
    with zipfile.ZipFile(target, "a") as archive:
        entry = zipfile.ZipInfo(name)
        entry.external_attr = attributes
        archive.writestr(entry, data)
    return target.getvalue()


KEY = Ed25519PrivateKey.from_private_bytes(b"k" * 32)
SIGNED = write_kianpack([make(1)], title="a", issuer="b", created="c", key=KEY)
INSIDE = f"templates/{make(1).id}.prompt.md"
TAMPERED = {
    "changed template": (rezip(SIGNED, lambda n, d: d + b" " if n == INSIDE else d), "hash_mismatch"),
    "template left out": (rezip(SIGNED, lambda n, d: None if n == INSIDE else d), "missing_file"),
    "template added": (add(SIGNED, "templates/b.prompt.md"), "not_in_manifest"),
    "no manifest": (rezip(SIGNED, lambda n, d: None if n == "manifest.json" else d), "manifest_missing"),
    "manifest is no JSON": (
        rezip(SIGNED, lambda n, d: b"{" if n == "manifest.json" else d),
        "manifest_invalid",
    ),
    "manifest of another format": (
        rezip(SIGNED, lambda n, d: b'{"format": "zip"}' if n == "manifest.json" else d),
        "manifest_invalid",
    ),
    "changed manifest": (
        rezip(SIGNED, lambda n, d: d + b"\n" if n == "manifest.json" else d),
        "bad_signature",
    ),
    "changed signature": (
        rezip(SIGNED, lambda n, d: d.replace(b"A", b"B") if n == "signature.json" else d),
        "bad_signature",
    ),
    "signature of nothing": (
        rezip(SIGNED, lambda n, d: b"[]" if n == "signature.json" else d),
        "bad_signature",
    ),
    "path out of the folder": (add(SIGNED, "../../evil.prompt.md"), "unsafe_path"),
    "absolute path": (add(SIGNED, "/etc/evil"), "unsafe_path"),
    "path with a drive": (add(SIGNED, "C:/evil"), "unsafe_path"),
    "same name in capitals": (
        add(SIGNED, INSIDE.upper().replace("TEMPLATES", "templates")),
        "duplicate_path",
    ),
    "link": (add(SIGNED, "templates/l", b"/etc/passwd", (stat.S_IFLNK | 0o777) << 16), "link_not_allowed"),
    "large template": (add(SIGNED, "templates/large.prompt.md", b"a" * 300_000), "too_large"),
    "not a zip": (b"kianpack" * 100, "bad_zip"),
    "empty": (b"", "bad_zip"),
    "first half": (SIGNED[: len(SIGNED) // 2], "bad_zip"),
}


@pytest.mark.parametrize("name", TAMPERED)
def test_a_pack_that_was_tampered_with_is_refused_as_a_whole(name, library, file):
    content, reason = TAMPERED[name]
    with pytest.raises(ImportRefusedError) as caught:
        read_kianpack(content)
    assert caught.value.reason == reason
    plan = plan_import(file("a.kianpack", content), library)
    assert [entry.reason for entry in plan.rejected] == [reason]
    assert not (plan.new or plan.updated or plan.conflicts)


def test_a_bomb_is_refused_before_it_fills_the_memory(library, file):
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("bomb.json", b"0" * 6_000_000)
    plan = plan_import(file("a.zip", content.getvalue()), library)
    assert [entry.reason for entry in plan.rejected] == ["suspicious_ratio"]
    many = io.BytesIO()
    with zipfile.ZipFile(many, "w") as archive:
        for number in range(20_001):
            archive.writestr(f"{number}.txt", b"")
    with pytest.raises(ImportRefusedError) as caught:
        read_archive(many.getvalue())
    assert caught.value.reason == "too_many_files"


@pytest.mark.parametrize("path", ["a.md", "a/b/c.md", "ひな形/通知文.prompt.md"])
def test_ordinary_paths_are_safe(path):
    assert is_safe_path(path)


@pytest.mark.parametrize(
    "path",
    [
        "",
        "/a",
        "../a",
        "a/../b",
        "a/./b",
        "a\\b",
        "C:a",
        "a\0b",
        "a//b",
        "con\u202e.md\n",
        "a/ /b",
        "x" * 300,
        "a/" * 9 + "b",
        "a\nb",
    ],
)
def test_paths_that_lead_elsewhere_are_not(path):
    assert not is_safe_path(path)


def mutate(content: bytes, chooser: random.Random) -> bytes:
    data = bytearray(content)
    for _ in range(chooser.randint(1, 6)):
        place = chooser.randrange(len(data)) if data else 0
        match chooser.randrange(6):
            case 0:
                data[place : place + 1] = bytes([chooser.randrange(256)])
            case 1:
                del data[place : place + chooser.randint(1, 40)]
            case 2:
                data[place:place] = bytes(chooser.randrange(256) for _ in range(chooser.randint(1, 8)))
            case 3:
                data = data[:place]
            case 4:
                other = chooser.randrange(len(data)) if data else 0
                data[place : place + 16] = data[other : other + 16]
            case _:
                data[place:place] = chooser.choice(
                    [
                        b"---\n",
                        b"{{",
                        b"}}",
                        b"&a ",
                        b"*a",
                        b"!!",
                        b"\x00",
                        b"\xff",
                        b"../",
                        b"- ",
                        b": ",
                        b"[" * 30,
                    ]
                )
    return bytes(data)


def sources():
    book = io.BytesIO()
    with zipfile.ZipFile(book, "w") as archive:
        archive.writestr("a.csv", "タイトル,本文\n題,文")
    return {
        "a.prompt.md": dump(make(1)).encode(),
        "a.kianpack": SIGNED,
        "a.zip": book.getvalue(),
        "a.json": json.dumps(
            [{"command": "a", "title": "題", "content": '{{x | select:options=["a","b"]:required}}'}]
        ).encode(),
        "a.prompty": b"---\nname: a\nsample: {q: x}\n---\nsystem:\ns\nuser:\n{{q}}",
        "a.csv": "タイトル,本文,タグ\n題,{{x}}の文,a\n".encode("cp932"),
        "a.md": "# 題\n{{x}}".encode(),
    }


@pytest.mark.parametrize("name", sources())
def test_no_mutation_crashes_or_gets_in_by_half(name, tmp_path):
    chooser = random.Random(name)
    folder = tmp_path / "in"
    folder.mkdir()
    with PromptLibrary(None) as library:
        for _ in range(300):
            path = folder / name
            path.write_bytes(mutate(sources()[name], chooser))
            plan = plan_import(path, library)
            assert {entry.reason for entry in plan.rejected} <= REASONS
            if name == "a.kianpack" and plan.rejected:
                assert not plan.new
            for entry in (*plan.new, *plan.updated):
                assert parse(entry.source.text) == entry.template
        apply(plan, library)
    assert [entry.name for entry in tmp_path.rglob("*")] == ["in", name]


def test_the_shared_shelf_is_copied_cached_and_dated(tmp_path):
    folder = tmp_path / "共有"
    folder.mkdir()
    (folder / "a.prompt.md").write_text(dump(make(1)), "utf-8")
    (folder / "b.kianpack").write_bytes(pack(make(2), make(3)))
    (folder / "bad.prompt.md").write_text("---\n", "utf-8")
    (folder / "c.kianpack").write_bytes(b"broken")
    (folder / "note.txt").write_text("x", "utf-8")
    with PromptLibrary(tmp_path / "library.db") as library:
        install_builtin(library)
        seen = refresh_shelf(library, folder)
        assert (seen.is_reachable, seen.is_changed) == (True, True)
        assert sorted((entry.path, entry.reason) for entry in seen.rejected) == [
            ("bad.prompt.md", "unclosed_front_matter"),
            ("c.kianpack", "bad_zip"),
        ]
        assert {card.id[-2:] for card in library.list(shelf=Shelf.STANDARD)} == {"01", "02", "03"}
        again = refresh_shelf(library, folder)
        assert (again.is_reachable, again.is_changed) == (True, False)
        assert again.last_contact >= seen.last_contact
        (folder / "a.prompt.md").unlink()
        assert refresh_shelf(library, folder).is_changed
        assert {card.id[-2:] for card in library.list(shelf=Shelf.STANDARD)} == {"02", "03"}
        folder.rename(tmp_path / "away")
        away = refresh_shelf(library, folder)
        assert (away.is_reachable, away.is_changed) == (False, False)
        assert away.last_contact
        assert len(library.list(shelf=Shelf.STANDARD)) == 2


def test_a_list_that_comes_back_names_its_own_templates(tmp_path):
    path = tmp_path / "a.csv"
    with PromptLibrary(None) as library:
        install_builtin(library)
        export([library.get(builtin_id("notice"))], path)
        plan = plan_import(path, library)
    assert not plan.new
    assert [entry.template.id for entry in plan.conflicts + plan.unchanged] == [builtin_id("notice")]


def test_a_table_may_have_a_title_above_its_header(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text(
        "プロンプト集\n\n番号,業務名,本文\n1,議会答弁,答弁案を書いてください。\n", encoding="utf-8"
    )
    with PromptLibrary(None) as library:
        (entry,) = plan_import(path, library).new
    assert entry.template.title == "議会答弁"


def test_what_stands_in_braces_is_no_personal_information(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("題名,本文\n返信,{{CURRENT_DATE}}の問合せに返信を書いてください。\n", encoding="utf-8")
    seen = []
    with PromptLibrary(None) as library:
        plan_import(path, library, lambda text: seen.append(text) or [])
    assert "CURRENT" not in "".join(seen)


@pytest.mark.parametrize(
    ("name", "text", "title", "body"),
    [
        (
            "fm.md",
            "---\ntitle: 会議の要約\nfoo: bar\n---\n要約してください。",
            "会議の要約",
            "要約してください。",
        ),
        ("patterns/kaigi_memo/user.md", "要約してください。", "kaigi memo", "要約してください。"),
        ("a.md", "---\n区切り線で始まる文", "a", "---\n区切り線で始まる文"),
    ],
)
def test_a_plain_text_is_named_by_what_it_says_of_itself(tmp_path, name, text, title, body):
    path = tmp_path / "in" / name
    path.parent.mkdir(parents=True)
    path.write_text(text, encoding="utf-8")
    with PromptLibrary(None) as library:
        (entry,) = plan_import(tmp_path / "in", library).new
    assert entry.template.title == title
    assert entry.template.body.startswith(body)


def test_options_of_a_foreign_choice_may_hold_any_character(tmp_path):
    path = tmp_path / "a.json"
    content = '区分 {{s | select:options=["a:b","c | d","]e"]:required}}'
    path.write_text(json.dumps([{"command": "/x", "title": "x", "content": content}]), encoding="utf-8")
    with PromptLibrary(None) as library:
        (entry,) = plan_import(path, library).new
    assert entry.template.fields[0].options == ("a:b", "c | d", "]e")
    assert entry.template.fields[0].required
