"""The losses between layers: zero for equal models, blind to what is masked, exact averages."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.ops.layerwise import (
    LearnedMaps,
    attention_distance,
    main_directions,
    state_distance,
)

SEEDS = st.integers(0, 2**31 - 1)
few = settings(deadline=None, max_examples=20)
MASK = torch.tensor([[1, 1, 1, 0], [1, 1, 0, 0]])


def drawn(seed: int, *shape: int) -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(*shape, generator=generator), torch.randn(*shape, generator=generator)


def padded(scores: torch.Tensor, by: int, value: float) -> torch.Tensor:
    return torch.nn.functional.pad(scores, (0, by, 0, by), value=value)


# States -------------------------------------------------------------------------------------


def test_padding_counts_among_all_elements_by_default() -> None:
    student, teacher = drawn(0, 2, 4, 3)
    expected = torch.nn.functional.mse_loss(student, teacher)
    assert torch.allclose(state_distance(student, teacher, MASK, "none"), expected)


@few
@given(SEEDS)
def test_valid_states_are_averaged_over_real_pieces_alone(seed: int) -> None:
    student, teacher = drawn(seed, 2, 4, 3)
    real = MASK.bool()
    expected = torch.nn.functional.mse_loss(student[real], teacher[real])
    assert torch.allclose(state_distance(student, teacher, MASK, "valid_only"), expected)
    student[~real] += 100
    assert torch.allclose(state_distance(student, teacher, MASK, "valid_only"), expected)


# Attention ----------------------------------------------------------------------------------


@few
@given(SEEDS, st.floats(-1e4, 1e4), st.sampled_from(["none", "valid_only"]), st.booleans())
def test_masked_keys_never_count(seed: int, shift: float, padding: str, normalised: bool) -> None:
    student, teacher = drawn(seed, 2, 3, 4, 4)
    before = attention_distance(student, teacher, MASK, padding, normalised=normalised)  # type: ignore[arg-type]
    hidden = (1 - MASK[:, None, None, :]) * shift
    after = attention_distance(
        student + hidden, teacher + hidden / 2, MASK, padding, normalised=normalised
    )  # type: ignore[arg-type]
    assert torch.equal(before, after)


@few
@given(SEEDS, st.integers(1, 5))
def test_more_padding_changes_no_valid_distance(seed: int, by: int) -> None:
    student, teacher = drawn(seed, 2, 3, 4, 4)
    before = attention_distance(student, teacher, MASK, "valid_only")
    mask = torch.nn.functional.pad(MASK, (0, by))
    after = attention_distance(
        padded(student, by, 7.0), padded(teacher, by, -3.0), mask, "valid_only"
    )
    assert torch.allclose(before, after)


def test_raw_attention_is_the_mean_of_the_heads_mean_squares() -> None:
    student, teacher = drawn(1, 2, 3, 4, 4)
    everything = torch.ones(2, 4, dtype=torch.long)
    by_head = [
        torch.nn.functional.mse_loss(student[:, head], teacher[:, head]) for head in range(3)
    ]
    found = attention_distance(student, teacher, everything, "none")
    assert torch.allclose(found, torch.stack(by_head).mean())
    assert torch.allclose(found, attention_distance(student, teacher, everything, "valid_only"))


def test_valid_attention_is_divided_by_heads_and_squared_lengths() -> None:
    student, teacher = torch.ones(2, 3, 4, 4), torch.zeros(2, 3, 4, 4)
    assert attention_distance(student, teacher, MASK, "valid_only").item() == pytest.approx(1.0)
    kept = (4 * 3 + 4 * 2) * 3  # every query row against the real keys
    found = attention_distance(student, teacher, MASK, "none").item()
    assert found == pytest.approx(kept / student.numel())


def test_normalised_attention_ignores_a_constant_of_a_row() -> None:
    student, teacher = drawn(2, 2, 3, 4, 4)
    before = attention_distance(student, teacher, MASK, "none", normalised=True)
    moved = student + torch.arange(4.0)[:, None]
    after = attention_distance(moved, teacher, MASK, "none", normalised=True)
    assert torch.allclose(before, after, atol=1e-6)
    assert not torch.allclose(
        attention_distance(moved, teacher, MASK, "none"),
        attention_distance(student, teacher, MASK, "none"),
    )


# Maps ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "count"), [("shared", 1), ("embedding_apart", 2), ("separate", 5)]
)
def test_maps_are_shared_as_asked(kind: str, count: int) -> None:
    maps = LearnedMaps(4, 6, 10, kind, 0)  # type: ignore[arg-type]
    assert sum(p.numel() for p in maps.parameters()) == count * (6 * 10 + 10)
    state = torch.ones(1, 6)
    images = {tuple(maps(state, layer)[0].tolist()) for layer in range(5)}
    assert len(images) == count


def test_maps_depend_on_their_seed_alone() -> None:
    torch.manual_seed(1)
    first = LearnedMaps(2, 4, 8, "separate", 5).state_dict()
    torch.manual_seed(2)
    second = LearnedMaps(2, 4, 8, "separate", 5).state_dict()
    assert all(torch.equal(first[name], second[name]) for name in first)


def test_maps_that_begin_as_the_identity_change_nothing() -> None:
    state, _ = drawn(3, 2, 4, 8)
    maps = LearnedMaps(2, 8, 8, "shared", 0, torch.eye(8))
    assert torch.equal(maps(state, 1), state)


def test_main_directions_keep_as_much_as_the_best_table_of_that_rank() -> None:
    table = torch.randn(50, 8, generator=torch.Generator().manual_seed(0))
    directions = main_directions(table, 3)
    assert torch.allclose(directions.T @ directions, torch.eye(3), atol=1e-5)
    left, values, right = torch.linalg.svd(table, full_matrices=False)
    best = (left[:, :3] * values[:3]) @ right[:3]
    assert torch.allclose(table @ directions @ directions.T, best, atol=1e-4)
