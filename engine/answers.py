"""The teacher's answers to a whole split, computed once and kept on disk where the budget allows."""

from __future__ import annotations

import hashlib
import inspect
import json
import os
import shutil
from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import psutil
import torch
from torch import nn

import engine
from engine import checkpoint, parts
from engine.batches import Batch, by_length
from engine.layouts import Layout
from engine.ops.distil import cls_states
from engine.ops.states import recorded

if TYPE_CHECKING:
    from pathlib import Path

    from engine.job import Job

BATCH = 64
LARGEST_CACHE = 4_000_000_000  # bytes, over all runs
SHARE_OF_FREE = 0.2


def layer_output(kind: Literal["hidden", "attention"], layers: Sequence[int]) -> str:
    """The name of an output per piece: "hidden/0,2,4" (0 is the embedding's), "attention/2,4"."""
    return f"{kind}/{','.join(map(str, layers))}"


def ask(
    job: Job, batch: Batch, names: tuple[str, ...], *, dropout: bool = False
) -> dict[str, torch.Tensor]:
    """Run the teacher on one batch, without gradients, in eval mode unless `dropout` is wanted.

    "logits" [batch, classes]; "cls" [batch, layers, hidden]; "hidden/..." [batch, named layers,
    length, hidden]; "attention/..." QK^T / sqrt(d_k) [batch, named layers, heads, length, length].
    """
    model: Any = job.teacher.model
    projections = parts.projections(job.teacher.architecture.key, model)
    wanted = projections if any(name.startswith("attention/") for name in names) else []
    model.train(dropout)
    with torch.no_grad(), recorded(wanted, job.info.shape.heads) as scores:
        with job.setup.autocast():
            out = model(
                **inputs_for(model, batch),
                output_hidden_states=any(name.startswith(("cls", "hidden/")) for name in names),
            )
        model.eval()
        found = {}
        for name in names:
            kind, layers = _parsed(name)
            if kind == "hidden":
                found[name] = torch.stack([out.hidden_states[i].float() for i in layers], 1)
            elif kind == "attention":
                found[name] = torch.stack(scores.of(layers), 1)
            else:
                found[name] = cls_states(out.hidden_states) if kind == "cls" else out.logits.float()
    return found


def _parsed(name: str) -> tuple[str, list[int]]:
    """The kind of an output and the layers that its name gives."""
    kind, _, layers = name.partition("/")
    return kind, [int(one) for one in layers.split(",") if one]


def inputs_for(model: nn.Module, batch: Batch) -> dict[str, torch.Tensor]:
    """The inputs that a model takes; some families know no token types."""
    taken = inspect.signature(model.forward).parameters
    return {name: value for name, value in batch.inputs.items() if name in taken}


class TeacherAnswers:
    """Teacher outputs of one split by row: memory-mapped, or asked for anew each time.

    Runs with the same teacher, data, cut-off and arithmetic share one cache.
    """

    def __init__(self, job: Job, split: str, names: tuple[str, ...]) -> None:
        self.job, self.split, self.names = job, split, names
        self.layouts = {name: self._layout(name) for name in names}
        size = 4 * sum(layout.total for layout in self.layouts.values())
        root = job.cache / "answers"
        try:
            root.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise checkpoint.disk_sentence(error, root) from error
        self.stored: dict[str, np.ndarray] | None = None
        if size > min(LARGEST_CACHE, SHARE_OF_FREE * shutil.disk_usage(root).free):
            job.note(
                "The teacher's answers do not fit the disk budget; they are computed in each step."
            )
            return
        folder = root / self._key()
        self.stored = self._open(folder)
        if self.stored is None:
            _make_room(root, size)
            shutil.rmtree(folder, ignore_errors=True)  # what is there could not be read
            checkpoint.shared_folder(folder, self._fill)
            self.stored = self._open(folder)

    def of(self, batch: Batch) -> dict[str, torch.Tensor]:
        """The answers to a batch of this split."""
        if self.stored is None:
            # The batch may be in the student's own pieces; the teacher reads its own.
            return ask(self.job, self.job.batch(batch.rows, self.split), self.names)
        return {
            name: torch.from_numpy(self.layouts[name].read(values, batch.rows)).to(self.job.device)
            for name, values in self.stored.items()
        }

    def _open(self, folder: Path) -> dict[str, np.ndarray] | None:
        """The stored answers, or None when they are absent, damaged, or just being dropped."""
        if not (folder / checkpoint.MARKER).exists():
            return None
        try:
            os.utime(folder)
            found = {n: np.load(_file(folder, n), mmap_mode="r") for n in self.names}
        except (OSError, ValueError, EOFError):
            return None
        fits = all(found[n].shape == (self.layouts[n].total,) for n in self.names)
        return found if fits else None

    def _layout(self, name: str) -> Layout:
        shape = self.job.info.shape
        kind, layers = _parsed(name)
        every: dict[str, tuple[int | None, ...]] = {
            "logits": (len(self.job.data.labels),),
            "cls": (shape.layers, shape.hidden),
            "hidden": (len(layers), None, shape.hidden),
            "attention": (len(layers), shape.heads, None, None),
        }
        return Layout(every[kind], self.job.encoded[self.split].lengths)

    def _key(self) -> str:
        """Everything that the answers depend on."""
        job = self.job
        parts: list[Any] = [
            engine.__version__, job.info.fingerprint, job.fingerprint(self.split),
            list(job.data.labels), job.max_length, job.setup.as_dict(), list(self.names),
        ]  # fmt: skip
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:24]

    def _fill(self, draft: Path) -> None:
        """Ask the teacher about every row and write its answers into a folder."""
        maps = {
            name: _reserved(_file(draft, name), (layout.total,))
            for name, layout in self.layouts.items()
        }
        lengths = self.job.encoded[self.split].lengths
        seen = 0
        for rows in by_length(lengths, BATCH):
            self.job.check_stop()
            found = ask(self.job, self.job.batch(rows, self.split), self.names)
            for name, value in found.items():
                self.layouts[name].write(maps[name], rows, value.cpu().numpy())
            seen += int(lengths[rows].sum())
            self.job.progress(min(seen / lengths.sum(), 0.999), doing="Asking the teacher")
        for one in maps.values():
            one.flush()


def _file(folder: Path, name: str) -> Path:
    return folder / f"{name.replace('/', '-')}.npy"


def _make_room(root: Path, size: int) -> None:
    """Drop what killed runs left, and the caches used longest ago until `size` bytes fit."""
    ages: dict[Path, tuple[float, int]] = {}
    for path in root.iterdir():
        if path.name.startswith("."):
            if not psutil.pid_exists(int(path.suffix[1:] or 0)):
                shutil.rmtree(path, ignore_errors=True)
            continue
        with suppress(OSError):  # another run may be dropping it
            ages[path] = path.stat().st_mtime, sum(f.stat().st_size for f in path.iterdir())
    total = size + sum(held for _, held in ages.values())
    for path in sorted(ages, key=lambda path: ages[path][0]):
        if total <= LARGEST_CACHE:
            return
        shutil.rmtree(path, ignore_errors=True)
        total -= ages[path][1]


def _reserved(path: Path, shape: tuple[int, ...]) -> np.memmap[Any, np.dtype[np.float32]]:
    """A mapped file with its space reserved: a full disk is an error now, not a crash later."""
    made = np.lib.format.open_memmap(path, "w+", np.float32, shape)
    if hasattr(os, "posix_fallocate"):
        with path.open("r+b") as file:
            os.posix_fallocate(file.fileno(), 0, path.stat().st_size)
    return made
