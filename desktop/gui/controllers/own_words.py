"""「この語は今後も」: words a person always or never wants masked, kept encrypted like unsent drafts."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QObject, Signal

from desktop.drafting.errors import DraftingError
from desktop.drafting.records.unsent import UnsentStore
from models.masking.entities import EntityType
from models.worker.protocol import Json

_ID: Final = "words"
MAX_WORDS: Final = 500


@dataclass(frozen=True)
class OwnWord:
    """One entry. `kind` is None for a word that is never masked."""

    text: str
    kind: EntityType | None


class OwnWords(QObject):
    """The person's own dictionary.

    Signals:
        changed: There are other words now.
        failed: (error) they could not be stored; they hold until the program ends.

    Args:
        store: Where they are kept, encrypted; it keeps nothing where the policy forbids that.
        parent: Qt's owner.
    """

    changed = Signal()
    failed = Signal(object)

    def __init__(self, store: UnsentStore, *, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._store = store
        self._words: dict[str, OwnWord] = {}
        with contextlib.suppress(DraftingError):
            stored = store.load(_ID)
            for text, kind in stored.content.get("words", []) if stored is not None else []:
                with contextlib.suppress(ValueError):
                    self._words[str(text)] = OwnWord(str(text), EntityType(kind) if kind else None)

    @property
    def words(self) -> tuple[OwnWord, ...]:
        """All entries, in the order of their making."""
        return tuple(self._words.values())

    def settings(self) -> Json:
        """The masking worker's settings that follow from them."""
        return {
            "always_mask": [[word.text, word.kind.value] for word in self.words if word.kind is not None],
            "never_mask": [word.text for word in self.words if word.kind is None],
        }

    def always_mask(self, text: str, kind: EntityType) -> None:
        """From now on, mask this word."""
        self._put(OwnWord(text, kind))

    def never_mask(self, text: str) -> None:
        """From now on, leave this word as it is."""
        self._put(OwnWord(text, None))

    def forget(self, text: str) -> None:
        """Take a word out."""
        if self._words.pop(text, None) is not None:
            self._keep()

    def _put(self, word: OwnWord) -> None:
        self._words.pop(word.text, None)
        self._words[word.text] = word
        while len(self._words) > MAX_WORDS:
            del self._words[next(iter(self._words))]
        self._keep()

    def _keep(self) -> None:
        rows = [[word.text, word.kind.value if word.kind is not None else ""] for word in self.words]
        try:
            self._store.save(_ID, {"words": rows})
        except DraftingError as error:
            self.failed.emit(error)
        self.changed.emit()
