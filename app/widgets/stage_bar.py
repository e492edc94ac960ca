"""A run's stages side by side: what is done with its time, what is at work with its share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from app import icons
from app.theme import theme
from app.widgets.label import cut

OUTER = 0.42  # width of the first and last stage beside the others
_LEFT = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
_RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)


@dataclass(frozen=True)
class Step:
    """One stage; state is "done", "now" or "later", `share` 0 to 1, `note` a time or percent."""

    title: str
    state: str
    share: float = 0.0
    note: str = ""


class StageBar(QWidget):
    """Painted; its accessible name says every stage."""

    def __init__(self) -> None:
        super().__init__()
        self._steps: tuple[Step, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme().follow(self._restyle)

    def set_steps(self, steps: Sequence[Step]) -> None:
        """Show these stages, in their order."""
        self._steps = tuple(steps)
        words = {"done": "done", "now": "at work", "later": "not begun"}
        said = ", ".join(f"{one.title} {words[one.state]} {one.note}".strip() for one in steps)
        self.setAccessibleName(cut(f"Stages: {said}", 300))
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(theme().px(400), theme().px(34))

    def _restyle(self) -> None:
        self.setFixedHeight(theme().px(34))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self._steps:
            return
        painter, look = QPainter(self), theme()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        gap = look.px(18)
        weights = [1.0] * len(self._steps)
        weights[0] = weights[-1] = OUTER if len(weights) > 2 else 1.0
        room = self.width() - gap * (len(weights) - 1)
        left = 0.0
        for step, weight in zip(self._steps, weights, strict=True):
            width = room * weight / sum(weights)
            self._paint_step(painter, step, QRectF(left, 0, width, self.height()))
            left += width + gap

    def _paint_step(self, painter: QPainter, step: Step, area: QRectF) -> None:
        look = theme()
        line = QRectF(area.left(), area.top(), area.width(), look.px(20))
        self._paint_icon(painter, step.state, line)
        painter.setFont(look.font("small"))
        painter.setPen(look.colour("text2"))
        room = painter.fontMetrics().horizontalAdvance(step.note) + look.px(8)
        painter.drawText(line, _RIGHT, step.note)
        words = line.adjusted(look.px(20), 0, -room if step.note else 0, 0)
        painter.setFont(look.font("small-strong" if step.state == "now" else "small"))
        ink = {"now": "accent", "done": "text", "later": "text3"}[step.state]
        painter.setPen(look.colour(ink))
        shown = painter.fontMetrics().elidedText(
            cut(step.title, 80), Qt.TextElideMode.ElideRight, int(max(0.0, words.width()))
        )
        painter.drawText(words, _LEFT, shown)
        track = QRectF(area.left(), look.px(26), area.width(), look.px(7))
        painter.fillRect(track, look.colour("line"))
        filled = QRectF(track)
        filled.setWidth(track.width() * min(1.0, max(0.0, step.share)))
        colour = look.colour("accent")
        colour.setAlphaF(0.62 if step.state == "done" else 1.0)
        painter.fillRect(filled, colour)

    def _paint_icon(self, painter: QPainter, state: str, line: QRectF) -> None:
        look = theme()
        if state == "done":
            at = QPointF(line.left(), line.center().y() - look.px(14) / 2)
            painter.drawPixmap(at, icons.pixmap("check", 14, "good"))
            return
        centre = QPointF(line.left() + look.px(7), line.center().y())
        painter.setBrush(Qt.BrushStyle.NoBrush)
        ink = look.colour("accent" if state == "now" else "text3")
        painter.setPen(QPen(ink, 1.5))
        painter.drawEllipse(centre, look.px(5), look.px(5))
        if state == "now":
            painter.setBrush(ink)
            painter.drawEllipse(centre, look.px(1.6), look.px(1.6))
