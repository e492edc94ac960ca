"""A model's shape in words: its layers, its pieces, and what a student has in common with its teacher."""

from __future__ import annotations

from engine.matching import group_of
from engine.shape import RECURRENT, Forecast, Shape

_NUMBERS = ("none", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
            "eleven", "twelve")  # fmt: skip
_SAME_SIZE = 0.95


def size_words(shape: Shape) -> str:
    """ "4 layers, 312 wide"; a recurrent layer has a width for each direction."""
    if shape.architecture == RECURRENT:
        return f"{_layers(shape.layers, 'recurrent ')}, 2 × {shape.hidden // 2} wide"
    return f"{_layers(shape.layers)}, {shape.hidden} wide"


def _layers(count: int, kind: str = "") -> str:
    return f"{count} {kind}layer{'' if count == 1 else 's'}"


def table_width(shape: Shape) -> int:
    """How many numbers the word table stores for each piece."""
    return shape.embedding or shape.hidden


def is_copy(shape: Shape, number: int) -> bool:
    """Whether layer `number`, counted from 1, only uses again what another layer stores."""
    stored = 1 if shape.shared_layers else shape.groups or shape.layers
    if number <= 1 or stored >= shape.layers:
        return False
    own, before = (group_of(one - 1, shape.layers, stored) for one in (number, number - 1))
    return own == before


def same_work(teacher: Shape, student: Shape) -> bool:
    """Whether both do the same multiplications per sentence: layers may be stored once for all."""
    sizes = ("layers", "hidden", "feed_forward")
    kinds = {RECURRENT in (one.architecture,) for one in (teacher, student)}
    return kinds == {False} and all(getattr(teacher, k) == getattr(student, k) for k in sizes)


def sentence(forecast: Forecast, teacher: Shape | None = None) -> str:
    """What the drawing says, in words."""
    said = ["Area is the number of parameters."]
    count = len({one for one, _ in forecast.links})
    if count:
        number = _NUMBERS[count] if count < len(_NUMBERS) else str(count)
        marked = f"the {number} marked layer{'' if count == 1 else 's'}"
        said.append(f"The student learns from {marked}.")
    return " ".join(said + (differences(teacher, forecast.student) if teacher else []))


def differences(teacher: Shape, student: Shape) -> list[str]:
    """What else tells the student from its teacher: way of reading, pieces, width, sharing."""
    said = []
    if student.architecture == RECURRENT != teacher.architecture:
        said.append("It reads piece by piece, in both directions.")
    if student.vocabulary != teacher.vocabulary:
        said.append(
            f"It knows {student.vocabulary:,} word pieces, the teacher {teacher.vocabulary:,}."
        )
    if table_width(student) != student.hidden:
        said.append(f"Each piece is stored with {table_width(student)} numbers.")
    if same_work(teacher, student) and student.bytes < _SAME_SIZE * teacher.bytes:
        said.append("Smaller file, same work: no faster.")
    return said
