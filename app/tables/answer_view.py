"""Paints the answers: glyph and name, answer with its verdict, probability bars, time and size."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QSizePolicy,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
)

from app import icons
from app.charts.ink import draw_marker
from app.tables.answers import HEADS, WAITING, AnswerRow, AnswersModel, RowRole
from app.theme import theme
from app.widgets.label import cut, name
from app.widgets.probabilities import paint_bars
from engine import wording
from engine.method import methods

if TYPE_CHECKING:
    from app.asking import Answer

ROW = 66
WIDTHS = (232, 172, 0, 100, 104)  # the bars take what is left, 160 at least
NARROW = (172, 146, 0, 106, 0)  # the sizes stand in the list at the left as well
NARROW_BELOW = 860
_Index = QModelIndex | QPersistentModelIndex
_LEFT, _RIGHT = Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignRight


class _Cells(QStyledItemDelegate):
    def __init__(self, model: AnswersModel) -> None:
        super().__init__()
        self._model = model

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        return QSize(theme().px(160), theme().px(ROW))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        look, row = theme(), index.data(RowRole)
        area = QRectF(option.rect)  # type: ignore[attr-defined]
        state: Any = option.state  # type: ignore[attr-defined]
        painter.save()
        self._ground(
            painter, area, row, index.column(), bool(state & QStyle.StateFlag.State_Selected)
        )
        inside = area.adjusted(look.px(12), 0, -look.px(12), -1)
        if index.column() == 0:
            self._model_cell(painter, inside, row)
        elif index.column() == 4:
            smaller = row.smaller(self._model.teacher_of(row))
            _two(painter, inside, wording.size(row.candidate.bytes), smaller, "label")
        elif row.answer is None:
            side = _LEFT if index.column() < 3 else _RIGHT
            _words(painter, inside, str(index.data()), "body", "text3", side)
        elif row.answer.error:
            if index.column() == 1:
                self._error(painter, inside, row.answer, option)
        else:
            self._answered(painter, inside, row, row.answer, index.column())
        painter.restore()

    def _answered(
        self, painter: QPainter, area: QRectF, row: AnswerRow, said: Answer, column: int
    ) -> None:
        look = theme()
        if column == 1:
            self._verdict(painter, area, row, said)
        elif column == 2 and said.probabilities is not None:
            bars = area.adjusted(0, look.px(11), -look.px(6), -look.px(11))
            paint_bars(painter, bars, said.labels, said.probabilities)
        elif column == 3:
            words = wording.latency(said.latency) if said.latency else WAITING
            _two(painter, area, words, row.faster, "label")

    def _ground(
        self, painter: QPainter, area: QRectF, row: AnswerRow, column: int, selected: bool
    ) -> None:
        look = theme()
        fill = "warn_soft" if row.differs else "accent_soft" if selected else "surface"
        painter.fillRect(area, look.colour(fill))
        foot = QRectF(area.left(), area.bottom() - 1, area.width(), 1)
        painter.fillRect(foot, look.colour("line"))
        if column == 0 and (row.differs or selected):
            edge = QRectF(area.left(), area.top(), look.px(4), area.height() - 1)
            painter.fillRect(edge, look.colour("warn" if row.differs else "accent"))

    def _model_cell(self, painter: QPainter, area: QRectF, row: AnswerRow) -> None:
        look, known = theme(), methods().get(row.candidate.method)
        side = look.px(28)
        middle = QPointF(area.left() + look.px(6) + side / 2, area.center().y())
        if known is not None:
            at = QPointF(middle.x() - side / 2, middle.y() - side / 2)
            painter.drawPixmap(at, icons.glyph(known.glyph, 28))
        else:
            draw_marker(painter, middle, row.candidate.family, look, 1.25)
        words = area.adjusted(look.px(46), 0, 0, 0)
        _two(painter, words, row.candidate.name, row.method, "name", _LEFT)

    def _verdict(self, painter: QPainter, area: QRectF, row: AnswerRow, said: Answer) -> None:
        look = theme()
        if row.candidate.is_teacher or not row.verdict:
            _two(painter, area, said.label, row.verdict, "name", _LEFT)
            return
        icon, tone = ("differs", "warn") if row.differs else ("check", "text2")
        top, bottom = _halves(area)
        _words(painter, top, said.label, "name", "text", _LEFT)
        at = QPointF(bottom.left(), bottom.center().y() - look.px(14) / 2)
        painter.drawPixmap(at, icons.pixmap(icon, 14, tone))
        _words(painter, bottom.adjusted(look.px(18), 0, 0, 0), row.verdict, "small", tone, _LEFT)

    def _error(
        self, painter: QPainter, area: QRectF, said: Answer, option: QStyleOptionViewItem
    ) -> None:
        """The one sentence, over the bars' column as well."""
        look = theme()
        view: Any = option.widget  # type: ignore[attr-defined]
        wide = view.columnWidth(1) + view.columnWidth(2) if isinstance(view, QTableView) else 0
        room = QRectF(area.left(), area.top(), max(area.width(), wide - look.px(24)), area.height())
        at = QPointF(room.left(), room.center().y() - look.px(16) / 2)
        painter.drawPixmap(at, icons.pixmap("warning", 16, "warn"))
        painter.setFont(look.font("small"))
        painter.setPen(look.colour("text2"))
        words = room.adjusted(look.px(24), 0, 0, 0)
        flags = int(_LEFT | Qt.AlignmentFlag.AlignVCenter) | int(Qt.TextFlag.TextWordWrap)
        painter.drawText(words, flags, cut(said.error, 300))


