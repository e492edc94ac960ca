"""One sentence as two vocabularies cut it: words as chips, thin dots between their pieces."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.theme import theme
from app.widgets.label import cut, name, plain_tip

if TYPE_CHECKING:
    from app.cutting import Pieces

NAMES, COUNT, ROW = 128, 74, 28
UNKNOWN = "[UNK]"
_INNER = "##"
_LEFT = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
_RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)


def words_of(pieces: Sequence[str]) -> list[list[str]]:
    """Pieces by word: one that begins with ## goes on with the word before it."""
    found: list[list[str]] = []
    for piece in pieces:
        if piece.startswith(_INNER) and len(piece) > len(_INNER) and found:
            found[-1].append(piece.removeprefix(_INNER))
        else:
            found.append([piece])
    return found


def told(row: Pieces) -> str:
    """A row in words: "Teacher, 9 pieces: un·believ·able film"."""
    words = " ".join("·".join(word) for word in words_of(row.pieces))
    return f"{row.name}, {count_words(row)}: {words}"


def count_words(row: Pieces) -> str:
    """ "9 pieces"."""
    return f"{len(row.pieces)} piece{'' if len(row.pieces) == 1 else 's'}"


class Cuts(QWidget):
    """A line for each vocabulary; hidden while there is only one."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[Pieces] = []
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.hide()
        theme().follow(self._restyle)

    def show_rows(self, rows: Sequence[Pieces]) -> None:
        """Show these vocabularies' pieces."""
        self.rows = list(rows)
        said = "; ".join(told(row) for row in rows)
        name(self, f"How each vocabulary cuts the sentence: {said}")
        plain_tip(self, "\n".join(cut(told(row), 300) for row in rows))
        self.setVisible(bool(rows))
        self._restyle()

    def _restyle(self) -> None:
        self.setFixedHeight(max(1, self.sizeHint().height()))
        self.update()

    def sizeHint(self) -> QSize:
        look = theme()
        return QSize(look.px(400), look.px(ROW) * len(self.rows))

    def paintEvent(self, event: QPaintEvent) -> None:
        look, painter = theme(), QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for place, row in enumerate(self.rows):
            line = QRectF(0, place * look.px(ROW), self.width(), look.px(ROW))
            self._head(painter, line, row)
            room = line.adjusted(look.px(NAMES + COUNT + 10), 0, 0, 0)
            self._chips(painter, room, words_of(row.pieces), "teacher" if row.teacher else "accent")

    def _head(self, painter: QPainter, line: QRectF, row: Pieces) -> None:
        """Whose vocabulary, and how many pieces."""
        look = theme()
        font = look.font("small-strong")
        painter.setFont(font)
        painter.setPen(look.colour("teacher" if row.teacher else "accent"))
        metrics = QFontMetricsF(font)
        words = " ".join(cut(row.name, 80).split())
        shown = metrics.elidedText(words, Qt.TextElideMode.ElideRight, look.px(NAMES))
        painter.drawText(line, _LEFT, shown)
        painter.setFont(look.font("small"))
        painter.setPen(look.colour("text3"))
        count = QRectF(line.left() + look.px(NAMES), line.top(), look.px(COUNT), line.height())
        painter.drawText(count, _RIGHT, count_words(row))

    def _chips(
        self, painter: QPainter, room: QRectF, words: Sequence[Sequence[str]], tone: str
    ) -> None:
        """As many words as the line holds; what is left out is counted."""
        look = theme()
        font = look.font("small")
        metrics = QFontMetricsF(font)
        painter.setFont(font)
        left, more = room.left(), metrics.horizontalAdvance("+ 999 words")
        for place, word in enumerate(words):
            shown = [cut(piece, 60) for piece in word]
            gap = look.px(9)
            widths = [metrics.horizontalAdvance(piece) for piece in shown]
            wide = sum(widths) + gap * (len(word) - 1) + look.px(12)
            last = place == len(words) - 1
            if left + wide > room.right() - (0 if last else more):
                painter.setPen(look.colour("text3"))
                rest = len(words) - place
                said = f"+ {rest} word{'' if rest == 1 else 's'}"
                painter.drawText(room.adjusted(left - room.left(), 0, 0, 0), _LEFT, said)
                return
            chip = QRectF(left, room.center().y() - look.px(11), wide, look.px(22))
            self._chip(painter, chip, shown, widths, tone)
            left += wide + look.px(5)

    def _chip(
        self, painter: QPainter, chip: QRectF, pieces: Sequence[str], widths: Sequence[float],
        tone: str,
    ) -> None:  # fmt: skip
        """A word; a thin dot stands where it is cut, and an unknown piece has the warning's colour."""
        look = theme()
        fill = look.colour(tone)
        fill.setAlphaF(0.10)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(look.colour("warn_soft") if UNKNOWN in pieces else fill)
        painter.drawRoundedRect(chip, look.px(4), look.px(4))
        left = chip.left() + look.px(6)
        for place, (piece, wide) in enumerate(zip(pieces, widths, strict=True)):
            if place:
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(look.colour(tone))
                middle = QPointF(left + look.px(4.5), chip.center().y() + 1)
                painter.drawEllipse(middle, look.px(1.5), look.px(1.5))
                left += look.px(9)
            painter.setPen(QPen(look.colour("warn" if piece == UNKNOWN else "text")))
            painter.drawText(QRectF(left, chip.top(), wide + 2, chip.height()), _LEFT, piece)
            left += wide
