"""Glyphs from `assets/glyphs`, coloured for the present theme and sharp on every screen."""

from __future__ import annotations

import re
import tempfile
from functools import cache
from pathlib import Path

from PySide6.QtCore import QByteArray, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QGuiApplication, QIcon, QPainter, QPixmap, QPixmapCache
from PySide6.QtSvg import QSvgRenderer

from app.theme import theme
from engine import paths

_NAME = re.compile(r"[a-z0-9-]+")
_PETROL = "#0B6875"


@cache
def _source(name: str) -> str:
    """The SVG text of "play" (ui-play.svg) or "tinybert" (tinybert.svg)."""
    if not _NAME.fullmatch(name):
        raise KeyError(name)
    folder = paths.assets() / "glyphs"
    for file in (folder / f"ui-{name}.svg", folder / f"{name}.svg"):
        if file.is_file():
            return file.read_text("utf-8")
    raise KeyError(name)


def svg(name: str, ink: QColor | str, petrol: QColor | str, *, bold: bool = False) -> bytes:
    """The glyph with graphite drawn as `ink` and petrol as `petrol`; `bold` for 28 px and below."""
    drawing = _source(name)
    if name != "app-icon":
        drawing = drawing.replace("currentColor", QColor(ink).name())
    drawing = drawing.replace(_PETROL, QColor(petrol).name())
    if bold:
        drawing = drawing.replace('stroke-width="2"', 'stroke-width="2.7"')
    return drawing.encode()


def _colour(colour: QColor | str) -> QColor:
    """A token's present colour, or the colour itself."""
    return colour if isinstance(colour, QColor) else theme().colour(colour)


def _ratio() -> float:
    return QGuiApplication.primaryScreen().devicePixelRatio() if QGuiApplication.screens() else 1.0


def _render(drawing: bytes, size: int, ratio: float) -> QPixmap:
    image = QPixmap(QSize(round(size * ratio), round(size * ratio)))
    image.fill(Qt.GlobalColor.transparent)
    image.setDevicePixelRatio(ratio)
    painter = QPainter(image)
    QSvgRenderer(QByteArray(drawing)).render(painter, QRectF(0, 0, size, size))
    painter.end()
    return image


def _cached(name: str, size: int, ink: QColor, petrol: QColor, ratio: float) -> QPixmap:
    key = f"thimble:{name}:{size}:{ink.rgba()}:{petrol.rgba()}:{ratio}"
    image = QPixmap()
    if not QPixmapCache.find(key, image):
        image = _render(svg(name, ink, petrol, bold=size <= 28), size, ratio)
        QPixmapCache.insert(key, image)
    return image


def pixmap(
    name: str, size: int = 20, colour: QColor | str = "text2", ratio: float | None = None
) -> QPixmap:
    """A one-colour glyph, `size` scaled pixels square; KeyError for an unknown name."""
    ink = _colour(colour)
    return _cached(name, theme().px(size), ink, ink, ratio or _ratio())


def glyph(name: str, size: int = 40, ratio: float | None = None) -> QPixmap:
    """A two-colour method glyph: graphite for the teacher, petrol for the student."""
    petrol = theme().colour("accent")
    return _cached(name, theme().px(size), theme().colour("teacher"), petrol, ratio or _ratio())


def icon(name: str, colour: QColor | str = "text2", size: int = 20, *, gap: int = 0) -> QIcon:
    """An icon in one colour, grey when disabled. Set it again after `theme().changed`.

    `gap` leaves room at the right, because a style sheet cannot move a button's words away.
    """
    made = QIcon()
    for ratio in {1.0, 2.0, _ratio()}:
        for mode, ink in ((QIcon.Mode.Normal, colour), (QIcon.Mode.Disabled, "disabled")):
            made.addPixmap(_widened(pixmap(name, size, ink, ratio), theme().px(gap)), mode)
    return made


def _widened(image: QPixmap, gap: int) -> QPixmap:
    if not gap:
        return image
    ratio = image.devicePixelRatio()
    wide = QPixmap(image.width() + round(gap * ratio), image.height())
    wide.fill(Qt.GlobalColor.transparent)
    wide.setDevicePixelRatio(ratio)
    painter = QPainter(wide)
    painter.drawPixmap(0, 0, image)
    painter.end()
    return wide


def drawing(name: str, side: int, ink: QColor, petrol: QColor, stroke: float) -> QPixmap:
    """A large glyph `side` real pixels square, with lines `stroke` grid units wide."""
    source = svg(name, ink, petrol).replace(
        b'stroke-width="2"', f'stroke-width="{stroke}"'.encode()
    )
    return _render(source, side, _ratio())


def logo(side: int, ground: QColor, ink: QColor) -> QPixmap:
    """The program's mark `side` real pixels square, in the theme's colours."""
    source = _source("app-icon").replace(_PETROL, ground.name()).replace("#FFFFFF", ink.name())
    return _render(source.encode(), side, _ratio())


def app_icon() -> QIcon:
    """The program's own icon; below 32 px without its dots, which would only be a blur."""
    made = QIcon()
    full = _source("app-icon").encode()
    plain = re.sub(r"<circle[^>]*/>", "", _source("app-icon")).encode()
    for size in (16, 24, 32, 48, 64, 128, 256):
        made.addPixmap(_render(full if size >= 32 else plain, size, 1.0))
    return made


@cache
def _folder() -> tempfile.TemporaryDirectory[str]:
    """Recoloured files for the style sheet, which can only name files; gone when we end."""
    return tempfile.TemporaryDirectory(prefix="thimble-")


def file(name: str, colour: str) -> str:
    """A recoloured SVG file for `url(...)` in a style sheet."""
    ink = theme().colour(colour)
    path = Path(_folder().name) / f"{name}-{ink.name()[1:]}.svg"
    if not path.exists():
        path.write_bytes(svg(name, ink, ink))
    return path.as_posix()
