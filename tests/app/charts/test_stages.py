"""Runs of several stages: boundaries, gaps, many terms, and the charts a method declares."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from app.charts.board import Board, _spans
from app.charts.feed import Feed
from app.charts.lines import MethodChart
from app.charts.losses import Losses
from app.charts.plot import Plot
from app.charts.series import Series
from app.theme import Theme
from engine.events import Event
from engine.method import Chart

STAGES = ("Prepare", "General distillation", "Intermediate", "Answers", "Measure")


def staged(terms: Sequence[Sequence[str]], **more: float) -> Feed:
    """A feed with one stage of 100 steps for each group of terms."""
    feed = Feed("run")
    for place, names in enumerate(terms, 1):
        start = 100 * (place - 1)
        data = {"index": place, "state": "begun"}
        feed.add([Event(kind="stage", time=1.0, step=start, stage=STAGES[place], data=data)])
        feed.add(
            Event(
                kind="scalar", time=1.0, step=start + step,
                values={**{f"loss/{name}": 10.0**-place for name in names}, **more},
            )
            for step in range(10, 101, 10)
        )  # fmt: skip
    return feed


def test_stages_are_neither_joined_nor_averaged() -> None:
    series = Series()
    series.extend([10, 20, 30, 40], [8.0, 8.0, 2.0, 2.0])
    series.part_at(np.array([20]))
    x, y = series.smoothed()
    assert y.tolist() == pytest.approx([8.0, 8.0, np.nan, 2.0, 2.0], nan_ok=True)
    assert x.tolist() == [10, 20, 30, 30, 40]


def test_points_after_the_bounds_begin_anew_too() -> None:
    series = Series()
    series.part_at(np.array([20]))
    series.extend([10, 20], [8.0, 8.0])
    series.extend([30], [2.0])
    assert series.smooth.tolist() == [8.0, 8.0, 2.0]


def test_first_stage_is_named_once_there_is_a_second() -> None:
    assert staged([["a"]]).stage_spans() == []
    assert staged([["a"], ["b"]]).stage_spans() == [(0, STAGES[1]), (100, STAGES[2])]


def test_terms_of_several_stages_have_a_key_and_places_that_stay(look: Theme) -> None:
    card = Losses()
    card.terms = {"late": "Late", "early": "Early"}
    card.show_feed(staged([["early"], ["late"]]))
    assert [(one.name, one.label) for one in card.plot.lines] == [("Early", ""), ("Late", "")]
    assert not card.key.isHidden()


def test_names_of_stages_lie_above_the_curves(look: Theme) -> None:
    plot = Plot()
    plot.resize(300, 160)
    plot.show_lines([], (0.0, 10.0), (0.0, 1.0), stages=[(0, "General"), (5, "Answers")])
    assert plot.view.viewRange()[1] == pytest.approx([0.0, 1.1])
    plot.show_lines([], (0.0, 10.0), (0.0, 1.0))
    assert plot.view.viewRange()[1] == pytest.approx([0.0, 1.0])


def test_nine_terms_differ_by_colour_or_dash(look: Theme, qtbot: QtBot) -> None:
    card = Losses()
    qtbot.addWidget(card)
    card.resize(360, 260)
    card.show_feed(staged([[f"term{i}" for i in range(9)]]))
    pens = {(one.colour.name(), tuple(card.plot._curves[i][1].opts["pen"].dashPattern()))
            for i, one in enumerate(card.plot.lines)}  # fmt: skip
    assert len(pens) == 9
    assert not card.grab().isNull()


def test_pointing_tells_stage_and_values(look: Theme) -> None:
    card = Losses()
    card.terms = {"a": "Layer states", "b": "Answers"}
    card.show_feed(staged([["a"], ["b"]]))
    assert card.plot.told(150.0) == "Step 150, Intermediate\nAnswers 0.0100"


def test_pointing_at_a_name_brings_its_line_forward(look: Theme) -> None:
    card = Losses()
    card.show_feed(staged([["a", "b", "c", "d"]]))
    card.key.pointed.emit(1)
    shown = [pair[1].opts["pen"].color().alphaF() for pair in card.plot._curves]
    assert shown[1] == 1.0
    assert max(shown[:1] + shown[2:]) < 0.5


def test_declared_chart_has_a_line_per_metric_with_points(look: Theme) -> None:
    card = MethodChart(Chart("Words", {"m/a": "Student", "m/b": "Teacher"}, share=True))
    card.show_feed(staged([["x"]], **{"m/a": 0.5}))
    assert [one.label for one in card.plot.lines] == ["Student"]
    assert card.value.text() == "50.0\N{NO-BREAK SPACE}%"
    assert card.accessibleName() == "Words, Student 50.0\N{NO-BREAK SPACE}%"


def test_board_brings_in_declared_charts_and_drops_them(look: Theme, qtbot: QtBot) -> None:
    board = Board()
    qtbot.addWidget(board)
    board._declared = tuple(Chart(f"Chart {i}", {f"m/{i}": "Value"}) for i in range(4))
    board.draw_next(staged([["x"]], **{f"m/{i}": 1.0 for i in (0, 1, 3)}))
    titles = [one.title for one in board.charts()]
    assert titles == ["Losses", "Validation accuracy", "Chart 0", "Chart 1", "Chart 3", "Machine"]


@pytest.mark.parametrize("narrow", [True, False])
@pytest.mark.parametrize("count", range(1, 8))
def test_every_row_of_the_board_is_full(count: int, narrow: bool) -> None:
    spans = _spans(count, narrow)
    assert len(spans) == count
    rows, filled = 0, 0
    for span in spans:
        filled += span
        assert filled <= 6
        rows, filled = (rows + 1, 0) if filled == 6 else (rows, filled)
    assert filled == 0


def test_a_plot_of_no_stage_paints(look: Theme, qtbot: QtBot) -> None:
    plot = Plot()
    qtbot.addWidget(plot)
    plot.show_lines([], (0.0, 1.0), (0.0, 1.0))
    assert not plot.grab().isNull()
