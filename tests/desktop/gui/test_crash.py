import sys

from desktop.gui.windows.crash import CrashDialog, CrashHandler, report_of


def fail(name):
    secret = f"{name}さんの相談"
    try:
        raise ValueError(secret)
    except ValueError as error:
        raise RuntimeError(f"could not handle {secret}") from error


def crash():
    try:
        fail("山田太郎")
    except RuntimeError as error:
        return error


def test_a_report_names_types_and_lines_and_not_a_word_of_the_text():
    report = report_of(crash(), version="0.1.0")
    assert "RuntimeError" in report and "ValueError" in report
    assert "test_crash:" in report
    assert "山田" not in report
    assert "相談" not in report
    assert "/" not in report.replace("Kian", "")


def test_a_module_of_ours_is_named_by_its_dots():
    from desktop.gui.widgets.offsets import Offsets

    try:
        Offsets(None)
    except (TypeError, AttributeError) as error:
        assert "desktop.gui.widgets.offsets:" in report_of(error)


def test_an_unexpected_exception_shows_one_dialog(qtbot, theme, monkeypatch):
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    handler = CrashHandler(version="0.1.0")
    shown = []
    handler.crashed.connect(shown.append)
    handler._take(RuntimeError, crash(), None)
    handler._take(RuntimeError, crash(), None)
    assert len(shown) == 2
    from PySide6.QtWidgets import QApplication

    dialogs = [w for w in QApplication.topLevelWidgets() if isinstance(w, CrashDialog)]
    assert len(dialogs) == 1
    assert "山田" not in dialogs[0].report.toPlainText()
    assert dialogs[0].report.toPlainText() == shown[0]
    dialogs[0].accept()
