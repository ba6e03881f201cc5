"""The one style sheet, made from the tokens. Widgets name their part by the property `role`."""

from __future__ import annotations

from string import Template

from desktop.gui.theme import tokens as t

_SHEET = Template("""
* { outline: none; }
QWidget { color: $ink; }
QWidget[role="paper"] { background: $paper; }
QMainWindow, QDialog, QWidget[role="ground"] { background: $ground; }
QLabel { background: transparent; }
QLabel[role="title"] { font-size: ${title}px; font-weight: 600; }
QLabel[role="brand"] { font-size: ${title}px; font-weight: 600; color: $green; }
QLabel[role="heading"] { font-size: ${heading}px; font-weight: 600; }
QLabel[role="section"] { font-size: ${field}px; font-weight: 600; }
QLabel[role="fieldlabel"] { font-size: ${body}px; font-weight: 600; }
QLabel[role="caption"] { font-size: ${caption}px; color: $quiet; }
QLabel[role="problem"] { font-size: ${caption}px; color: $vermilion; font-weight: 600; }
QLabel[role="required"] { font-size: ${caption}px; color: $vermilion; }
QLabel[role="badge"] { font-size: ${caption}px; color: $quiet; border: 1px solid $line; border-radius: 4px;
  padding: 1px 6px; background: $paper; }
QLabel[role="badge"][tone="amber"] { color: $amber; border-color: $amber; background: $amber_tint; }
QLabel[role="badge"][tone="vermilion"] { color: $vermilion; border-color: $vermilion;
  background: $vermilion_tint; }
QLabel[role="badge"][tone="green"] { color: $green; border-color: $green; background: $green_tint; }

QFrame[role="card"] { background: $paper; border: 1px solid $line; border-radius: ${radius}px; }
QFrame[role="bar"] { background: $paper; border: none; border-bottom: 1px solid $line; }
QFrame[role="footer"] { background: $paper; border: none; border-top: 1px solid $line; }
QFrame[role="status"] { background: $ground; border: none; border-top: 1px solid $line; }
QFrame[role="rule"] { background: $line; border: none; max-height: 1px; min-height: 1px; }
QFrame[role="banner"] { background: $vermilion_tint; border: 1px solid $vermilion; border-radius: ${radius}px; }
QFrame[role="banner"][tone="amber"] { background: $amber_tint; border-color: $amber; }
QFrame[role="banner"][tone="green"] { background: $green_tint; border-color: $green; }

QPushButton { background: $paper; border: 1px solid $edge; border-radius: ${radius}px; padding: 5px 14px;
  min-height: ${button}px; }
QPushButton:hover { background: $green_tint; border-color: $green; }
QPushButton:pressed { background: $selection; }
QPushButton:focus { border: 2px solid $green; padding: 4px 13px; }
QPushButton:disabled { color: $quiet; border-color: $line; background: $ground; }
QPushButton[role="primary"] { background: $green; color: $on_green; border: 1px solid $green; font-weight: 600;
  font-size: ${field}px; padding: 7px 20px; min-width: ${primary}px; }
QPushButton[role="primary"]:hover { background: $green_strong; border-color: $green_strong; }
QPushButton[role="primary"]:focus { border: 2px solid $ink; padding: 6px 19px; }
QPushButton[role="primary"]:disabled { background: $line; border-color: $line; color: $quiet; }
QPushButton[role="stop"] { color: $vermilion; border-color: $vermilion; font-weight: 600; }
QPushButton[role="stop"]:hover { background: $vermilion_tint; }
QPushButton[role="chip"] { border-radius: ${chip_radius}px; padding: 3px 12px; border-color: $edge; }
QPushButton[role="chip"]:disabled { border-color: $line; background: $ground; }
QPushButton[role="chip"]:focus { padding: 2px 11px; }
QPushButton[role="chip"]:checked { background: $green; color: $on_green; border-color: $green; }
QPushButton[role="plain"] { background: transparent; border: 1px solid transparent; color: $green;
  padding: 5px 8px; }
QPushButton[role="plain"]:hover { background: $green_tint; }
QPushButton[role="plain"]:focus { border: 2px solid $green; padding: 4px 7px; }
QPushButton[role="plain"]:disabled { color: $quiet; background: transparent; }
QPushButton[role="concern"] { background: transparent; border: 1px solid transparent; color: $vermilion;
  text-align: left; padding: 4px 4px; font-weight: 600; }
QPushButton[role="concern"]:hover { background: $vermilion_tint; }
QPushButton[role="concern"]:focus { border: 2px solid $vermilion; padding: 3px 3px; }
QPushButton[role="back"] { background: transparent; border: 1px solid transparent; padding: 5px 8px; color: $ink; }
QPushButton[role="back"]:hover { background: $green_tint; }
QPushButton[role="back"]:focus { border: 2px solid $green; padding: 4px 7px; }
QPushButton[role="tile"] { background: $paper; border: 1px solid $line; border-radius: ${radius}px;
  padding: 0px; min-height: ${tile}px; max-height: ${tile}px; }
QPushButton[role="tile"][kind="small"] { min-height: ${small_tile}px; max-height: ${small_tile}px; }
QPushButton[role="tile"]:hover { border-color: $green; background: $green_tint; }
QPushButton[role="tile"]:focus { border: 2px solid $green; }
QPushButton::menu-indicator { width: 0px; }
QToolButton { background: transparent; border: 1px solid transparent; border-radius: ${radius}px;
  padding: 4px; }
QToolButton:hover { background: $green_tint; }
QToolButton:focus { border: 2px solid $green; padding: 3px; }

QLineEdit, QTextEdit, QPlainTextEdit, QComboBox { background: $paper; border: 1px solid $edge;
  border-radius: ${radius}px; padding: 5px 8px; font-size: ${field}px; selection-background-color: $selection;
  selection-color: $selected_ink; }
QLineEdit:focus, QTextEdit:focus, QPlainTextEdit:focus, QComboBox:focus {
  border: 2px solid $green; padding: 4px 7px; }
QLineEdit[invalid="true"], QPlainTextEdit[invalid="true"], QComboBox[invalid="true"] {
  border: 2px solid $vermilion; padding: 4px 7px; }
QLineEdit:read-only { background: $ground; }
QLineEdit[role="search"] { min-height: ${search}px; padding: 7px 12px; border-radius: ${search_radius}px; }
QLineEdit[role="search"]:focus { padding: 6px 11px; }
QTextEdit[role="pane"], QTextEdit[role="paper"] { border: 1px solid $line; padding: 4px; }
QTextEdit[role="pane"]:focus, QTextEdit[role="paper"]:focus { border: 2px solid $green; padding: 3px; }
QAbstractSpinBox { background: $paper; border: 1px solid $edge; border-radius: ${radius}px; padding: 5px 0px;
  font-size: ${field}px; min-width: 72px; }
QAbstractSpinBox:focus { border: 2px solid $green; padding: 4px 0px; }
QAbstractSpinBox QLineEdit, QAbstractSpinBox QLineEdit:focus { border: none; background: transparent; padding: 0px; }
QAbstractSpinBox::up-button, QAbstractSpinBox::down-button { width: 0px; }
QTabWidget::pane { background: $paper; border: 1px solid $line; border-radius: ${radius}px; }
QTabBar::tab { background: $ground; border: 1px solid $line; border-bottom: none; padding: 6px 14px;
  border-top-left-radius: ${radius}px; border-top-right-radius: ${radius}px; color: $quiet; }
QTabBar::tab:selected { background: $paper; color: $ink; font-weight: 600; }
QTabBar:focus { color: $green; }
QPlainTextEdit[role="bare"] { border: none; }
QPlainTextEdit[role="bare"]:focus { border: 2px solid $green; }
QComboBox::drop-down { border: none; width: 24px; }
QComboBox::down-arrow { image: url("$arrow_image"); width: 12px; height: 12px; margin-right: 10px; }
QComboBox QAbstractItemView { background: $paper; border: 1px solid $edge;
  selection-background-color: $selection; selection-color: $selected_ink; outline: none; }
QComboBox QAbstractItemView::item { min-height: ${row}px; padding: 2px 8px; }

QCheckBox, QRadioButton { spacing: 8px; background: transparent; padding: 2px; }
QCheckBox::indicator { width: ${check}px; height: ${check}px; border: 1px solid $edge; border-radius: 3px;
  background: $paper; }
QCheckBox::indicator:checked { background: $green; border-color: $green; image: url("$check_image"); }
QCheckBox:focus { border: 2px solid $green; border-radius: 4px; padding: 0px; }
QCheckBox:disabled { color: $quiet; }
QRadioButton:focus { border: 2px solid $green; border-radius: 4px; padding: 0px; }

QListView, QTreeView, QTableView { background: $paper; border: 1px solid $line; border-radius: ${radius}px;
  padding: 2px; }
QListView:focus, QTreeView:focus, QTableView:focus { border: 2px solid $green; padding: 1px; }
QListWidget::item { min-height: ${row}px; padding: 2px 8px; border-radius: 4px; }
QListWidget::item:selected { background: $selection; color: $selected_ink; }
QListView[role="bare"] { border: none; background: transparent; padding: 0px; }
QTableView::item { padding: 0px 8px; }
QTableView { gridline-color: $line; font-size: ${field}px; }
QHeaderView::section { background: $ground; color: $quiet; border: none; border-right: 1px solid $line;
  border-bottom: 1px solid $line; padding: 4px 8px 4px 11px; font-size: ${caption}px; }
QTableCornerButton::section { background: $ground; border: none; }
QScrollArea { border: none; background: transparent; }
QScrollArea > QWidget > QWidget[role="ground"] { background: $ground; }
QScrollBar:vertical { background: transparent; width: 10px; margin: 0; }
QScrollBar::handle:vertical { background: $edge; border-radius: 3px; min-height: 32px; margin: 2px; }
QScrollBar:horizontal { background: transparent; height: 10px; margin: 0; }
QScrollBar::handle:horizontal { background: $edge; border-radius: 3px; min-width: 32px; margin: 2px; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }
QSplitter::handle { background: transparent; }
QProgressBar { border: none; border-radius: 3px; background: $line; height: 6px; max-height: 6px; }
QProgressBar::chunk { background: $green; border-radius: 3px; }
QMenu { background: $paper; border: 1px solid $edge; padding: 4px; }
QMenu::item { padding: 6px 24px 6px 12px; border-radius: 4px; }
QMenu::item:selected { background: $selection; color: $selected_ink; }
QMenu::item:disabled { color: $quiet; }
QMenu::separator { height: 1px; background: $line; margin: 4px 8px; }
QToolTip { background: $paper; color: $ink; border: 1px solid $edge; padding: 4px 8px; }
""")


