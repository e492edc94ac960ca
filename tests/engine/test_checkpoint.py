"""Saved states are whole or absent, whatever happens while they are written."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors import SafetensorError
from torch import nn

from engine import checkpoint
from engine.errors import BadInput

STATE = {"step": 3}
TENSORS = {
    "model": {"w": torch.arange(6.0).reshape(2, 3)},
    "random": {"cpu": torch.tensor([1], dtype=torch.uint8)},
}


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    checkpoint.save(tmp_path / "last", STATE, TENSORS)
    return tmp_path / "last"


def test_what_is_saved_comes_back(saved: Path) -> None:
    found = checkpoint.load(saved)
    assert found is not None
    assert found[0] == STATE
    assert torch.equal(found[1]["model"]["w"], TENSORS["model"]["w"])
    assert found[1]["random"]["cpu"].dtype == torch.uint8


def test_a_newer_state_takes_the_place_of_the_older(saved: Path) -> None:
    checkpoint.save(saved, {"step": 4}, {})
    assert checkpoint.load(saved) == ({"step": 4}, {})
    assert [path.name for path in saved.parent.iterdir()] == ["last"]


def test_no_folder_is_no_state(tmp_path: Path) -> None:
    assert checkpoint.load(tmp_path / "none") is None


def test_a_folder_without_marker_is_no_state(saved: Path) -> None:
    (saved / checkpoint.MARKER).unlink()
    assert checkpoint.load(saved) is None


def test_a_draft_left_by_a_kill_is_ignored_and_replaced(saved: Path) -> None:
    draft = saved.with_name(".last.draft")
    draft.mkdir()
    (draft / "model.safetensors").write_bytes(b"half")
    assert checkpoint.load(saved)[0] == STATE  # type: ignore[index]
    checkpoint.save(saved, {"step": 5}, TENSORS)
    assert checkpoint.load(saved)[0] == {"step": 5}
    assert not draft.exists()


def test_a_kill_between_the_renames_loses_nothing(
    saved: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(source: Any, target: Any) -> None:
        if Path(target) == saved:
            raise KeyboardInterrupt
        real(source, target)

    real = os.rename
    monkeypatch.setattr(os, "rename", killed)
    with pytest.raises(KeyboardInterrupt):
        checkpoint.save(saved, {"step": 6}, TENSORS)
    monkeypatch.undo()
    assert not saved.exists()
    assert checkpoint.load(saved)[0] == {"step": 6}  # type: ignore[index]


def test_retiring_removes_everything(saved: Path) -> None:
    checkpoint.retire(saved)
    checkpoint.retire(saved)
    assert list(saved.parent.iterdir()) == []


# Full disks ---------------------------------------------------------------------------------


def no_space(*_: Any, **__: Any) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


def no_space_in_rust(*_: Any, **__: Any) -> None:
    raise SafetensorError(
        "Error while serializing: I/O error: No space left on device (os error 28)"
    )


@pytest.mark.parametrize(
    ("place", "failure"),
    [("os.fsync", no_space), ("engine.checkpoint.save_file", no_space_in_rust)],
)
def test_a_full_disk_is_one_sentence_and_keeps_the_older_state(
    place: str, failure: Any, saved: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(place, failure)
    with pytest.raises(BadInput, match=r"is full; free some space and resume"):
        checkpoint.save(saved, {"step": 7}, TENSORS)
    monkeypatch.undo()
    assert checkpoint.load(saved)[0] == STATE  # type: ignore[index]
    assert [path.name for path in saved.parent.iterdir()] == ["last"]


def test_another_refusal_names_the_folder(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(
        BadInput, match=r"file/last cannot be written \(Not a directory\); check its permissions"
    ):
        checkpoint.save(tmp_path / "file" / "last", STATE, {})


def test_a_mistake_of_ours_is_not_called_a_full_disk(tmp_path: Path) -> None:
    shared = torch.zeros(3)
    with pytest.raises(RuntimeError, match="share memory"):
        checkpoint.save(tmp_path / "last", STATE, {"model": {"a": shared, "b": shared}})


# Optimisers ---------------------------------------------------------------------------------


@pytest.mark.parametrize("fused", [True, False])
def test_an_optimiser_goes_on_where_it_was(fused: bool, tmp_path: Path) -> None:
    torch.manual_seed(0)
    one, other = nn.Linear(3, 2), nn.Linear(3, 2)
    first = torch.optim.AdamW(one.parameters(), lr=0.1, fused=fused)
    second = torch.optim.AdamW(other.parameters(), lr=0.1, fused=fused)
    step(one, first)
    checkpoint.save(
        tmp_path / "o", {}, {"m": one.state_dict(), "o": checkpoint.optimiser_tensors(first)}
    )
    tensors = checkpoint.load(tmp_path / "o")[1]  # type: ignore[index]
    other.load_state_dict(tensors["m"])
    checkpoint.restore_optimiser(second, tensors["o"])
    step(one, first), step(other, second)
    assert all(torch.equal(a, b) for a, b in zip(one.parameters(), other.parameters(), strict=True))


def step(model: nn.Module, optimiser: torch.optim.Optimizer) -> None:
    optimiser.zero_grad()
    model(torch.ones(1, 3)).square().sum().backward()
    optimiser.step()


def test_an_optimiser_that_has_not_moved_has_no_state() -> None:
    optimiser = torch.optim.AdamW(nn.Linear(3, 2).parameters())
    assert checkpoint.optimiser_tensors(optimiser) == {}
    checkpoint.restore_optimiser(optimiser, {})
