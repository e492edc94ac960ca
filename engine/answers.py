"""The teacher's answers to a whole split, computed once and kept on disk where the budget allows."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

import engine
from engine import checkpoint
from engine.batches import Batch, by_length
from engine.data import split_fingerprint
from engine.ops.distil import cls_states

if TYPE_CHECKING:
    from pathlib import Path

    from engine.job import Job

BATCH = 64
LARGEST_CACHE = 4_000_000_000  # bytes, over all runs
SHARE_OF_FREE = 0.2


def ask(job: Job, batch: Batch, names: tuple[str, ...]) -> dict[str, torch.Tensor]:
    """Run the teacher on one batch, without gradients, in eval mode.

    "logits" [batch, classes]; "cls" [batch, layers, hidden].
    """
    with torch.no_grad(), job.setup.autocast():
        out = job.teacher.model(**teacher_inputs(job, batch), output_hidden_states="cls" in names)
    found = {"logits": out.logits.float()}
    if "cls" in names:
        found["cls"] = cls_states(out.hidden_states)
    return {name: found[name] for name in names}


def teacher_inputs(job: Job, batch: Batch) -> dict[str, torch.Tensor]:
    """The inputs the teacher's family takes."""
    if job.teacher.architecture.key == "distilbert":
        return {k: v for k, v in batch.inputs.items() if k != "token_type_ids"}
    return batch.inputs


class TeacherAnswers:
    """Teacher outputs of one split by row: memory-mapped, or asked for anew each time.

    Runs with the same teacher, data, cut-off and arithmetic share one cache.
    """

    def __init__(self, job: Job, split: str, names: tuple[str, ...]) -> None:
        self.job, self.split, self.names = job, split, names
        shapes = self._shapes()
        size = 4 * sum(int(np.prod(shape)) for shape in shapes.values())
        root = job.cache / "answers"
        root.mkdir(parents=True, exist_ok=True)
        self.stored: dict[str, np.ndarray] | None = None
        if size > min(LARGEST_CACHE, SHARE_OF_FREE * shutil.disk_usage(root).free):
            job.note(
                "The teacher's answers do not fit the disk budget; they are computed in each step."
            )
            return
        folder = root / self._key()
        if not (folder / checkpoint.MARKER).exists():
            _make_room(root, size)
            self._fill(folder, shapes)
        os.utime(folder)
        self.stored = {name: np.load(folder / f"{name}.npy", mmap_mode="r") for name in names}

    def of(self, batch: Batch) -> dict[str, torch.Tensor]:
        """The answers to a batch of this split."""
        if self.stored is None:
            return ask(self.job, batch, self.names)
        return {
            name: torch.from_numpy(np.ascontiguousarray(values[batch.rows])).to(self.job.device)
            for name, values in self.stored.items()
        }

    def _shapes(self) -> dict[str, tuple[int, ...]]:
        rows, shape = len(self.job.encoded[self.split]), self.job.info.shape
        every = {
            "logits": (rows, len(self.job.data.labels)),
            "cls": (rows, shape.layers, shape.hidden),
        }
        return {name: every[name] for name in self.names}

    def _key(self) -> str:
        """Everything that the answers depend on."""
        job = self.job
        parts: list[Any] = [
            engine.__version__, job.info.fingerprint, split_fingerprint(job.data, self.split),
            list(job.data.labels), job.max_length, job.setup.as_dict(), list(self.names),
        ]  # fmt: skip
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:24]

    def _fill(self, folder: Path, shapes: dict[str, tuple[int, ...]]) -> None:
        """Ask the teacher about every row; a kill half-way leaves nothing behind."""
        draft = folder.with_name(f".{folder.name}.{os.getpid()}")
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir()
        try:
            maps = {
                name: np.lib.format.open_memmap(draft / f"{name}.npy", "w+", np.float32, shape)
                for name, shape in shapes.items()
            }
            lengths = self.job.encoded[self.split].lengths
            seen = 0
            for rows in by_length(lengths, BATCH):
                self.job.check_stop()
                for name, value in ask(
                    self.job, self.job.batch(rows, self.split), self.names
                ).items():
                    maps[name][rows] = value.cpu().numpy()
                seen += int(lengths[rows].sum())
                self.job.progress(min(seen / lengths.sum(), 0.999), doing="Asking the teacher")
            for one in maps.values():
                one.flush()
            (draft / checkpoint.MARKER).touch()
            if folder.exists():
                shutil.rmtree(folder)
            os.rename(draft, folder)
        except OSError as error:
            raise checkpoint.disk_sentence(error, folder) from error
        finally:
            shutil.rmtree(draft, ignore_errors=True)


def _make_room(root: Path, size: int) -> None:
    """Drop the caches used longest ago until `size` more bytes fit the budget."""
    folders = sorted((p for p in root.iterdir() if p.is_dir()), key=lambda p: p.stat().st_mtime)
    sizes = {p: sum(f.stat().st_size for f in p.iterdir()) for p in folders}
    while folders and sum(sizes[p] for p in folders) + size > LARGEST_CACHE:
        shutil.rmtree(folders.pop(0), ignore_errors=True)
