"""The program's own requests for a change of the draft: fixed words, written by no one's form."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

# No placeholder stands in here: it would count as one the answer has to carry.
_KEEP: Final = "日付、金額、名前、山かっこで囲まれた記号は変えずに残してください。"


@dataclass(frozen=True)
class FollowUp:
    """A chip below the draft.

    Attributes:
        label: What stands on it.
        request: What the model is asked.
        serves_demo: Whether the demonstration model does it well enough to be asked (docs/demo-model.md).
    """

    label: str
    request: str
    serves_demo: bool = False


FOLLOW_UPS: Final = (
    FollowUp(
        "もっと短く",
        f"今の文を、要点を落とさずに半分ほどの長さにしてください。{_KEEP}",
        serves_demo=True,
    ),
    FollowUp(
        "敬体で",
        f"今の文を、です・ます調に直してください。内容は変えないでください。{_KEEP}",
        serves_demo=True,
    ),
    FollowUp("表にして", f"今の文のうち、日時・場所・持ち物などの項目を表に整理してください。{_KEEP}"),
    FollowUp(
        "やさしい日本語で",
        f"今の文を、やさしい日本語（短い文、むずかしい言葉を使わない）に直してください。{_KEEP}",
    ),
)


def follow_ups_for(*, is_demo: bool) -> tuple[FollowUp, ...]:
    """The requests that the model in use can carry out."""
    return tuple(f for f in FOLLOW_UPS if f.serves_demo or not is_demo)
