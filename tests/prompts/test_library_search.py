"""Search: words of any length in any spelling, synonyms, ranking, categories."""

import dataclasses
import uuid

import pytest

from prompts.builtin import install_builtin, load_builtin
from prompts.library import PromptLibrary
from prompts.search import Synonyms, fold, load_synonyms, loosen, parse_query
from prompts.template import Category


def make(title, *, tags=(), body="本文", category=Category.DRAFTING, description=""):
    return dataclasses.replace(
        load_builtin()[0],
        id=str(uuid.uuid5(uuid.NAMESPACE_OID, title)),
        title=title,
        tags=tags,
        description=description,
        body=body,
        fields=(),
        category=category,
        issuer="",
    )


@pytest.fixture
def library():
    with PromptLibrary(None) as opened:
        opened.save_many(
            [
                make("国民健康保険税の減免", tags=("国保", "税"), category=Category.RESIDENTS),
                make("保育料のお知らせ", tags=("子育て",), body="保育園の園児と㍻の年号"),
                make("Ｅｘｃｅｌ関数の説明", category=Category.SPREADSHEET),
                make("議事録の要約", category=Category.MEETING, body="会議の発言をまとめる"),
                make("カーブミラー設置の回答", body="道路の要望に答える"),
                make("税"),
            ]
        )
        yield opened


FOUND = {
    "減免": ["国民健康保険税の減免"],
    "保育": ["保育料のお知らせ"],
    "税": ["税", "国民健康保険税の減免"],
    "excel": ["Ｅｘｃｅｌ関数の説明"],
    "ＥＸＣＥＬ": ["Ｅｘｃｅｌ関数の説明"],
    "エクセル": ["Ｅｘｃｅｌ関数の説明"],
    "ｶｰﾌﾞﾐﾗｰ": ["カーブミラー設置の回答"],
    "かーぶみらー": ["カーブミラー設置の回答"],
    "会議録": ["議事録の要約"],
    "健康保険": ["国民健康保険税の減免"],
    "険税の減": ["国民健康保険税の減免"],
    "国保 減免": ["国民健康保険税の減免"],
    "要望": ["カーブミラー設置の回答"],
    "望": ["カーブミラー設置の回答"],
    "園児": ["保育料のお知らせ"],
    "平成": ["保育料のお知らせ"],
    "道路の要望": ["カーブミラー設置の回答"],
    "議事録を要約したいです": ["議事録の要約"],
    "減額": ["国民健康保険税の減免"],
    "猫": [],
    "保険 猫": [],
    "園料": [],
}


@pytest.mark.parametrize("query", FOUND)
def test_words_of_any_length_and_spelling_are_found(library, query):
    assert [card.title for card in library.search(query)] == FOUND[query]


@pytest.mark.parametrize(
    "query", ['"', "*", "()", "減免 OR", "NEAR(", "title:", "^税", "{body}: x", "-", "a" * 5000, "\0", "' --"]
)
def test_no_query_is_taken_for_the_language_of_the_index(library, query):
    library.search(query)
    assert library.count() == 6


def test_an_empty_query_gives_the_list_and_one_of_signs_gives_nothing(library):
    assert len(library.search("  ")) == 6
    assert library.search("！？") == ()


def test_favourites_and_use_move_a_template_up(library):
    library.save(make("お知らせの校正"))
    assert library.search("お知らせ")[0].title == "お知らせの校正"
    other = make("保育料のお知らせ").id
    library.set_favourite(other, True)
    for _ in range(20):
        library.record_use(other)
    assert library.search("お知らせ")[0].title == "保育料のお知らせ"


def test_a_search_can_stay_within_a_category(library):
    assert [card.title for card in library.search("税", category=Category.RESIDENTS)] == [
        "国民健康保険税の減免"
    ]
    assert library.search("zzc1") == ()


def test_a_changed_title_is_found_by_its_new_words_only(library):
    changed = dataclasses.replace(make("税"), title="手数料")
    library.save(dataclasses.replace(changed, id=make("税").id))
    assert [card.title for card in library.search("手数")] == ["手数料"]
    assert [card.title for card in library.search("税")] == ["国民健康保険税の減免"]


def test_every_built_in_template_is_found_first_by_its_own_title():
    with PromptLibrary(None) as library:
        install_builtin(library)
        for template in load_builtin():
            assert library.search(template.title)[0].id == template.id


def test_an_office_may_bring_its_own_synonyms(tmp_path):
    path = tmp_path / "synonyms.toml"
    path.write_text('groups = [["わんこ", "犬"]]', "utf-8")
    with PromptLibrary(None, synonyms=load_synonyms(path)) as library:
        library.save(make("犬の登録"))
        assert len(library.search("ワンコ")) == 1
    path.write_text("groups = 3", "utf-8")
    with pytest.raises(ValueError, match="groups"):
        load_synonyms(path)


def test_folding_makes_width_case_and_kana_one():
    assert fold("ＦＡＱ ｶﾞ ガ") == fold("faq が ガ")


def test_a_sentence_is_parted_into_its_words():
    assert [words[0] for words in loosen("減免のメールを作る", Synonyms([])).terms] == ["減免", "めーる"]
    assert parse_query("税　減免", Synonyms([["減免", "免除"]])).terms == (("税",), ("減免", "免除"))
