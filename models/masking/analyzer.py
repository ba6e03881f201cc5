"""The door to everything that finds personal information.

A text is cut into blocks; each block is folded, read by Sudachi and by the recognizers of an
explicit presidio registry; finds and claims are resolved; a consistency pass joins the blocks. The
slow vote of ja-ginza comes last and only in `analyze`. Results per block are kept, so that a typed
change costs one block.
"""

from __future__ import annotations

import re
import warnings
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING

from models.errors import AnalyzerUnavailableError
from models.masking.blocks import Block, split_blocks
from models.masking.consistency import PersonName, divide, mention_terms, person_keys
from models.masking.dictionary import DictionaryEntry, TermIndex, fold_term
from models.masking.entities import QUASI_IDENTIFIERS, EntityType, Span
from models.masking.gazetteer import load_gazetteer
from models.masking.normalize import NormalizedText, join_lines, normalize, soft_breaks, unfolded
from models.masking.overlap import Candidate, resolve, unvetoed
from models.masking.recognizers.morphology import WordClass

if TYPE_CHECKING:
    from presidio_analyzer import RecognizerRegistry

    from models.masking.recognizers.artifacts import SudachiNlpEngine
    from models.masking.recognizers.base import OfficeRecognizer
    from models.masking.recognizers.ginza_person import GinzaPersons

__all__ = ["AnalyzerSettings", "DictionaryEntry", "Layer", "MaskingAnalyzer"]

LEAST_SCORE = 0.5
"""Finds below this are dropped unless ja-ginza or consistency agrees."""

_CACHE_CHARS = 4_000_000
_REPEATED = frozenset(
    {
        EntityType.PHONE,
        EntityType.MY_NUMBER,
        EntityType.BANK_ACCOUNT,
        EntityType.CREDIT_CARD,
        EntityType.DRIVERS_LICENSE,
        EntityType.PASSPORT,
        EntityType.HEALTH_INSURANCE_ID,
        EntityType.PENSION_NUMBER,
        EntityType.RESIDENCE_CARD,
        EntityType.RESIDENT_CODE,
        EntityType.EMAIL,
        EntityType.VEHICLE_PLATE,
        EntityType.ADDRESS,
    }
)
"""Kinds whose value is masked wherever it stands again (six characters or more)."""


class Layer(StrEnum):
    """Layers that can be left out, to measure what each contributes."""

    FOLDING = "folding"
    WRAPS = "wraps"
    CLAIMS = "claims"
    LABELLED_NAMES = "labelled_names"
    TITLED_NAMES = "titled_names"
    TOKEN_NAMES = "token_names"
    WRITTEN_NAMES = "written_names"
    LISTED_NAMES = "listed_names"
    CONSISTENCY = "consistency"
    GINZA = "ginza"


_RECOGNIZERS_OF: dict[Layer, frozenset[str]] = {
    Layer.CLAIMS: frozenset(("ClaimRecognizer", "OrganizationRecognizer")),
    Layer.LABELLED_NAMES: frozenset(("LabelledNameRecognizer", "RelatedNameRecognizer")),
    Layer.TITLED_NAMES: frozenset(("TitledNameRecognizer",)),
    Layer.TOKEN_NAMES: frozenset(("TokenNameRecognizer",)),
    Layer.WRITTEN_NAMES: frozenset(
        ("RomanNameRecognizer", "SpacedNameRecognizer", "ReadingRecognizer", "KatakanaNameRecognizer")
    ),
    Layer.LISTED_NAMES: frozenset(("ListedNameRecognizer",)),
}


def _never() -> bool:
    return False


@dataclass(frozen=True)
class AnalyzerSettings:
    """What the policy and the person have set.

    Attributes:
        always_mask: Words always masked (office and personal dictionaries).
        never_mask: Words never masked; they lose against nothing but `always_mask`.
        kinds: Kinds to report; None for all standard kinds.
        include_quasi: Whether quasi-identifiers (地番, 座標, 施設名, 性別, 家族関係, 年齢) are reported, too.
    """

    always_mask: tuple[DictionaryEntry, ...] = ()
    never_mask: tuple[str, ...] = ()
    kinds: frozenset[EntityType] | None = None
    include_quasi: bool = False


