"""The tables of Compare: order, ticks, what gives way, settings and disagreements."""

from __future__ import annotations

from pathlib import Path

import compared
import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from app.tables.diff import DiffTab
from app.tables.disagreement_tab import DisagreementTab
from app.tables.run_view import RunsTable
from app.tables.runs import PLACES
from app.theme import Theme
from engine.compare import compare, settings_diff
from engine.history import History
from engine.records import RunRecord


@pytest.fixture
def history(tmp_path: Path) -> History:
    return History.open(tmp_path / "history.sqlite")


@pytest.fixture
def records(history: History) -> list[RunRecord]:
    made = [
        compared.finished(
            history, "large", {0, 1}, size=8_000_000, method={"key": "pkd", "layers": 6}
        ),
        compared.finished(history, "small", set(range(20)), size=2_000_000, seed=7),
        compared.finished(history, "elsewhere", {3}, size=4_000_000, print_="other examples"),
    ]
    return [history.run(one) for one in made]


@pytest.fixture
def table(look: Theme, qtbot: QtBot, history: History, records: list[RunRecord]) -> RunsTable:
    made = RunsTable()
    qtbot.addWidget(made)
    rows = compare(records, history).rows
    made.show_rows(rows, {row.id for row in rows})
    made.resize(1304, 300)
    made.show()
    return made


def _names(table: RunsTable) -> list[str]:
    return [row.name for row in table.runs.rows]


def _said(table: RunsTable, name: str, key: str) -> str:
    place = _names(table).index(name)
    return str(table.runs.index(place, PLACES[key]).data())


def test_the_smallest_is_first_below_the_teacher(table: RunsTable) -> None:
    assert _names(table) == ["Teacher", "small", "elsewhere", "large"]


def test_a_head_sorts_and_the_teacher_stays_on_top(table: RunsTable) -> None:
    table.runs.sort(PLACES["accuracy"], Qt.SortOrder.DescendingOrder)
    assert _names(table) == ["Teacher", "elsewhere", "large", "small"]


def test_verdicts_are_words(table: RunsTable) -> None:
    assert _said(table, "small", "against") == "−45.0 clear loss"
    assert _said(table, "large", "against") == "0.0 no clear loss"
    assert _said(table, "elsewhere", "against") == "not comparable"
    assert _said(table, "Teacher", "against") == "reference"


def test_the_tooltip_gives_p_for_one_comparison(table: RunsTable) -> None:
    place = table.runs.index(_names(table).index("small"), PLACES["against"])
    assert "p &lt; 0.001 by the McNemar test, for this one comparison" in place.data(
        Qt.ItemDataRole.ToolTipRole
    )


def test_space_takes_a_run_out_of_the_chart(table: RunsTable, qtbot: QtBot) -> None:
    small = table.runs.rows[1].id
    table.choose(small)
    qtbot.keyClick(table, Qt.Key.Key_Space)
    assert small not in table.runs.ticked
    qtbot.keyClick(table, Qt.Key.Key_Space)
    assert small in table.runs.ticked


def test_the_chosen_row_stays_through_sorting(table: RunsTable) -> None:
    chosen = table.runs.rows[1].id
    table.choose(chosen)
    table.runs.sort(PLACES["name"], Qt.SortOrder.DescendingOrder)
    assert table.chosen_id() == chosen


def test_narrow_drops_in_the_order_of_the_design(table: RunsTable) -> None:
    assert table.cells.compact == set()
    dropped = []
    for width in (1280, 1200, 1120, 1000):
        table.resize(width, 300)
        table.grab()
        dropped.append(table.cells.compact)
    assert dropped == [
        {"figures"}, {"figures", "latency"}, {"figures", "latency", "bits"},
        {"figures", "latency", "bits", "method"},
    ]  # fmt: skip


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_it_paints_in_both_themes(table: RunsTable, look: Theme, mode: str) -> None:
    look.set_mode(mode)  # type: ignore[arg-type]
    image = table.grab().toImage()
    assert image.pixelColor(300, 50) != image.pixelColor(5, 299)


