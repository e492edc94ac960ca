"""What a comparison comes to, in plain words: heading, sentence with the name in bold, footnote."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QSize, Qt
from PySide6.QtGui import (
    QFont,
    QPainter,
    QPaintEvent,
    QTextCharFormat,
    QTextLayout,
    QTextOption,
)
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from app import icons
from app.theme import theme
from app.widgets.label import cut, line, text
from app.widgets.scroll import scroll

if TYPE_CHECKING:
    from engine.remarks import Remark

_ICON_INK = {"lower": "warn"}


class Sentence(QWidget):
    """Wrapped words of which some are bold; the words are never read as markup."""

    def __init__(self, parts: Sequence[tuple[str, bool]]) -> None:
        super().__init__()
        self._parts = [(cut(words, 300), bold) for words, bold in parts]
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.setAccessibleName(self.words)
        theme().follow(self._restyle)

    @property
    def words(self) -> str:
        """The whole sentence."""
        return "".join(words for words, _ in self._parts)

    def _restyle(self) -> None:
        self.updateGeometry()
        self.update()

    def _lay_out(self, width: int) -> tuple[QTextLayout, float]:
        """The sentence broken to `width`, and its height."""
        layout = QTextLayout(self.words, theme().font("body"))
        option = QTextOption()
        option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        layout.setTextOption(option)
        formats, start = [], 0
        for words, bold in self._parts:
            if bold:
                one = QTextLayout.FormatRange()
                one.start, one.length = start, len(words.encode("utf-16-le")) // 2
                strong = QTextCharFormat()
                strong.setFontWeight(QFont.Weight.DemiBold)
                one.format = strong
                formats.append(one)
            start += len(words.encode("utf-16-le")) // 2
        layout.setFormats(formats)
        layout.beginLayout()
        height = 0.0
        while (row := layout.createLine()).isValid():
            row.setLineWidth(max(40, width))
            row.setPosition(QPointF(0, height))
            height += row.height() * 1.08
        layout.endLayout()
        return layout, height

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return round(self._lay_out(width)[1]) + 1

    def sizeHint(self) -> QSize:
        return QSize(theme().px(220), self.heightForWidth(theme().px(220)))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setPen(theme().colour("text"))
        self._lay_out(self.width())[0].draw(painter, QPointF(0, 0))


class PlainWords(QWidget):
    """The panel beside the scatter, 296 px wide at 100 %."""

    WIDTH = 296

    def __init__(self) -> None:
        super().__init__()
        self._inside = QWidget()
        self._list = QVBoxLayout(self._inside)
        self._list.setContentsMargins(0, 0, 0, 0)
        self._foot = text("small", "", "text3", wrap=True)
        self.sentences: list[str] = []
        self._column = column = QVBoxLayout(self)
        column.addWidget(text("label", "In plain words"))
        column.addWidget(scroll(self._inside), 1)
        column.addWidget(line())
        column.addWidget(self._foot)
        self.setAccessibleName("In plain words")
        theme().follow(self._restyle)

    def show_remarks(self, remarks: Sequence[Remark], footnote: str, more: Sequence[str]) -> None:
        """Show the engine's remarks, further sentences (`more`) below, and the footnote."""
        while (item := self._list.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.hide()
                old.deleteLater()
        self.sentences = [one.text for one in remarks] + list(more)
        for one in remarks:
            self._list.addWidget(_Remark(one))
        for words in more:
            self._list.addWidget(text("small", words, "text2", wrap=True))
        self._list.addStretch()
        self._foot.set_text(footnote)

    def _restyle(self) -> None:
        look = theme()
        self.setFixedWidth(look.px(self.WIDTH))
        self._column.setContentsMargins(look.px(18), look.px(14), look.px(16), look.px(12))
        self._column.setSpacing(look.px(12))
        self._list.setSpacing(look.px(14))


class _Remark(QWidget):
    """Icon, heading and sentence of one remark."""

    def __init__(self, remark: Remark) -> None:
        super().__init__()
        self._glyph = remark.icon
        self._icon = QLabel()
        words = QVBoxLayout()
        words.setSpacing(1)
        words.addWidget(text("small", remark.heading, "text2"))
        words.addWidget(Sentence(remark.parts))
        self._row = row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(words, 1)
        theme().follow(self._restyle)

    def _restyle(self) -> None:
        ink = _ICON_INK.get(self._glyph, "accent")
        self._icon.setPixmap(icons.pixmap(self._glyph, 16, ink))
        self._row.setSpacing(theme().px(11))
