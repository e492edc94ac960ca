"""Folders of tensors and JSON that are either complete or absent, whatever kills the process."""

from __future__ import annotations

import errno
import json
import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file

from engine.errors import BadInput

MARKER = "complete"
STATE = "state.json"


def save(folder: Path, state: dict[str, Any], tensors: dict[str, dict[str, torch.Tensor]]) -> None:
    """Write `state` and one safetensors file per entry of `tensors` into `folder`, all or nothing.

    Everything goes to a sibling folder first, is synced, marked complete last, then renamed.
    Raises BadInput when the disk is full.
    """
    draft = _draft(folder)
    shutil.rmtree(draft, ignore_errors=True)
    try:
        draft.mkdir(parents=True)
        for name, content in tensors.items():
            path = draft / f"{name}.safetensors"
            write_tensors(content, path)
            sync(path)
        (draft / STATE).write_text(json.dumps(state), "utf-8")
        sync(draft / STATE)
        (draft / MARKER).touch()
        sync(draft)
        retire(folder)
        os.rename(draft, folder)
        sync(folder.parent)
    except OSError as error:
        shutil.rmtree(draft, ignore_errors=True)
        raise disk_sentence(error, folder) from error


def shared_folder(folder: Path, make: Callable[[Path], None]) -> Path:
    """Return `folder`, filled by `make(draft)` unless it is complete already, all or nothing."""
    if (folder / MARKER).exists():
        return folder
    draft = folder.with_name(f".{folder.name}.{os.getpid()}")
    shutil.rmtree(draft, ignore_errors=True)
    try:
        draft.mkdir(parents=True)
        make(draft)
        (draft / MARKER).touch()
        if not (folder / MARKER).exists():  # another run may have been faster
            shutil.rmtree(folder, ignore_errors=True)
            os.rename(draft, folder)
    except OSError as error:
        raise disk_sentence(error, folder) from error
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return folder


def write_tensors(tensors: dict[str, torch.Tensor], path: Path) -> None:
    """Write a safetensors file; a refusal of the system is an OSError, which the library hides."""
    try:
        save_file(
            {name: value.detach().cpu().contiguous() for name, value in tensors.items()}, path
        )
    except SafetensorError as error:
        number = re.search(r"\(os error (\d+)\)", str(error))
        if number is None:
            raise
        raise OSError(int(number[1]), os.strerror(int(number[1])), str(path)) from error


def disk_sentence(error: OSError, folder: Path) -> BadInput:
    """Say in words why a folder could not be written."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return BadInput(
            f"The disk that holds {folder.parent} is full; free some space and resume the run."
        )
    return BadInput(
        f"{folder} cannot be written ({error.strerror or error}); check its permissions."
    )


def load(folder: Path) -> tuple[dict[str, Any], dict[str, dict[str, torch.Tensor]]] | None:
    """Read what `save` wrote, or None when there is no complete folder.

    A process killed between the two renames of `save` leaves a complete draft alone; it is taken.
    Raises BadInput when what is there cannot be read.
    """
    draft = _draft(folder)
    if not folder.exists() and (draft / MARKER).exists():
        os.rename(draft, folder)
    if not (folder / MARKER).exists():
        return None
    try:
        state = json.loads((folder / STATE).read_text("utf-8"))
        return state, {path.stem: load_file(path) for path in sorted(folder.glob("*.safetensors"))}
    except (OSError, ValueError, SafetensorError) as error:
        raise BadInput(
            f"The saved state in {folder} is damaged ({str(error)[:80]}); delete that folder and "
            "resume the run to do this part again."
        ) from error


def _draft(folder: Path) -> Path:
    return folder.with_name(f".{folder.name}.draft")


def retire(folder: Path) -> None:
    """Remove a folder so that no moment shows it half there."""
    if folder.exists():
        old = folder.with_name(f".{folder.name}.old")
        shutil.rmtree(old, ignore_errors=True)
        os.rename(folder, old)
        shutil.rmtree(old, ignore_errors=True)


def sync(path: Path) -> None:
    """Ask the system to put a file or folder on the disk; folders cannot be synced on Windows."""
    if path.is_dir() and os.name == "nt":
        return
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):
            raise
    finally:
        os.close(handle)


def optimiser_tensors(optimiser: torch.optim.Optimizer) -> dict[str, torch.Tensor]:
    """The optimiser's state as named tensors: "0.exp_avg", ..."""
    state = optimiser.state_dict()["state"]
    return {
        f"{number}.{name}": torch.as_tensor(value)
        for number, entries in state.items()
        for name, value in entries.items()
    }


def restore_optimiser(optimiser: torch.optim.Optimizer, tensors: dict[str, torch.Tensor]) -> None:
    """Put `optimiser_tensors` back."""
    whole = optimiser.state_dict()
    state: dict[int, dict[str, torch.Tensor]] = {}
    for name, value in tensors.items():
        number, _, entry = name.partition(".")
        state.setdefault(int(number), {})[entry] = value
    optimiser.load_state_dict({"state": state, "param_groups": whole["param_groups"]})
