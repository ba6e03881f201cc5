"""Noticing that a model writes the same words over and over, while it does: it would not stop by itself."""

from __future__ import annotations

from typing import Final

_LONGEST: Final = 64
"""Longest stretch that is looked for, tokens: a long line of a list."""

_LEAST_TOKENS: Final = 128
_LEAST_TIMES: Final = 6


class LoopWatch:
    """Watches the tokens of one completion.

    A loop is a stretch of up to 64 tokens that stands at least six times in a row and fills at least 128
    tokens; rulers, dotted lines and tables of blanks stay below.
    """

    def __init__(self) -> None:
        self._tokens: list[int] = []
        self._runs = [0] * (_LONGEST + 1)
        self._is_found = False

    def is_found(self) -> bool:
        """Whether there was a loop."""
        return self._is_found

    def add(self, token: int) -> None:
        """Take the next token."""
        tokens, runs = self._tokens, self._runs
        for period in range(1, min(_LONGEST, len(tokens)) + 1):
            if tokens[-period] == token:
                runs[period] += 1
                self._is_found |= runs[period] + period >= max(_LEAST_TOKENS, _LEAST_TIMES * period)
            else:
                runs[period] = 0
        tokens.append(token)
