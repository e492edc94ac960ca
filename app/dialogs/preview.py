"""What a data set looks like: its first rows, how its labels and lengths are spread, and notes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QSizePolicy,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from app.theme import theme
from app.widgets.label import cut, name, text
from engine import wording

if TYPE_CHECKING:
    from engine.data import Preview

ROWS, MOST_BARS, LONGEST_CELL = 20, 6, 200


class Bars(QWidget):
    """Labelled bars from zero, drawn in one series colour; `rows` are (words, count)."""

    def __init__(self, what: str) -> None:
        super().__init__()
        self._what = what
        self.rows: list[tuple[str, int]] = []
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme().follow(self._restyle)

    def show_rows(self, rows: list[tuple[str, int]]) -> None:
        """Draw these."""
        self.rows = [(cut(" ".join(words.split()), 80), count) for words, count in rows]
        told = ", ".join(f"{words} {wording.count(count)}" for words, count in self.rows)
        self.setAccessibleName(f"{self._what}: {told}")
        self._restyle()

    def _restyle(self) -> None:
        self.setFixedHeight(theme().px(18) * len(self.rows))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        look, painter = theme(), QPainter(self)
        font = look.font("small")
        painter.setFont(font)
        metrics = QFontMetrics(font)
        most = max((count for _, count in self.rows), default=0) or 1
        wide = min(
            max((metrics.horizontalAdvance(words) for words, _ in self.rows), default=0) + 12,
            self.width() // 2,
        )
        number = metrics.horizontalAdvance("0,000,000")
        middle = int(Qt.AlignmentFlag.AlignVCenter)
        for row, (words, count) in enumerate(self.rows):
            top, height = look.px(18) * row, look.px(18)
            shown = metrics.elidedText(words, Qt.TextElideMode.ElideRight, wide - 6)
            painter.setPen(look.colour("text2"))
            painter.drawText(QRectF(0, top, wide, height), middle, shown)
            length = (self.width() - wide - number) * count / most
            painter.fillRect(
                QRectF(wide, top + look.px(4), length, height - look.px(8)), look.series(0)
            )
            painter.setPen(look.colour("text3"))
            area = QRectF(wide + length + look.px(6), top, number, height)
            painter.drawText(area, middle, wording.count(count))


class PreviewPane(QWidget):
    """Filled by `show_preview`; empty for None."""

    def __init__(self) -> None:
        super().__init__()
        self.title = text("name", "", elide=True)
        self.counts = text("small", "", "text2", wrap=True)
        self.labels, self.lengths = Bars("Rows per answer"), Bars("Rows per number of words")
        self.notes = text("small", "", "text2", wrap=True)
        self.table = QTableWidget(0, 0)
        self._prepare_table()
        self._heads = [text("label", words) for words in ("Answers", "Words per row", "First rows")]
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        for one in (
            self.title, self.counts, self._heads[0], self.labels, self._heads[1], self.lengths,
            self._heads[2],
        ):  # fmt: skip
            column.addWidget(one)
        column.addWidget(self.table, 1)
        column.addWidget(self.notes)
        self._spare = QWidget()
        column.addWidget(self._spare, 1)
        self.show_preview(None)

    def _prepare_table(self) -> None:
        table = self.table
        name(table, "First rows")
        table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        table.setShowGrid(False)
        table.setWordWrap(False)
        table.setTabKeyNavigation(False)
        table.verticalHeader().hide()
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        header = table.horizontalHeader()
        header.setStretchLastSection(True)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)

    def show_preview(self, found: Preview | None) -> None:
        """Show a data set, or that none is chosen."""
        for one in (*self._heads, self.labels, self.lengths, self.table, self.notes, self.counts):
            one.setVisible(found is not None)
        self._spare.setVisible(found is None)
        if found is None:
            self.title.set_text("Choose data to see its first rows.")
            return
        data = found.data
        self.title.set_text(data.title)
        self.counts.set_text(counts_of(data))
        self.labels.show_rows(_balance(found))
        hidden = len(data.labels) - len(self.labels.rows)
        self._heads[0].set_text(
            f"Answers: the {MOST_BARS - 1} most frequent and the rarest" if hidden else "Answers"
        )
        self.lengths.show_rows(_lengths(found))
        self.notes.set_text("\n".join(data.notes) or "No row stands in more than one split.")
        self._fill(found.rows("train", ROWS))

    def _fill(self, rows: list[dict[str, str]]) -> None:
        names = ["label", *(key for key in rows[0] if key != "label")] if rows else []
        self.table.setRowCount(len(rows))
        self.table.setColumnCount(len(names))
        self.table.setHorizontalHeaderLabels(
            ["Answer" if one == "label" else cut(one, 60) for one in names]
        )
        for number, row in enumerate(rows):
            for column, key in enumerate(names):
                words = " ".join(cut(row[key], LONGEST_CELL).split())
                self.table.setItem(number, column, QTableWidgetItem(words))
            self.table.setRowHeight(number, theme().px(30))
        header = self.table.horizontalHeader()
        if names:
            header.setSectionResizeMode(0, QHeaderView.ResizeMode.Interactive)
            self.table.setColumnWidth(0, theme().px(110))


def counts_of(data: Any) -> str:
    """ "7,423 to learn from · 1,056 to check with · 2,131 to measure on · 2 answers"."""
    splits = data.splits
    parts = [
        f"{wording.count(len(splits['train']))} to learn from",
        f"{wording.count(len(splits['validation']))} to check with",
        f"{wording.count(len(splits['test']))} to measure on",
        f"{wording.count(len(data.labels))} answers",
    ]
    if len(data.unlabelled):
        parts.append(f"{wording.count(len(data.unlabelled))} without labels")
    return " · ".join(parts)


def _balance(found: Preview) -> list[tuple[str, int]]:
    """Rows of train per answer, the most frequent first; of many, the rarest one too."""
    rows = sorted(found.balance["train"].items(), key=lambda one: -one[1])
    return rows if len(rows) <= MOST_BARS else [*rows[: MOST_BARS - 1], rows[-1]]


def _lengths(found: Preview) -> list[tuple[str, int]]:
    """The histogram in at most six bars; neighbours are added up."""
    bins = found.lengths
    step = -(-len(bins) // MOST_BARS)
    merged = [bins[at : at + step] for at in range(0, len(bins), step)]
    return [
        (
            f"{part[0][0]} to {part[-1][1]}" if part[0][0] < part[-1][1] else f"{part[0][0]}",
            sum(count for _, _, count in part),
        )
        for part in merged
    ]
