"""The method gallery: one painted card per method, five in a row at most, grouped by family."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QFont,
    QFontMetrics,
    QKeyEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPolygonF,
    QResizeEvent,
)
from PySide6.QtWidgets import QGridLayout, QSizePolicy, QWidget

from app import icons
from app.theme import theme
from app.widgets.card import ChoiceCard
from app.widgets.label import plain_tip
from app.widgets.pill import paint_pill, pill_size
from engine.method import FAMILIES, Method

COLUMNS = 5
FEWEST = 3  # so that a few cards do not become banners
NARROWEST, GAP = 160, 12  # scaled pixels of one card, and between two
CARD_HEIGHT = 154
NARROWEST_LETTERS = 84  # percent of their width
_STEPS = {
    Qt.Key.Key_Left: (0, -1), Qt.Key.Key_Right: (0, 1),
    Qt.Key.Key_Up: (-1, 0), Qt.Key.Key_Down: (1, 0),
}  # fmt: skip


def effects(method: Method) -> list[str]:
    """What the method changes on an ordinary computer."""
    found = [word for word, so in (("smaller", method.smaller), ("faster", method.faster)) if so]
    return found or ["same size"]


class MethodCard(ChoiceCard):
    """A method: glyph, name, one plain sentence, and what it changes."""

    def __init__(self, method: Method) -> None:
        says = ", ".join(effects(method))
        words = f"{method.title}, {method.subtitle}. {method.summary} {says}"
        super().__init__(words, method.paper)
        self.method = method
        self.setWhatsThis(f"{method.summary} Paper: {method.paper}.")
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        theme().follow(self._restyle)

    def _restyle(self) -> None:
        self.setFixedHeight(theme().px(CARD_HEIGHT))

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        look, painter = theme(), QPainter(self)
        painter.setOpacity(1.0 if self.isEnabled() else 0.62)
        inside = QRectF(self.rect()).adjusted(look.px(13), look.px(13), -look.px(11), -look.px(12))
        painter.drawPixmap(inside.topLeft(), icons.glyph(self.method.glyph, 36))
        words = inside.adjusted(look.px(43), 0, 0, 0)
        if self.isChecked():  # room for the tick
            words.setRight(words.right() - look.px(17))
        self._line(painter, words, self.method.title, "name", "text", 0)
        words.setRight(inside.right())
        self._line(painter, words, self.method.subtitle, "small", "text3", 18)
        painter.setFont(look.font("small"))
        painter.setPen(look.colour("text2"))
        summary = QRectF(inside.left(), inside.top() + look.px(46), inside.width(), look.px(54))
        painter.drawText(summary, int(Qt.TextFlag.TextWordWrap), self.method.summary)
        tone = "surface" if self.isChecked() else "neutral"
        left = inside.left() - look.px(1)
        for word in effects(self.method):
            size = pill_size(word)
            paint_pill(painter, QPointF(left, inside.bottom() - size.height()), word, tone)
            left += size.width() + look.px(6)

    def _line(
        self, painter: QPainter, area: QRectF, words: str, role: str, colour: str, down: int
    ) -> None:
        look = theme()
        font = fitting(look.font(role), words, area.width())
        painter.setFont(font)
        painter.setPen(look.colour(colour))
        cut = QFontMetrics(font).elidedText(
            words, Qt.TextElideMode.ElideRight, max(0, int(area.width()))
        )
        painter.drawText(
            QRectF(area.left(), area.top() + look.px(down), area.width(), look.px(19)),
            int(Qt.AlignmentFlag.AlignVCenter), cut,
        )  # fmt: skip


def fitting(font: QFont, words: str, width: float) -> QFont:
    """The font, drawn up to a sixth narrower where that saves words from being cut."""
    wanted = QFontMetrics(font).horizontalAdvance(words)
    narrower = QFont(font)
    if width < wanted:
        narrower.setStretch(max(NARROWEST_LETTERS, int(100 * width / wanted)))
    return narrower


class FamilyHead(QWidget):
    """A family's mark and name; its sentence too where there is room for all of it."""

    def __init__(self, family: str) -> None:
        super().__init__()
        self.family = family
        title, sentence = FAMILIES[family]
        self._title, self._sentence = title, sentence
        self.setAccessibleName(f"{title}: {sentence}")
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        plain_tip(self, f"{title}: {sentence}")
        theme().follow(self._restyle)

    def _restyle(self) -> None:
        self.setFixedHeight(theme().px(22))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        look, painter = theme(), QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        middle = self.height() / 2
        centre = QPointF(look.px(6), middle)
        paint_marker(painter, centre, look.shape(self.family), look.family(self.family).name())
        strong, small = look.font("name"), look.font("small")
        left = look.px(19)
        painter.setFont(strong)
        painter.setPen(look.colour("text"))
        flags = int(Qt.AlignmentFlag.AlignVCenter)
        painter.drawText(QRectF(left, 0, self.width() - left, self.height()), flags, self._title)
        left += QFontMetrics(strong).horizontalAdvance(self._title) + look.px(8)
        room = self.width() - left
        if QFontMetrics(small).horizontalAdvance(self._sentence) <= room:
            painter.setFont(small)
            painter.setPen(look.colour("text3"))
            painter.drawText(QRectF(left, 0, room, self.height()), flags, self._sentence)


