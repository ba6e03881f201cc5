"""What the slow vote is asked, and that asking less changes no answer."""

import pytest

from models.masking.blocks import split_blocks
from models.masking.reader import BlockReader
from models.masking.recognizers.ginza_person import GinzaPersons, NamedSpan
from models.masking.slow_vote import ask_ginza


class Asked:
    """Stands for ja-ginza: notes which sentences it would have read, and calls nobody a person."""

    def __init__(self):
        self.sentences = []

    def find(self, text, is_open, is_cancelled):
        ends = [index + 1 for index, char in enumerate(text) if char == "。"]
        for start, end in zip([0, *ends], [*ends, len(text)], strict=True):
            if start < end and is_open(start, end):
                self.sentences.append(text[start:end].strip())
        return []


def asked_of(text, reader):
    ginza = Asked()
    for block in split_blocks(text):
        ask_ginza(reader.read(block), ginza, reader.morphology, lambda: False)
    return ginza.sentences


@pytest.fixture(scope="module")
def reader():
    return BlockReader()


@pytest.mark.parametrize(
    "sentence",
    [
        "提出書類の部数を確認します。",
        "申請の期限を過ぎた場合は、窓口で相談を受け付けます。",
        "文中の表を確認してから、次の手順に進みます。",
        "必要な項目の内容を、表の形にします。",
    ],
)
def test_a_sentence_without_a_name_or_an_unknown_word_is_not_read(reader, sentence):
    assert asked_of(sentence, reader) == []


@pytest.mark.parametrize(
    "sentence",
    [
        "来月からは大山が窓口に立ちます。",
        "ジョンソンが会場に来ました。",
        "渡辺と話した内容を記録します。",
        "佐藤商店に連絡しました。",
        "檜木沢が出席する。",
        "Katherine が資料を送ります。",
    ],
)
def test_a_sentence_that_may_hold_a_name_is_read(reader, sentence):
    assert asked_of(sentence, reader) == [sentence]


def test_a_sentence_read_before_has_the_same_persons_wherever_it_stands():
    ginza = GinzaPersons()
    sentence = "ジョンソンが会場に来ました。"
    (first,) = ginza.find(sentence, lambda start, end: True, lambda: False)
    twice = "資料を確認します。\n" + sentence + sentence
    again = ginza.find(twice, lambda start, end: True, lambda: False)
    at = twice.index(sentence)
    assert again == [NamedSpan(first.start + shift, first.end + shift) for shift in (at, at + len(sentence))]
    ginza.forget()
    assert ginza.find(twice, lambda start, end: True, lambda: False) == again
