"""A request that is too long and its parts: planning them, and what a person reads of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

from desktop.drafting.checks import CheckReport
from desktop.drafting.long_input.plan import PartPlan
from desktop.drafting.long_input.reading import LongReading, PartStatus, Step, StepKind
from desktop.drafting.requests import PartNote, Request, long_request
from models.engine.protocol import GenerationParams
from models.errors import ContextTooLongError
from models.masking.masker import Masker
from models.masking.vault import Vault
from prompts.template import Category, PromptTemplate

REWRITING: Final = frozenset({Category.TRANSLATION, Category.REVIEW})
"""Tasks whose answer is the whole text in other words: points of parts are no answer to them."""
MAX_TIGHTENINGS: Final = 4


def plan_for(
    request: Request,
    refusal: ContextTooLongError,
    *,
    template: PromptTemplate,
    masker: Masker,
    max_tokens: int,
) -> PartPlan | None:
    """A plan for the parts of a request that the engine refused, to be measured; None where none can help.

    Args:
        request: What the person confirmed.
        refusal: How the engine refused it.
        template: Its template.
        masker: Seals the template's words and ours.
        max_tokens: Longest answer that is wanted.
    """
    if request.masked is None or template.category in REWRITING:
        return None
    made = long_request(
        request,
        system=masker.fixed(template.system) if template.system else None,
        fixed=masker.fixed,
        tokens_per_char=refusal.prompt_tokens / max(1, len(request.masked.text)),
        room_tokens=refusal.n_ctx / 2,
    )
    if made is None:
        return None
    return PartPlan(made, refusal, reserve_tokens=min(max_tokens, refusal.n_ctx // 4))


def next_refusal(
    reading: LongReading | None, error: ContextTooLongError, step: Step | None, tightenings: int
) -> ContextTooLongError | None:
    """For what a new plan is to be made when a request did not fit; None where it only needs more room.

    Args:
        reading: The reading under way, if there is one.
        error: How the engine refused the request.
        step: Which request of the reading that was.
        tightenings: How often one was refused already.

    Raises:
        ContextTooLongError: It was refused too often.
    """
    if reading is None:
        return error
    known = replace(reading.plan.refusal, n_ctx=error.n_ctx)
    if reading.plan.n_ctx != error.n_ctx:
        return known  # the model came back with another context
    if tightenings >= MAX_TIGHTENINGS:
        raise error
    if step is not None and step.kind is not StepKind.PART:
        return None
    # The engine's count was an estimate (a server's is): take all for longer than it said.
    return replace(known, prompt_tokens=known.prompt_tokens * 5 // 4)


def part_params(step: Step) -> GenerationParams:
    """Points are copied, not invented: greedy at first, a little freer where that came to nothing."""
    return GenerationParams(
        max_tokens=step.max_tokens,
        reserve_tokens=step.max_tokens,
        temperature=0.3 if step.attempt else 0.0,
        seed=step.attempt,
    )


def part_notes(reading: LongReading | None, vault: Vault) -> tuple[PartNote, ...]:
    """The parts with their points, values restored."""
    return tuple(
        PartNote(
            vault.restore(read.part.mark.text).text,
            read.part.chars,
            read.status,
            tuple(vault.restore(read.points.text).text.splitlines()) if read.points else (),
        )
        for read in (reading.parts if reading is not None else ())
    )


def about_parts(report: CheckReport, text: str, parts: Sequence[PartNote]) -> CheckReport:
    """Say which parts are missing; the places that name a part are no facts of the answer."""
    named = [place for part in parts for place in _places(text, part.mark)]
    return replace(
        report,
        unsupported=tuple(
            found
            for found in report.unsupported
            if not any(start <= found.start and found.end <= end for start, end in named)
        ),
        unread_parts=tuple(part.mark for part in parts if part.status is PartStatus.UNREAD),
        cut_parts=tuple(part.mark for part in parts if part.status is PartStatus.CUT),
    )


def _places(text: str, words: str) -> Iterator[tuple[int, int]]:
    at = text.find(words) if words else -1
    while at >= 0:
        yield at, at + len(words)
        at = text.find(words, at + len(words))
