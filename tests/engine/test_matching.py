"""Which teacher layers a student follows: the tables of Patient KD."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.matching import matched_layers

TABLES = [
    (6, 12, "skip", (2, 4, 6, 8, 10)),
    (6, 12, "last", (7, 8, 9, 10, 11)),
    (3, 12, "skip", (4, 8)),
    (3, 12, "last", (10, 11)),
    (6, 24, "skip", (4, 8, 12, 16, 20)),
    (1, 12, "skip", ()),
    (1, 12, "last", ()),
]


@pytest.mark.parametrize(("student", "teacher", "strategy", "layers"), TABLES)
def test_published_tables(
    student: int, teacher: int, strategy: Any, layers: tuple[int, ...]
) -> None:
    assert matched_layers(student, teacher, strategy) == layers


@given(st.integers(1, 48), st.integers(0, 48), st.sampled_from(["skip", "last"]))
def test_layers_rise_and_lie_below_the_top(student: int, more: int, strategy: Any) -> None:
    teacher = student + more
    found = matched_layers(student, teacher, strategy)
    assert len(found) == student - 1
    assert list(found) == sorted(set(found))
    assert all(1 <= layer < teacher for layer in found)
