"""The heads of the steps: numbered titles, and the two cards that name teacher and data."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app import icons
from app.theme import theme
from app.widgets.button import Button
from app.widgets.card import Card
from app.widgets.label import text


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
    """A number, a title, a sentence, and a link at the right."""

    def __init__(self, number: int, title: str, sentence: str, link: Button | None = None) -> None:
        super().__init__()
        self.sentence = text("body", sentence, "text2", elide=True)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(10)
        row.addWidget(Mark(number))
        row.addWidget(text("heading", title))
        row.addWidget(self.sentence, 1)
        if link is not None:
            row.addWidget(link)


class SummaryCard(Card):
    """Step 1 or 2 in two lines: what is chosen and what it is; Change… asks for another."""

    change = Signal()

    def __init__(self, number: int, title: str) -> None:
        super().__init__(margin=14, gap=0)
        theme().follow(self._tall)
        self.mark = Mark(number, "open")
        self.chosen = text("body", "", elide=True)
        self.detail = text("small", "", "text2", elide=True)
        self.button = Button("Choose…", size="small", label=f"Choose {title.lower()}")
        self._title = title.lower()
        self.button.clicked.connect(self.change)
        first = QHBoxLayout()
        first.setSpacing(7)
        first.addWidget(text("heading", f"{number} {title}"))
        first.addWidget(self.chosen, 1)
        lines = QVBoxLayout()
        lines.setSpacing(3)
        lines.addLayout(first)
        lines.addWidget(self.detail)
        row = QHBoxLayout()
        row.setSpacing(13)
        row.addWidget(self.mark)
        row.addLayout(lines, 1)
        row.addWidget(self.button)
        self.body.addLayout(row)

    def _tall(self) -> None:
        self.setMinimumHeight(theme().px(74))

    def show_choice(self, state: str, chosen: str, detail: str, tone: str = "text2") -> None:
        """Show the two lines; `state` as in Mark."""
        self.mark.set_state(state)
        self.chosen.set_text(chosen)
        self.detail.set_text(detail)
        self.detail.set_tone(tone)
        verb = "Choose" if state == "open" else "Change"
        self.button.setText(f"{verb}…")
        self.button.setAccessibleName(f"{verb} {self._title}, {chosen or 'nothing chosen'}")