def stylesheet(tokens: t.Tokens, factor: float, *, images: str = "") -> str:
    """The application's style sheet.

    Args:
        tokens: The colours.
        factor: The text size's factor.
        images: Folder of the tick and the arrow, with `/` between its parts.
    """

    def px(size: float) -> int:
        return round(size * factor)

    shade = "light" if tokens.name == "light" else "dark"
    colors = {
        name: value
        for name, value in vars(tokens).items()
        if isinstance(value, str) and name not in ("name",)
    }
    return _SHEET.substitute(
        colors,
        selected_ink=tokens.on_green if tokens.name == "high_contrast" else tokens.ink,
        radius=t.RADIUS_PX,
        body=px(t.BODY_PX),
        caption=px(t.CAPTION_PX),
        field=px(t.FIELD_PX),
        heading=px(t.HEADING_PX),
        title=px(t.TITLE_PX),
        button=px(20),
        primary=px(168),
        chip_radius=(px(20) + 8) // 2 - 1,
        tile=px(86),
        small_tile=px(44),
        search=px(22),
        search_radius=(px(22) + 16) // 2 - 1,
        row=px(28),
        check=px(16),
        check_image=f"{images}/tick_{shade}.svg",
        arrow_image=f"{images}/arrow_{shade}.svg",
    )
