"""What the model will see while the review is still open: the masked text, and where each find went."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from models.masking.masker import Masker
from models.masking.review import Review
from models.masking.vault import Vault

REMOVED = "消去"
"""What a find is called that the policy leaves out without a trace."""


@dataclass(frozen=True)
class PreviewSpan:
    """One masked item: what stands for it in the preview, and where (code points).

    Attributes:
        item: Its number in the review.
        start: First code point of the replacement.
        end: One past the last.
        label: Noun and number of the placeholder; the replacement where there is none (an age).
    """

    item: int
    start: int
    end: int
    label: str


@dataclass(frozen=True)
class MaskPreview:
    """The text as it would be sent now."""

    text: str
    spans: tuple[PreviewSpan, ...]

    def label_of(self, item: int) -> str:
        """What an item is called in the masked text; empty when it is not masked."""
        return self.labels.get(item, "")

    @cached_property
    def labels(self) -> Mapping[int, str]:
        """What every masked item is called."""
        return {span.item: span.label for span in self.spans}


def preview(review: Review, vault: Vault, masker: Masker | None = None) -> MaskPreview:
    """The masked text of a review as it stands, made by the masker itself. The vault stays as it is."""
    trial = Vault.from_json(vault.to_json())
    text, masked = (masker or Masker()).replace_all(review.confirm(), trial)
    items = [index for index, item in enumerate(review.items) if item.is_masked]
    spans: list[PreviewSpan] = []
    shift = 0
    for index, span in zip(items, masked, strict=True):
        start = span.start + shift
        end = start + len(span.replacement)
        placeholder = span.placeholder
        label = f"{placeholder.noun}{placeholder.number}" if placeholder else span.replacement or REMOVED
        spans.append(PreviewSpan(index, start, end, label))
        shift += len(span.replacement) - (span.end - span.start)
    return MaskPreview(text, tuple(spans))
