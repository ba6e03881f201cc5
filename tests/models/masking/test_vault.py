import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.masking.entities import EntityType
from models.masking.vault import Placeholder, StreamRestorer, Vault, clean_noun


@pytest.fixture
def vault():
    vault = Vault()
    vault.placeholder_for("山田太郎", entity_type=EntityType.PERSON)
    vault.placeholder_for("佐藤花子", entity_type=EntityType.PERSON)
    vault.placeholder_for("090-1234-5678", entity_type=EntityType.PHONE)
    return vault


def test_the_same_value_gets_the_same_placeholder_and_another_value_another(vault):
    assert str(vault.placeholder_for("山田太郎", entity_type=EntityType.PERSON)) == "<氏名1>"
    assert str(vault.placeholder_for("鈴木一郎", entity_type=EntityType.PERSON)) == "<氏名3>"


def test_mentions_of_one_person_share_a_placeholder_and_the_fullest_name_comes_back():
    vault = Vault()
    first = vault.placeholder_for("山田", entity_type=EntityType.PERSON, identity="p1")
    second = vault.placeholder_for("山田太郎", entity_type=EntityType.PERSON, identity="p1")
    assert first == second
    assert vault.restore("<氏名1>様").text == "山田太郎様"


@pytest.mark.parametrize(
    "written",
    [
        "<氏名1>",
        "＜氏名１＞",
        "［氏名1］",
        "[氏名 1]",
        "< 氏名1 >",
        "【氏名1】",
        "〔氏名１〕",
        "<　氏名　1　>",
    ],
)
def test_the_syntax_of_a_placeholder_is_read_tolerantly(vault, written):
    assert vault.restore(f"{written}様").text == "山田太郎様"


@pytest.mark.parametrize(
    "written", ["氏名1", "<氏名>", "<氏名9>", "<指名1>", "<氏名1]", "<PERSON_1>", "氏名1>", "<氏1名>"]
)
def test_identity_is_exact_so_nothing_else_is_restored(vault, written):
    assert "山田" not in vault.restore(f"{written}様").text


def test_two_persons_are_never_confused(vault):
    assert vault.restore("<氏名1>様と<氏名2>様").text == "山田太郎様と佐藤花子様"


def test_an_invented_placeholder_is_reported_and_left_as_it_is(vault):
    restored = vault.restore("<氏名7>様、<担当部署1>へ")
    assert restored.unknown == ("<氏名7>", "<担当部署1>")
    assert restored.text == "<氏名7>様、<担当部署1>へ"


@pytest.mark.parametrize(
    "text", ["<br1>ではなくa<b", "x < 3 かつ y > 1", "［注1］", "【資料1】を参照", "(1)"]
)
def test_ordinary_brackets_stay_as_they_are(vault, text):
    assert vault.restore(text).text == text


def test_a_value_that_looks_like_a_placeholder_is_not_restored_twice():
    vault = Vault()
    vault.placeholder_for("<氏名2>", entity_type=EntityType.CUSTOM, noun="記号")
    vault.placeholder_for("甲", entity_type=EntityType.PERSON)
    vault.placeholder_for("乙", entity_type=EntityType.PERSON)
    assert vault.restore("<記号1>と<氏名2>").text == "<氏名2>と乙"


def test_lookalikes_in_the_persons_own_text_are_found(vault):
    text = "様式の［氏名1］欄と<氏名2>欄、［資料1］"
    assert [text[a:b] for a, b in vault.find_lookalikes(text)] == ["［氏名1］", "<氏名2>"]


@given(
    st.lists(st.text(min_size=1, max_size=12), min_size=1, max_size=8, unique=True),
    st.lists(st.one_of(st.integers(0, 7), st.text("<>［］氏名12 　様。", max_size=6)), max_size=20),
    st.lists(st.integers(1, 5), min_size=1, max_size=10),
)
def test_chunks_restore_to_the_same_text_as_the_whole_however_they_are_cut(values, parts, cuts):
    vault = Vault()
    placeholders = [vault.placeholder_for(value, entity_type=EntityType.PERSON) for value in values]
    masked = "".join(
        part if isinstance(part, str) else str(placeholders[part % len(placeholders)]) for part in parts
    )
    restorer, out, at, step = StreamRestorer(vault), [], 0, 0
    while at < len(masked):
        width = cuts[step % len(cuts)]
        out.append(restorer.feed(masked[at : at + width]))
        at, step = at + width, step + 1
    out.append(restorer.finish())
    assert "".join(out) == vault.restore(masked).text


@given(st.lists(st.text(min_size=1, max_size=20), unique=True, max_size=8))
def test_a_vault_survives_the_encrypted_store(values):
    vault = Vault()
    for value in values:
        vault.placeholder_for(value, entity_type=EntityType.PERSON)
    back = Vault.from_json(vault.to_json())
    assert back.entries == vault.entries
    assert back.placeholder_for("新しい値です", entity_type=EntityType.PERSON).number == len(values) + 1


def test_the_streaming_restorer_does_not_hold_ordinary_text_back(vault):
    restorer = StreamRestorer(vault)
    assert restorer.feed("お知らせします。") == "お知らせします。"
    assert restorer.feed("<氏") == ""
    assert restorer.feed("名1>") == "山田太郎"
    assert restorer.feed("a < b ではなく") == "a < b ではなく"


@pytest.mark.parametrize(
    ("label", "noun"),
    [
        ("日時", "日時"),
        ("日時（1回目）", "日時回目"),
        ("問い合わせ先・電話", "問い合わせ先電話"),
        ("", "項目"),
        ("<x>", "x"),
        ("2", "項目"),
    ],
)
def test_a_fields_label_becomes_a_noun_that_can_stand_in_a_placeholder(label, noun):
    assert clean_noun(label) == noun
    vault = Vault()
    placeholder = vault.placeholder_for("値", entity_type=EntityType.VERBATIM, noun=label)
    assert vault.restore(str(placeholder)).text == "値"


def test_neither_vault_nor_placeholder_shows_a_value_in_its_repr(vault):
    assert "山田" not in repr(vault)
    assert vault.value_of(Placeholder("氏名", 1)) == "山田太郎"
