"""The Overview tab of Compare: chart, what it comes to in plain words, and the table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QCheckBox, QFrame, QHBoxLayout, QVBoxLayout, QWidget

from app.charts.axes import ACROSS, UP, make_scene
from app.charts.card import TableDialog
from app.charts.legend import Legend
from app.charts.scatter import Scatter
from app.tables.run_view import RunsTable
from app.tables.runs import against
from app.theme import theme
from app.widgets import Button, combo, line, text
from app.widgets.plain_words import PlainWords
from engine import wording

if TYPE_CHECKING:
    from engine.compare import Comparison
    from engine.remarks import Row

FOLDS_BELOW = 1280 - 88 - 48  # the window's width less rail and margins


class Overview(QWidget):
    """Chart and table of one comparison; each marks in the other what is pointed at or chosen.

    `ticked_changed` follows the ticks of the table.
    """

    ticked_changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._comparison: Comparison | None = None
        self._majority: float | None = None
        self.across = combo("Across", [(one.title, one.key) for one in ACROSS])
        self.up = combo("Up", [(one.title, one.key) for one in UP])
        self.ranges = QCheckBox("95 % ranges")
        self.ranges.setChecked(True)
        self.legend = Legend()
        self.scatter = Scatter()
        self.nothing = text("body", "", "text2", wrap=True)
        self.words = PlainWords()
        self.fold = Button("In plain words", size="small", icon="info")
        self.fold.setCheckable(True)
        self._divider = line(vertical=True)
        self.table = RunsTable()
        self._lay_out()
        self._wire()
        theme().follow(self._restyle)

    def show_comparison(
        self, comparison: Comparison, ticked: set[str], majority: float | None
    ) -> None:
        """Show these rows; `majority` is the accuracy of always giving the commonest answer."""
        self._comparison, self._majority = comparison, majority
        self.table.show_rows(comparison.rows, ticked)
        self._draw()

    @property
    def ticked(self) -> set[str]:
        """The ids of the rows in the chart."""
        return self.table.runs.ticked

    def rows(self) -> list[Row]:
        """The ticked rows in the order of the table."""
        return [row for row in self.table.runs.rows if row.id in self.ticked]

    def chart_table(self) -> tuple[list[str], list[list[str]]]:
        """The chart's numbers in words."""
        scene = self.scatter.scene
        rows = [
            [
                one.name,
                scene.across_words(one.x),
                wording.percent(one.y),
                wording.span(one.low, one.high),
            ]
            for one in sorted(scene.points, key=lambda one: one.x)
        ]
        return ["Run", scene.across, scene.up, "95 % range, %"], rows

    def csv(self) -> tuple[list[str], list[list[Any]]]:
        """Every row of the table, plain figures with the unit in the head."""
        heads = [
            "run", "id", "method", "family", "in chart", "accuracy (share)",
            "95 % range low (share)", "95 % range high (share)", "against teacher (points)",
            "verdict", "McNemar p", "size (bytes)", "nominal size (bytes)", "smaller (x)",
            "latency (ms)", "faster (x)", "removed (share)", "bits", "parameters", "macro F1 (share)",
            "same answer as teacher (share)", "examples", "split", "multiplications",
            "no-teacher baseline", "teacher gave (points)", "McNemar p against baseline",
        ]  # fmt: skip
        rows = [
            [
                row.name, row.id, row.method, row.family, "yes" if row.id in self.ticked else "no",
                row.accuracy, row.low, row.high,
                None if row.difference is None else 100 * row.difference, row.verdict, row.p,
                row.bytes, row.nominal_bytes, row.smaller, row.latency, row.faster, row.sparsity,
                row.bits, row.parameters, row.macro_f1, row.agreement, row.examples, row.split,
                row.macs, row.baseline, None if row.gain is None else 100 * row.gain, row.gain_p,
            ]
            for row in self.table.runs.rows
        ]  # fmt: skip
        return heads, rows

    # --- inside -------------------------------------------------------------------------------

    def _lay_out(self) -> None:
        self._choosers = QHBoxLayout()
        for words, field in (("Across", self.across), ("Up", self.up)):
            self._choosers.addWidget(text("small", words))
            field.setProperty("measure", "small")
            self._choosers.addWidget(field)
        self._choosers.addWidget(self.ranges)
        self._choosers.addStretch()
        self._choosers.addWidget(self.legend)
        self._choosers.addWidget(self.fold)
        self._second = QHBoxLayout()
        self._second.addStretch()
        self._left = QVBoxLayout()
        self._left.addLayout(self._choosers)
        self._left.addLayout(self._second)
        self._left.addWidget(self.nothing)
        self._left.addWidget(self.scatter, 1)
        self._card = QFrame()
        self._card.setProperty("card", "true")
        across = QHBoxLayout(self._card)
        across.setContentsMargins(1, 1, 1, 1)
        across.setSpacing(0)
        across.addLayout(self._left, 1)
        across.addWidget(self._divider)
        across.addWidget(self.words)
        self._column = column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._card, 1)
        column.addWidget(self.table)

    def _wire(self) -> None:
        self.across.currentIndexChanged.connect(self._draw)
        self.up.currentIndexChanged.connect(self._draw)
        self.ranges.toggled.connect(self._draw)
        self.fold.toggled.connect(self._fold)
        self.scatter.pointed.connect(self.table.set_pointed)
        self.scatter.chosen.connect(self.table.choose)
        self.scatter.table_asked.connect(self._show_table)
        self.table.pointed.connect(self.scatter.set_pointed)
        self.table.chosen.connect(self.scatter.set_chosen)
        self.table.runs.ticked_changed.connect(self._ticked)

    def _ticked(self) -> None:
        self._draw()
        self.ticked_changed.emit()

    def _draw(self) -> None:
        if self._comparison is None:
            return
        rows = self.rows()
        across = next(one for one in ACROSS if one.key == self.across.currentData())
        up = next(one for one in UP if one.key == self.up.currentData())
        scene = make_scene(
            rows, across, up, ranges=self.ranges.isChecked(), majority=self._majority
        )
        self.scatter.set_scene(scene)
        self.scatter.set_chosen(self.table.chosen_id())
        self.legend.show_families({one.family for one in scene.points})
        left_out = len(rows) - len(scene.points)
        said = "" if scene.points else "Tick at least one run in the table to see it here."
        if scene.points and left_out:
            said = f"{left_out} ticked run{'s have' if left_out > 1 else ' has'} no {across.title.lower()} or {up.title.lower()} and cannot be drawn."
        self.nothing.set_text(said)
        self.nothing.setVisible(bool(said))
        remarks = self._comparison.said({row.id for row in rows})
        self.words.show_remarks(remarks, self._comparison.footnote, self._more(rows))

    def _more(self, rows: Sequence[Row]) -> list[str]:
        """What else a person must know: who cannot be compared, and what hollow marks mean."""
        other = [row for row in rows if against(row) == "not comparable"]
        if not other:
            return []
        who = "1 run was" if len(other) == 1 else f"{len(other)} runs were"
        return [f"{who} measured on other examples: drawn hollow, not comparable."]

    def _show_table(self) -> None:
        title = f"{self.scatter.scene.across} against {self.scatter.scene.up.lower()}"
        TableDialog(self, title, self.chart_table()).open()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fold()

    def _fold(self) -> None:
        """Below 1280 the words are behind a button and the legend gets a row of its own."""
        narrow = self.width() < theme().px(FOLDS_BELOW)
        shown = not narrow or self.fold.isChecked()
        self.fold.setVisible(narrow)
        self.words.setVisible(shown)
        self._divider.setVisible(shown)
        wanted = self._second if narrow else self._choosers
        other = self._choosers if narrow else self._second
        if other.indexOf(self.legend) >= 0:
            other.removeWidget(self.legend)
            wanted.insertWidget(wanted.count() - (0 if narrow else 1), self.legend)

    def _restyle(self) -> None:
        look = theme()
        self._left.setContentsMargins(look.px(16), look.px(10), look.px(4), look.px(6))
        self._left.setSpacing(look.px(4))
        self._choosers.setSpacing(look.px(9))
        self._second.setContentsMargins(0, 0, look.px(8), 0)
        self._column.setSpacing(look.px(12))
        self._card.setMinimumHeight(look.px(326))
        self._fold()