@dataclass(slots=True)
class _Reading:
    """What the fast layers know about one block (offsets in its folded text)."""

    source: NormalizedText
    finds: list[Candidate]
    claims: list[Candidate]
    begins: frozenset[int]
    ends: frozenset[int]
    persons: list[Candidate] | None = None
    head: int = field(default=0)


class _ReadingCache:
    """Readings by block, the oldest dropped first; holds text, so it lives in the worker's memory only."""

    def __init__(self) -> None:
        self._readings: OrderedDict[tuple[str, int], _Reading] = OrderedDict()
        self._chars = 0

    def get(self, key: tuple[str, int]) -> _Reading | None:
        known = self._readings.get(key)
        if known is not None:
            self._readings.move_to_end(key)
        return known

    def add(self, key: tuple[str, int], reading: _Reading) -> _Reading:
        self._readings[key] = reading
        self._chars += len(key[0])
        while self._chars > _CACHE_CHARS and len(self._readings) > 1:
            (old, _), _ = self._readings.popitem(last=False)
            self._chars -= len(old)
        return reading

    def clear(self) -> None:
        self._readings.clear()
        self._chars = 0


class MaskingAnalyzer:
    """Finds personal information in Japanese office text.

    Args:
        settings: Dictionaries and kinds; the defaults when None.
        disabled: Layers to leave out; for measuring only.
    """

    def __init__(
        self, settings: AnalyzerSettings | None = None, *, disabled: frozenset[Layer] = frozenset()
    ) -> None:
        self._disabled = disabled
        self.settings = settings or AnalyzerSettings()
        self._engine: SudachiNlpEngine | None = None
        self._registry: RecognizerRegistry | None = None
        self._recognizers: list[OfficeRecognizer] = []
        self._ginza: GinzaPersons | None = None
        self._cache = _ReadingCache()

    @property
    def is_loaded(self) -> bool:
        """Whether the fast layers are ready."""
        return self._registry is not None

    def load(self) -> None:
        """Load Sudachi, the gazetteer and ja-ginza; about three seconds.

        Raises:
            AnalyzerUnavailableError: A part is missing or broken.
        """
        self.load_fast()
        if self._ginza is None:
            from models.masking.recognizers.ginza_person import GinzaPersons

            self._ginza = GinzaPersons()

    def load_fast(self) -> None:
        """Load what `analyze_fast` needs; under two seconds.

        Raises:
            AnalyzerUnavailableError: A part is missing or broken.
        """
        if self._registry is not None:
            return
        try:
            with warnings.catch_warnings():
                # presidio and spaCy warn about their own dependencies while they are imported.
                warnings.simplefilter("ignore", category=DeprecationWarning)
                warnings.simplefilter("ignore", category=FutureWarning)
                from models.masking.recognizers.artifacts import SudachiNlpEngine
                from models.masking.recognizers.base import OfficeRecognizer
                from models.masking.recognizers.registry import build_registry
        except ImportError as error:
            raise AnalyzerUnavailableError(part="presidio-analyzer") from error
        engine = SudachiNlpEngine()
        engine.load()
        registry = build_registry(load_gazetteer())
        self._engine = engine
        left_out = frozenset(name for layer in self._disabled for name in _RECOGNIZERS_OF.get(layer, ()))
        self._recognizers = [
            recognizer
            for recognizer in registry.get_recognizers(language="ja", all_fields=True)
            if isinstance(recognizer, OfficeRecognizer) and type(recognizer).__name__ not in left_out
        ]
        self._registry = registry

    def with_settings(self, settings: AnalyzerSettings) -> MaskingAnalyzer:
        """The same loaded analyzer with other settings; what is cached is shared.

        Args:
            settings: The new settings.

        Returns:
            Another analyzer; nothing is loaded again.
        """
        other = MaskingAnalyzer(settings, disabled=self._disabled)
        other._engine, other._registry, other._ginza = self._engine, self._registry, self._ginza
        other._recognizers, other._cache = self._recognizers, self._cache
        return other

    def forget(self) -> None:
        """Drop what is kept of texts read so far (at the end of a draft; the policy may ask for it)."""
        self._cache.clear()

    def analyze_fast(self, text: str) -> list[Span]:
        """Every layer but the slow named entities.

        Args:
            text: Any string.

        Returns:
            Spans of the original text, sorted, without overlap.
        """
        self.load_fast()
        blocks = split_blocks(text)
        return self._join(text, blocks, [self._read(block) for block in blocks])

    def analyze(self, text: str, *, is_cancelled: Callable[[], bool] = _never) -> list[Span]:
        """Every layer.

        Args:
            text: Any string.
            is_cancelled: Asked between batches; makes the analysis stop.

        Returns:
            Spans of the original text, sorted, without overlap.

        Raises:
            CancelledError: `is_cancelled` said so.
        """
        self.load()
        blocks = split_blocks(text)
        readings = []
        for block in blocks:
            reading = self._read(block)
            if Layer.GINZA not in self._disabled:
                self._ask_ginza(reading, is_cancelled)
            readings.append(reading)
        return self._join(text, blocks, readings, with_slow=True)

    # -- one block ------------------------------------------------------------------------------

    def _read(self, block: Block) -> _Reading:
        key = (block.text, block.head)
        known = self._cache.get(key)
        return known if known is not None else self._cache.add(key, self._read_anew(block))

    def _read_anew(self, block: Block) -> _Reading:
        source = unfolded(block.text) if Layer.FOLDING in self._disabled else normalize(block.text)
        head = 0
        while head < len(source.starts) and source.starts[head] < block.head:
            head += 1
        reading = self._recognize(source)
        reading.head = head
        breaks, is_wrapped = soft_breaks(source.text)
        if breaks and Layer.WRAPS not in self._disabled:
            self._add_joined(reading, breaks, is_wrapped=is_wrapped)
        return reading

    def _recognize(self, source: NormalizedText) -> _Reading:
        assert self._engine is not None
        page = self._engine.process_text(source.text, "ja")
        finds: list[Candidate] = []
        claims: list[Candidate] = []
        labels = bytearray(len(source.text) + 1)
        for hit in page.labels:
            if hit.is_field and not hit.kinds & {"role", "relation"} and len(hit.word) > 1:
                labels[hit.start : hit.end] = b"\1" * (hit.end - hit.start)
        for recognizer in self._recognizers:
            results = recognizer.analyze(source.text, None, page)
            for result in results:
                if result.entity_type == EntityType.PERSON and labels.find(0, result.start, result.end) < 0:
                    continue
                candidate = Candidate(
                    result.start, result.end, result.entity_type, result.score, (type(recognizer).__name__,)
                )
                if candidate.is_claim:
                    page.claims.append(result)
                    claims.append(candidate)
                else:
                    finds.append(candidate)
                    if candidate.kind == EntityType.PERSON and candidate.score >= LEAST_SCORE:
                        page.name_ends.add(candidate.end)
                        page.name_starts.add(candidate.start)
        return _Reading(
            source, finds, claims, frozenset(page.tokens_of.begins), frozenset(page.tokens_of.ends)
        )

    def _add_joined(self, reading: _Reading, breaks: list[int], *, is_wrapped: bool) -> None:
        """Read wrapped lines a second time without their breaks; take what crosses a break."""
        crossing: list[Candidate] = []
        others: list[Candidate] = []
        reading.finds = _survivors(reading.finds, reading.claims)
        whole = [] if is_wrapped else [(f.start, f.end, f.kind) for f in reading.finds if f.score >= 0.8]
        for window in _windows(reading.source.text, breaks, is_wrapped=is_wrapped):
            joined = self._recognize(
                join_lines(window.source(reading.source), [b - window.start for b in window.breaks])
            )
            crossing_claims = [c for c in joined.claims if _crosses(window, c)]
            for item in [*_survivors(joined.finds, joined.claims), *crossing_claims]:
                start, end = window.back(item.start), window.back(item.end - 1) + 1
                moved = replace(item, start=start, end=end)
                if any(start < position < end for position in window.breaks):
                    if (
                        is_wrapped
                        or item.is_claim
                        or _may_cross(reading.source.text, moved, window.breaks[0], whole)
                    ):
                        crossing.append(moved)
                elif is_wrapped or (
                    moved.kind not in (EntityType.PERSON, EntityType.ADDRESS)
                    and not moved.is_claim
                    and min(abs(moved.end - window.breaks[0]), abs(moved.start - window.breaks[0])) <= 24
                    and not any(f.start < moved.end and moved.start < f.end for f in reading.finds)
                ):
                    others.append(moved)
        reading.finds = [
            find
            for find in reading.finds
            if not any(c.start <= find.start and find.end <= c.end and not c.is_claim for c in crossing)
        ]
        reading.claims = [claim for claim in reading.claims if claim.kind in _KEPT_CLAIMS]
        for item in [*crossing, *others]:
            if not item.is_claim:
                reading.finds.append(item)
            elif item.kind in _KEPT_CLAIMS:
                reading.claims.append(item)

    def _ask_ginza(self, reading: _Reading, is_cancelled: Callable[[], bool]) -> None:
        if reading.persons is not None:
            return
        from models.masking.recognizers.name_grammar import is_no_name

        assert self._ginza is not None
        text = reading.source.text
        covered = bytearray(len(text))
        for item in reading.finds:
            if item.score >= 0.75:
                covered[item.start : item.end] = b"\1" * (item.end - item.start)

        def is_open(start: int, end: int) -> bool:
            return start >= reading.head and _NAMEABLE.search(_visible(text, covered, start, end)) is not None

        reading.persons = [
            Candidate(span.start, span.end, EntityType.PERSON, 0.6, ("GinzaPersons",))
            for span in self._ginza.find(text, is_open, is_cancelled)
            if _is_name_like(text[span.start : span.end])
            and not is_no_name(text[span.start : span.end])
            and self._is_credible(reading, span.start, span.end)
        ]

    def _is_credible(self, reading: _Reading, start: int, end: int) -> bool:
        """Whether Sudachi's reading allows a name: some token is a name or unknown, none is a place alone."""
        assert self._engine is not None
        assert self._engine.morphology is not None
        words = self._engine.morphology
        text = reading.source.text
        value = text[start:end]
        if _NOT_PERSON_END.search(value) or _NOT_PERSON_AFTER.match(text, end) or _CAPITALS.fullmatch(value):
            return False
        if any(claim.start < end and start < claim.end for claim in reading.claims):
            return False
        if value.isascii() or (words.word_classes(value) & WordClass.NOUN and not words.is_name(value)):
            return False
        begins = sorted(b for b in reading.begins if start <= b < end) if len(reading.begins) < 4000 else []
        cuts = zip([start, *begins], [*begins, end], strict=True)
        pieces = [text[a:b] for a, b in cuts if a < b and text[a:b] not in ("・", "=", " ", "＝")]
        known = [words.word_classes(piece) for piece in pieces]
        if not known:
            return False
        names = WordClass.SURNAME | WordClass.GIVEN | WordClass.PERSON
        if len(known) == 1:
            return bool(known[0] & names) or not known[0]
        if any(
            k & WordClass.NOUN and not k & names and len(p) > 1 for k, p in zip(known, pieces, strict=False)
        ):
            return False
        return any(k & names or not k for k in known)

    # -- the whole text -------------------------------------------------------------------------

    def _join(
        self, text: str, blocks: list[Block], readings: list[_Reading], *, with_slow: bool = False
    ) -> list[Span]:
        resolved = [self._resolve_block(reading, with_slow=with_slow) for reading in readings]
        names = self._names(readings, resolved)
        if Layer.CONSISTENCY not in self._disabled:
            self._add_mentions(readings, resolved, names)
        keys = person_keys(names)
        spans: list[Span] = []
        for block, reading, finds in zip(blocks, readings, resolved, strict=True):
            for find in finds:
                if find.start < reading.head:
                    continue
                start, end = reading.source.to_original(find.start, find.end)
                value = _compact(reading.source.text[find.start : find.end])
                kind = EntityType(find.kind)
                person = keys.get(value, value) if kind is EntityType.PERSON else ""
                offset = block.start - block.head
                spans.append(
                    Span(
                        offset + start, offset + end, kind, round(find.score, 3), find.sources, person=person
                    )
                )
        return self._apply_settings(text, spans)

    def _resolve_block(self, reading: _Reading, *, with_slow: bool) -> list[Candidate]:
        finds = (
            reading.finds
            if self.settings.include_quasi
            else [f for f in reading.finds if f.kind not in QUASI_IDENTIFIERS]
        )
        items = [*finds, *reading.claims]
        if with_slow and reading.persons:
            items.extend(reading.persons)
        text = reading.source.text
        return [
            _trimmed(find, text)
            for find in resolve(items)
            if find.score >= LEAST_SCORE and text[find.start : find.end].strip()
        ]

    def _names(self, readings: list[_Reading], resolved: list[list[Candidate]]) -> list[PersonName]:
        found: dict[str, PersonName] = {}
        for reading, finds in zip(readings, resolved, strict=True):
            for find in finds:
                if find.kind == EntityType.PERSON and find.score > 0.6:
                    value = reading.source.text[find.start : find.end]
                    name = divide(value, self._split)
                    if name.full not in found or name.surname:
                        found[name.full] = name
        return list(found.values())

    def _split(self, run: str) -> tuple[int, float]:
        from models.masking.recognizers.name_grammar import split_name

        assert self._engine is not None
        assert self._engine.morphology is not None
        return split_name(run, self._engine.morphology)

    def _add_mentions(
        self, readings: list[_Reading], resolved: list[list[Candidate]], names: list[PersonName]
    ) -> None:
        assert self._engine is not None
        assert self._engine.morphology is not None
        words = self._engine.morphology
        given = {name.surname for name in names if name.given}

        def is_risky(word: str) -> bool:
            return words.is_common(word) or (
                word not in given and bool(words.word_classes(word) & WordClass.PLACE)
            )

        terms = set(mention_terms(names, is_risky))
        values: dict[str, str] = {}
        for reading, finds in zip(readings, resolved, strict=True):
            for find in finds:
                if find.kind in _REPEATED and find.end - find.start >= 6:
                    values.setdefault(reading.source.text[find.start : find.end], find.kind)
        index = TermIndex([*terms, *values])
        if not index:
            return
        for position, reading in enumerate(readings):
            covered = bytearray(len(reading.source.text) + 1)
            for find in resolved[position]:
                covered[find.start : find.end] = b"\1" * (find.end - find.start)
            extra = [
                candidate
                for start, end, term in index.find(reading.source.text)
                if covered.find(1, start, end) < 0
                and (candidate := self._mention(reading, start, end, values.get(term))) is not None
            ]
            if extra:
                kept = resolve(
                    [
                        *resolved[position],
                        *extra,
                        *(c for c in reading.claims if c.kind == "CLAIM_ORGANIZATION"),
                    ]
                )
                resolved[position] = [find for find in kept if find.score >= LEAST_SCORE]

    def _mention(self, reading: _Reading, start: int, end: int, kind: str | None) -> Candidate | None:
        text = reading.source.text
        if kind is not None:
            before, after = text[start - 1 : start], text[end : end + 1]
            if (text[start].isdigit() and before.isdigit()) or (text[end - 1].isdigit() and after.isdigit()):
                return None
            return Candidate(start, end, kind, 0.9, ("consistency",))
        if (start not in reading.begins or end not in reading.ends) and end - start < 4:
            return None
        if end - start == 1 and not (_ALONE_BEFORE.match(text, start - 1) if start else True):
            return None
        if end - start == 1 and not _ALONE_AFTER.match(text, end):
            return None
        if _PLACE_AFTER.match(text, end):
            return None
        return Candidate(start, end, EntityType.PERSON, 0.7, ("consistency",))

    def _apply_settings(self, text: str, spans: list[Span]) -> list[Span]:
        settings = self.settings
        if not settings.include_quasi:
            spans = [span for span in spans if span.entity_type not in QUASI_IDENTIFIERS]
        if settings.kinds is not None:
            spans = [span for span in spans if span.entity_type in settings.kinds]
        if settings.never_mask:
            never = _terms(settings.never_mask)
            spans = [span for span in spans if fold_term(text[span.start : span.end]) not in never]
        if settings.always_mask:
            spans = self._add_always(text, spans)
        return spans

    def _add_always(self, text: str, spans: list[Span]) -> list[Span]:
        source = normalize(text)
        folded = source.text.casefold()
        if len(folded) != len(source.text):
            folded = source.text
        by_term = {fold_term(entry.text): entry.entity_type for entry in self.settings.always_mask}
        forced: list[Span] = []
        for start, end, term in TermIndex(by_term).find(folded):
            first, last = source.to_original(start, end)
            forced.append(
                Span(
                    first,
                    last,
                    by_term[term],
                    1.0,
                    ("dictionary",),
                    person=term if by_term[term] is EntityType.PERSON else "",
                )
            )
        kept: list[Span] = []
        position = 0
        for span in spans:
            while position < len(forced) and forced[position].end <= span.start:
                position += 1
            if position < len(forced) and forced[position].overlaps(span):
                if span.start <= forced[position].start and forced[position].end <= span.end:
                    forced[position] = replace(forced[position], start=span.start, end=span.end)
                continue
            kept.append(span)
        return sorted({*kept, *forced}, key=lambda span: span.start)


