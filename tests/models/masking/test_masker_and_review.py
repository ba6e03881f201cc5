import ast
from datetime import date
from pathlib import Path

import pytest

from models.errors import ForbiddenKindError, MyNumberFoundError, UnmaskedValueError
from models.masking.entities import EntityType, Span
from models.masking.masker import Masker
from models.masking.operators import Operator
from models.masking.review import Origin, Review, ValueRange
from models.masking.text import MaskedText, seal
from models.masking.vault import Vault

TEXT = "申請者 山田太郎（電話 090-1234-5678）。山田太郎の代理は佐藤花子。"


def find(text, value, kind, start=0, **extra):
    at = text.index(value, start)
    return Span(at, at + len(value), kind, **extra)


FINDS = [
    find(TEXT, "山田太郎", EntityType.PERSON),
    find(TEXT, "090-1234-5678", EntityType.PHONE),
    find(TEXT, "山田太郎", EntityType.PERSON, 10),
    find(TEXT, "佐藤花子", EntityType.PERSON, score=0.4),
]


@pytest.fixture
def vault():
    return Vault()


@pytest.fixture
def review(vault):
    return Review.of(TEXT, FINDS, vault=vault)


def mask(review, vault, masker=None):
    return (masker or Masker()).mask(review.confirm(), vault).text.text


def test_every_find_is_masked_and_the_way_back_gives_the_original(review, vault):
    masked = mask(review, vault)
    assert masked == "申請者 <氏名1>（電話 <電話番号1>）。<氏名1>の代理は<氏名2>。"
    assert vault.restore(masked).text == TEXT


def test_counts_are_per_kind_and_persons_are_distinct(review):
    assert review.counts == {EntityType.PERSON: 3, EntityType.PHONE: 1}
    assert review.person_count == 2
    assert review.low_confidence_count == 1


def test_unmasking_one_mention_leaves_the_others_masked(review, vault):
    assert review.toggle(0)
    assert mask(review, vault).startswith("申請者 山田太郎（電話 <電話番号1>）。<氏名1>の代理")


def test_unmasking_all_mentions_and_undo_and_redo(review, vault):
    review.toggle(0, all_mentions=True)
    assert "氏名2" not in mask(review, Vault())
    review.undo()
    assert review.counts[EntityType.PERSON] == 3
    review.redo()
    assert review.counts[EntityType.PERSON] == 1


def test_a_selection_masks_all_its_mentions_without_blanks_at_its_ends(review, vault):
    start = TEXT.index("代理") - 1
    assert review.mask_selection(start + 1, start + 3, EntityType.CUSTOM, all_mentions=True) == 1
    assert "<伏せ字1>" in mask(review, vault)


def test_a_selection_replaces_the_finds_it_touches(review):
    review.mask_selection(0, 8, EntityType.ADDRESS)
    assert review.items[0].span.entity_type is EntityType.ADDRESS
    assert len(review.items) == 4


def test_changing_the_kind_changes_the_placeholder(review, vault):
    review.change_kind(3, EntityType.FACILITY)
    assert "<施設名1>" in mask(review, vault)


def test_a_my_number_is_a_hard_stop_even_when_masked(vault):
    text = "個人番号は123456789018です"
    review = Review.of(text, [find(text, "123456789018", EntityType.MY_NUMBER)], vault=vault)
    assert not review.toggle(0)
    with pytest.raises(MyNumberFoundError):
        mask(review, vault)


def test_a_my_number_cannot_be_called_something_else_or_covered_by_a_selection(vault):
    text = "個人番号は123456789018です"
    review = Review.of(text, [find(text, "123456789018", EntityType.MY_NUMBER)], vault=vault)
    review.change_kind(0, EntityType.ADDRESS)
    assert review.mask_selection(0, len(text), EntityType.CUSTOM) == 0
    assert review.my_number_count == 1
    with pytest.raises(MyNumberFoundError):
        mask(review, vault)


def test_beside_a_my_number_in_a_verbatim_field_every_other_find_stays_masked(vault):
    text = "番号：田中次郎 090-1111-2222 123456789018"
    finds = [
        find(text, "田中次郎", EntityType.PERSON),
        find(text, "090-1111-2222", EntityType.PHONE),
        find(text, "123456789018", EntityType.MY_NUMBER),
    ]
    ranges = [ValueRange(3, len(text), noun="番号", is_verbatim=True)]
    review = Review.of(text, finds, vault=vault, ranges=ranges)
    assert review.counts == {EntityType.PERSON: 1, EntityType.PHONE: 1, EntityType.MY_NUMBER: 1}


def test_a_my_number_inside_a_verbatim_field_is_a_hard_stop_too(vault):
    text = "番号：窓口で123456789018と聞いた"
    ranges = [ValueRange(3, len(text), noun="番号", is_verbatim=True)]
    review = Review.of(text, [find(text, "123456789018", EntityType.MY_NUMBER)], vault=vault, ranges=ranges)
    with pytest.raises(MyNumberFoundError):
        mask(review, vault)


def test_the_forbidden_profile_stops_instead_of_masking(review, vault):
    with pytest.raises(ForbiddenKindError) as caught:
        mask(review, vault, Masker(frozenset({EntityType.PHONE})))
    assert (caught.value.entity_type, caught.value.count) == ("PHONE", 1)


