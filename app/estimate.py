"""How long a run may take, from finished runs like it; nothing is said where there are none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from engine import wording
from engine.errors import BadInput
from engine.history import History
from engine.records import RunRecord
from engine.spec import RunSpec

LATEST = 40
SPREAD = 0.2  # of a single earlier run


@dataclass(frozen=True)
class Estimate:
    """Seconds from the shortest to the longest that is likely, from `runs` earlier ones."""

    low: float
    high: float
    runs: int

    @property
    def headline(self) -> str:
        """ "About 19 min"."""
        middle = wording.remaining((self.low + self.high) / 2)
        return f"{'L' + middle[1:] if middle.startswith('less') else f'About {middle}'}"

    @property
    def detail(self) -> str:
        """ "16 to 24 min, like 2 earlier runs"."""
        earlier = "1 earlier run" if self.runs == 1 else f"{self.runs} earlier runs"
        low, high = wording.remaining(self.low), wording.remaining(self.high)
        if low == high:
            return f"judged by {earlier}"
        space = "\N{NO-BREAK SPACE}"
        if low.endswith(f"{space}min") and high.endswith(f"{space}min") and low[0].isdigit():
            low = low.removesuffix(f"{space}min")
        return f"{low} to {high}, judged by {earlier}"


class Speeds:
    """Looks the history up once for each kind of run."""

    def __init__(self) -> None:
        self._known: dict[str, list[tuple[float, float]]] = {}

    def forget(self) -> None:
        """Look again: the history has changed."""
        self._known.clear()

    def estimate(self, history: History, spec: RunSpec) -> Estimate | None:
        """The likely time of `spec`, or None when no run like it has finished."""
        kind = _kind(spec.model_dump(mode="json"))
        if kind not in self._known:
            try:
                self._known[kind] = _look_up(history, spec, kind)
            except BadInput:
                return None
        found = self._known[kind]
        if not found:
            return None
        times = [fixed + each * spec.training.epochs for fixed, each in found]
        low, high = min(times), max(times)
        if low == high:
            low, high = low * (1 - SPREAD), high * (1 + SPREAD)
        return Estimate(low, high, len(times))


def _kind(spec: dict[str, Any]) -> str:
    """What decides the time of one pass over the data: equal words, equal speed.

    Of the method's settings all count but weights and rates, which cost no time.
    """
    method, training = spec.get("method", {}), spec.get("training", {})
    counted = {key: value for key, value in method.items() if not isinstance(value, float)}
    parts = [
        spec.get("teacher"), spec.get("data"), spec.get("device"), sorted(counted.items(), key=str),
        spec.get("text") or {"source": "data"}, training.get("labels_per_class"), training.get("batch_size"), training.get("max_length"),
        training.get("threads"),
    ]  # fmt: skip
    return repr(parts)


def _look_up(history: History, spec: RunSpec, kind: str) -> list[tuple[float, float]]:
    """(seconds of the first and last stage, seconds of one epoch) of each run like `spec`."""
    runs = [one for one in history.runs(("finished",)) if one.method == spec.method["key"]]
    details = [history.run(one.id) for one in runs[:LATEST]]
    like = [one for one in details if _kind(one.spec) == kind]
    found = [_speed(history, one) for one in like]
    return [one for one in found if one is not None]


def _speed(history: History, run: RunRecord) -> tuple[float, float] | None:
    epochs = run.spec.get("training", {}).get("epochs")
    seconds = [stage.seconds for stage in history.stages(run.id)]
    if not epochs or len(seconds) < 3 or any(one is None for one in seconds):
        return None
    known = [float(one or 0.0) for one in seconds]
    return known[0] + known[-1], sum(known[1:-1]) / float(epochs)