@dataclass(frozen=True, slots=True)
class _Window:
    """A stretch of a folded text whose breaks are removed for a second reading."""

    start: int
    end: int
    breaks: tuple[int, ...]

    def source(self, whole: NormalizedText) -> NormalizedText:
        return NormalizedText(
            whole.text[self.start : self.end],
            whole.starts[self.start : self.end],
            whole.ends[self.start : self.end],
        )

    def back(self, position: int) -> int:
        """The place of a joined character in the whole text."""
        place = self.start + position
        for line_break in self.breaks:
            if line_break > place:
                break
            place += 1
        return place


def _may_cross(text: str, item: Candidate, line_break: int, whole: list[tuple[int, int, str]]) -> bool:
    """Whether a find over a single doubtful wrap is to be believed.

    Not when a find of its kind ends with the line above or begins the line below, and a name only
    when both halves are of one script.
    """
    if item.kind == EntityType.EMAIL:
        return bool(_TOP_LEVEL.search(text[item.start : item.end].replace("\n", "")))
    if item.kind == EntityType.PERSON:
        return _script(text[line_break - 1]) == _script(text[line_break + 1])
    return not any(
        kind == item.kind and (end == line_break or start == line_break + 1) for start, end, kind in whole
    ) or item.kind in (EntityType.ADDRESS, EntityType.PHONE)


