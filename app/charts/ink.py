"""The colours and sizes a drawing uses: the window's theme, or light at 100 % for a picture."""

from __future__ import annotations

import math
from functools import cache
from typing import Protocol

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPen, QPolygonF

from app.theme import ROLES, theme, tokens

MARKER_SIZES = {
    "circle": 11, "diamond": 13, "square": 10, "triangle": 12, "cross": 10, "star": 16,
}  # fmt: skip


class Ink(Protocol):
    """What a drawing asks for; the theme itself is one."""

    def colour(self, name: str) -> QColor:
        """A colour by its token."""

    def family(self, name: str) -> QColor:
        """The colour of a method family."""

    def series(self, index: int) -> QColor:
        """The colour of a line by its place."""

    def px(self, size: float) -> int:
        """A length in pixels."""

    def font(self, role: str = "body") -> QFont:
        """The font of a role."""


class Paper:
    """Ink for exported pictures: always light and at 100 %, whatever the window shows."""

    def colour(self, name: str) -> QColor:
        """A colour by its token."""
        return QColor(tokens()["light"][name])

    def family(self, name: str) -> QColor:
        """The colour of a method family."""
        return QColor(tokens()["family"][name]["light"])

    def series(self, index: int) -> QColor:
        """The colour of a line by its place; grey from the seventh on."""
        colours = tokens()["series"]["light"]
        return QColor(colours[index]) if 0 <= index < len(colours) else self.colour("text3")

    def px(self, size: float) -> int:
        """A length in pixels."""
        return round(size)

    def font(self, role: str = "body") -> QFont:
        """The font of a role at 100 %."""
        font = theme().font(role)
        font.setPixelSize(ROLES[role][0])
        return font


@cache
def paper() -> Paper:
    """The one paper."""
    return Paper()


def family_of(name: str) -> str:
    """A family that has a colour and a shape; an unknown one is drawn as the reference."""
    return name if name in tokens()["family"] else "reference"


def faded(colour: QColor, strength: float) -> QColor:
    """The same colour at `strength` (0 to 1)."""
    made = QColor(colour)
    made.setAlphaF(strength)
    return made


def mixed(over: QColor, ground: QColor, strength: float) -> QColor:
    """`over` at `strength` painted on `ground`, as one opaque colour."""

    def mix(one: int, other: int) -> int:
        return round(strength * one + (1 - strength) * other)

    return QColor(
        mix(over.red(), ground.red()), mix(over.green(), ground.green()),
        mix(over.blue(), ground.blue()),
    )  # fmt: skip


def strong_on(ground: QColor, ink: Ink) -> QColor:
    """Text or surface colour, whichever reads better on `ground`."""

    def light(colour: QColor) -> float:
        shares = (colour.redF(), colour.greenF(), colour.blueF())
        red, green, blue = (
            one / 12.92 if one <= 0.04045 else math.pow((one + 0.055) / 1.055, 2.4)
            for one in shares
        )
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    def contrast(colour: QColor) -> float:
        high, low = sorted((light(colour), light(ground)), reverse=True)
        return (high + 0.05) / (low + 0.05)

    return max(ink.colour("text"), ink.colour("surface"), key=contrast)


def draw_marker(
    painter: QPainter, at: QPointF, family: str, ink: Ink, scale: float = 1.0, hollow: bool = False
) -> None:
    """The marker of a family centred on `at`, in its colour; `hollow` draws the outline only."""
    family = family_of(family)
    shape = str(tokens()["family"][family]["shape"])
    half = ink.px(10) * MARKER_SIZES[shape] / 20 * scale
    colour = ink.family(family)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    pen = QPen(colour, 2.4 * scale if shape == "cross" else 1.5)
    pen.setJoinStyle(Qt.PenJoinStyle.MiterJoin)
    painter.setPen(pen if hollow or shape == "cross" else Qt.PenStyle.NoPen)
    painter.setBrush(ink.colour("surface") if hollow else colour)
    if shape == "circle":
        painter.drawEllipse(at, half, half)
    elif shape == "square":
        painter.drawRect(QRectF(at.x() - half, at.y() - half, 2 * half, 2 * half))
    elif shape == "cross":
        painter.drawLine(at + QPointF(-half, -half), at + QPointF(half, half))
        painter.drawLine(at + QPointF(-half, half), at + QPointF(half, -half))
    else:
        painter.drawPolygon(_outline(shape, at, half))
    painter.restore()


def _outline(shape: str, at: QPointF, half: float) -> QPolygonF:
    if shape == "triangle":
        corners = [(0.0, -1.0), (1.0, 0.8), (-1.0, 0.8)]
    elif shape == "diamond":
        corners = [(0.0, -1.0), (1.0, 0.0), (0.0, 1.0), (-1.0, 0.0)]
    else:
        corners = _STAR
    return QPolygonF([at + QPointF(x * half, y * half) for x, y in corners])


def _star() -> list[tuple[float, float]]:
    angles = [math.pi * (i / 5 - 0.5) for i in range(10)]
    radii = [1.12 if i % 2 == 0 else 0.47 for i in range(10)]
    return [(r * math.cos(a), r * math.sin(a)) for a, r in zip(angles, radii, strict=True)]


_STAR = _star()
