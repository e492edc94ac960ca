"""Which line is which, above a plot: a stroke and a name each; pointing at one brings it forward."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPointF, QSize, Qt, Signal
from PySide6.QtGui import QEnterEvent, QFontMetrics, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.charts.plot_paint import pen_of
from app.theme import theme
from app.widgets.label import cut, name, plain_tip

STROKE, WIDEST = 16, 280
_ELIDE = Qt.TextElideMode.ElideRight


class _Entry(QWidget):
    """One line's stroke and name."""

    def __init__(self, key: Key) -> None:
        super().__init__(key)
        self._key = key
        self.place, self.words = 0, ""

    def set(self, place: int, words: str) -> None:
        """Stand for another line."""
        self.place, self.words = place, " ".join(cut(words, 80).split())
        name(self, self.words)
        self.update()

    def sizeHint(self) -> QSize:
        look = theme()
        wide = QFontMetrics(look.font("small")).horizontalAdvance(self.words)
        return QSize(min(look.px(STROKE + 6) + wide + 1, look.px(WIDEST)), look.px(17))

    def paintEvent(self, event: QPaintEvent) -> None:
        look, painter = theme(), QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        middle = self.height() / 2
        painter.setPen(pen_of(self.place))
        painter.drawLine(QPointF(0, middle), QPointF(look.px(STROKE), middle))
        font = look.font("small")
        painter.setFont(font)
        painter.setPen(look.colour("text2"))
        left = look.px(STROKE + 6)
        metrics = QFontMetrics(font)
        shown = metrics.elidedText(self.words, _ELIDE, self.width() - left)
        plain_tip(self, self.words if shown != self.words else "")
        painter.drawText(QPointF(left, middle + metrics.capHeight() / 2), shown)

    def enterEvent(self, event: QEnterEvent) -> None:
        super().enterEvent(event)
        self._key.pointed.emit(self.place)

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self._key.pointed.emit(-1)


class Key(QWidget):
    """`pointed(place)` says which line is pointed at, -1 for none."""

    pointed = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self._entries: list[_Entry] = []
        self._shown: list[tuple[int, str]] = []
        # No layout: one whose height follows its width would make every chart as high as it likes.
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.hide()
        theme().follow(self._arrange)

    def show_names(self, names: Sequence[tuple[int, str]]) -> None:
        """Show these lines by place and name; hidden for none."""
        if list(names) == self._shown:
            return
        self._shown = list(names)
        while len(self._entries) < len(names):
            entry = _Entry(self)
            self._entries.append(entry)
        for entry, one in zip(self._entries, names, strict=False):
            entry.set(*one)
        for number, entry in enumerate(self._entries):
            entry.setVisible(number < len(names))
        name(self, "Lines: " + ", ".join(words for _, words in names))
        self.setVisible(bool(names))
        self._arrange()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def _arrange(self) -> None:
        """The entries side by side, wrapped to the width."""
        look, x, y = theme(), 0, 0
        for entry in self._entries[: len(self._shown)]:
            size = entry.sizeHint()
            if x and x + size.width() > self.width():
                x, y = 0, y + size.height() + look.px(2)
            entry.setGeometry(x, y, min(size.width(), max(1, self.width())), size.height())
            x += size.width() + look.px(12)
        self.setFixedHeight(y + look.px(17))
