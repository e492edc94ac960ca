"""The chart cards: readings, tables, names, and the wish of the pointer."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt

from app.charts.accuracy import Accuracy, around
from app.charts.area import Area
from app.charts.board import Board
from app.charts.card import ChartCard
from app.charts.feed import Feed
from app.charts.layers import Layers
from app.charts.losses import Losses
from app.charts.machine import Machine
from app.theme import Theme
from engine.events import Event

LAYERS = {"Layer 1": 0.1, "Layer 2": 0.3}


@pytest.fixture
def feed() -> Feed:
    one = Feed("run")
    one.add(
        Event(
            kind="scalar", time=1.0, step=step,
            values={
                "loss": 1 / step, "loss/soft": 0.5 / step, "loss/hard": 2 / step,
                "validation/accuracy": 0.9, "validation/agreement": 0.95, "machine/memory": 2e9,
                "machine/sentences_per_second": 350.0, "sparsity": 0.25, "sparsity/target": 0.6,
            },
        )
        for step in range(1, 60)
    )  # fmt: skip
    one.add(
        [
            Event(kind="scalar", time=1.0, values={"validation/teacher": 0.93}),
            *(
                Event(kind="layers", time=1.0, step=step, text="distance", values=LAYERS)
                for step in (1, 2)
            ),
        ]
    )
    return one


CARDS = {
    "losses": Losses,
    "accuracy": Accuracy,
    "agreement": lambda: Area("Same answer as teacher", "validation/agreement"),
    "bars": lambda: Layers("distance", strip=False),
    "strip": lambda: Layers("distance", strip=True),
    "machine": Machine,
}


@pytest.mark.parametrize("kind", CARDS)
def test_card_paints_names_itself_and_has_a_table(
    look: Theme, qtbot: object, feed: Feed, kind: str
) -> None:
    card: ChartCard = CARDS[kind]()
    qtbot.addWidget(card)  # type: ignore[attr-defined]
    card.resize(400, 260)
    empty = card.grab().toImage()
    card.show_feed(feed)
    assert card.grab().toImage() != empty
    assert card.accessibleName().startswith(card.title)
    heads, rows = card.table()
    assert len(heads) == len(rows[0]) > 1


def test_accuracy_says_its_value_and_the_teachers(look: Theme, feed: Feed) -> None:
    card = Accuracy()
    card.show_feed(feed)
    assert card.accessibleName() == "Validation accuracy, 90.0 percent, teacher 93.0 percent"
    assert card.value.text() == "90.0\N{NO-BREAK SPACE}%"


def test_teacher_of_the_record_is_drawn_without_a_point(look: Theme) -> None:
    card = Accuracy()
    card.teacher = 0.88
    card.show_feed(Feed("run"))
    assert [rule.level for rule in card.plot.rules] == [0.88]


def test_losses_have_one_line_per_term_by_its_name(look: Theme, feed: Feed) -> None:
    card = Losses()
    card.terms = {"hard": "Labels", "soft": "Teacher's answers"}
    card.show_feed(feed)
    assert [line.label for line in card.plot.lines] == ["Labels", "Teacher's answers"]


def test_loss_of_zero_leaves_the_log_scale(look: Theme) -> None:
    feed = Feed("run")
    feed.add(
        [
            Event(kind="scalar", time=1.0, step=step, values={"loss": float(step)})
            for step in range(3)
        ]
    )
    card = Losses()
    card.show_feed(feed)
    assert card.plot.left_axis.words(2.0) == "2"


def test_chart_waits_while_the_pointer_drags(look: Theme, feed: Feed) -> None:
    card = Losses()
    card.plot.dragging = True
    card.show_feed(feed)
    assert card.plot.lines == []


def test_table_opens_from_the_menu_and_from_return(look: Theme, feed: Feed, qtbot: object) -> None:
    card = Losses()
    qtbot.addWidget(card)  # type: ignore[attr-defined]
    card.show_feed(feed)
    assert [one.text() for one in card.menu().actions()] == ["Show as table"]
    dialog = card.show_table()
    assert dialog.view.model().rowCount() == 59
    assert dialog.view.model().headerData(0, Qt.Orientation.Horizontal) == "Step"


def test_range_of_shares_stays_within_one() -> None:
    low, high = around([0.93, 0.999])
    assert low < 0.93
    assert high == 1.0
    assert around([]) == (0.0, 1.0)


def test_board_draws_one_chart_at_a_time(look: Theme, feed: Feed, qtbot: object) -> None:
    board = Board()
    qtbot.addWidget(board)  # type: ignore[attr-defined]
    drawn = 0
    while board.draw_next(feed):
        drawn += 1
    assert drawn == len(board.charts()) == 6


def test_board_shows_what_the_method_has_points_for(look: Theme, feed: Feed) -> None:
    board = Board()
    board.draw_next(feed)
    titles = [chart.title for chart in board.charts()]
    assert titles == [
        "Losses",
        "Validation accuracy",
        "Removed so far",
        "Distance per layer",
        "Same answer as teacher",
        "Machine",
    ]


def test_board_redraws_no_chart_twice_in_a_moment(look: Theme, feed: Feed) -> None:
    board = Board()
    while board.draw_next(feed):
        pass
    feed.add([Event(kind="scalar", time=1.0, step=99, values={"loss": 0.1})])
    assert not board.draw_next(feed)


def test_one_point_gets_a_range_of_whole_percents() -> None:
    low, high = around([0.793])
    assert (low, high) == pytest.approx((0.78, 0.81))


def test_memory_is_told_of_the_total(look: Theme) -> None:
    feed = Feed("a")
    values = {"machine/memory": 1.8e9, "machine/memory_total": 25.3e9}
    feed.add([Event(kind="scalar", time=1.0, step=1, values=values)])
    card = Machine()
    card.show_feed(feed)
    assert card.memory.value.text() == "1.8 of 25.3\N{NO-BREAK SPACE}GB"
