"""The mark every copy of a draft carries: made by AI, confirmed by a person or not, demonstration or not."""

from __future__ import annotations

from dataclasses import dataclass

UNCONFIRMED = "下書き（AI生成・未確認）"
DEMO = "動作確認用の見本モデルです。実務には使えません"


@dataclass(frozen=True)
class DraftLabel:
    """What must be said beside a draft.

    Attributes:
        is_confirmed: Whether a person ticked the checklist and vouched for the text.
        is_demo: Whether the demonstration model wrote it.
    """

    is_confirmed: bool
    is_demo: bool

    @property
    def header(self) -> str:
        """The line above the text; empty when it was confirmed."""
        return "" if self.is_confirmed else UNCONFIRMED

    @property
    def footer(self) -> tuple[str, ...]:
        """The lines below the text."""
        said = (
            "この文書はAI（起案）を使って作成し、職員が確認しました"
            if self.is_confirmed
            else "この文書はAI（起案）が生成した下書きです（未確認）"
        )
        return (said, DEMO) if self.is_demo else (said,)

    @property
    def status(self) -> str:
        """The word for the document's properties."""
        return "確認済み" if self.is_confirmed else "未確認"
