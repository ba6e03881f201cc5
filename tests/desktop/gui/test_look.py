import itertools
import re
from pathlib import Path

import pytest

import desktop.gui
from desktop.gui.theme import ColorScheme, TextSize, Theme, kind_group
from desktop.gui.theme.stylesheet import stylesheet
from desktop.gui.theme.tokens import DARK, LIGHT, high_contrast
from desktop.gui.widgets.paper import Paper
from models.masking.entities import EntityType

GUI = Path(desktop.gui.__file__).parent


def luminance(color):
    channels = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, other):
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("tokens", [LIGHT, DARK], ids=lambda t: t.name)
@pytest.mark.parametrize("text", ["ink", "quiet", "green", "vermilion", "amber"])
@pytest.mark.parametrize("ground", ["paper", "ground"])
def test_text_can_be_read_on_every_ground(tokens, text, ground):
    assert contrast(getattr(tokens, text), getattr(tokens, ground)) >= 4.5


@pytest.mark.parametrize("tokens", [LIGHT, DARK], ids=lambda t: t.name)
@pytest.mark.parametrize(
    ("text", "ground"),
    [
        ("on_green", "green"),
        ("ink", "green_tint"),
        ("ink", "selection"),
        ("vermilion", "vermilion_tint"),
        ("amber", "amber_tint"),
        ("green", "green_tint"),
        ("ink", "vermilion_tint"),
        ("ink", "amber_tint"),
        ("quiet", "green_tint"),
    ],
)
def test_text_can_be_read_on_every_tint(tokens, text, ground):
    assert contrast(getattr(tokens, text), getattr(tokens, ground)) >= 4.5


@pytest.mark.parametrize("tokens", [LIGHT, DARK], ids=lambda t: t.name)
def test_finds_can_be_read_and_their_lines_seen(tokens):
    for colors in tokens.kinds.values():
        assert contrast(tokens.ink, colors.tint) >= 4.5
        assert contrast(colors.line, tokens.paper) >= 4.5


@pytest.mark.parametrize("tokens", [LIGHT, DARK], ids=lambda t: t.name)
def test_edges_of_fields_can_be_seen(tokens):
    assert contrast(tokens.edge, tokens.paper) >= 3


def test_every_kind_has_colours_in_every_scheme():
    contrasty = high_contrast("#000000", "#FFFFFF", "#FFFF00", "#000000")
    for kind, tokens in itertools.product(EntityType, (LIGHT, DARK, contrasty)):
        assert kind_group(kind) in tokens.kinds


@pytest.mark.parametrize("size", TextSize)
@pytest.mark.parametrize("scheme", [ColorScheme.LIGHT, ColorScheme.DARK])
def test_the_style_sheet_is_filled_and_follows_the_choice(qapp, size, scheme):
    theme = Theme()
    theme.choose(size=size, scheme=scheme)
    sheet = stylesheet(theme.tokens, size.factor)
    assert "$" not in sheet
    assert f"font-size: {theme.px(24)}px" in sheet
    assert qapp.font().pixelSize() == theme.px(13)
    assert theme.tokens.name == scheme.value


def test_a_colour_is_written_in_the_tokens_and_nowhere_else():
    for path in GUI.rglob("*.py"):
        if path.name != "tokens.py":
            assert not re.search(r"#[0-9A-Fa-f]{6}\b", path.read_text("utf-8")), path.name


def test_the_space_between_lines_grows_with_the_text(qapp):
    small, large = Theme(size=TextSize.SMALL), Theme(size=TextSize.EXTRA_LARGE)
    assert small.line_distance(15, line_height=1.9) < large.line_distance(15, line_height=1.9)


def test_staff_screens_do_not_speak_of_prompts_or_tokens():
    for path in (GUI / "windows").glob("*.py"):
        words = "".join(re.findall(r'"([^"\n]*)"', path.read_text("utf-8")))
        assert "プロンプト" not in words, path.name
        assert "トークン" not in words, path.name


@pytest.mark.parametrize("size", [TextSize.STANDARD, TextSize.EXTRA_LARGE])
@pytest.mark.parametrize("width", [420, 980, 1320])
def test_no_line_on_the_paper_runs_out_of_sight(qtbot, qapp, width, size):
    look = Theme(scheme=ColorScheme.LIGHT, size=size)
    look.apply()
    paper = Paper(look)
    qtbot.addWidget(paper)
    paper.resize(width, 500)
    paper.show()
    for text in ("下記のとおりお知らせしますので、" * 8, "国" * 2_000):  # without and with a scroll bar
        paper.begin()
        paper.append_text(text)
        qapp.processEvents()
        line = paper.document().firstBlock().layout().lineAt(0)
        assert 0 < line.width() <= paper.viewport().width()
        if width == 1320 and size is TextSize.STANDARD:
            assert line.textLength() == 42
