"""Shared projections: identity is plain distance, zero where the student is the projection."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.ops.projection import SharedProjection

sizes = st.integers(1, 7)
seeds = st.integers(0, 1000)


def drawn(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


@given(sizes, sizes, seeds, st.sampled_from(["down", "up"]))
def test_equal_widths_and_identities_give_the_plain_distance(
    rows: int, columns: int, seed: int, direction: str
) -> None:
    maps = SharedProjection([(rows, rows), (columns, columns)], direction, None)
    teacher, student = drawn(rows, columns, seed=seed), drawn(rows, columns, seed=seed + 1)
    wanted = (teacher - student).square().sum()
    assert torch.allclose(maps.distance(teacher, student), wanted)


@given(st.integers(2, 7), st.integers(2, 7), seeds)
@settings(max_examples=30)
def test_down_is_zero_when_the_student_is_the_projection(wide: int, other: int, seed: int) -> None:
    maps = SharedProjection([(wide, wide - 1), (other, other - 1)], "down", seed)
    teacher, vector = drawn(wide, other, seed=seed), drawn(wide, seed=seed)
    left, right = maps.left[f"{wide}-{wide - 1}"], maps.right[f"{other}-{other - 1}"]
    student = left @ teacher @ right
    assert float(maps.distance(teacher, student).detach()) == pytest.approx(0, abs=1e-9)
    assert float(maps.distance(vector, left @ vector).detach()) == pytest.approx(0, abs=1e-9)


@given(st.integers(2, 7), st.integers(2, 7), seeds)
@settings(max_examples=30)
def test_up_maps_the_student(wide: int, other: int, seed: int) -> None:
    maps = SharedProjection([(wide, wide - 1), (other, other - 1)], "up", seed)
    student = drawn(wide - 1, other - 1, seed=seed)
    left, right = maps.left[f"{wide}-{wide - 1}"], maps.right[f"{other}-{other - 1}"]
    assert float(maps.distance(left @ student @ right, student).detach()) == pytest.approx(
        0, abs=1e-9
    )


@given(st.integers(1, 9))
@settings(max_examples=9)
def test_the_number_of_matrices_does_not_depend_on_the_layers(layers: int) -> None:
    widths = [(8, 4), (16, 8), (8, 4)] * layers
    maps = SharedProjection(widths, "down", 0)
    assert len(list(maps.parameters())) == 4
    pairs = [[(drawn(8, 16), drawn(4, 8)), (drawn(8), drawn(4))]] * layers
    assert maps(pairs).shape == (layers,)


def test_layers_add_up_their_variables() -> None:
    maps = SharedProjection([(8, 4)], "down", 0)
    one, other = (drawn(8, 8), drawn(4, 4)), (drawn(8), drawn(4))
    expected = maps.distance(*one) + maps.distance(*other)
    assert torch.equal(maps([[one, other]])[0], expected)


def test_tables_need_one_factor() -> None:
    maps = SharedProjection([(8, 4)], "down", 0)
    table = drawn(30, 8)
    student = table @ maps.right["8-4"]
    assert float(maps.table_distance(table, student).detach()) == 0
    assert float(maps.table_distance(table, 2 * student).detach()) > 0


def test_the_random_start_keeps_the_size_of_weights() -> None:
    maps = SharedProjection([(400, 100)], "down", 3)
    mapped = maps.left["400-100"] @ drawn(400, 400) @ maps.right["400-100"]
    assert float(mapped.detach().std()) == pytest.approx(1, abs=0.15)


def test_a_shrinking_student_shows_in_the_norm() -> None:
    maps = SharedProjection([(8, 4)], "down", None)
    assert float(maps.norm()) == pytest.approx(8**0.5)
    with torch.no_grad():
        maps.left["8-4"].zero_()
    assert float(maps.norm()) == pytest.approx(2)