def _script(char: str) -> str:
    if "ァ" <= char <= "ー":
        return "katakana"
    if "ぁ" <= char <= "ん":
        return "hiragana"
    return "latin" if char.isascii() else "kanji"


def _trimmed(find: Candidate, text: str) -> Candidate:
    """A find without the spaces at its ends."""
    start, end = find.start, find.end
    while text[start] in _BLANK:
        start += 1
    while text[end - 1] in _BLANK:
        end -= 1
    return find if (start, end) == (find.start, find.end) else replace(find, start=start, end=end)


_BLANK = " \t\n"
_KEPT_CLAIMS = frozenset(("CLAIM_ORGANIZATION", "CLAIM_PLACE"))


def _survivors(finds: list[Candidate], claims: list[Candidate]) -> list[Candidate]:
    """Finds no claim of the same reading takes away; a claim of one reading has no say in another."""
    return unvetoed(finds, claims)


def _crosses(window: _Window, claim: Candidate) -> bool:
    start, end = window.back(claim.start), window.back(claim.end - 1) + 1
    return any(start < position < end for position in window.breaks)


def _windows(text: str, breaks: list[int], *, is_wrapped: bool) -> list[_Window]:
    """Where to read again: the whole text when it is wrapped, else the two lines around a break."""
    if is_wrapped:
        return [_Window(0, len(text), tuple(breaks))]
    windows = []
    for line_break in breaks:
        if not _CONTINUES.match(text, line_break - 1):
            continue
        end = text.find("\n", line_break + 1)
        start = text.rfind("\n", 0, line_break) + 1
        windows.append(_Window(start, len(text) if end < 0 else end, (line_break,)))
    return windows


