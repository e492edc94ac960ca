"""Compare with no-teacher baselines: offered with one click, and below their run."""

from __future__ import annotations

import compared
import pytest
from pytestqt.qtbot import QtBot

from app.context import Context
from app.pages.compare import ComparePage
from app.tables.runs import COLUMNS, PLACES
from engine.pairing import without_teacher

PKD = {"key": "pkd"}


@pytest.fixture
def page(context: Context, qtbot: QtBot) -> ComparePage:
    """Two runs; the first has a baseline in the history."""
    theirs = without_teacher(compared.spec("x", method=PKD)).model_dump(mode="json")["method"]
    compared.finished(context.history, "alone", set(range(14)), method=theirs)
    compared.finished(context.history, "other", {1, 2, 3, 4})
    compared.finished(context.history, "taught", {0, 1}, method=PKD)
    made = ComparePage(context)
    qtbot.addWidget(made)
    made.resize(1352, 872)
    made.show()
    made.activated()
    return made


def names(page: ComparePage) -> list[str]:
    return [row.name for row in page.overview.table.runs.rows]


def only(page: ComparePage, context: Context, *chosen: str) -> None:
    page.compare_runs([one.id for one in context.history.runs() if one.name in chosen])


@pytest.mark.parametrize("column", ["name", "accuracy", "bytes"])
def test_a_baseline_stands_below_its_run(page: ComparePage, column: str) -> None:
    for _ in range(2):
        page.overview.table._head_clicked(PLACES[column])
        assert names(page).index("alone") == names(page).index("taught") + 1


def test_the_row_says_whose_baseline_it_is(page: ComparePage) -> None:
    runs = page.overview.table.runs
    row = next(row for row in runs.rows if row.name == "alone")
    assert COLUMNS[PLACES["method"]].words(row) == "without teacher"
    tip = runs.index(runs.row_of(row.id), PLACES["name"]).data(3)
    assert "The same student as taught, trained without a teacher." in tip


def test_plain_words_say_what_the_teacher_gave(page: ComparePage) -> None:
    said = " ".join(page.overview.words.sentences).replace("\N{NO-BREAK SPACE}", " ")
    assert "taught: with teacher 95.0 %, without 65.0 %: +30.0 points (p < 0.001)." in said


def test_nothing_is_offered_that_is_there(page: ComparePage) -> None:
    assert page.baselines.isHidden()


def test_one_click_brings_the_baseline_in(page: ComparePage, context: Context) -> None:
    only(page, context, "taught", "other")
    assert page.baselines.text() == "Add its no-teacher baseline"
    page.baselines.click()
    assert "alone" in names(page)
    assert page.baselines.isHidden()


def test_it_is_offered_for_ticked_runs_only(page: ComparePage, context: Context) -> None:
    only(page, context, "taught", "other")
    runs = page.overview.table.runs
    runs.set_ticked({row.id for row in runs.rows if row.name != "taught"})
    assert page.baselines.isHidden()


def test_csv_has_the_pair(page: ComparePage) -> None:
    heads, rows = page.overview.csv()
    row = next(row for row in rows if row[0] == "taught")
    assert row[heads.index("teacher gave (points)")] == pytest.approx(30.0)
