"""Code points and UTF-16 units: the review counts the first, Qt's documents count the second."""

from __future__ import annotations

from bisect import bisect_left


class Offsets:
    """Converts offsets of one text in both directions."""

    def __init__(self, text: str) -> None:
        # Positions (in code points) of the characters that take two units; few or none.
        self._wide = [i for i, ch in enumerate(text) if ord(ch) > 0xFFFF] if not text.isascii() else []
        self._wide_units = [at + n for n, at in enumerate(self._wide)]

    def to_units(self, point: int) -> int:
        """UTF-16 units before code point `point`."""
        return point + bisect_left(self._wide, point) if self._wide else point

    def to_points(self, unit: int) -> int:
        """Code points before UTF-16 unit `unit`."""
        return unit - bisect_left(self._wide_units, unit) if self._wide else unit