def test_a_masked_number_that_stands_unmasked_elsewhere_stops_the_text(vault):
    text = "電話 090-1234-5678、折り返し 090-1234-5678"
    review = Review.of(text, [find(text, "090-1234-5678", EntityType.PHONE)], vault=vault)
    with pytest.raises(UnmaskedValueError):
        mask(review, vault)


def test_what_the_person_left_visible_by_hand_does_not_stop_the_text(vault):
    text = "電話 090-1234-5678、折り返し 090-1234-5678"
    finds = [find(text, "090-1234-5678", EntityType.PHONE), find(text, "090-1234-5678", EntityType.PHONE, 10)]
    review = Review.of(text, finds, vault=vault)
    review.toggle(1)
    assert mask(review, vault) == "電話 <電話番号1>、折り返し 090-1234-5678"


def test_the_templates_own_words_are_never_masked(vault):
    text = "<氏名1>は残してください。市長名\n宛先：山田太郎"
    finds = [find(text, "市長名", EntityType.PERSON), find(text, "山田太郎", EntityType.PERSON)]
    review = Review.of(text, finds, vault=vault, ranges=[ValueRange(text.index("山田"), len(text))])
    assert mask(review, vault) == "<氏名1>は残してください。市長名\n宛先：<氏名1>"


def test_a_verbatim_field_travels_as_placeholders_line_by_line(vault):
    text = "日時：令和9年1月17日 午前9時\n・上履きを持参\n・雨天中止"
    ranges = [
        ValueRange(3, text.index("\n"), noun="日時", is_verbatim=True),
        ValueRange(text.index("・"), len(text), noun="要点", is_verbatim=True),
    ]
    masked = mask(Review.of(text, [], vault=vault, ranges=ranges), vault)
    assert masked == "日時：<日時1>\n・<要点1>\n・<要点2>"
    assert vault.restore(masked).text == text


def test_a_verbatim_value_that_is_one_find_keeps_its_kind(vault):
    text = "電話：090-1234-5678"
    ranges = [ValueRange(3, len(text), noun="連絡先", is_verbatim=True)]
    review = Review.of(text, [find(text, "090-1234-5678", EntityType.PHONE)], vault=vault, ranges=ranges)
    assert mask(review, vault) == "電話：<電話番号1>"


def test_something_that_looks_like_a_placeholder_comes_back_as_it_was(vault):
    text = "様式の<氏名1>欄に山田太郎と書く"
    review = Review.of(text, [find(text, "山田太郎", EntityType.PERSON)], vault=vault)
    assert [item.origin for item in review.items] == [Origin.LOOKALIKE, Origin.FOUND]
    assert not review.toggle(0)
    masked = mask(review, vault)
    assert masked == "様式の<記号1>欄に<氏名1>と書く"
    assert vault.restore(masked).text == text


def test_quasi_identifiers_are_pointed_out_and_masked_only_when_asked(vault):
    text = "72歳の母"
    finds = [find(text, "72歳", EntityType.AGE)]
    assert mask(Review.of(text, finds, vault=vault), vault) == text
    asked = Review.of(text, finds, vault=vault, mask_quasi=frozenset({EntityType.AGE}))
    assert mask(asked, vault) == "<年齢1>の母"


def test_operators_coarsen_what_the_policy_names_and_a_town_is_restored_with_its_number(vault):
    text = "住所 千葉県八千代市萱田町2-14-305、昭和27年3月4日生"
    finds = [
        find(text, "千葉県八千代市萱田町2-14-305", EntityType.ADDRESS),
        find(text, "昭和27年3月4日", EntityType.DATE_OF_BIRTH),
    ]
    operators = {EntityType.ADDRESS: Operator.TOWN, EntityType.DATE_OF_BIRTH: Operator.AGE}
    masker = Masker(operators=operators, today=date(2026, 11, 22))
    masked = mask(Review.of(text, finds, vault=vault), vault, masker)
    assert masked == "住所 千葉県八千代市萱田町<住所1>、74歳生"
    assert vault.restore(masked).text == "住所 千葉県八千代市萱田町2-14-305、74歳生"


def test_a_value_an_operator_cannot_read_becomes_a_placeholder(vault):
    text = "昭和の日生まれ"
    finds = [find(text, "昭和の日", EntityType.DATE_OF_BIRTH)]
    masker = Masker(operators={EntityType.DATE_OF_BIRTH: Operator.AGE}, today=date(2026, 11, 22))
    assert mask(Review.of(text, finds, vault=vault), vault, masker) == "<生年月日1>生まれ"


def test_masked_text_cannot_be_made_from_outside_and_does_not_show_itself():
    with pytest.raises(TypeError):
        MaskedText("山田太郎", sealed_by=object())
    assert "山田" not in repr(seal("山田太郎"))
    with pytest.raises(AttributeError):
        seal("x")._text = "y"


def test_only_the_masker_and_the_wire_format_seal_text():
    root = Path(__file__).parents[3]
    allowed = {"models/masking/masker.py", "models/worker/protocol.py", "models/masking/text.py"}
    users = set()
    for package in ("desktop", "models", "prompts", "installer"):
        for path in (root / package).rglob("*.py"):
            tree = ast.parse(path.read_text(encoding="utf-8"))
            names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
            names |= {a.name for n in ast.walk(tree) if isinstance(n, ast.ImportFrom) for a in n.names}
            if names & {"seal", "_SEAL"}:
                users.add(path.relative_to(root).as_posix())
    assert users == allowed
