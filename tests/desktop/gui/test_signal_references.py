import sys

from PySide6.QtCore import QObject, Signal


class Bell(QObject):
    rung = Signal(str)


def test_signals_do_not_use_up_the_references_to_true():
    """PySide6 6.12.0 on Python 3.11 did: a window died after some hundred chunks of text."""
    bell = Bell()
    before = sys.getrefcount(True)
    for _ in range(1_000):
        bell.rung.emit("起案")
    assert sys.getrefcount(True) > before - 100
