"""Model cards: the shipped file, and what is refused."""

import hashlib
from datetime import date

import pytest

from models.catalog import load_catalog, parse_catalog
from models.demo import DEMO_MODEL_ID, demo_model_path
from models.errors import CatalogBrokenError, UnknownModelError
from models.gguf_file import read_gguf

CARD = """
[[model]]
id = "some-model"
title = "A"
file = "a.gguf"
quantization = "Q4_K_M"
parameters = 1_000
n_ctx = 4096
licence = "MIT"
maker = "M"
country = "JP"
languages = ["ja"]
purposes = ["mail"]
ram_gib = 1
checked_on = ""
"""


def test_the_card_of_the_demonstration_model_is_that_of_the_shipped_file():
    card = load_catalog().card(DEMO_MODEL_ID)
    data = demo_model_path().read_bytes()
    assert (card.file, card.size_bytes) == (demo_model_path().name, len(data))
    assert card.sha256 == hashlib.sha256(data).hexdigest()
    assert card.n_ctx == read_gguf(demo_model_path()).number("context_length")
    assert card.is_demo
    assert card.max_attempts == 8


def test_there_are_at_least_eight_real_models_from_half_a_billion_to_eight_billion_parameters():
    real = [card for card in load_catalog() if not card.is_demo]
    assert len(real) >= 8
    assert min(card.parameters for card in real) <= 600_000_000
    assert max(card.parameters for card in real) > 8_000_000_000


def test_no_size_or_digest_of_a_fetched_model_is_made_up():
    for card in load_catalog():
        if not card.is_demo:
            assert (card.size_bytes, card.sha256) == (0, "")


def test_every_real_model_names_its_source_licence_and_maker_and_writes_japanese_first():
    for card in load_catalog():
        if not card.is_demo:
            assert card.repository.count("/") == 1
            assert card.licence_url.startswith("https://")
            assert card.maker and card.country
            assert card.languages[0] == "ja"
            assert card.max_attempts == 2


def test_every_card_was_held_against_its_makers_page_and_says_which():
    cards = [card for card in load_catalog() if not card.is_demo]
    assert len(cards) >= 8
    for card in cards:
        assert date.fromisoformat(card.checked_on) >= date(2026, 11, 22)
        assert card.source.startswith("https://")
        assert card.chat_template
        assert not card.publisher, "the file is the maker's own"


def test_an_unknown_id_is_told():
    with pytest.raises(UnknownModelError):
        load_catalog().card("gpt-5")


def test_a_card_of_ones_own_is_read():
    (card,) = parse_catalog(CARD)
    assert (card.id, card.parameters, card.ram_gib, card.languages) == ("some-model", 1000, 1.0, ("ja",))


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("[[model", "toml"),
        ("model = 3", "toml"),
        ("model = [3]", "toml"),
        (CARD + CARD, "duplicate"),
        (CARD + 'color = "red"', "fields"),
        (CARD.replace('licence = "MIT"', ""), "fields"),
        (CARD.replace('"some-model"', '"Some Model"'), "id"),
        (CARD.replace('"some-model"', '"../up"'), "id"),
        (CARD.replace('"a.gguf"', '"../a.gguf"'), "file"),
        (CARD.replace('"a.gguf"', '"a.exe"'), "file"),
        (CARD.replace("1_000", '"many"'), "parameters"),
        (CARD.replace("1_000", "0"), "number"),
        (CARD.replace('["ja"]', '"ja"'), "languages"),
        (CARD.replace('["ja"]', "[1]"), "languages"),
        (CARD.replace('title = "A"', 'title = "A\\u001b[31m"'), "title"),
        (CARD.replace('title = "A"', f'title = "{"A" * 1001}"'), "title"),
        (CARD.replace("ram_gib = 1", "ram_gib = nan"), "number"),
        (CARD + 'sha256 = "abc"', "sha256"),
        (CARD + 'repository = "no-owner"', "repository"),
        (CARD + "max_attempts = 0", "number"),
        (CARD + 'is_demo = "yes"', "is_demo"),
    ],
)
def test_what_is_wrong_with_a_card_is_named(text, reason):
    with pytest.raises(CatalogBrokenError) as caught:
        parse_catalog(text)
    assert caught.value.reason == reason
