"""What the review screen says about a review: counts, and what a person has to mind."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from models.masking.entities import NOUNS, QUASI_IDENTIFIERS, EntityType
from models.masking.review import Origin, Review
from prompts.template import PersonalInformation

QUASI_TOGETHER: Final = 3
"""From so many kinds of quasi-identifiers on, they are warned of together."""


@dataclass(frozen=True)
class Caution:
    """Something to mind.

    Attributes:
        title: What it is.
        what: What to do.
        tone: A banner's tone.
        leads_back: Whether the way on is back to the form.
        is_stop: Whether there is no other way.
    """

    title: str
    what: str
    tone: str = "amber"
    leads_back: bool = False
    is_stop: bool = False


def summary_of(review: Review, *, is_final: bool = True) -> str:
    """Finds and persons in one line; values used word for word are none of them.

    Args:
        review: The finds.
        is_final: Whether the search is over: before that, nothing found means nothing.
    """
    total = sum(count for kind, count in review.counts.items() if kind is not EntityType.VERBATIM)
    if not total and not is_final:
        return "個人情報を探しています…"
    if not total:
        return "個人情報は見つかりませんでした"
    return f"見つかった個人情報　{total}件・{review.person_count}人"


def chips_of(review: Review) -> list[tuple[str, str]]:
    """(words, tone) for the counts: what stops first, then what is doubtful, then kind by kind."""
    chips = []
    if review.my_number_count:
        chips.append((f"個人番号　{review.my_number_count}", "vermilion"))
    if review.low_confidence_count:
        chips.append((f"要確認　{review.low_confidence_count}", "vermilion"))
    counts = review.counts
    chips += [
        (f"{NOUNS[kind]}　{counts[kind]}", "")
        for kind in EntityType
        if kind in counts and kind not in (EntityType.VERBATIM, EntityType.MY_NUMBER)
    ]
    left = sum(not item.is_masked for item in review.items)
    return [*chips, (f"そのまま渡す　{left}", "amber")] if left else chips


def caution_of(review: Review, rule: PersonalInformation) -> Caution | None:
    """The one thing to say above a review.

    Args:
        review: The finds.
        rule: Whether the template's task may touch personal information.
    """
    kinds = {item.span.entity_type for item in review.items} & QUASI_IDENTIFIERS
    was_found = any(item.origin is Origin.FOUND and item.is_masked for item in review.items)
    if review.my_number_count:
        return Caution(
            "個人番号（マイナンバー）が含まれています。先へは進めません。",
            "番号法により、個人番号は伏せてもモデルに渡しません。入力に戻って、個人番号を消してください。",
            tone="vermilion",
            leads_back=True,
            is_stop=True,
        )
    if rule is PersonalInformation.FORBIDDEN and was_found:
        return Caution(
            "このひな形では、個人情報を使いません。",
            "見つかったものが個人情報であれば、入力に戻って消してください。",
            leads_back=True,
        )
    if len(kinds) >= QUASI_TOGETHER:
        words = "・".join(NOUNS[kind] for kind in EntityType if kind in kinds)
        return Caution(
            "組み合わせると、だれのことか分かるおそれがあります。",
            f"{words}がそろっています。一覧の下の「組み合わせに注意」を見て、要らないものは伏せてください。",
        )
    return None


def why_it_stays(kind: EntityType) -> str:
    """Why a find cannot be un-masked."""
    if kind is EntityType.MY_NUMBER:
        return "個人番号は、そのままでも伏せてもモデルに渡せません。入力に戻って消してください。"
    return "伏せ字と同じ形の文字は、取り違えを防ぐため必ず伏せます。下書きでは元の形に戻ります。"
