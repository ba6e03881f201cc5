"""The masker: from a confirmed review to `MaskedText`. The only way text reaches an engine."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from models.errors import ForbiddenKindError, MyNumberFoundError, UnmaskedValueError
from models.masking.entities import EntityType, Span
from models.masking.operators import Operator, apply_operator
from models.masking.review import ConfirmedReview
from models.masking.text import MaskedText, seal
from models.masking.vault import Placeholder, Vault

_UNIQUE_KINDS = frozenset(EntityType) - {
    # Short or common words (森, 西町) may stand elsewhere with another meaning.
    EntityType.PERSON,
    EntityType.ADDRESS,
    EntityType.VERBATIM,
    EntityType.CUSTOM,
    EntityType.AGE,
    EntityType.GENDER,
    EntityType.FAMILY_RELATION,
    EntityType.FACILITY,
}
_MIN_UNIQUE_CHARS = 6


@dataclass(frozen=True)
class MaskedSpan:
    """A masked stretch of the original text and what replaced it.

    Attributes:
        start: First code point in the original.
        end: One past the last.
        entity_type: The kind.
        replacement: What the model sees instead.
        placeholder: The placeholder in it; None where a coarser value (an age) took the place for good.
    """

    start: int
    end: int
    entity_type: EntityType
    replacement: str
    placeholder: Placeholder | None


@dataclass(frozen=True)
class Masked:
    """A masked text together with what was masked in it (offsets in the original)."""

    text: MaskedText
    spans: tuple[MaskedSpan, ...]


class Masker:
    """Replaces what a person confirmed by placeholders and looks once more before handing out.

    Args:
        forbidden: Kinds that stop the text instead of being masked (the policy's 「禁止」 profile).
        operators: How kinds are replaced that do not just become a placeholder.
        today: The day on which ages are counted; the system's when None.
    """

    def __init__(
        self,
        forbidden: frozenset[EntityType] = frozenset(),
        *,
        operators: Mapping[EntityType, Operator] | None = None,
        today: date | None = None,
    ) -> None:
        self._forbidden = forbidden
        self._operators = dict(operators or {})
        self._today = today

    def mask(self, confirmed: ConfirmedReview, vault: Vault) -> Masked:
        """Make the masked text of a confirmed review; new values go into the vault.

        Raises:
            MyNumberFoundError: An individual number stands in the text (番号法: never, masked or not).
            ForbiddenKindError: The policy stops a kind that stands in the text.
            UnmaskedValueError: A masked number or address of the same draft stands unmasked elsewhere.
        """
        self._refuse(confirmed)
        text, spans = self.replace_all(confirmed, vault)
        self._look_again(text, confirmed, vault)
        return Masked(seal(text), spans)

    def replace_all(self, confirmed: ConfirmedReview, vault: Vault) -> tuple[str, tuple[MaskedSpan, ...]]:
        """The text as `mask` would make it, without its refusals: for showing what would be sent.

        New values go into the vault; whoever only shows hands in a copy of it.
        """
        pieces: list[str] = []
        spans: list[MaskedSpan] = []
        at = 0
        for span in sorted(confirmed.masked, key=lambda span: span.start):
            if span.start < at:
                raise ValueError("overlapping spans in a confirmed review")
            replacement, placeholder = self._replace(confirmed.text[span.start : span.end], span, vault)
            pieces += [confirmed.text[at : span.start], replacement]
            spans.append(MaskedSpan(span.start, span.end, span.entity_type, replacement, placeholder))
            at = span.end
        pieces.append(confirmed.text[at:])
        return "".join(pieces), tuple(spans)

    def fixed(self, text: str) -> MaskedText:
        """Text of a template or of the program: the office's own words, written by no one's form.

        The caller vouches that no person's input is in it; `desktop.drafting.session` calls
        this with a template's system text, the fixed follow-ups and the words around the parts of a long
        text, `doctor` with its own words.
        """
        return seal(text)

    def completion(self, text: str) -> MaskedText:
        """What the model wrote, placeholders and all, as the next turn's history.

        The model saw masked text only, so its words hold no value it could have copied.
        """
        return seal(text)

    def kept(self, text: str, vault: Vault) -> MaskedText:
        """What was masked and confirmed before, as it comes back from the encrypted store.

        Raises:
            UnmaskedValueError: A value that the vault holds stands in it.
        """
        self._look_again(text, ConfirmedReview("", (), ()), vault)
        return seal(text)

    def _replace(self, value: str, span: Span, vault: Vault) -> tuple[str, Placeholder | None]:
        """What takes a value's place. A town stays readable and the rest of the address restorable."""
        operator = self._operators.get(span.entity_type, Operator.PLACEHOLDER)
        coarser = apply_operator(operator, span.entity_type, value, today=self._today or date.today())
        if coarser is not None and operator is not Operator.TOWN:
            return coarser, None
        town = coarser if coarser and value.startswith(coarser) and value != coarser else ""
        placeholder = vault.placeholder_for(
            value[len(town) :],
            entity_type=span.entity_type,
            noun=span.noun,
            identity=f"{span.person}{town}{value[len(town) :]}" if town else span.person,
        )
        return f"{town}{placeholder}", placeholder

    def _refuse(self, confirmed: ConfirmedReview) -> None:
        finds = (*confirmed.masked, *confirmed.unmasked)
        my_numbers = sum(span.entity_type is EntityType.MY_NUMBER for span in finds)
        if my_numbers:
            raise MyNumberFoundError(my_numbers)
        for kind in sorted(self._forbidden):
            count = sum(span.entity_type is kind for span in finds)
            if count:
                raise ForbiddenKindError(kind.value, count)

    def _look_again(self, text: str, confirmed: ConfirmedReview, vault: Vault) -> None:
        """Fail closed when a value the vault holds is still to be read."""
        shown = {confirmed.text[span.start : span.end] for span in confirmed.unmasked}
        left = 0
        for entry in vault.entries:
            if entry.entity_type not in _UNIQUE_KINDS or len(entry.value) < _MIN_UNIQUE_CHARS:
                continue
            if entry.value in shown or entry.value not in text:
                continue  # the plain search first: a long text with hundreds of numbers stays quick
            pattern = re.escape(entry.value)
            left += len(re.findall(rf"(?<![0-9A-Za-z]){pattern}(?![0-9A-Za-z])", text))
        if left:
            raise UnmaskedValueError(left)
