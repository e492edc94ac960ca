"""The theme: colours, sizes and fonts, and everyone following a change."""

from __future__ import annotations

import re

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from app import style
from app.theme import MODES, ROLES, SCALES, Theme, tokens
from app.widgets import Button, text
from engine.method import FAMILIES


def _light(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _contrast(one: str, other: str) -> float:
    high, low = sorted((_light(one), _light(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("shade", ["light", "dark"])
@pytest.mark.parametrize(
    ("ink", "ground", "least"),
    [
        ("text", "surface", 4.5), ("text2", "rail", 4.5), ("text3", "app", 4.5),
        ("text3", "sunken", 4.5), ("accent", "accent_soft", 4.5), ("on_accent", "accent", 4.5),
        ("good", "good_soft", 4.5), ("warn", "warn_soft", 4.5), ("bad", "bad_soft", 4.5),
        ("on_tip", "tip", 4.5), ("control", "surface", 3), ("control", "app", 3),
    ],
)  # fmt: skip
def test_words_and_borders_are_readable(shade: str, ink: str, ground: str, least: float) -> None:
    colours = tokens()[shade]
    assert _contrast(colours[ink], colours[ground]) >= least


def test_both_shades_name_the_same_colours() -> None:
    assert set(tokens()["light"]) == set(tokens()["dark"])


def test_every_method_family_has_a_colour_and_a_shape(look: Theme) -> None:
    for name in [*FAMILIES, "teacher"]:
        assert look.family(name).isValid()
        assert look.shape(name)


def test_dark_changes_palette_and_sheet(look: Theme, qapp: QApplication) -> None:
    light = qapp.styleSheet()
    look.set_mode("dark")
    assert look.dark
    assert qapp.styleSheet() != light
    assert qapp.palette().window().color() == look.colour("app")


def test_system_mode_follows_the_system(look: Theme, qapp: QApplication) -> None:
    look.set_mode("system")
    system_is_dark = qapp.styleHints().colorScheme() == Qt.ColorScheme.Dark
    assert look.dark == system_is_dark


def test_the_three_modes_follow_each_other(look: Theme) -> None:
    assert [look.next_mode() for _ in MODES] == ["dark", "system", "light"]


@pytest.mark.parametrize("percent", SCALES)
def test_interface_size_reaches_every_font_and_length(look: Theme, percent: int) -> None:
    look.set_scale(percent)
    assert look.px(100) == percent
    assert look.font("title").pixelSize() == round(20 * percent / 100)


def test_steps_stay_within_the_sizes(look: Theme) -> None:
    look.step_scale(-1)
    assert look.scale == 100
    for _ in range(9):
        look.step_scale(1)
    assert look.scale == 150


def test_an_odd_size_takes_the_nearest(look: Theme) -> None:
    look.set_scale(10_000)
    assert look.scale == 150


def test_figures_are_tabular_in_every_role(look: Theme) -> None:
    for role in [*ROLES, "log"]:
        tags = [tag.toString().data().decode() for tag in look.font(role).featureTags()]
        assert tags == ["tnum"]


def test_a_styled_label_keeps_tabular_figures(look: Theme, qtbot) -> None:
    label = text("title", "1,234")
    qtbot.addWidget(label)
    label.ensurePolished()
    assert [tag.toString().data() for tag in label.font().featureTags()] == [b"tnum"]
    assert label.font().pixelSize() == 20


def test_the_sheet_has_no_unfilled_place(look: Theme) -> None:
    sheet = style.sheet(look)
    assert "@" not in sheet
    assert "icon(" not in sheet
    assert re.findall(r"url\(([^)]+)\)", sheet)


def test_reduced_motion_takes_no_time(look: Theme) -> None:
    assert look.duration(120) == 120
    look.set_reduced(True)
    assert look.duration(120) == 0


def test_a_follower_that_is_gone_does_no_harm(look: Theme, qtbot) -> None:
    button = Button("Start run", "primary", "play")
    button.deleteLater()
    qtbot.wait(1)
    look.set_mode("dark")
    assert look.dark


def test_the_seventh_line_is_grey(look: Theme) -> None:
    assert look.series(6) == look.colour("text3")
    assert look.series(0) == look.colour("accent")
