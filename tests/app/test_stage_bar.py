"""The stage bar keeps five to seven long names readable."""

from __future__ import annotations

from itertools import pairwise

import pytest
from PySide6.QtCore import QPoint
from pytestqt.qtbot import QtBot

from app.theme import Theme
from app.widgets.label import tip_words
from app.widgets.stage_bar import StageBar, Step, _needs, _shared

NAMES = (
    "Prepare", "General distillation", "Train masked-word head", "Augment data",
    "Intermediate distillation", "Prediction distillation", "Measure",
)  # fmt: skip


@pytest.fixture
def bar(look: Theme, qtbot: QtBot) -> StageBar:
    made = StageBar()
    qtbot.addWidget(made)
    made.set_steps(
        [
            Step(
                name,
                "done" if i < 2 else "now" if i == 2 else "later",
                0.5,
                "12:34" if i < 3 else "",
            )
            for i, name in enumerate(NAMES)
        ]
    )
    return made


@pytest.mark.parametrize("width", [300, 660, 1000, 2000])
def test_stages_fill_the_bar_without_overlap(bar: StageBar, width: int) -> None:
    bar.resize(width, 34)
    areas = bar._areas(bar._with_notes())
    assert areas[-1].right() == pytest.approx(width)
    assert all(a.right() < b.left() for a, b in pairwise(areas))
    assert not bar.grab().isNull()


def test_wide_enough_nothing_is_shortened(bar: StageBar) -> None:
    bar.resize(2000, 34)
    assert bar._with_notes()
    areas = bar._areas(True)
    assert all(
        area.width() >= _needs(step, True) for area, step in zip(areas, bar._steps, strict=True)
    )


def test_the_stage_at_work_keeps_its_name_longest(bar: StageBar) -> None:
    bar.resize(660, 34)
    assert not bar._with_notes()
    assert bar._areas(False)[2].width() >= _needs(bar._steps[2], True) - 1


def test_pointing_says_the_whole_name(bar: StageBar, qtbot: QtBot) -> None:
    bar.resize(660, 34)
    bar.show()
    area = bar._areas(bar._with_notes())[4]
    qtbot.mouseMove(bar, QPoint(round(area.center().x()), 10))
    qtbot.waitUntil(lambda: tip_words(bar) == "Intermediate distillation, not begun")


def test_widths_never_exceed_the_room() -> None:
    assert sum(_shared(10.0, [1.0] * 7, [100.0] * 7, [False] * 7)) == pytest.approx(10.0)
