import re

import pytest
from PySide6.QtWidgets import QFileDialog, QWidget

from desktop.drafting.errors import SecondInstanceError
from desktop.gui.messages import message_for
from desktop.gui.widgets.qt_words import install_japanese
from desktop.gui.windows.start_problem import problem_dialog

ENGLISH = re.compile(r"[A-Za-z]{3,}")
FACES = ("text", "toolTip", "windowTitle", "placeholderText")


@pytest.fixture(scope="module", autouse=True)
def japanese(qapp):
    install_japanese(qapp)


@pytest.mark.parametrize(
    ("accept", "files"),
    [
        (QFileDialog.AcceptMode.AcceptOpen, QFileDialog.FileMode.ExistingFile),
        (QFileDialog.AcceptMode.AcceptOpen, QFileDialog.FileMode.Directory),
        (QFileDialog.AcceptMode.AcceptSave, QFileDialog.FileMode.AnyFile),
    ],
)
def test_a_file_dialog_of_qts_own_has_no_english_word(qtbot, tmp_path, accept, files):
    dialog = QFileDialog(None, "書き出す先", str(tmp_path))
    qtbot.addWidget(dialog)
    dialog.setOption(QFileDialog.Option.DontUseNativeDialog)
    dialog.setAcceptMode(accept)
    dialog.setFileMode(files)
    dialog.setNameFilter("表 (*.csv)")
    found = [
        words
        for widget in (dialog, *dialog.findChildren(QWidget))
        for face in FACES
        if hasattr(widget, face) and ENGLISH.search(words := str(getattr(widget, face)()))
    ]
    # What stands in the fields is the person's: paths and the filter.
    assert [words for words in found if str(tmp_path) not in words and "csv" not in words] == []


def test_the_box_before_the_window_wears_its_look_and_its_words(qtbot, theme):
    notice = message_for(SecondInstanceError())
    dialog = problem_dialog(notice)
    qtbot.addWidget(dialog)
    dialog.show()
    shown = " ".join(found.text() for found in dialog.findChildren(QWidget) if hasattr(found, "text"))
    assert notice.title in shown and "サインアウト" in shown and "閉じる" in shown
    picture = dialog.grab().toImage()
    assert picture.pixelColor(2, 2).name().upper() == theme.tokens.ground
    assert dialog.height() >= dialog.column.totalHeightForWidth(dialog.width())
