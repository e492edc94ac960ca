"""Curves of several runs and layers of exported files."""

from __future__ import annotations

from pathlib import Path

import compared
import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from app.charts.layers_tab import LayersTab
from app.charts.overlay import CurvesTab
from app.charts.stored_layers import layers_of, plain_layer
from app.theme import Theme
from engine.history import History
from engine.records import RunRecord


@pytest.fixture
def history(tmp_path: Path) -> History:
    return History.open(tmp_path / "history.sqlite")


@pytest.fixture
def records(history: History) -> list[RunRecord]:
    return [history.run(compared.finished(history, name, {1, 2})) for name in ("one", "two")]


@pytest.fixture
def curves(look: Theme, qtbot: QtBot, history: History, records: list[RunRecord]) -> CurvesTab:
    made = CurvesTab()
    qtbot.addWidget(made)
    made.show_runs(history, records, {records[0].id: 0, records[1].id: 4})
    return made


def test_accuracy_is_shown_first(curves: CurvesTab) -> None:
    assert curves.choice.currentData() == "validation/accuracy"
    assert [one.name for one in curves.overlay.curves.lines] == ["one", "two"]


def test_a_run_keeps_its_colour(curves: CurvesTab) -> None:
    assert [one.place for one in curves.overlay.curves.lines] == [0, 4]


def test_share_of_training_ends_at_one(curves: CurvesTab) -> None:
    curves.axis.setCurrentIndex(1)
    assert all(one.x[-1] == 1.0 for one in curves.overlay.curves.lines)


def test_csv_holds_every_point(curves: CurvesTab) -> None:
    heads, rows = curves.rows()
    assert heads == ["run", "step", "validation/accuracy"]
    assert rows[0] == ["one", 0.0, 0.5]
    assert len(rows) == 20


def test_keys_read_a_place_and_it_paints(curves: CurvesTab, qtbot: QtBot) -> None:
    curves.resize(700, 400)
    curves.show()
    before = curves.overlay.grab().toImage()
    qtbot.keyClick(curves.overlay, Qt.Key.Key_Left)
    assert curves.overlay.grab().toImage() != before


def test_no_tick_says_what_to_do(curves: CurvesTab, history: History) -> None:
    curves.show_runs(history, [], {})
    assert "Tick at least one run" in curves.empty.text()


def test_layers_of_a_damaged_record_are_left_out(history: History) -> None:
    broken = [7, {"name": 3}, {"name": "a", "bits": float("nan"), "parameters": "many"}]
    run = compared.finished(history, "odd", set(), layers=broken)
    assert layers_of(history.run(run)) == {"a": {}}


def test_layer_names_are_plain() -> None:
    assert plain_layer("bert.encoder.layer.3") == "layer 4"
    assert plain_layer("bert.embeddings") == "embeddings"


def test_the_layers_tab_reads_cell_by_cell(
    look: Theme, qtbot: QtBot, records: list[RunRecord]
) -> None:
    tab = LayersTab()
    qtbot.addWidget(tab)
    tab.show_runs(records)
    tab.figure.setCurrentIndex(tab.figure.findData("sparsity"))
    qtbot.keyClick(tab.strips, Qt.Key.Key_Right)
    assert tab.strips.accessibleName().endswith("one, layer 2: 10.0\N{NO-BREAK SPACE}%")
    tab.resize(600, 300)
    assert not tab.grab().isNull()
