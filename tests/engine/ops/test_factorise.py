"""Factorised tables: LayerNorm goes through the map, exactly where there is room, else at its best."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn import functional

from engine.ops.factorise import factorise

EVEN = [torch.ones(rows) for rows in (40, 9, 2)]


def tables(seed: int, width: int, rank: int | None = None) -> list[torch.Tensor]:
    generator = torch.Generator().manual_seed(seed)
    if rank is None:
        return [torch.randn(rows, width, generator=generator) for rows in (40, 9, 2)]
    basis = torch.randn(rank, width, generator=generator)
    return [torch.randn(rows, rank, generator=generator) @ basis for rows in (40, 9, 2)]


def error(found: list[torch.Tensor], narrow: list[torch.Tensor], back: torch.Tensor) -> float:
    """Largest difference of LayerNorm(a word + a place + a type) before and after."""
    whole = sum(table[:2] for table in found)
    small = sum(table[:2] for table in narrow)
    wanted = functional.layer_norm(whole, whole.shape[1:])
    return float((functional.layer_norm(small, small.shape[1:]) @ back.T - wanted).abs().max())


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 999), width=st.integers(3, 24), more=st.integers(0, 5))
def test_it_is_exact_with_room(seed: int, width: int, more: int) -> None:
    found = tables(seed, width)
    narrow, back, kept = factorise(found, EVEN, width + more)
    assert error(found, narrow, back) < 1e-3
    assert kept == pytest.approx(1)


def test_it_is_exact_for_tables_of_low_rank() -> None:
    found = tables(1, 24, rank=5)
    narrow, back, kept = factorise(found, EVEN, 6)
    assert [table.shape[1] for table in narrow] == [6, 6, 6]
    assert error(found, narrow, back) < 1e-3
    assert kept == pytest.approx(1)


def test_the_kept_share_grows_with_the_size() -> None:
    shares = [factorise(tables(2, 24), EVEN, size)[2] for size in (2, 6, 12, 24)]
    assert shares == sorted(shares)
    assert shares[0] < 0.3


def test_no_other_directions_keep_more() -> None:
    found = tables(3, 12)
    narrow, back, _ = factorise(found, EVEN, 5)
    words = found[0] - found[0].mean(1, keepdim=True)
    spread = sum(t.T @ t / len(t) for t in [one - one.mean(1, keepdim=True) for one in found])
    best = torch.linalg.eigvalsh(spread)[-4:].sum()
    own = torch.linalg.qr(back)[0]
    assert torch.trace(own.T @ spread @ own) >= best - 1e-4
    assert narrow[0].norm() < words.norm()


def test_narrow_rows_have_mean_zero() -> None:
    narrow, _, _ = factorise(tables(4, 16), EVEN, 7)
    assert torch.cat(narrow).mean(1).abs().max() < 1e-6


def test_rows_that_are_used_more_are_kept_better() -> None:
    found = tables(5, 24)
    often = [torch.ones(rows) for rows in (40, 9, 2)]
    often[0][:2] = 1000

    def lost(counts: list[torch.Tensor]) -> float:
        narrow, back, _ = factorise(found, counts, 6)
        centred = found[0][:2] - found[0][:2].mean(1, keepdim=True)
        return float((narrow[0][:2] @ back.T / 2 - centred).norm())  # back is scaled by two

    assert lost(often) < 0.6 * lost(EVEN)