_CONTINUES = re.compile(
    r"[0-9A-Za-z一-鿿々ァ-ヶーぁ-ん\-./@(]\n(?![-0-9]{1,2}[.．) 　、]|[・●○■□◆※【「(])[0-9A-Za-z一-鿿々ァ-ヶーぁ-ん\-./@)]"
)
_CAPITALS = re.compile(r"[A-Z]{2,}|[a-z]+")
_NOT_PERSON_END = re.compile(
    r"(?:社|所|館|院|園|校|隊|軍|党|国|県|市|町|村|区|州|省|庁|局|団|会|部|課|室|駅|線|港|城址|公園|大学|語|人|族|級|型|賞|杯|法|論|派|FC|SC|リーグ|ズ|シティ|ユナイテッド|エンターテインメント|プロダクション|センター|ブリッジ|スタジアム)$"
)
_NOT_PERSON_AFTER = re.compile(
    r"・?(?:FC|SC|社|軍|市|区|町|村|県|州|島|湖|川|山脈|駅|線|港|級|型|語|法|賞|杯|リーグ|大学|病院|空港|公園|財団|銀行|工業|製作所|スタジアム|ホール|劇場|美術館|博物館|新聞|放送|テレビ|株式会社|グループ|センター|海峡|半島|諸島|飛行場|ゼミ|条約|事件|戦争)"
)
_NAMEABLE = re.compile(r"[一-鿿々㐀-䶿]{2}|[ァ-ヶー]{2}|[A-Z][a-z]|[一-鿿](?:さん|様|氏)")
_PLACE_AFTER = re.compile(
    r"[市区町村県郡駅川橋山島港城寺線]|神社|大学|高校|小学校|中学校|病院|通り|地区|家具|商店|建設|工務店|工業|電機|産業"
)
_ALONE_BEFORE = re.compile(r"[\s、。:(「・)>]")
_ALONE_AFTER = re.compile(
    r"[はがをにとも](?![ぁ-ん]?[一-鿿]{0,1}側)|の(?=住所|電話|件|自宅|家|妻|夫|母|父|娘|息子|申|住民|話|希望|意見)|から|より|宅|家|方|さん|氏|様"
)
_TOP_LEVEL = re.compile(r"\.(?:jp|com|net|org|info|biz|io)$", re.IGNORECASE)
_TITLE_ONLY = re.compile(
    r"(?:さん|様|氏|殿|君|ちゃん|くん|先生|議員|課長|係長|部長|市長|町長|村長|知事|会長|社長|委員|教授|監督|選手|博士|大統領|首相|さま)+$"
)
_NO_NAME = re.compile(r"[0-9０-９@/:：。、\n\t=_#%&*+]|丁目|番地|条例|法律|制度")


@lru_cache(maxsize=8)
def _terms(words: tuple[str, ...]) -> frozenset[str]:
    return frozenset(fold_term(word) for word in words)


def _compact(value: str) -> str:
    return re.sub(r"[\s　・=＝,]+", "", value)


def _visible(text: str, covered: bytearray, start: int, end: int) -> str:
    if covered.find(1, start, end) < 0:
        return text[start:end]
    return "".join("\n" if covered[index] else text[index] for index in range(start, end))


def _is_name_like(value: str) -> bool:
    return len(value) >= 2 and not _NO_NAME.search(value)
