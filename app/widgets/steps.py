"""The heads of the steps: numbered titles, and the cards that name teacher, data and text."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QWidget

from app import icons
from app.theme import theme
from app.widgets.button import Button
from app.widgets.card import Card
from app.widgets.label import name, text


class Mark(QWidget):
    """A disc: a number; or empty, with a tick once done, a cross when it cannot be used."""

    def __init__(self, number: int, state: str = "number") -> None:
        super().__init__()
        self._number, self._state = number, state
        theme().follow(self._restyle)

    def set_state(self, state: str) -> None:
        """Show "number", "open", "done" or "bad"."""
        self._state = state
        self.update()

    def _restyle(self) -> None:
        self.setFixedSize(theme().px(22), theme().px(22))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        look, painter = theme(), QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        filled = {"number": "accent", "done": "accent_soft", "bad": "bad_soft"}.get(self._state)
        edge = Qt.PenStyle.NoPen if filled else QPen(look.colour("control"), 1)
        painter.setPen(edge)
        painter.setBrush(look.colour(filled) if filled else Qt.BrushStyle.NoBrush)
        painter.drawEllipse(area)
        if self._state == "open":
            return
        if self._state in ("done", "bad"):
            icon, ink = ("check", "accent") if self._state == "done" else ("close", "bad")
            side = look.px(14)
            corner = QPointF((self.width() - side) / 2, (self.height() - side) / 2)
            painter.drawPixmap(corner, icons.pixmap(icon, 14, ink))
            return
        painter.setPen(look.colour("on_accent"))
        painter.setFont(look.font("name"))
        painter.drawText(area, int(Qt.AlignmentFlag.AlignCenter), str(self._number))


class StepHead(QWidget):
    """A number, a title, a sentence, and links at the right."""

    def __init__(self, number: int, title: str, sentence: str, *links: Button) -> None:
        super().__init__()
        self.sentence = text("body", sentence, "text2", elide=True)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(10)
        row.addWidget(Mark(number))
        row.addWidget(text("heading", title))
        row.addWidget(self.sentence, 1)
        for link in links:
            row.addWidget(link)


# row, column, rows, columns of mark, heading, what is chosen, detail, undo and button
_FLAT = ((0, 0, 2, 1), (0, 1), (0, 2), (1, 1, 1, 2), (0, 3, 2, 1), (0, 4, 2, 1))
_UPRIGHT = ((0, 0), (0, 1), (1, 0, 1, 5), (2, 0, 1, 5), (0, 3), (0, 4))


class SummaryCard(Card):
    """A choice in two lines: what is chosen and what it is; Change… asks for another.

    `number` is that of the step, if it is one. `undo` comes from the small button that
    `show_undo` shows.
    """

    change = Signal()
    undo = Signal()

    def __init__(self, title: str, number: int | None = None) -> None:
        super().__init__(margin=14, gap=0)
        self.mark = Mark(number or 0, "open")
        self.chosen = text("body", "", elide=True)
        self.detail = text("small", "", "text2", elide=True)
        self.button = Button("Choose…", size="small", label=f"Choose {title.lower()}")
        self._title = title.lower()
        self.button.clicked.connect(self.change)
        self.back = Button("", "quiet", "reset", size="small", label="Use default")
        self.back.clicked.connect(self.undo)
        self.back.hide()
        self._heading = text("heading", f"{number} {title}" if number else title)
        self._grid = QGridLayout()
        self._grid.setColumnStretch(2, 1)
        self.body.addStretch()
        self.body.addLayout(self._grid)
        self.body.addStretch()
        self._upright: bool | None = None
        self.set_upright(False)
        theme().follow(self._tall)

    def set_upright(self, upright: bool) -> None:
        """Give what is chosen a line of its own, for cards too narrow for two lines."""
        if upright == self._upright:
            return
        self._upright = upright
        places = _UPRIGHT if upright else _FLAT
        parts: list[QWidget] = [self.mark, self._heading, self.chosen, self.detail]
        parts += [self.back, self.button]
        for part in parts:
            self._grid.removeWidget(part)
        for part, place in zip(parts, places, strict=True):
            self._grid.addWidget(part, *place)

    def _tall(self) -> None:
        self.setMinimumHeight(theme().px(74))
        self._grid.setHorizontalSpacing(theme().px(9))
        self._grid.setVerticalSpacing(theme().px(3))

    def show_choice(self, state: str, chosen: str, detail: str, tone: str = "text2") -> None:
        """Show the two lines; `state` as in Mark."""
        self.mark.set_state(state)
        self.chosen.set_text(chosen)
        self.detail.set_text(detail)
        self.detail.set_tone(tone)
        verb = "Choose" if state == "open" else "Change"
        self.button.setText(f"{verb}…")
        self.button.setAccessibleName(f"{verb} {self._title}, {chosen or 'nothing chosen'}")

    def show_undo(self, words: str) -> None:
        """Offer to go back to what these words name; not at all for ""."""
        self.back.setVisible(bool(words))
        name(self.back, words or "Use default", words)
