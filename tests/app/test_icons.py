"""Glyphs: every file draws, in the theme's colours, sharp at any ratio."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtGui import QColor, QIcon, QImage

from app import icons
from app.theme import Theme
from engine import paths
from engine.method import methods

NAMES = sorted(one.stem.removeprefix("ui-") for one in (paths.assets() / "glyphs").glob("*.svg"))


def _inks(image: QImage) -> set[str]:
    return {
        image.pixelColor(x, y).name()
        for x in range(image.width())
        for y in range(image.height())
        if image.pixelColor(x, y).alpha() == 255
    }


@pytest.mark.parametrize("name", NAMES)
def test_every_glyph_draws(look: Theme, name: str) -> None:
    assert _inks(icons.pixmap(name, 48, "text", 2.0).toImage())


def test_every_method_has_its_glyph(look: Theme) -> None:
    for one in methods().values():
        assert not icons.glyph(one.glyph).isNull()


def test_a_glyph_takes_the_colour_of_the_theme(look: Theme) -> None:
    assert look.colour("accent").name() in _inks(icons.pixmap("stop", 40, "accent", 1.0).toImage())
    look.set_mode("dark")
    assert look.colour("accent").name() in _inks(icons.pixmap("stop", 40, "accent", 1.0).toImage())


def test_a_method_glyph_is_graphite_and_petrol(look: Theme) -> None:
    inks = _inks(icons.glyph("tinybert", 96, 1.0).toImage())
    assert {look.colour("teacher").name(), look.colour("accent").name()} <= inks


def test_a_fine_screen_gets_more_pixels(look: Theme) -> None:
    image = icons.pixmap("play", 20, "text", 2.0)
    assert (image.width(), image.devicePixelRatio()) == (40, 2.0)


def test_interface_size_scales_glyphs(look: Theme) -> None:
    look.set_scale(150)
    assert icons.pixmap("play", 20, "text", 1.0).width() == 30


def test_a_disabled_icon_is_grey(look: Theme) -> None:
    image = icons.icon("stop", "text").pixmap(20, 20, QIcon.Mode.Disabled).toImage()
    assert look.colour("text").name() not in _inks(image)


def test_small_method_glyphs_have_heavier_lines() -> None:
    thin = icons.svg("tinybert", QColor("black"), QColor("black"))
    bold = icons.svg("tinybert", QColor("black"), QColor("black"), bold=True)
    assert b'stroke-width="2.7"' in bold
    assert b'stroke-width="2.7"' not in thin


@pytest.mark.parametrize("name", ["no-such-glyph", "../tokens", "", "a/b"])
def test_an_unknown_glyph_is_a_key_error(look: Theme, name: str) -> None:
    with pytest.raises(KeyError):
        icons.pixmap(name)


def test_a_sheet_file_lies_where_it_says(look: Theme) -> None:
    path = Path(icons.file("check", "on_accent"))
    assert look.colour("on_accent").name() in path.read_text("utf-8")
