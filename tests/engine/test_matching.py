"""Which teacher layers a student follows: the tables of Patient KD."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from jobs import config_for

from engine.architectures import ARCHITECTURES
from engine.matching import group_of, matched_layers, members
from engine.models import build

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


def test_groups_are_those_of_transformers() -> None:
    config = config_for("albert", num_hidden_layers=18, num_hidden_groups=14)
    model = build(ARCHITECTURES["albert"], config, ("bad", "good"), 0)
    called: list[int] = []
    for place, group in enumerate(model.albert.encoder.albert_layer_groups):
        group.register_forward_hook(lambda *_, place=place: called.append(place))
    model(torch.tensor([[2, 5, 3]]))
    assert called == [group_of(layer, 18, 14) for layer in range(18)]
    assert called[9] != 9 * 14 // 18  # the quotient is rounded


@given(layers=st.integers(1, 48), data=st.data())
def test_every_layer_is_a_member_of_one_group(layers: int, data: Any) -> None:
    groups = data.draw(st.integers(1, layers))
    found = [members(group, layers, groups) for group in range(groups)]
    assert [layer for group in found for layer in group] == list(range(layers))
    assert all(len(group) >= layers // groups for group in found)
