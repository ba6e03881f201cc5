"""What the model will see while the review is still open: the masked text, and where each find went."""

from __future__ import annotations

from dataclasses import dataclass

from models.masking.review import Review
from models.masking.vault import Placeholder, Vault


@dataclass(frozen=True)
class PreviewSpan:
    """One masked item: where its placeholder stands in the preview (code points)."""

    item: int
    start: int
    end: int
    placeholder: Placeholder


@dataclass(frozen=True)
class MaskPreview:
    """The text as it would be sent now."""

    text: str
    spans: tuple[PreviewSpan, ...]

    def label_of(self, item: int) -> str:
        """Noun and number of an item's placeholder; empty when it is not masked."""
        placeholder = self._by_item.get(item)
        return f"{placeholder.noun}{placeholder.number}" if placeholder else ""

    @property
    def _by_item(self) -> dict[int, Placeholder]:
        return {span.item: span.placeholder for span in self.spans}


def preview(review: Review, vault: Vault) -> MaskPreview:
    """The masked text of a review as it stands. The vault itself stays as it is.

    Numbers are given in the order in which `Masker.mask` gives them, so that what is shown here is
    what is sent.
    """
    trial = Vault.from_json(vault.to_json())
    pieces: list[str] = []
    spans: list[PreviewSpan] = []
    at = length = 0
    for index, item in enumerate(review.items):
        if not item.is_masked:
            continue
        span = item.span
        placeholder = trial.placeholder_for(
            review.value_of(item), entity_type=span.entity_type, noun=span.noun, identity=span.person
        )
        shown = str(placeholder)
        pieces += [review.text[at : span.start], shown]
        length += span.start - at
        spans.append(PreviewSpan(index, length, length + len(shown), placeholder))
        length += len(shown)
        at = span.end
    pieces.append(review.text[at:])
    return MaskPreview("".join(pieces), tuple(spans))
