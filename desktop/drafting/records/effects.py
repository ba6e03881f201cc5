"""Effect figures: uses and minutes saved, never without the method they were reckoned by."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from desktop.drafting.records.drafts import EffectAnswer

METHOD = (
    "削減時間は、ひな形に書かれた「手作業での所要時間（分）」から、"
    "職員が答えた「実際にかかった時間（分）」を引いたものの合計です。"
    "職員が時間を答えた利用だけを数え、答えのない利用は 0 分としています。"
    "かえって時間がかかった利用は、差し引いています（マイナスも含めます）。"
    "手作業での所要時間は目安であり、実測ではありません。"
)
"""How `minutes_saved` is reckoned; stands beside every figure (users distrust figures without it)."""


@dataclass(frozen=True)
class EffectFigures:
    """Figures of one period.

    Attributes:
        uses: Drafts begun.
        rated: Of these, how many the person said of whether they helped.
        helped: Of these, how many helped.
        timed: Uses for which the person told the minutes and the template names those by hand.
        minutes_saved: Over the `timed` uses; may be negative.
        method: The sentence to print beside them.
    """

    uses: int
    rated: int
    helped: int
    timed: int
    minutes_saved: float
    method: str = METHOD


def effect_figures(answers: Sequence[EffectAnswer]) -> EffectFigures:
    """The figures of all given uses."""
    saved = [
        answer.minutes_by_hand - answer.minutes_taken
        for answer in answers
        if answer.minutes_by_hand is not None and answer.minutes_taken is not None
    ]
    rated = [answer.has_helped for answer in answers if answer.has_helped is not None]
    return EffectFigures(len(answers), len(rated), sum(rated), len(saved), sum(saved))


def effect_figures_by_template(answers: Sequence[EffectAnswer]) -> dict[str, EffectFigures]:
    """The same for each template id, the most used first."""
    groups: dict[str, list[EffectAnswer]] = defaultdict(list)
    for answer in answers:
        groups[answer.template_id].append(answer)
    ordered = sorted(groups.items(), key=lambda group: (-len(group[1]), group[0]))
    return {template_id: effect_figures(group) for template_id, group in ordered}
