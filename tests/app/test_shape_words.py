"""Shapes in words: recurrent layers, own vocabularies, and layers that are stored once."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from app.theme import Theme
from app.widgets.shape_words import differences, is_copy, same_work, sentence, size_words
from app.widgets.shapes import ShapeDrawing
from engine.shape import RECURRENT, Forecast, Shape

TEACHER = Shape("bert", 12, 768, 12, 3072, 30522, 512, 2, 2)
ALBERT = Shape("albert", 12, 768, 12, 3072, 30522, 512, 2, 2, embedding=128, shared_layers=True)
BILSTM = Shape(RECURRENT, 2, 600, 0, 200, 30522, 0, 0, 2, embedding=50)


def test_a_recurrent_layer_is_called_so() -> None:
    assert size_words(BILSTM) == "2 recurrent layers, 2 × 300 wide"
    assert "It reads piece by piece, in both directions." in differences(TEACHER, BILSTM)


def test_an_own_vocabulary_is_told() -> None:
    said = sentence(Forecast(TEACHER.resized(vocabulary=5000)), TEACHER)
    assert "It knows 5,000 word pieces, the teacher 30,522." in said


def test_sharing_saves_bytes_and_no_time() -> None:
    assert same_work(TEACHER, ALBERT)
    assert differences(TEACHER, ALBERT)[-1] == "Smaller file, same work: no faster."


@pytest.mark.parametrize(
    "student", [BILSTM, TEACHER.resized(layers=4), TEACHER.resized(hidden=384)]
)
def test_other_sizes_do_other_work(student: Shape) -> None:
    assert not same_work(TEACHER, student)


def test_a_teacher_beside_itself_has_nothing_to_tell() -> None:
    assert differences(TEACHER, TEACHER) == []


def test_groups_store_their_first_layer() -> None:
    grouped = TEACHER.resized(groups=3)
    assert [one for one in range(1, 13) if not is_copy(grouped, one)] == [1, 5, 9]
    assert [one for one in range(1, 13) if not is_copy(ALBERT, one)] == [1]
    assert not any(is_copy(TEACHER, one) for one in range(1, 13))


@pytest.mark.parametrize("student", [ALBERT, BILSTM, TEACHER.resized(vocabulary=5000, hidden=48)])
def test_every_kind_is_drawn(look: Theme, qtbot: QtBot, student: Shape) -> None:
    drawing = ShapeDrawing()
    qtbot.addWidget(drawing)
    drawing.resize(289, 284)
    empty = drawing.grab().toImage()
    drawing.show_forecast(TEACHER, Forecast(student))
    assert drawing.grab().toImage() != empty
    assert size_words(student) in drawing.accessibleName()
