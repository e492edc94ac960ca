"""The forecast as a bar for narrow windows, and its drawing in a dialog."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QDialog, QHBoxLayout, QVBoxLayout, QWidget

from app.theme import theme
from app.widgets.button import Button
from app.widgets.forecast import WIDTH, Known, Table
from app.widgets.label import line, text
from app.widgets.shape_words import sentence
from app.widgets.shapes import ShapeDrawing
from app.widgets.start import StartButtons
from app.widgets.start_options import StartOptions
from engine import wording

BAR_HEIGHT = 68


class ForecastBar(QWidget):
    """The same as a bar 68 px high for narrow windows; the drawing opens from a button."""

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("surface", "surface")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._known = Known()
        self.figure = text("reading", "", "accent")
        self.words = text("name")
        self.cells = [(text("label"), text("small", "", "text3")) for _ in range(3)]
        self.drawing = Button("Drawing", "link", "layers", tip="Teacher and student to scale")
        self.drawing.clicked.connect(self._open)
        self.options, self.buttons = StartOptions(upright=False), StartButtons(upright=False)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(line())
        column.addWidget(self.options)
        column.addLayout(self._build(), 1)
        theme().follow(self._restyle)

    def _build(self) -> QHBoxLayout:
        self._row = QHBoxLayout()
        self._row.addWidget(self.figure)
        self._row.addWidget(self.words, 0, Qt.AlignmentFlag.AlignVCenter)
        for upper, lower in self.cells:
            pair = QVBoxLayout()
            pair.setSpacing(0)
            pair.addStretch()
            pair.addWidget(upper)
            pair.addWidget(lower)
            pair.addStretch()
            self._row.addLayout(pair)
        self._row.addWidget(self.drawing)
        self._row.addStretch()
        self._row.addWidget(self.buttons)
        return self._row

    def _restyle(self) -> None:
        px = theme().px
        self._tall()
        self._row.setContentsMargins(px(24), 0, px(20), 0)
        self._row.setSpacing(px(18))
        self._fit()

    def _tall(self) -> None:
        above = 0 if self.options.isHidden() else self.options.sizeHint().height()
        self.setFixedHeight(theme().px(BAR_HEIGHT) + above)

    def show_options(self, *, pairs: bool, on: bool, hint: str) -> None:
        """Show what one may add before the start; without anything the bar is 68 px high."""
        self.options.show_state(pairs=pairs, on=on, hint=hint)
        self._tall()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """Where the room is small, leave out parameters, then size, then time; never a button."""
        for upper, lower in self.cells:
            upper.setVisible(bool(upper.text()))
            lower.setVisible(bool(lower.text()))
        for place in (1, 0, 2):
            self._row.invalidate()
            if self._row.sizeHint().width() <= self.width():
                break
            for label in self.cells[place]:
                label.hide()

    def show_known(self, known: Known) -> None:
        """Show what is known."""
        self._known = known
        figure, words = known.reading
        self.figure.set_text(figure)
        self.words.set_text(words)
        student = known.forecast.student if known.forecast else None
        teacher = known.teacher
        pairs = [
            (
                wording.size(student.bytes if student else None),
                f"instead of {wording.size(teacher.bytes if teacher else None)}",
            ),
            (
                f"{wording.parameters(student.parameters if student else None)} parameters",
                f"instead of {wording.parameters(teacher.parameters if teacher else None)}",
            ),
            (known.headline, known.detail.partition(",")[0]),
        ]
        for (upper, lower), (first, second) in zip(self.cells, pairs, strict=True):
            upper.set_text(first)
            lower.set_text(second)
        self._fit()
        self.drawing.set_enabled(known.forecast is not None, "Choose a teacher first")

    def _open(self) -> None:
        dialog = DrawingDialog(self._known, self)
        dialog.exec()
        dialog.deleteLater()


class DrawingDialog(QDialog):
    """The drawing with its table, for windows too narrow for the panel."""

    def __init__(self, known: Known, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("Forecast")
        px = theme().px
        self.setFixedWidth(px(WIDTH + 40))
        column = QVBoxLayout(self)
        column.setContentsMargins(px(24), px(20), px(24), px(20))
        column.setSpacing(px(12))
        drawing, table = ShapeDrawing(), Table()
        drawing.show_forecast(known.teacher, known.forecast)
        table.show_known(known)
        column.addWidget(drawing)
        words = sentence(known.forecast, known.teacher) if known.forecast else ""
        column.addWidget(text("small", words, wrap=True))
        column.addWidget(table)
        close = Button("Close")
        close.clicked.connect(self.accept)
        column.addWidget(close, 0, Qt.AlignmentFlag.AlignRight)
