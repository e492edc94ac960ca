"""A rounded button that holds an example sentence, shortened to a width."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton

from app.theme import theme
from app.widgets.label import cut, name

WIDEST = 220


class Chip(QAbstractButton):
    """Checked while its sentence is the one in the field."""

    def __init__(self, words: str) -> None:
        super().__init__()
        self.words = " ".join(cut(words, 400).split())
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        name(self, f"Example: {self.words}", self.words)
        theme().follow(self._restyle)

    def _restyle(self) -> None:
        self.setFixedSize(self.sizeHint())
        self.update()

    def sizeHint(self) -> QSize:
        look = theme()
        wide = QFontMetrics(look.font("small")).horizontalAdvance(self.words) + look.px(30)
        return QSize(min(wide, look.px(WIDEST)), look.px(30))

    def paintEvent(self, event: QPaintEvent) -> None:
        look, painter = theme(), QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        strong = self.hasFocus() or self.isChecked()
        fill = "accent_soft" if self.isChecked() else "hover" if self.underMouse() else "surface"
        width = 2 if self.hasFocus() else 1
        painter.setPen(QPen(look.colour("accent" if strong else "control"), width))
        painter.setBrush(look.colour(fill))
        area = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        painter.drawRoundedRect(area, area.height() / 2, area.height() / 2)
        font = look.font("small-strong" if self.isChecked() else "small")
        painter.setFont(font)
        painter.setPen(look.colour("accent" if self.isChecked() else "text"))
        room = area.adjusted(look.px(13), 0, -look.px(13), 0)
        shown = QFontMetrics(font).elidedText(
            self.words, Qt.TextElideMode.ElideRight, int(room.width())
        )
        painter.drawText(room, int(Qt.AlignmentFlag.AlignCenter), shown)
