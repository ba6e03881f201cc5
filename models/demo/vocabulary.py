"""The vocabulary: characters, bytes for what has no character, and whole phrases.

One character is one token, so that whatever a form holds is copied with the same few circuits. The
merges of an ordinary vocabulary would occur in fixed wording only, and the model would never learn
to copy them where a value happens to contain one. Fixed wording is shortened differently: each
phrase of `phrases.toml` is a USER_DEFINED token, which llama.cpp cuts out of any text first.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from importlib import resources
from typing import Final

from models.demo.phrases import phrase_tokens

SPECIALS: Final = ("<unk>", "<s>", "</s>", "<|system|>", "<|user|>", "<|assistant|>", "<|end|>")
UNK, BOS, PAD, SYSTEM, USER, ASSISTANT, END = range(len(SPECIALS))
FIRST_BYTE: Final = len(SPECIALS)
FIRST_CHARACTER: Final = FIRST_BYTE + 256
NEWLINE: Final = FIRST_BYTE + 0x0A
SIZE: Final = 4032
"""Rows of the embedding; those without a token are padding."""

SPACE: Final = "▁"
"""How a SentencePiece vocabulary writes the ASCII space."""

CHAT_TEMPLATE: Final = (
    "{{ bos_token }}{% for m in messages %}"
    "{% if m['role'] == 'system' %}<|system|>{{ '\\n' + m['content'] }}<|end|>{{ '\\n' }}"
    "{% elif m['role'] == 'user' %}<|user|>{{ '\\n' + m['content'] }}<|end|>{{ '\\n' }}"
    "{% elif m['role'] == 'assistant' %}<|assistant|>{{ '\\n' + m['content'] }}<|end|>{{ '\\n' }}"
    "{% endif %}{% endfor %}{% if add_generation_prompt %}<|assistant|>{{ '\\n' }}{% endif %}"
)


@dataclass(frozen=True)
class Vocabulary:
    """Tokens and their ids.

    Attributes:
        characters: Single characters; the first has the id `FIRST_CHARACTER`.
        phrases: Whole phrases; they follow the characters.
    """

    characters: tuple[str, ...]
    phrases: tuple[str, ...]

    def __post_init__(self) -> None:
        if self.first_phrase + len(self.phrases) > SIZE:
            raise ValueError("more tokens than rows")

    @cached_property
    def _ids(self) -> dict[str, int]:
        return {character: FIRST_CHARACTER + i for i, character in enumerate(self.characters)}

    @cached_property
    def _cuts(self) -> list[tuple[str, int]]:
        """Phrases and their ids in the order in which llama.cpp cuts them out: longest first."""
        longest_first = sorted(enumerate(self.phrases), key=lambda pair: -len(pair[1].encode()))
        return [(text, self.first_phrase + i) for i, text in longest_first]

    @property
    def first_phrase(self) -> int:
        """Id of the first phrase."""
        return FIRST_CHARACTER + len(self.characters)

    def encode(self, text: str) -> list[int]:
        """The ids of a text that holds no control token, as llama.cpp cuts it."""
        ids: list[int] = []
        for part in self._cut(text):
            if isinstance(part, int):
                ids.append(part)
            else:
                for character in part:
                    ids.extend(self._character(character))
        return ids

    def decode(self, ids: Sequence[int]) -> str:
        """The text of some ids; control tokens and padding have none."""
        raw = b"".join(self._bytes(token) for token in ids)
        return raw.decode("utf-8", "replace")

    def token(self, index: int) -> str:
        """How the GGUF file writes a token."""
        if index < FIRST_BYTE:
            return SPECIALS[index]
        if index < FIRST_CHARACTER:
            return f"<0x{index - FIRST_BYTE:02X}>"
        if index < self.first_phrase:
            return self.characters[index - FIRST_CHARACTER]
        if index < self.first_phrase + len(self.phrases):
            return self.phrases[index - self.first_phrase]
        return f"<unused{index}>"

    def _cut(self, text: str) -> list[str | int]:
        parts: list[str | int] = [text]
        for phrase, token in self._cuts:
            if phrase in text:
                parts = [piece for part in parts for piece in _split(part, phrase, token)]
        return parts

    def _character(self, character: str) -> list[int]:
        known = self._ids.get(SPACE if character == " " else character)
        return [known] if known is not None else [FIRST_BYTE + byte for byte in character.encode()]

    def _bytes(self, token: int) -> bytes:
        if token < FIRST_BYTE:
            return b""
        if token < FIRST_CHARACTER:
            return bytes([token - FIRST_BYTE])
        if token >= self.first_phrase + len(self.phrases):
            return b""
        return self.token(token).replace(SPACE, " ").encode()


def _split(part: str | int, phrase: str, token: int) -> Iterator[str | int]:
    if isinstance(part, int):
        yield part
        return
    for number, piece in enumerate(part.split(phrase)):
        if number:
            yield token
        if piece:
            yield piece


@cache
def load_vocabulary() -> Vocabulary:
    """The vocabulary of the shipped model's recipe."""
    return Vocabulary(tuple(_characters()), phrase_tokens())


def _characters() -> Iterator[str]:
    text = resources.files("models.demo").joinpath("vocabulary.toml").read_text("utf-8")
    extra: dict[str, str] = tomllib.loads(text)
    ascii_signs = "".join(chr(code) for code in range(33, 127))
    order = (
        SPACE, ascii_signs, "　", jis_rows(1, 3), extra["symbols"],
        jis_rows(3, 6), jis_rows(16, 48), extra["name_kanji"],
    )  # fmt: skip
    yield from dict.fromkeys("".join(order))


def jis_rows(first: int, last: int) -> str:
    """Characters of the rows `first` to `last - 1` of JIS X 0208.

    Rows 1-2 hold signs, 3-5 digits, letters and kana, 16-47 kanji of level 1, 48-83 of level 2.
    """
    signs = []
    for row in range(first, last):
        for cell in range(1, 95):
            try:
                signs.append(bytes((0xA0 + row, 0xA0 + cell)).decode("euc_jp"))
            except UnicodeDecodeError:
                continue
    return "".join(signs)
