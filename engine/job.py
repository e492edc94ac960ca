"""What a running method may touch: teacher, data, batches, teacher answers, and the way to speak."""

from __future__ import annotations

import hashlib
import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import torch
from tokenizers import Tokenizer

import engine
from engine import checkpoint, device, models
from engine.answers import TeacherAnswers
from engine.batches import Batch, Encoded, collate, encode
from engine.data import Data, Split, fewer_labels, load_data, rows_fingerprint
from engine.errors import BadInput, Stopped
from engine.events import Event
from engine.paths import told_file, work_folder
from engine.rows import row_count
from engine.spec import RunSpec
from engine.teacher import TeacherInfo, inspect_teacher
from engine.text import Text, described, load_text

OUTER_SHARE = 0.1  # of the progress bar, for the first and for the last stage
PROGRESS_EVERY = 0.4  # seconds
SHORTEST = 8  # pieces that a model must be able to read


class Job:
    """One run in progress. `folder` holds its state, `cache` what runs share."""

    def __init__(
        self, spec: RunSpec, folder: Path, cache: Path, send: Callable[[Event], None], *,
        stop: threading.Event | None = None, packages: Mapping[str, Path] | None = None,
    ) -> None:  # fmt: skip
        self.spec, self.folder, self.cache = spec, folder, cache
        self.work = work_folder(folder)
        self.method, self.params = spec.descriptor, spec.params
        self.stages = self.method.stages(self.params)
        self.step = 0
        self.stage_title = ""
        self._send, self._stop = send, stop or threading.Event()
        self._packages = packages or {}
        self._said = 0.0
        self._begun = self._stage_begun = time.monotonic()
        self._stage_from = self._fraction = 0.0
        self._seconds: dict[str, float] = {}
        self._answers: dict[str, TeacherAnswers] = {}
        self.setup = device.Setup(**self.remember("setup", lambda: device.choose(spec).as_dict()))
        self.device = self.setup.apply()

    # What the run works on ------------------------------------------------------------------

    def prepare(self) -> None:
        """Load data and teacher and tokenise what is trained on; raises BadInput on unusable input."""
        self.data: Data = load_data(self.spec.data, self.spec.seed)
        for sentence in self.data.notes:
            self.note(sentence)
        self.info: TeacherInfo = inspect_teacher(self.spec.teacher, self._packages)
        self.method.check(self.params, self.info.shape)
        self.check_stop()
        self.teacher = models.load(self.info, self.data.labels, self.spec.seed)
        self.teacher.model.eval().to(self.device)
        self.types = self.teacher.config.get("type_vocab_size", 1)
        self.max_length = min(self.spec.training.max_length, self.longest_possible())
        if self.max_length < SHORTEST:
            raise BadInput(
                f"The model reads {max(self.max_length, 0)} pieces at most, which is too short for a "
                f"sentence; choose one that reads {SHORTEST} or more.",
                "teacher.path",
            )
        if self.max_length < self.spec.training.max_length:
            self.note(
                f"The model reads {self.max_length} pieces at most; longer sentences are cut there."
            )
        self.splits: dict[str, Split] = {}
        self.encoded: dict[str, Encoded] = {}
        train = self.data.splits["train"]
        if self.spec.training.labels_per_class is not None:
            train = fewer_labels(train, self.spec.training.labels_per_class, self.spec.seed)
            self.note(f"Trains on {row_count(len(train))} with labels.")
        self.add_split("train", train)
        self.add_split("validation", self.data.splits["validation"])

    def add_split(self, name: str, split: Split) -> None:
        """Make more rows known under a name, in the teacher's pieces."""
        self.splits[name] = split
        self.encoded[name] = self.encode(self.teacher.tokenizer, name)

    def encode(self, tokenizer: Tokenizer, name: str) -> Encoded:
        """A split in the pieces of any tokenizer, cut where the teacher cuts."""
        pad = tokenizer.token_to_id("[PAD]")
        if tokenizer is self.teacher.tokenizer or pad is None:
            pad = self.teacher.config["pad_token_id"]
        return encode(tokenizer, self.splits[name], self.max_length, pad)

    def fingerprint(self, name: str) -> str:
        """Print of a split: equal if rows, labels and class names are equal."""
        return rows_fingerprint(self.splits[name], self.data.labels)

    @cached_property
    def text(self) -> Text:
        """The plain text that the run reads; raises BadInput when it cannot be used."""
        found = load_text(self.spec.text, self.data)
        self.note(f"{described(found)}.")
        return found

    def longest_possible(self) -> int:
        """The longest input the teacher's positions allow; RoBERTa's start after the padding index."""
        config = self.teacher.config
        taken = config["pad_token_id"] + 1 if self.teacher.architecture.key == "roberta" else 0
        return int(config["max_position_embeddings"] - taken)

    @property
    def teacher_is_trained(self) -> bool:
        """True when the teacher's head came from its file and answers these classes."""
        return self.info.architecture.head not in self.teacher.fresh

    def batch(self, rows: np.ndarray, split: str = "train") -> Batch:
        """The given rows of a split, padded to the longest of them."""
        return collate(self.encoded[split], rows, self.device, self.types)

    def teacher_outputs(
        self, batch: Batch, *names: str, split: str = "train"
    ) -> dict[str, torch.Tensor]:
        """What the teacher says to a batch, computed once per run where the disk budget allows.

        "logits" [batch, classes]; "cls" [batch, layers, hidden], the [CLS] state after each layer.
        """
        self.ask_teacher(*names, split=split)
        return self._answers[f"{split}/{'+'.join(sorted(names))}"].of(batch)

    def ask_teacher(self, *names: str, split: str = "train") -> None:
        """Compute and store the teacher's outputs for a whole split now, where the budget allows."""
        key = f"{split}/{'+'.join(sorted(names))}"
        if key not in self._answers:
            self._answers[key] = TeacherAnswers(self, split, tuple(sorted(names)))

    def shared(self, kind: str, parts: Sequence[Any], make: Callable[[Path], None]) -> Path:
        """A folder that `make(folder)` fills once, for every run with equal `parts` (JSON values).

        A kill half-way leaves nothing behind; raises BadInput when the disk is full.
        """
        return checkpoint.shared_folder(self.shared_path(kind, parts), make)

    def shared_path(self, kind: str, parts: Sequence[Any]) -> Path:
        """Where `shared` keeps such a folder, whether it has been made or not."""
        named = json.dumps([engine.__version__, kind, *parts])
        key = hashlib.sha256(named.encode()).hexdigest()[:24]
        return self.cache / kind / key

    def remember(self, name: str, compute: Callable[[], Any]) -> Any:
        """Return `compute()` (plain JSON values), computed once and read back when the run resumes."""
        folder = self.work / "remember" / name
        found = checkpoint.load(folder)
        if found is None:
            value = compute()
            checkpoint.save(folder, {"value": value}, {})
            return value
        return found[0]["value"]

    # How the run speaks ---------------------------------------------------------------------

    def send(self, kind: Any, **fields: Any) -> None:
        """Emit one event, stamped with time, step and stage."""
        fields = {"step": self.step, "stage": self.stage_title, **fields}
        event = Event(kind=kind, time=time.time(), **fields)
        if kind in ("scalar", "layers", "note"):
            self._write_down(event)
        self._send(event)

    def _write_down(self, event: Event) -> None:
        """Keep the event with the state: a resumed run does not say again what it said before."""
        try:
            with told_file(self.folder).open("a", encoding="utf-8") as file:
                file.write(f"\n{event.line()}")  # the break comes first, to end a torn line
        except OSError as error:
            raise checkpoint.disk_sentence(error, self.work) from error

    def emit(self, values: Mapping[str, float | None]) -> None:
        """Plot named values at the present step."""
        self.send("scalar", values=dict(values))

    def layers(self, table: str, values: Mapping[str, float]) -> None:
        """Show one row of a per-layer table ("distance", "sparsity", "bits") at the present step."""
        self.send("layers", text=table, values=dict(values))

    def note(self, sentence: str, level: str = "info") -> None:
        """Write a line to the run's log."""
        self.send("note", text=sentence, data={"level": level})

    def check_stop(self) -> None:
        """Raise Stopped when the person asked the run to stop."""
        if self._stop.is_set():
            raise Stopped("Stopped on request; the state is saved.")

    @property
    def stopping(self) -> bool:
        """True when the person asked the run to stop."""
        return self._stop.is_set()

    @contextmanager
    def stage(self, title: str) -> Iterator[None]:
        """Announce one of `stages` and time it; a stage may be entered again."""
        self.check_stop()
        self.stage_title = title
        self._stage_begun, self._stage_from, self._said = time.monotonic(), 0.0, 0.0
        begun = self._stage_begun
        index = self.stages.index(title)
        self.send("stage", data={"index": index, "state": "begun", "stages": list(self.stages)})
        self.progress(0.0)
        yield
        seconds = self._seconds.get(title, 0.0) + time.monotonic() - begun
        self.progress(1.0)
        self._seconds[title] = seconds
        self.send("stage", data={"index": index, "state": "done", "seconds": round(seconds, 3)})

    def begin_at(self, share: float) -> None:
        """A resumed stage starts part-way: its speed is judged from here."""
        self._stage_begun, self._stage_from = time.monotonic(), share

    def progress(self, share: float, **data: Any) -> None:
        """Say how much of the present stage is done, at most a few times a second."""
        now = time.monotonic()
        if now - self._said < PROGRESS_EVERY and share < 1.0:
            return
        self._said = now
        low, width = self._place(self.stage_title)
        left = self._seconds_left(now, share, low + width)
        self._fraction = max(self._fraction, round(low + width * share, 4))
        self.send(
            "progress",
            data={
                "fraction": self._fraction,
                "stage_fraction": round(share, 4),
                "remaining": left,
                "elapsed": round(self._elapsed(now), 1),
                **data,
            },
        )

    def _elapsed(self, now: float) -> float:
        """Seconds of work in all stages so far, without pauses."""
        return sum(self._seconds.values()) + now - self._stage_begun

    def _place(self, title: str) -> tuple[float, float]:
        """Where a stage begins on the bar and how wide it is."""
        stages = self.stages
        middle = (1 - 2 * OUTER_SHARE) / max(1, len(stages) - 2)
        widths = [OUTER_SHARE] + [middle] * (len(stages) - 2) + [OUTER_SHARE]
        index = stages.index(title) if title in stages else 0
        return sum(widths[:index]), widths[index]

    def _seconds_left(self, now: float, share: float, end: float) -> float | None:
        """Seconds to the end of the run at the present stage's speed; None until that is known."""
        done = share - self._stage_from
        spent = now - self._stage_begun
        if done < 0.02 or spent < 1.0 or self.stage_title == self.stages[0]:
            return None
        rest_of_stage = spent / done * (1 - share)
        later = (1 - end) / max(end - self._place(self.stage_title)[0], 1e-6)
        whole_stage = spent / done
        return round(rest_of_stage + later * whole_stage, 1)

    def memory(self) -> int:
        """Bytes this process holds in memory."""
        return int(psutil.Process().memory_info().rss)

    def memory_total(self) -> int:
        """Bytes of memory that this computer has."""
        return int(psutil.virtual_memory().total)
