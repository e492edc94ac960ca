"""Compare: which of the finished runs is best, and is a difference more than chance?"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtGui import QImage
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QTabBar, QVBoxLayout, QWidget

from app import export
from app.charts.layers_tab import LayersTab
from app.charts.overlay import CurvesTab
from app.charts.paper import curves_picture, scatter_picture
from app.context import Context
from app.pages.baseline_offer import BaselineOffer
from app.retime import Retime
from app.tables.data_words import count_words, data_words, majority_of
from app.tables.diff import DiffTab
from app.tables.disagreement_tab import DisagreementTab
from app.tables.overview import Overview
from app.theme import theme
from app.widgets import Button, line, scroll, text
from app.widgets.choose_runs import ChooseRuns
from app.widgets.empty import Empty
from app.widgets.label import name
from engine.compare import compare, settings_diff
from engine.errors import BadInput

if TYPE_CHECKING:
    from engine.records import RunRecord

SHOWN_AT_FIRST = 12
TABS = ("Overview", "Curves", "Layers", "Settings diff", "Disagreements")
EMPTY = (
    "Finished runs stand here beside their teacher: how large, how accurate, how fast, "
    "and whether a difference is more than chance. No run has finished yet."
)
DRAWN = ("Overview", "Curves")  # tabs that can be saved as a picture


class ComparePage(QWidget):
    """The table holds chosen finished runs; the ticked ones are in the chart and the other tabs."""

    title = "Compare"

    def __init__(self, context: Context) -> None:
        super().__init__()
        self._context = context
        self._finished: list[RunRecord] = []
        self._records: list[RunRecord] = []
        self._wanted: list[str] | None = None
        self._hidden: set[str] = set()  # rows a person has taken out of the chart
        self._places: dict[str, int] = {}  # a run keeps its colour for the session
        self._seen: object = None
        self.counts = text("body", "", "text2", elide=True)
        self.add = Button("Add runs…", "link", "plus", size="small")
        self.baselines = BaselineOffer()
        self.picture = Button(
            "PNG", icon="export", size="small", label="Save this chart as a picture"
        )
        self.csv = Button("CSV", icon="export", size="small", label="Save these figures as CSV")
        self.retime = Retime()
        self.tabs = QTabBar()
        self.overview = Overview()
        self.curves, self.layers = CurvesTab(), LayersTab()
        self.diff, self.disagreements = DiffTab(), DisagreementTab()
        self.stack = QStackedWidget()
        self.empty = Empty("nav-compare", "Nothing to compare yet", EMPTY, "Compress a model")
        self.empty.acted.connect(lambda: context.navigate.emit("compress"))
        self._lay_out()
        self._wire()
        theme().follow(self._restyle)
        self._show_empty()

    # --- what the window calls ----------------------------------------------------------------

    def activated(self) -> None:
        """Read what has changed since the page was last seen."""
        if self._context.ready:
            self._reload()

    def compare_runs(self, run_ids: Sequence[str]) -> None:
        """Put exactly these finished runs in the table and the chart."""
        self._wanted, self._hidden, self._seen = list(run_ids), set(), None
        self.tabs.setCurrentIndex(0)
        self.activated()

    def next_tab(self) -> None:
        """Go to the next tab, from the last to the first."""
        self.tabs.setCurrentIndex((self.tabs.currentIndex() + 1) % len(TABS))

    def export(self) -> None:
        """Ctrl+E: save the chart where there is one, else the figures."""
        if TABS[self.tabs.currentIndex()] in DRAWN:
            self.save_picture()
        else:
            self.save_csv()

    def time_together(self) -> None:
        """Measure the speed of every model in the table again, in turns."""
        if self._records:
            self.retime.begin(self._records, self._context.history.path)

    # --- saving -------------------------------------------------------------------------------

    def save_csv(self) -> None:
        """Ask where, then save the figures of the present tab."""
        self._save("figures", "csv", "CSV (*.csv)", lambda to: export.save_csv(to, *self.figures()))

    def save_picture(self) -> None:
        """Ask where, then draw the chart of the present tab again for paper."""
        write = export.save_picture
        self._save("chart", "png", "PNG picture (*.png)", lambda path: write(path, self.drawn()))

    def figures(self) -> tuple[list[str], list[list[Any]]]:
        """Heads and rows of the present tab, plain figures."""
        tab = TABS[self.tabs.currentIndex()]
        if tab == "Overview":
            return self.overview.csv()
        rows = {
            "Curves": self.curves.rows, "Layers": self.layers.rows,
            "Settings diff": self.diff.rows, "Disagreements": self.disagreements.rows,
        }  # fmt: skip
        return rows[tab]()

    def drawn(self) -> QImage:
        """The chart of the present tab as a QImage, 1600 wide and light."""
        words = data_words(self._records)
        if TABS[self.tabs.currentIndex()] == "Curves":
            return curves_picture(self.curves.overlay.curves, words)
        return scatter_picture(self.overview.scatter.scene, words)

    def _save(self, what: str, ending: str, kind: str, write: Callable[[Path], object]) -> None:
        name_ = export.file_name(f"compare-{TABS[self.tabs.currentIndex()].lower()}", ending)
        path = export.ask_path(self, f"Save {what}", name_, kind)
        if path is None:
            return
        try:
            write(path)
        except BadInput as error:
            self._context.message.emit("bad", str(error))
        else:
            self._context.message.emit("good", f"Saved as {path.name}.")

    # --- reading the history ------------------------------------------------------------------

    def _reload(self) -> None:
        try:
            self._finished = self._context.history.runs(["finished"])
            ids = self._chosen_ids()
            by_id = {one.id: one for one in self._finished}
            seen = [(one, by_id[one].name) for one in ids], len(self._finished)
            if seen == self._seen:
                return
            self._records = [self._context.history.run(one) for one in ids]
            self._seen = seen
        except BadInput as error:
            self._context.message.emit("bad", str(error))
            return
        if not self._records:
            self._show_empty()
            return
        self._compare()

    def _chosen_ids(self) -> list[str]:
        """The runs asked for that are finished, else the newest finished ones."""
        finished = [one.id for one in self._finished]
        if self._wanted is not None:
            kept = [one for one in self._wanted if one in set(finished)]
            if kept:
                return kept
        return finished[:SHOWN_AT_FIRST]

    def _compare(self) -> None:
        try:
            comparison = compare(self._records, self._context.history)
            if timed := self.retime.latencies([row.id for row in comparison.rows]):
                comparison = compare(self._records, self._context.history, timed)
        except BadInput as error:
            self._context.message.emit("bad", str(error))
            return
        for one in self._records:
            self._places.setdefault(one.id, len(self._places))
        ticked = {row.id for row in comparison.rows} - self._hidden
        self.overview.show_comparison(comparison, ticked, majority_of(self._records))
        self.counts.set_text(count_words(self._records, len(self._finished)))
        for button in (self.add, self.picture, self.csv, self.retime):
            button.set_enabled(True)
        self._body.setCurrentIndex(1)
        self._offer_baselines()
        self._show_tab()

    # --- tabs ---------------------------------------------------------------------------------

    def _ticks_changed(self) -> None:
        every = {row.id for row in self.overview.table.runs.rows}
        self._hidden = (self._hidden - every) | (every - self.overview.ticked)
        self._offer_baselines()

    def _offer_baselines(self) -> None:
        """One click brings in the baselines of ticked runs."""
        shown = [one.id for one in self._records]
        ticked = [one for one in shown if one in self.overview.ticked]
        self.baselines.offer(self._context.history, self._finished, shown, ticked)

    def _show_tab(self) -> None:
        """Bring the present tab up to date with the ticks."""
        tab = TABS[self.tabs.currentIndex()]
        self.stack.setCurrentIndex(self.tabs.currentIndex())
        self.picture.set_enabled(tab in DRAWN, "Only Overview and Curves are charts; use CSV here.")
        if not self._records:
            return
        history = self._context.history
        ticked = [one for one in self._records if one.id in self.overview.ticked]
        try:
            if tab == "Curves":
                self.curves.show_runs(history, ticked, self._places)
            elif tab == "Layers":
                self.layers.show_runs(ticked)
            elif tab == "Settings diff":
                self.diff.show_runs(ticked, settings_diff([one.spec for one in ticked]))
            elif tab == "Disagreements":
                self.disagreements.show_runs(history, ticked, self.overview.table.chosen_id())
        except BadInput as error:
            self._context.message.emit("bad", str(error))

    def _choose_runs(self) -> None:
        dialog = ChooseRuns(self, self._finished, [one.id for one in self._records])
        if dialog.exec():
            self._wanted, self._seen = dialog.chosen(), None
            self._reload()

    def _add_runs(self, ids: list[str]) -> None:
        self._wanted, self._seen = [one.id for one in self._records] + ids, None
        self._reload()

    def _changed(self) -> None:
        if self.isVisible() and self._context.ready:
            self._reload()

    # --- building -----------------------------------------------------------------------------

    def _show_empty(self) -> None:
        self._body.setCurrentIndex(0)
        self.counts.set_text("no finished runs yet")
        for one in (self.add, self.picture, self.csv, self.retime):
            one.set_enabled(False, "There is no finished run yet.")

    def _lay_out(self) -> None:
        self._head = QHBoxLayout()
        self._head.addWidget(text("title", self.title))
        self._head.addWidget(self.counts)
        self._head.addWidget(self.add)
        self._head.addWidget(self.baselines)
        self._head.addStretch(1)
        self._head.addWidget(self.retime)
        self._head.addWidget(text("small", "Export"))
        self._head.addWidget(self.picture)
        self._head.addWidget(self.csv)
        self.tabs.setExpanding(False)
        name(self.tabs, "Parts of the comparison")
        for words in TABS:
            self.tabs.addTab(words)
        for tab in (self.overview, self.curves, self.layers, self.diff, self.disagreements):
            self.stack.addWidget(scroll(tab, across=True) if tab is self.overview else tab)
        full = QWidget()
        self._full = QVBoxLayout(full)
        self._full.setContentsMargins(0, 0, 0, 0)
        self._full.setSpacing(0)
        self._full.addWidget(self.tabs)
        self._full.addWidget(line())
        self._full.addWidget(self.stack, 1)
        self._body = QStackedWidget()
        self._body.addWidget(self.empty)
        self._body.addWidget(full)
        self._column = QVBoxLayout(self)
        self._column.addLayout(self._head)
        self._column.addWidget(self._body, 1)

    def _wire(self) -> None:
        self.add.clicked.connect(self._choose_runs)
        self.baselines.taken.connect(self._add_runs)
        self.picture.clicked.connect(self.save_picture)
        self.csv.clicked.connect(self.save_csv)
        self.retime.clicked.connect(self.time_together)
        self.retime.timed.connect(self._compare)
        self.retime.failed.connect(lambda said: self._context.message.emit("bad", said))
        self.tabs.currentChanged.connect(self._show_tab)
        self.overview.ticked_changed.connect(self._ticks_changed)
        self._context.runs_changed.connect(self._changed)
        self._context.history_opened.connect(self._changed)

    def _restyle(self) -> None:
        look = theme()
        self._column.setContentsMargins(look.px(24), look.px(14), look.px(24), look.px(16))
        self._column.setSpacing(look.px(14))
        self._head.setSpacing(look.px(10))
        self.stack.setContentsMargins(0, look.px(12), 0, 0)
