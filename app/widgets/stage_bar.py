"""A run's stages side by side: what is done with its time, what is at work with its share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from app import icons
from app.theme import theme
from app.widgets.label import cut, plain_tip

GAP, ICON = 18, 20
NARROWEST = 44  # of a stage whose name gives way to the one at work
_WORDS = {"done": "done", "now": "at work", "later": "not begun"}
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
    """Painted; its accessible name says every stage, its tooltip the one that is pointed at.

    Where the names do not all fit, the times of finished stages give way first, then the names
    of the stages that are not at work.
    """

    def __init__(self) -> None:
        super().__init__()
        self._steps: tuple[Step, ...] = ()
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme().follow(self._restyle)

    def set_steps(self, steps: Sequence[Step]) -> None:
        """Show these stages, in their order."""
        self._steps = tuple(steps)
        said = ", ".join(_said(one) for one in steps)
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
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        notes = self._with_notes()
        for step, area in zip(self._steps, self._areas(notes), strict=True):
            self._paint_step(painter, step, area, notes or step.state == "now")

    def _with_notes(self) -> bool:
        """Whether every name and every time fits."""
        gaps = theme().px(GAP) * (len(self._steps) - 1)
        return sum(_needs(one, True) for one in self._steps) + gaps <= self.width()

    def _areas(self, notes: bool) -> list[QRectF]:
        """Where each stage stands: by weight, but none narrower than its words while they fit."""
        count, gap = len(self._steps), theme().px(GAP)
        room = self.width() - gap * (count - 1)
        weights = [
            OUTER if place in (0, count - 1) and count > 2 else 1.0 for place in range(count)
        ]
        needs = [_needs(one, notes or one.state == "now") for one in self._steps]
        widths = _shared(room, weights, needs, [one.state == "now" for one in self._steps])
        found, left = [], 0.0
        for width in widths:
            found.append(QRectF(left, 0, width, self.height()))
            left += width + gap
        return found

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        x = event.position().x()
        found = zip(self._steps, self._areas(self._with_notes()), strict=True)
        pointed = next((one for one, area in found if area.left() <= x <= area.right()), None)
        plain_tip(self, _said(pointed) if pointed is not None else "")

    def _paint_step(self, painter: QPainter, step: Step, area: QRectF, noted: bool) -> None:
        look = theme()
        line = QRectF(area.left(), area.top(), area.width(), look.px(20))
        self._paint_icon(painter, step.state, line)
        painter.setFont(look.font("small"))
        painter.setPen(look.colour("text2"))
        note = step.note if noted else ""
        room = painter.fontMetrics().horizontalAdvance(note) + look.px(8)
        painter.drawText(line, _RIGHT, note)
        words = line.adjusted(look.px(ICON), 0, -room if note else 0, 0)
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


def _said(step: Step) -> str:
    """A stage in words: "Train, at work 62 %"."""
    return f"{step.title}, {_WORDS[step.state]} {step.note}".strip()


def _needs(step: Step, noted: bool) -> float:
    """The width at which a stage is not shortened."""
    look = theme()
    role = "small-strong" if step.state == "now" else "small"
    words = QFontMetrics(look.font(role)).horizontalAdvance(cut(step.title, 80))
    note = QFontMetrics(look.font("small")).horizontalAdvance(step.note) if noted else 0
    return look.px(ICON) + words + 2 + (note + look.px(8) if note else 0)


def _shared(
    room: float, weights: Sequence[float], needs: Sequence[float], now: Sequence[bool]
) -> list[float]:
    """Widths that fill `room`: what is needed and the rest by weight, or what is left by need."""
    spare = room - sum(needs)
    if spare >= 0:
        plain = [room * one / sum(weights) for one in weights]
        if all(width >= need for width, need in zip(plain, needs, strict=True)):
            return plain
        return [n + spare * w / sum(weights) for n, w in zip(needs, weights, strict=True)]
    least = float(min(theme().px(NARROWEST), max(1.0, room / len(needs))))
    wanted = [max(need, least) for need in needs]
    kept = [min(w, 0.45 * room) if one else least for w, one in zip(wanted, now, strict=True)]
    over = [0.0 if one else w - least for w, one in zip(wanted, now, strict=True)]
    left = max(0.0, room - sum(kept))
    found = [
        k + (left * o / sum(over) if any(over) else 0.0) for k, o in zip(kept, over, strict=True)
    ]
    return [one * room / sum(found) for one in found]