def paint_marker(painter: QPainter, centre: QPointF, shape: str, colour: str) -> None:
    """Paint a family's mark: circle, diamond, square, triangle or cross."""
    look = theme()
    painter.save()
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(colour))
    size = look.px(5)
    if shape == "cross":
        painter.setPen(QPen(painter.brush(), look.px(2.4), c=Qt.PenCapStyle.RoundCap))
        for slant in (1, -1):
            end = QPointF(size - 1, slant * (size - 1))
            painter.drawLine(centre - end, centre + end)
    elif shape == "square":
        painter.drawRect(QRectF(centre.x() - size, centre.y() - size, 2 * size, 2 * size))
    elif shape in ("diamond", "triangle"):
        points = (
            ((0, -size - 1), (size + 1, 0), (0, size + 1), (-size - 1, 0))
            if shape == "diamond"
            else ((0, -size), (size + 1, size), (-size - 1, size))
        )
        painter.drawPolygon(QPolygonF([centre + QPointF(x, y) for x, y in points]))
    else:
        painter.drawEllipse(centre, size, size)
    painter.restore()


class Gallery(QWidget):
    """Cards in the order given: Tab reaches the chosen one, arrows move, Space chooses."""

    chosen = Signal(str)

    def __init__(self, methods: Sequence[Method]) -> None:
        super().__init__()
        self.cards = {method.key: MethodCard(method) for method in methods}
        self._places: dict[tuple[int, int], MethodCard] = {}
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._methods = list(methods)
        self._heads: list[FamilyHead] = []
        self._columns = 0
        for key, card in self.cards.items():
            card.clicked.connect(lambda checked=False, key=key: self._choose(key))
            card.installEventFilter(self)
        theme().follow(self._restyle)

    def choose(self, key: str) -> None:
        """Show which method is chosen, without telling."""
        for own, card in self.cards.items():
            card.setChecked(own == key)
            # one stop for Tab, as in a group of radio buttons
            focus = Qt.FocusPolicy.StrongFocus if own == key else Qt.FocusPolicy.ClickFocus
            card.setFocusPolicy(focus)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def _arrange(self) -> None:
        """Five in a row, or as many as keep their words, on three grid rows: heads, cards, gap."""
        px = theme().px
        room = (self.width() + px(GAP)) // px(NARROWEST + GAP)
        columns = min(COLUMNS, max(FEWEST, min(room, len(self._methods))))
        if columns == self._columns:
            return
        self._columns = columns
        for head in self._heads:
            self._grid.removeWidget(head)
            head.hide()
            head.deleteLater()
        self._heads, self._places = [], {}
        for card in self.cards.values():
            self._grid.removeWidget(card)
        for start in range(0, len(self._methods), columns):
            self._fill_row(start // columns, self._methods[start : start + columns])
        for column in range(COLUMNS):
            self._grid.setColumnStretch(column, 1 if column < columns else 0)

    def _fill_row(self, row: int, methods: Sequence[Method]) -> None:
        column = 0
        for family, group in groupby(methods, lambda one: one.family):
            members = list(group)
            last = column + len(members) == len(methods)
            span = self._columns - column if last else len(members)
            self._heads.append(FamilyHead(family))
            self._grid.addWidget(self._heads[-1], 3 * row, column, 1, span)
            for method in members:
                card = self.cards[method.key]
                self._grid.addWidget(card, 3 * row + 1, column)
                self._places[row, column] = card
                column += 1

    def _choose(self, key: str) -> None:
        self.choose(key)
        self.cards[key].setFocus()
        self.chosen.emit(key)

    def eventFilter(self, watched: object, event: object) -> bool:
        if isinstance(event, QKeyEvent) and event.type() == QKeyEvent.Type.KeyPress:
            key = Qt.Key(event.key())
            if key in _STEPS and isinstance(watched, MethodCard):
                self._move(watched, *_STEPS[key])
                return True
        if isinstance(event, QFocusEvent) and isinstance(watched, MethodCard):
            watched.update()
        return False

    def _move(self, card: MethodCard, down: int, right: int) -> None:
        row, column = next(place for place, one in self._places.items() if one is card)
        if right:
            order = sorted(self._places)
            index = order.index((row, column)) + right
            target = self._places[order[index]] if 0 <= index < len(order) else None
        else:
            target = self._places.get((row + down, column))
        if target is not None:
            target.setFocus(Qt.FocusReason.OtherFocusReason)

    def _restyle(self) -> None:
        px = theme().px
        self._grid.setHorizontalSpacing(px(GAP))
        self._grid.setVerticalSpacing(px(3))
        self._arrange()
        for row in range(len(self._methods)):
            used = row < -(-len(self._methods) // self._columns) - 1
            self._grid.setRowMinimumHeight(3 * row + 2, px(3) if used else 0)