def _halves(area: QRectF) -> tuple[QRectF, QRectF]:
    """The two lines of a row of 66."""
    look, middle = theme(), area.center().y()
    top = QRectF(area.left(), middle - look.px(18), area.width(), look.px(18))
    return top, top.translated(0, look.px(18))


def _two(
    painter: QPainter, area: QRectF, first: str, second: str, role: str,
    side: Qt.AlignmentFlag = _RIGHT,
) -> None:  # fmt: skip
    """A line and, if there is one, a quieter line below."""
    top, bottom = _halves(area)
    _words(painter, top if second else area, first, role, "text", side)
    if second:
        _words(painter, bottom, second, "small", "text3", side)


def _words(
    painter: QPainter, area: QRectF, words: str, role: str, tone: str, side: Qt.AlignmentFlag
) -> None:
    font = theme().font(role)
    painter.setFont(font)
    painter.setPen(theme().colour(tone))
    line = " ".join(cut(words, 200).split())
    shown = QFontMetricsF(font).elidedText(line, Qt.TextElideMode.ElideRight, area.width())
    painter.drawText(area, int(side | Qt.AlignmentFlag.AlignVCenter), shown)


class AnswersView(QTableView):
    """The result rows."""

    def __init__(self) -> None:
        super().__init__()
        self.answers = AnswersModel()
        self.setModel(self.answers)
        self.setItemDelegate(_Cells(self.answers))
        self.setShowGrid(False)
        self.setTabKeyNavigation(False)
        self.verticalHeader().hide()
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Maximum)
        self.horizontalHeader().setHighlightSections(False)
        self.horizontalHeader().setSectionsClickable(False)
        self.answers.modelReset.connect(self.updateGeometry)
        name(self, "Answers of the models")
        theme().follow(self._restyle)

    def sizeHint(self) -> QSize:
        look = theme()
        rows = max(1, len(self.answers.rows))
        return QSize(look.px(900), look.px(32) + rows * look.px(ROW) + 2)

    def minimumSizeHint(self) -> QSize:
        return QSize(theme().px(500), theme().px(32 + ROW))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _restyle(self) -> None:
        self.verticalHeader().setDefaultSectionSize(theme().px(ROW))
        self.horizontalHeader().setFixedHeight(theme().px(32))
        self.updateGeometry()
        self._fit()

    def _fit(self) -> None:
        look, room = theme(), self.viewport().width()
        widths = [look.px(one) for one in (NARROW if room < look.px(NARROW_BELOW) else WIDTHS)]
        widths[2] = max(look.px(160), room - sum(widths))
        for column in range(len(HEADS)):
            self.setColumnHidden(column, widths[column] == 0)
            self.setColumnWidth(column, widths[column])
