"""What is kept of a draft while it goes its way: masked texts in the store, counts in the audit log.

The window and the terminal both tell it each step; every step is on disk when the call returns.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from desktop.drafting.errors import DraftNotFoundError
from desktop.drafting.model_choice import ModelChoice
from desktop.drafting.policy import Policy
from desktop.drafting.records.audit import AuditEntry, AuditEvent, AuditLog, start_of_day
from desktop.drafting.records.drafts import DraftStore, EffectAnswer, NewDraft, StoredDraft
from desktop.drafting.session import DraftSession
from models.masking.entities import EntityType
from models.masking.review import Review


@dataclass
class _Kept:
    """What of one draft is stored already."""

    stored_id: str = ""
    persons: int = 0
    kinds: Counter[EntityType] = field(default_factory=Counter)
    open_turn: int | None = None


class DraftArchive:
    """Stores the steps of drafts.

    Args:
        drafts: The store of masked texts.
        audit: The log without text.
        policy: IT's rules.
        model: The model that writes.
        who: Account name of the person.

    Raises:
        RecordsUnreadableError, DataFolderUnwritableError: From every method.
    """

    def __init__(
        self, drafts: DraftStore, audit: AuditLog, *, policy: Policy, model: ModelChoice, who: str
    ) -> None:
        self._drafts = drafts
        self._audit = audit
        self._policy = policy
        self._model = model
        self._who = who
        self._kept: dict[str, _Kept] = {}

    def search(self, query: str) -> tuple[StoredDraft, ...]:
        """Stored drafts, newest first; all of them for an empty query."""
        return self._drafts.search(query) if query.strip() else self._drafts.list()

    def get(self, draft_id: str) -> StoredDraft:
        """One stored draft with its turns.

        Raises:
            DraftNotFoundError: There is none.
        """
        return self._drafts.get(draft_id)

    def discard(self, draft_id: str) -> None:
        """Put a stored draft into the bin."""
        self._drafts.move_to_bin(draft_id)
        self._audit.append(AuditEntry(AuditEvent.DELETED, self._who, draft_id=draft_id))

    def put_back(self, draft_id: str) -> None:
        """Take a stored draft out of the bin."""
        self._drafts.restore(draft_id)

    def binned(self) -> tuple[StoredDraft, ...]:
        """What lies in the bin, the last changed first."""
        return self._drafts.list(is_binned=True)

    def purge_bin(self) -> int:
        """Delete what lies in the bin for good; returns how many. The log keeps that it was done."""
        return self._deleted(self._drafts.purge_bin(), "bin")

    def delete_all(self) -> int:
        """Delete every stored draft for good, the bin's too; returns how many. The log keeps it."""
        number = self._drafts.delete_all()
        self._kept.clear()
        return self._deleted(number, "all")

    def _deleted(self, number: int, what: str) -> int:
        self._audit.append(AuditEntry(AuditEvent.DELETED, self._who, outcome=f"{what}:{number}"))
        return number

    def effects(self, start: datetime, end: datetime) -> tuple[EffectAnswer, ...]:
        """Uses from `start` until before `end` and what the person said of them."""
        return self._drafts.effects(start, end)

    def kept_of(self, draft_id: str) -> dict[str, Any]:
        """What is stored of a draft already, without text, so that another run of the program goes on with it."""
        kept = self._kept.get(draft_id)
        if kept is None or not kept.stored_id:
            return {}
        kinds = {kind.value: count for kind, count in kept.kinds.items()}
        return {"stored_id": kept.stored_id, "persons": kept.persons, "kinds": kinds}

    def go_on(self, draft_id: str, kept: Mapping[str, Any]) -> None:
        """Go on with a draft that an earlier run stored (`kept_of`); where it is gone, a new one begins."""
        if draft_id in self._kept:
            return
        try:
            stored = self._drafts.get(str(kept["stored_id"]))
            kinds = Counter({EntityType(kind): int(count) for kind, count in kept["kinds"].items()})
            self._kept[draft_id] = _Kept(stored.id, int(kept["persons"]), kinds)
        except (DraftNotFoundError, KeyError, TypeError, ValueError, AttributeError):
            return

    def check_review(self, draft_id: str, review: Review) -> None:
        """Make sure that the policy lets this review go on.

        Raises:
            PersonCapReachedError: Today's persons and these exceed the cap.
        """
        so_far = self._audit.persons_since(start_of_day(datetime.now().astimezone()))
        self._policy.check_persons(so_far, more=review.person_count)

    def review_confirmed(self, draft_id: str, session: DraftSession, confidentiality: int = 0) -> None:
        """A person confirmed the masking: the request is stored before it is sent."""
        masked = session.confirmed_request
        if masked is None:
            return
        kept = self._kept.setdefault(draft_id, _Kept())
        kinds = Counter(span.entity_type for span in masked.spans)
        new_persons = session.vault.person_count - kept.persons
        kept.kinds += kinds
        kept.persons = session.vault.person_count
        template = session.template
        if kept.stored_id:
            kept.open_turn = self._drafts.add_turn(
                kept.stored_id, masked.text, kinds=kept.kinds, persons=kept.persons
            )
        else:
            new = NewDraft(
                template.id,
                template.version,
                template.title,
                confidentiality=confidentiality or template.confidentiality,
                model_id=self._model.card.id,
                model_sha256=self._model.sha256,
                kinds=kept.kinds,
                persons=kept.persons,
                minutes_by_hand=template.minutes_by_hand or None,
            )
            kept.stored_id = self._drafts.create(new, masked.text, state=session.state)
            kept.open_turn = 0
        self._log(AuditEvent.MASKING_CONFIRMED, kept, session, kinds=kinds, persons=new_persons)

    def answered(self, draft_id: str, session: DraftSession) -> None:
        """An answer is complete (or was stopped): it is stored, masked."""
        kept = self._kept.get(draft_id)
        if kept is None or not kept.stored_id or not session.turns:
            return
        turn = session.turns[-1]
        if kept.open_turn is None:  # a fixed follow-up, or another answer to the same request
            kept.open_turn = self._drafts.add_turn(
                kept.stored_id, turn.request, kinds=kept.kinds, persons=kept.persons
            )
        self._drafts.set_completion(
            kept.stored_id, kept.open_turn, turn.completion_masked, finish_reason=turn.finish_reason
        )
        self._drafts.set_state(kept.stored_id, session.state)
        kept.open_turn = None
        elapsed = turn.usage.prompt_ms + turn.usage.completion_ms
        self._log(AuditEvent.GENERATED, kept, session, elapsed_ms=elapsed, outcome=turn.finish_reason)

    def confirmed(self, draft_id: str, session: DraftSession) -> None:
        """A person vouches for the draft."""
        kept = self._kept.get(draft_id)
        if kept is None or not kept.stored_id:
            return
        self._drafts.confirm(kept.stored_id, by=self._who, state=session.state)
        self._log(AuditEvent.DRAFT_CONFIRMED, kept, session)

    def answer_effect(self, draft_id: str, *, has_helped: bool, minutes_taken: float | None = None) -> None:
        """The person told whether the draft helped, and perhaps how many minutes it took."""
        kept = self._kept.get(draft_id)
        if kept is not None and kept.stored_id:
            self._drafts.answer_effect(kept.stored_id, has_helped=has_helped, minutes_taken=minutes_taken)

    def stopped(self, draft_id: str, session: DraftSession, *, outcome: str) -> None:
        """The masker refused the text (`outcome` is the error's code); nothing was sent."""
        self._log(AuditEvent.MASKING_STOPPED, self._kept.get(draft_id, _Kept()), session, outcome=outcome)

    def taken_out(self, draft_id: str, session: DraftSession | None, *, way: str) -> None:
        """A draft left as `docx`, `txt` or `clipboard`."""
        self._log(AuditEvent.EXPORTED, self._kept.get(draft_id, _Kept()), session, outcome=way)

    def _log(
        self,
        event: AuditEvent,
        kept: _Kept,
        session: DraftSession | None,
        *,
        kinds: Mapping[EntityType, int] | None = None,
        persons: int = 0,
        elapsed_ms: int = 0,
        outcome: str = "",
    ) -> None:
        template = session.template if session else None
        self._audit.append(
            AuditEntry(
                event,
                self._who,
                draft_id=kept.stored_id,
                template_id=template.id if template else "",
                template_version=template.version if template else "",
                confidentiality=template.confidentiality if template else 0,
                model_id=self._model.card.id,
                model_sha256=self._model.sha256,
                kinds=kinds or {},
                persons=persons,
                elapsed_ms=elapsed_ms,
                outcome=outcome,
            )
        )
