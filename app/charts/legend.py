"""The families in the chart, marker and name."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QSize
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.charts.ink import Ink, draw_marker
from app.theme import theme
from engine.method import FAMILIES

ORDER = ("distil", "share", "quantise", "prune", "reference", "teacher")


def family_name(family: str) -> str:
    """The plain name of a family."""
    return "Teacher" if family == "teacher" else FAMILIES.get(family, (family, ""))[0]


def draw_legend(
    painter: QPainter, left: float, middle: float, families: Sequence[str], ink: Ink
) -> None:
    """Paint marker and name of each family in a row that starts at `left`."""
    metrics = QFontMetrics(ink.font("small"))
    painter.setFont(ink.font("small"))
    for family in families:
        draw_marker(painter, QPointF(left + ink.px(7), middle), family, ink)
        painter.setPen(ink.colour("text2"))
        base = middle + metrics.capHeight() / 2
        painter.drawText(QPointF(left + ink.px(19), base), family_name(family))
        left += ink.px(19) + metrics.horizontalAdvance(family_name(family)) + ink.px(16)


class Legend(QWidget):
    """A row of markers with names; only families that are in the chart."""

    def __init__(self) -> None:
        super().__init__()
        self._families: list[str] = []
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        theme().follow(self._restyle)

    def show_families(self, families: set[str]) -> None:
        """Show these families in the design's order."""
        self._families = [one for one in ORDER if one in families]
        self.setAccessibleName("Legend: " + ", ".join(map(family_name, self._families)))
        self._restyle()

    def sizeHint(self) -> QSize:
        look, metrics = theme(), QFontMetrics(theme().font("small"))
        wide = sum(
            look.px(35) + metrics.horizontalAdvance(family_name(one)) for one in self._families
        )
        return QSize(wide, look.px(24))

    def minimumSizeHint(self) -> QSize:
        return QSize(0, theme().px(24))

    def _restyle(self) -> None:
        self.updateGeometry()
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        draw_legend(painter, 0, self.height() / 2, self._families, theme())
