"""The scatter: where labels, ticks and the front go, and what pointer and keys do."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QImage, QPainter
from pytestqt.qtbot import QtBot

from app.charts.axes import ACROSS, UP, make_scene
from app.charts.ink import paper
from app.charts.placing import log_ticks, place_labels
from app.charts.scatter import Scatter
from app.charts.scatter_drawing import draw
from app.charts.scatter_scene import Point, Scene
from app.theme import Theme
from engine.remarks import Row

AREA = QRectF(0, 0, 400, 300)
POINTS = (
    Point("a", "small", "distil", 2e7, 0.88, 0.86, 0.90),
    Point("b", "large", "prune", 2e8, 0.92, 0.90, 0.94),
    Point("t", "teacher", "teacher", 4e8, 0.93, 0.91, 0.95, reference=True),
)


@given(st.lists(st.tuples(st.floats(0, 400), st.floats(0, 300)), max_size=25))
def test_labels_never_cover_each_other_or_leave_the_chart(spots: list[tuple[float, float]]) -> None:
    points = [QPointF(x, y) for x, y in spots]
    places = place_labels(points, [(60.0, 14.0)] * len(points), AREA, [], 10.0)
    kept = [one for one in places if one is not None]
    assert all(AREA.contains(one) for one in kept)
    assert not any(a.intersects(b) for i, a in enumerate(kept) for b in kept[:i])


def test_a_free_label_stands_at_the_right() -> None:
    (place,) = place_labels([QPointF(100, 100)], [(60.0, 14.0)], AREA, [], 10.0)
    assert place == QRectF(110, 93, 60, 14)


def test_at_the_right_edge_it_goes_to_the_left() -> None:
    (place,) = place_labels([QPointF(390, 100)], [(60.0, 14.0)], AREA, [], 10.0)
    assert place is not None
    assert place.right() == 380


def test_log_ticks_are_one_two_five() -> None:
    named, bare = log_ticks(18e6, 600e6)
    assert named == pytest.approx([20e6, 50e6, 100e6, 200e6, 500e6])
    assert len(bare) > len(named)


@pytest.mark.parametrize(
    ("low", "high"), [(0.0, 1.0), (5.0, 5.0), (-1.0, 2.0), (1.0, float("inf"))]
)
def test_an_impossible_range_has_no_ticks(low: float, high: float) -> None:
    assert log_ticks(low, high) == ([], [])


def _scatter(qtbot: QtBot, scene: Scene) -> Scatter:
    made = Scatter()
    qtbot.addWidget(made)
    made.resize(700, 400)
    made.set_scene(scene)
    made.show()
    made.grab()
    return made


def test_larger_is_right_and_better_is_up(look: Theme, qtbot: QtBot) -> None:
    made = _scatter(qtbot, Scene(POINTS))
    small, large = made.place_of("a"), made.place_of("b")
    assert small is not None
    assert large is not None
    assert small.x() < large.x()
    assert small.y() > large.y()


def test_the_pointer_names_a_point(look: Theme, qtbot: QtBot) -> None:
    made = _scatter(qtbot, Scene(POINTS))
    place = made.place_of("b")
    assert place is not None
    with qtbot.waitSignal(made.pointed) as heard:
        qtbot.mouseMove(made, place.toPoint())
    assert heard.args == ["b"]


def test_arrow_keys_walk_from_small_to_large(look: Theme, qtbot: QtBot) -> None:
    made = _scatter(qtbot, Scene(POINTS))
    heard: list[str] = []
    made.chosen.connect(heard.append)
    made.chosen.connect(made.set_chosen)
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Left):
        qtbot.keyClick(made, key)
    assert heard == ["a", "b", "a"]


def test_a_screen_reader_hears_the_chosen_value(look: Theme, qtbot: QtBot) -> None:
    made = _scatter(qtbot, Scene(POINTS, chosen="b"))
    assert (
        "Chosen: large, 200.0\N{NO-BREAK SPACE}MB, 92.0\N{NO-BREAK SPACE}%" in made.accessibleName()
    )


@pytest.mark.parametrize("points", [(), POINTS[:1], (replace(POINTS[0], name="<b>" * 10**5),)])
def test_nothing_one_point_and_a_monster_name_draw(look: Theme, points: tuple[Point, ...]) -> None:
    image = QImage(500, 300, QImage.Format.Format_RGB32)
    painter = QPainter(image)
    assert len(draw(painter, QRectF(0, 0, 500, 300), Scene(points), paper())) == len(points)
    painter.end()


def _row(row_id: str, size: int, accuracy: float, **more: object) -> Row:
    values = {"method": "pkd", "family": "distil", "verdict": "unknown", **more}
    return Row(id=row_id, name=row_id, bytes=size, accuracy=accuracy, **values)  # type: ignore[arg-type]


def test_the_front_leaves_out_beaten_and_incomparable_rows() -> None:
    rows = [
        _row("good", 10, 0.9), _row("beaten", 20, 0.8), _row("best", 30, 0.95),
        _row("other", 5, 0.99, verdict="not comparable"),
    ]  # fmt: skip
    scene = make_scene(rows, ACROSS[0], UP[0], ranges=True, majority=0.5)
    assert scene.front == ("good", "best")
    assert [one.id for one in scene.points if not one.comparable] == ["other"]


def test_rows_without_the_figure_are_left_out() -> None:
    rows = [_row("timed", 10, 0.9, latency=3.0), _row("not timed", 10, 0.9)]
    scene = make_scene(rows, ACROSS[1], UP[0], ranges=True, majority=None)
    assert [one.id for one in scene.points] == ["timed"]


def test_agreement_has_a_range_and_the_teacher_always_agrees() -> None:
    rows = [
        _row("run", 10, 0.9, agreement=0.9, examples=100),
        _row("t", 99, 0.9, verdict="reference"),
    ]
    run, teacher = make_scene(rows, ACROSS[0], UP[2], ranges=True, majority=0.5).points
    assert run.low is not None
    assert run.low < 0.9
    assert (teacher.y, teacher.low) == (1.0, None)
