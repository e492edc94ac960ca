"""What a run says while it works: one JSON line per event."""

from __future__ import annotations

import json
import math
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

Kind = Literal[
    "started", "scalar", "layers", "stage", "progress", "note", "result", "finished", "failed", "stopped"
]  # fmt: skip
ENDINGS = ("finished", "failed", "stopped")
LONGEST_LINE = 64 * 1024 * 1024


class Event(BaseModel):
    """One thing that happened in a run.

    started   data = {"versions", "device", "threads", "precision", "pid"}
    scalar    step, stage, values = {"loss": 0.4, "loss/soft": 0.3, "validation/accuracy": 0.86, ...}
    layers    step, stage, text = table name ("distance"), values = {"layer 1": 0.12, ...}
    stage     stage = title, data = {"index", "state": "begun" | "done", "seconds"}
    progress  step, stage, data = {"fraction", "total", "stage_fraction", "epoch", "epochs", "remaining"}
    note      text, data = {"level": "info" | "warning"}
    result    data = the result block of `thimble show --json` plus "teacher", "layers", "package"
    finished / failed / stopped   text = one sentence (failed: why and what to do)
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Kind
    time: float
    step: int = 0
    stage: str = ""
    text: str = ""
    values: dict[str, float | None] = {}
    data: dict[str, Any] = {}

    def line(self) -> str:
        """The event as one line of JSON; numbers that are not finite become null."""
        body = {**self.model_dump(exclude_defaults=True), "kind": self.kind, "time": self.time}
        text = json.dumps(_finite(body), ensure_ascii=False, allow_nan=False, separators=(",", ":"))
        return text.encode("utf-8", "replace").decode()  # half a character becomes "?"


def _finite(value: Any) -> Any:
    """The same plain values with None for each number that JSON cannot hold."""
    if isinstance(value, dict):
        return {name: _finite(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(one) for one in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def parse(line: str) -> Event | None:
    """Read one line; None when it is not an event (a stray print, a torn last line)."""
    if len(line) > LONGEST_LINE:
        return None
    try:
        return Event.model_validate(json.loads(line))
    except (ValueError, ValidationError, RecursionError):
        return None


METRICS: dict[str, tuple[str, str]] = {
    "loss": ("Loss", ""),
    "validation/accuracy": ("Validation accuracy", "%"),
    "validation/loss": ("Validation loss", ""),
    "validation/agreement": ("Same answer as teacher", "%"),
    "learning_rate": ("Learning rate", ""),
    "machine/tokens_per_second": ("Tokens per second", "/s"),
    "machine/sentences_per_second": ("Sentences per second", "/s"),
    "machine/memory": ("Memory", "bytes"),
    "machine/memory_total": ("Memory of the computer", "bytes"),
    "sparsity": ("Removed so far", "%"),
    "sparsity/target": ("Target", "%"),
    "bits": ("Bits per number", "bits"),
}


def label(name: str) -> str:
    """The plain name of a metric; a loss term without one is shown by its own name."""
    if name in METRICS:
        return METRICS[name][0]
    return name.rpartition("/")[2].replace("_", " ").capitalize()
