"""How `kian models` puts model cards and the models on this PC into words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from desktop.drafting.model_words import COUNTRIES, LANGUAGES, PURPOSES
from desktop.drafting.models_here import ModelHere, ModelsList
from models.catalog import ModelCard

_LABELS: Final[Mapping[str, str]] = {
    "id": "ID",
    "title": "名称",
    "maker": "開発元",
    "country": "国",
    "licence": "ライセンス",
    "licence_url": "ライセンスの掲載先",
    "licence_note": "使う前に確かめること",
    "purposes": "向いている用途",
    "languages": "言語",
    "parameters": "パラメーター数",
    "n_ctx": "一度に扱える長さ（トークン）",
    "chat_template": "対話の書式",
    "ram_gib": "必要なメモリー（GB、目安）",
    "repository": "配布元",
    "revision": "版の指定",
    "publisher": "ファイルの公開者",
    "file": "ファイル",
    "quantization": "量子化",
    "size_bytes": "大きさ（バイト）",
    "sha256": "SHA-256",
    "is_gated": "利用条件への同意が要る",
    "source": "確認した掲載先",
    "checked_on": "開発元の掲載内容を確認した日",
    "installed": "この端末にある版",
    "in_use": "使用中",
}
_RESOLVED_LATER: Final = frozenset({"size_bytes", "sha256"})
_WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    "purposes": PURPOSES,
    "country": COUNTRIES,
    "languages": LANGUAGES,
}


def card_lines(row: Mapping[str, Any]) -> Iterator[str]:
    """A card as `kian models show --json` gives it, a line for everything that is known of it."""
    for key, label in _LABELS.items():
        text = _words(key, row[key])
        if text:
            yield f"{label}：{text}"


def here_lines(found: ModelsList) -> Iterator[str]:
    """The models on this PC, the one that the next start uses marked."""
    yield "この端末のモデル"
    for model in found.models:
        mark = "標準" if model.is_default else "　　"
        notes = [model.place.value]
        notes += [f"{model.came_at[:10]} 取得"] if model.came_at else []
        notes += [] if model.is_allowed else ["管理者が許可していません"]
        yield f"  {mark}  {model.key}  {model.card.title}（{'、'.join(notes)}）"


def catalogue_lines(cards: Iterable[ModelCard], here: Iterable[ModelHere]) -> Iterator[str]:
    """The models of the catalogue that are not on this PC."""
    present = {model.card.id for model in here}
    yield "カタログのモデル（インターネットにつながるパソコンで「kian models fetch ID」により取り寄せます）"
    for card in cards:
        if card.id not in present:
            facts = (card.maker, COUNTRIES.get(card.country, card.country), card.licence)
            yield f"  {card.id:<26}{card.title}（{'、'.join(facts)}、メモリー約{card.ram_gib:g}GB）"


def _words(key: str, value: object) -> str:
    if key in _RESOLVED_LATER and not value:
        return "（取り寄せるときに確定）"
    if isinstance(value, bool):
        return "はい" if value else "いいえ"
    if isinstance(value, int):
        return f"{value:,}"
    words = _WORDS.get(key, {})
    if isinstance(value, list | tuple):
        return "、".join(words.get(str(entry), str(entry)) for entry in value) or "なし"
    return words.get(str(value), str(value))
