"""Teacher and student drawn to scale: bars for layers, a block for the word table, and links."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.theme import theme
from app.widgets.label import plain_tip
from app.widgets.shape_words import is_copy, size_words, table_width
from engine import wording
from engine.shape import Forecast, Shape

WIDEST, TALLEST, GAP, BETWEEN = 125, 226, 4, 84


@dataclass(frozen=True)
class _Scale:
    """Pixels per unit of width and per parameter of height at that width; gap between layers."""

    across: float
    down: float
    gap: float


class ShapeDrawing(QWidget):
    """Both models above a common floor; the areas are the numbers of parameters."""

    def __init__(self) -> None:
        super().__init__()
        self._teacher: Shape | None = None
        self._forecast: Forecast | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme().follow(self._restyle)

    def show_forecast(self, teacher: Shape | None, forecast: Forecast | None) -> None:
        """Draw these; nothing yet where they are unknown."""
        self._teacher, self._forecast = teacher, forecast
        self.setAccessibleName(self._words())
        self.update()

    def _words(self) -> str:
        if self._teacher is None or self._forecast is None:
            return "Drawing: choose a teacher to see what becomes of it"
        student = self._forecast.student
        layers = ", ".join(str(teacher) for teacher, _ in self._forecast.links)
        follows = f", learning from teacher layers {layers}" if layers else ""
        sizes = f"the teacher has {size_words(self._teacher)}, the student {size_words(student)}"
        return f"Drawing: {sizes}{follows}"

    def _restyle(self) -> None:
        self.setFixedHeight(theme().px(TALLEST + 58))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self._teacher is None or self._forecast is None:
            painter.setPen(theme().colour("text3"))
            painter.drawText(
                self.rect(), int(Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap),
                "Choose a teacher to see\nwhat becomes of it."
                if self._teacher is None
                else "Mend the settings to see\nwhat becomes of the teacher.",
            )  # fmt: skip
            return
        self._paint(painter, self._teacher, self._forecast)

    def _paint(self, painter: QPainter, teacher: Shape, forecast: Forecast) -> None:
        look, student = theme(), forecast.student
        wider = max(teacher.hidden, student.hidden)
        room = (self.width() - look.px(BETWEEN)) * wider / (teacher.hidden + student.hidden)
        widest = min(look.px(WIDEST), room)
        scale = _scale(teacher, student, widest, look.px(TALLEST), look.px(GAP))
        floor = look.px(TALLEST + 24)
        left = QRectF(0, 0, teacher.hidden * scale.across, floor)
        across = student.hidden * scale.across
        right_edge = self.width() - max(0, (look.px(96) - across) / 2)
        right = QRectF(right_edge - across, 0, across, floor)
        marked = {one for one, _ in forecast.links}
        own = look.colour("teacher")
        bars = self._stack(painter, teacher, left, scale, own, marked)
        ends = self._stack(painter, student, right, scale, look.colour("accent"), None)
        self._links(painter, forecast, bars, ends)
        top = min(one.top() for one in bars)
        self._label(painter, "Teacher", left.center().x(), top - look.px(21), "name", "text")
        top = min(one.top() for one in ends)
        self._label(painter, "Student", right.center().x(), top - look.px(21), "name", "accent")
        below = floor + look.px(5)
        self._label(painter, size_words(teacher), left.center().x(), below, "small", "text2")
        self._label(painter, size_words(student), right.center().x(), below, "small", "text2")
        middle = (left.right() + right.left()) / 2
        if right.left() - left.right() > look.px(70):
            table = (
                min(teacher.embedding_parameters / table_width(teacher) * scale.down, look.px(40))
                / 2
            )
            self._label(
                painter, "word table", middle, floor - max(table, look.px(9)) - look.px(9),
                "small", "text3",
            )  # fmt: skip

    def _stack(
        self, painter: QPainter, shape: Shape, place: QRectF, scale: _Scale, colour: QColor,
        marked: set[int] | None,
    ) -> list[QRectF]:  # fmt: skip
        """Paint the word table at the floor and the layers above it; return these, lowest first."""
        wide = table_width(shape)
        height = max(2.0, shape.embedding_parameters / wide * scale.down)
        across = max(3.0, wide * scale.across)
        left = place.center().x() - across / 2
        table = QRectF(left, place.bottom() - height, across, height)
        faint = QColor(colour)
        faint.setAlphaF(0.16)
        painter.setPen(QPen(colour, 1.2))
        painter.setBrush(faint)
        painter.drawRoundedRect(table.adjusted(0.6, 0.6, -0.6, -0.6), 2, 2)
        height = max(0.5, shape.layer_parameters / shape.hidden * scale.down)
        layers, top = [], table.top() - scale.gap
        for number in range(1, shape.layers + 1):
            bar = QRectF(place.left(), top - height, place.width(), height)
            self._bar(painter, bar, colour, marked is None or number in marked, number, shape)
            layers.append(bar)
            top = bar.top() - scale.gap
        return layers

    def _bar(
        self, painter: QPainter, bar: QRectF, colour: QColor, strong: bool, number: int,
        shape: Shape,
    ) -> None:  # fmt: skip
        if is_copy(shape, number):  # stored once: the others are only copies
            painter.setPen(QPen(colour, 1, Qt.PenStyle.DashLine))
            painter.setBrush(Qt.BrushStyle.NoBrush)
        else:
            fill = QColor(colour)
            fill.setAlphaF(0.8 if strong else 0.34)
            if strong and colour == theme().colour("accent"):
                fill.setAlphaF(1.0)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(fill)
        radius = min(1.5, bar.height() / 3)
        painter.drawRoundedRect(bar, radius, radius)

    def _links(
        self, painter: QPainter, forecast: Forecast, bars: list[QRectF], ends: list[QRectF]
    ) -> None:
        look = theme()
        reach = look.px(4)
        for teacher, student in forecast.links:
            if not (0 < teacher <= len(bars) and 0 < student <= len(ends)):
                continue
            bar, end = bars[teacher - 1], ends[student - 1]
            start = QPointF(bar.right() + look.px(5), bar.center().y())
            stop = QPointF(end.left() - look.px(5), end.center().y())
            bend = (stop.x() - start.x()) * 0.5
            path = QPainterPath(start)
            path.cubicTo(start + QPointF(bend, 0), stop - QPointF(bend, 0), stop)
            painter.setPen(QPen(look.colour("accent"), 1.2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawPath(path)
            back = (QPointF(-reach, -reach), QPointF(0, 0), QPointF(-reach, reach))
            painter.drawPolyline([stop + one for one in back])

    def _label(
        self, painter: QPainter, words: str, middle: float, top: float, role: str, tone: str
    ) -> None:
        look = theme()
        font = look.font(role)
        wide = QFontMetrics(font).horizontalAdvance(words) + 2
        left = min(max(0.0, middle - wide / 2), self.width() - wide)
        painter.setFont(font)
        painter.setPen(look.colour(tone))
        painter.drawText(
            QRectF(left, top, wide, look.px(18)), int(Qt.AlignmentFlag.AlignCenter), words
        )


def _scale(teacher: Shape, student: Shape, width: float, height: float, gap: float) -> _Scale:
    """One scale for both: the wider fills `width`, the taller `height`, gaps at most a third."""
    most = max(teacher.layers, student.layers)
    gap = min(gap, height / 3 / most)
    tallest = max(
        one.embedding_parameters / table_width(one) + one.layers * one.layer_parameters / one.hidden
        for one in (teacher, student)
    )
    return _Scale(width / max(teacher.hidden, student.hidden), (height - gap * most) / tallest, gap)


class SizeBars(QWidget):
    """Two bars: what the teacher and what the student take on disk."""

    def __init__(self) -> None:
        super().__init__()
        self._sizes: tuple[int, int] | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme().follow(self._restyle)

    def show_sizes(self, teacher: int | None, student: int | None) -> None:
        """Draw these numbers of bytes; empty tracks where they are unknown."""
        known = teacher and student
        self._sizes = (int(teacher or 0), int(student or 0)) if known else None
        words = (
            f"Teacher {wording.size(teacher)}, student {wording.size(student)}"
            if known
            else "Sizes are not known yet"
        )
        self.setAccessibleName(words)
        plain_tip(self, words)
        self.update()

    def _restyle(self) -> None:
        self.setFixedHeight(theme().px(40))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        look, painter = theme(), QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        longest = max(self._sizes) if self._sizes else 1
        for row, (tone, ink) in enumerate((("teacher", "text"), ("accent", "accent"))):
            size = self._sizes[row] if self._sizes else 0
            track = QRectF(0, look.px(22) * row, self.width(), look.px(16))
            if not size:
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(look.colour("sunken"))
                painter.drawRoundedRect(track, 2, 2)
                continue
            bar = QRectF(track)
            bar.setWidth(max(3.0, track.width() * size / longest))
            fill = look.colour(tone)
            fill.setAlphaF(0.34 if row == 0 else 1.0)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(fill)
            painter.drawRoundedRect(bar, 2, 2)
            self._words(painter, wording.size(size), bar, track, ink, row)

    def _words(
        self, painter: QPainter, words: str, bar: QRectF, track: QRectF, ink: str, row: int
    ) -> None:
        """Beside the bar where there is room, else in it."""
        look = theme()
        font = look.font("small-strong" if row else "small")
        wide = QFontMetrics(font).horizontalAdvance(words)
        outside = bar.right() + look.px(8) + wide < track.right()
        if not outside and row:
            ink = "on_accent"
        left = bar.right() + look.px(8) if outside and row else look.px(8)
        if not outside:
            left = look.px(8)
        painter.setFont(font)
        painter.setPen(look.colour(ink))
        area = QRectF(left, track.top(), wide + 2, track.height())
        painter.drawText(area, int(Qt.AlignmentFlag.AlignVCenter), words)