# --- settings --------------------------------------------------------------------------------


def test_only_what_differs_is_shown(look: Theme, qtbot: QtBot, records: list[RunRecord]) -> None:
    tab = DiffTab()
    qtbot.addWidget(tab)
    tab.show_runs(records[:2], settings_diff([one.spec for one in records[:2]]))
    shown = {tab.model.label(row) for row in range(tab.model.rowCount())}
    assert {"Method", "Seed"} <= shown
    assert not any("Data" in one for one in shown)
    assert tab.rows()[0] == ["setting", "large", "small"]


def test_another_text_is_named_and_a_run_without_the_entry_reads_its_own_data(
    look: Theme, qtbot: QtBot, records: list[RunRecord]
) -> None:
    tab = DiffTab()
    qtbot.addWidget(tab)
    bundled = {"source": "bundled", "name": "wikitext2"}
    own, wiki = {**records[0].spec}, {**records[0].spec, "text": bundled}
    own.pop("text", None)
    tab.show_runs(records[:2], settings_diff([own, wiki]))
    rows = [[tab.model.index(r, c).data() for c in range(3)] for r in range(tab.model.rowCount())]
    assert rows == [
        ["Plain text from", "The run's data", "Bundled"], ["Plain text", "–", "wikitext2"],
    ]  # fmt: skip


def test_one_run_says_what_to_do(look: Theme, qtbot: QtBot, records: list[RunRecord]) -> None:
    tab = DiffTab()
    qtbot.addWidget(tab)
    tab.show_runs(records[:1], [])
    assert tab.note.text().startswith("Tick at least two runs")


# --- disagreements ---------------------------------------------------------------------------


@pytest.fixture
def differences(
    look: Theme, qtbot: QtBot, history: History, records: list[RunRecord]
) -> DisagreementTab:
    tab = DisagreementTab()
    qtbot.addWidget(tab)
    tab.show_runs(history, records, records[1].id)
    tab.show()
    return tab


def test_counts_stand_in_the_tabs(differences: DisagreementTab) -> None:
    words = [differences.kinds.tabText(place) for place in range(3)]
    assert words == [
        "Teacher right, small wrong (18)", "small right, Teacher wrong (0)",
        "Both wrong, differently (0)",
    ]  # fmt: skip


def test_the_right_answer_narrows(differences: DisagreementTab) -> None:
    differences.label.setCurrentIndex(differences.label.findText("positive"))
    assert {row.label for row in differences.model.rows} == {1}
    assert differences.kinds.tabText(0).endswith("(9)")


def test_another_run_can_stand_against_it(
    differences: DisagreementTab, records: list[RunRecord]
) -> None:
    differences.against.setCurrentIndex(differences.against.findData(records[0].id))
    assert differences.kinds.tabText(0) == "large right, small wrong (18)"


def test_runs_on_other_examples_say_so(
    differences: DisagreementTab, records: list[RunRecord]
) -> None:
    differences.against.setCurrentIndex(differences.against.findData(records[2].id))
    assert "not stored on the same examples" in differences.note.text()


def test_hostile_sentences_stay_text(look: Theme, qtbot: QtBot, history: History) -> None:
    nasty = "<img src=x onerror=alert(1)>\n\0" + "x" * 300_000
    run = compared.finished(history, "nasty", {5}, texts=[nasty] * 8, teacher_wrong=set())
    tab = DisagreementTab()
    qtbot.addWidget(tab)
    tab.show_runs(history, [history.run(run)])
    assert len(str(tab.model.index(0, 0).data())) <= 400
    tab.view.selectRow(0)
    assert tab.pane.toPlainText().startswith("<img src=x onerror=alert(1)>")
    assert len(tab.pane.toPlainText()) <= 100_000


def test_csv_has_every_kind_with_plain_figures(differences: DisagreementTab) -> None:
    heads, rows = differences.rows()
    assert len(rows) == 18
    assert dict(zip(heads, rows[0], strict=True))["Teacher probability"] == pytest.approx(0.9)
