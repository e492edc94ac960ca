"""What is known before training: the drawing, the sizes and the time."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QVBoxLayout,
    QWidget,
)

from app import icons
from app.theme import theme
from app.widgets.label import line, text
from app.widgets.scroll import scroll
from app.widgets.shape_words import sentence
from app.widgets.shapes import ShapeDrawing, SizeBars
from app.widgets.start import StartButtons
from app.widgets.start_options import StartOptions
from engine import wording
from engine.shape import Forecast, Shape

WIDTH = 328
UNTIMED = "Time is known after the first minute"


@dataclass(frozen=True)
class Known:
    """What the forecast shows; None for what is not known yet."""

    teacher: Shape | None = None
    forecast: Forecast | None = None
    headline: str = ""  # "About 19 min"
    detail: str = ""

    @property
    def ratio(self) -> float | None:
        """How many times smaller the student is on disk."""
        if self.teacher is None or self.forecast is None:
            return None
        return self.teacher.bytes / self.forecast.student.bytes

    @property
    def reading(self) -> tuple[str, str]:
        """The big figure and the words beside it."""
        ratio = self.ratio
        if ratio is None:
            return wording.UNKNOWN, "smaller"
        if 0.95 <= ratio <= 1.05:
            return wording.ratio(1.0), "same size"
        words = "smaller" if ratio > 1 else "larger"
        return wording.ratio(max(ratio, 1 / ratio)), words


class Table(QWidget):
    """Parameters, size and compression of teacher and student."""

    ROWS = ("Parameters", "Size on disk", "Compression")

    def __init__(self) -> None:
        super().__init__()
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(12)
        self._grid.setColumnStretch(0, 1)
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        for column, words in ((1, "Teacher"), (2, "Student")):
            self._grid.addWidget(text("small", words), 0, column, right)
        self.cells: dict[tuple[str, int], QLabel] = {}
        for row, words in enumerate(self.ROWS):
            self._grid.addWidget(line(), 2 * row + 1, 0, 1, 3)
            self._grid.addWidget(text("body", words, "text2"), 2 * row + 2, 0)
            for column in (1, 2):
                cell = text("body", "", "text2") if column == 1 else text("name", "", "accent")
                self.cells[words, column] = cell
                self._grid.addWidget(cell, 2 * row + 2, column, right)
        theme().follow(self._restyle)

    def _restyle(self) -> None:
        self._grid.setVerticalSpacing(0)
        for row in range(2 * len(self.ROWS) + 1):
            self._grid.setRowMinimumHeight(row, theme().px(27) if row % 2 == 0 else 1)
        self._grid.setColumnMinimumWidth(2, theme().px(72))

    def show_known(self, known: Known) -> None:
        """Fill the cells; dashes for what is not known."""
        student = known.forecast.student if known.forecast else None
        for column, shape in ((1, known.teacher), (2, student)):
            count, size = (shape.parameters, shape.bytes) if shape else (None, None)
            ratio = known.ratio if column == 2 else (1.0 if shape else None)
            values = (wording.parameters(count), wording.size(size), wording.ratio(ratio))
            for words, value in zip(self.ROWS, values, strict=True):
                self.cells[words, column].setText(value)


class _Note(QWidget):
    """An icon with a line or two beside it."""

    def __init__(self, icon: str) -> None:
        super().__init__()
        self._name = icon
        self._icon = QLabel()
        self.head = text("name", "", wrap=True)
        self.words = text("small", "", "text2", wrap=True)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(10)
        column = QVBoxLayout()
        column.setSpacing(0)
        row.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(column, 1)
        column.addWidget(self.head)
        column.addWidget(self.words)
        theme().follow(self._restyle)

    def _restyle(self) -> None:
        self._icon.setPixmap(icons.pixmap(self._name, 16, "text2"))

    def show_words(self, head: str, words: str) -> None:
        """Show one or both lines."""
        for label, value in ((self.head, head), (self.words, words)):
            label.set_text(value)
            label.setVisible(bool(value))


class ForecastPanel(QWidget):
    """The panel at the right, 328 px wide."""

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("surface", "surface")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.drawing, self.bars, self.table = ShapeDrawing(), SizeBars(), Table()
        self.figure = text("reading", "", "accent")
        self.words = text("heading")
        self.explained = text("small", "", "text3", wrap=True)
        self.time, self.honest = _Note("clock"), _Note("info")
        self.honest.show_words("", "Accuracy is measured after training. It is never forecast.")
        self.options, self.buttons = StartOptions(upright=True), StartButtons(upright=True)
        self._column = QVBoxLayout(self)
        self._column.setSpacing(0)
        self._column.addWidget(scroll(self._upper()), 1)
        self._column.addWidget(self.options)
        self._column.addWidget(self.buttons)
        theme().follow(self._restyle)

    def _upper(self) -> QWidget:
        upper = QWidget()
        self._rows = QVBoxLayout(upper)
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(text("heading", "Forecast"))
        head.addWidget(text("small", "worked out before training", "text3"))
        head.addStretch()
        big = QHBoxLayout()
        big.setSpacing(8)
        big.addWidget(self.figure)
        big.addWidget(self.words, 0, Qt.AlignmentFlag.AlignBottom)
        big.addStretch()
        self.words.setContentsMargins(0, 0, 0, 5)
        self._rows.addLayout(head)
        self._rows.addWidget(self.drawing)
        self._rows.addWidget(self.explained)
        self._rows.addLayout(big)
        self._rows.addWidget(self.bars)
        self._rows.addWidget(self.table)
        self._rows.addWidget(self.time)
        self._rows.addWidget(self.honest)
        self._rows.addStretch()
        return upper

    def _restyle(self) -> None:
        px = theme().px
        self.setFixedWidth(px(WIDTH))
        self._rows.setContentsMargins(px(20), px(20), px(19), px(8))
        self._rows.setSpacing(px(10))
        self._column.setContentsMargins(0, 0, 0, px(14))
        self.buttons.setContentsMargins(px(16), px(4), px(15), 0)

    def show_known(self, known: Known) -> None:
        """Show what is known."""
        self.drawing.show_forecast(known.teacher, known.forecast)
        self.explained.set_text(sentence(known.forecast, known.teacher) if known.forecast else "")
        figure, words = known.reading
        self.figure.set_text(figure)
        self.words.set_text(f"{words} on disk")
        student = known.forecast.student if known.forecast else None
        self.bars.show_sizes(
            known.teacher.bytes if known.teacher else None, student.bytes if student else None
        )
        self.table.show_known(known)
        if known.headline:
            self.time.show_words(known.headline, f"{known.detail} on this computer")
        else:
            self.time.show_words("", f"{UNTIMED}.")

    def show_options(self, *, pairs: bool, on: bool, hint: str) -> None:
        """Show what one may add before the start."""
        self.options.show_state(pairs=pairs, on=on, hint=hint)
