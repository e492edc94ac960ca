"""The Compare page over a real history."""

from __future__ import annotations

from pathlib import Path

import compared
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot

from app import export
from app.context import Context
from app.pages.compare import TABS, ComparePage
from app.widgets import unnamed
from app.widgets.choose_runs import ChooseRuns


@pytest.fixture
def page(context: Context, qtbot: QtBot) -> ComparePage:
    history = context.history
    compared.finished(history, "large", {0, 1, 2}, size=8_000_000, latency=20.0)
    compared.finished(history, "small", set(range(20)), size=2_000_000)
    made = ComparePage(context)
    qtbot.addWidget(made)
    made.resize(1352, 872)
    made.show()
    made.activated()
    return made


@pytest.fixture
def empty(context: Context, qtbot: QtBot) -> ComparePage:
    made = ComparePage(context)
    qtbot.addWidget(made)
    made.activated()
    return made


def _tab(page: ComparePage, words: str) -> None:
    page.tabs.setCurrentIndex(TABS.index(words))


def test_without_runs_it_leads_to_compress(
    empty: ComparePage, context: Context, qtbot: QtBot
) -> None:
    assert not empty.csv.isEnabled()
    with qtbot.waitSignal(context.navigate) as heard:
        empty.empty.button.click()
    assert heard.args == ["compress"]


def test_the_head_counts_runs_data_and_sentences(page: ComparePage) -> None:
    assert page.counts.text() == "2 of 2 finished runs, reviews test, 40 sentences"


def test_plain_words_name_the_smallest_without_loss(page: ComparePage) -> None:
    assert page.overview.words.sentences[0].startswith("large is 1.2× smaller than the teacher")


def test_a_run_taken_out_leaves_the_chart_and_the_other_tabs(page: ComparePage) -> None:
    runs = page.overview.table.runs
    small = next(row for row in runs.rows if row.name == "small")
    runs.set_ticked(runs.ticked - {small.id})
    assert small.id not in [one.id for one in page.overview.scatter.scene.points]
    _tab(page, "Curves")
    assert [one.name for one in page.curves.overlay.curves.lines] == ["large"]


def test_a_tick_is_kept_when_another_run_finishes(page: ComparePage, context: Context) -> None:
    runs = page.overview.table.runs
    small = next(row.id for row in runs.rows if row.name == "small")
    runs.set_ticked(runs.ticked - {small})
    compared.finished(context.history, "new", {1})
    context.runs_changed.emit()
    assert small not in runs.ticked
    assert len(runs.rows) == 4


def test_pointing_at_the_chart_marks_the_row_and_back(page: ComparePage) -> None:
    row = page.overview.table.runs.rows[1]
    page.overview.scatter.pointed.emit(row.id)
    assert page.overview.table.cells.pointed == row.id
    page.overview.table.pointed.emit(row.id)
    assert page.overview.scatter.scene.pointed == row.id


def test_a_chosen_point_is_the_chosen_row(page: ComparePage) -> None:
    row = page.overview.table.runs.rows[2]
    page.overview.scatter.chosen.emit(row.id)
    assert page.overview.table.chosen_id() == row.id
    assert page.overview.scatter.scene.chosen == row.id


def test_chosen_runs_are_shown_alone(page: ComparePage, context: Context) -> None:
    small = next(one.id for one in context.history.runs() if one.name == "small")
    _tab(page, "Curves")
    page.compare_runs([small])
    assert [row.name for row in page.overview.table.runs.rows] == ["Teacher", "small"]
    assert page.tabs.currentIndex() == 0


def test_every_tab_shows_and_is_named(page: ComparePage) -> None:
    for _ in TABS:
        page.next_tab()
        assert not page.grab().isNull()
        assert unnamed(page) == []
    assert page.tabs.currentIndex() == 0


def test_narrow_folds_the_plain_words_to_a_button(page: ComparePage, qtbot: QtBot) -> None:
    assert page.overview.words.isVisible()
    page.resize(1012, 672)
    qtbot.waitUntil(lambda: not page.overview.words.isVisible())
    page.overview.fold.click()
    assert page.overview.words.isVisible()


def test_a_run_on_other_examples_is_hollow_and_said(page: ComparePage, context: Context) -> None:
    run = compared.finished(context.history, "elsewhere", {1}, print_="other")
    context.runs_changed.emit()
    point = page.overview.scatter.scene.point(run)
    assert point is not None
    assert not point.comparable
    assert any("not comparable" in one for one in page.overview.words.sentences)


@pytest.mark.parametrize("tab", TABS)
def test_every_tab_saves_csv(
    page: ComparePage, tab: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export, "ask_path", lambda *_: tmp_path / "out.csv")
    _tab(page, tab)
    page.csv.click()
    assert "small" in (tmp_path / "out.csv").read_text("utf-8-sig")


@pytest.mark.parametrize("tab", ["Overview", "Curves"])
def test_ctrl_e_draws_the_chart_again(
    page: ComparePage, tab: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export, "ask_path", lambda *_: tmp_path / "out.png")
    _tab(page, tab)
    page.export()
    assert QImage(str(tmp_path / "out.png")).width() == 1600


def test_a_full_disk_is_a_message(
    page: ComparePage,
    context: Context,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    qtbot: QtBot,
) -> None:
    monkeypatch.setattr(export, "ask_path", lambda *_: tmp_path / "gone" / "out.csv")
    with qtbot.waitSignal(context.message) as heard:
        page.save_csv()
    assert heard.args[0] == "bad"


def test_the_chart_can_be_read_as_a_table(page: ComparePage) -> None:
    heads, rows = page.overview.chart_table()
    assert heads[:3] == ["Run", "Size on disk", "Accuracy"]
    assert [row[0] for row in rows] == ["small", "large", "Teacher"]


def test_choosing_runs_filters_and_counts(
    page: ComparePage, context: Context, qtbot: QtBot
) -> None:
    dialog = ChooseRuns(page, context.history.runs(), [])
    qtbot.addWidget(dialog)
    assert not dialog.take.isEnabled()
    dialog.filter.setText("LAR")
    shown = [i for i in range(dialog.list.count()) if not dialog.list.item(i).isHidden()]
    dialog.list.item(shown[0]).setCheckState(Qt.CheckState.Checked)
    assert (len(shown), len(dialog.chosen()), dialog.take.isEnabled()) == (1, 1, True)
