"""Times a history of 10,000 runs; run by hand: python -m tests.benchmarks.bench_history [runs]."""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from engine import store
from engine.events import Event
from engine.history import History
from engine.spec import BundledData, BundledTeacher, RunSpec
from engine.training import Training

POINTS = 20
LONG = 20_000


def main() -> None:
    """Build the history, then print how long the things a window waits for take."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "history.sqlite"
        with History.open(path) as history:
            timed("build", lambda: build(history, count))
        store._checked.clear()
        first = timed("open, check and back up", lambda: History.open(path))
        print(f"{'file':30} {path.stat().st_size / 1e6:8.1f} MB")
        store._checked.clear()
        with first, timed("open and check again", lambda: History.open(path)) as history:
            runs = timed("list of all runs", history.runs)
            timed("list again", history.runs)
            timed("list with text", lambda: history.runs(text="run 77"))
            timed("one run", lambda: history.run(runs[0].id))
            timed("metric names", lambda: history.metric_names(runs[0].id))
            timed(f"series of {LONG} points", lambda: history.series(runs[0].id, "loss"))
            timed("flush of 25 points", lambda: history.record(runs[0].id, points(25)))


def build(history: History, count: int) -> None:
    """Add runs with points and a result each; the last has a long series."""
    spec = RunSpec(
        name="run", teacher=BundledTeacher(source="bundled", name="t"),
        data=BundledData(source="bundled", name="d"), method={"key": "tinybert"},
        training=Training(),
    )  # fmt: skip
    result = {"accuracy": 0.9, "accuracy_low": 0.88, "bytes": 10, "latency_ms": {"median": 1.0}}
    ending = [
        Event(kind="result", time=1.0, data={"result": result, "layers": [{"name": "l"}] * 50}),
        Event(kind="finished", time=2.0),
    ]
    for place in range(count):
        run_id = history.add_run(spec.model_copy(update={"name": f"run {place}"}))
        history.record(run_id, points(LONG if place == count - 1 else POINTS) + ending)


def points(count: int) -> list[Event]:
    """Events with four values each."""
    values = {"loss": 0.5, "loss/soft": 0.2, "learning_rate": 1e-5, "machine/memory": 1e9}
    return [Event(kind="scalar", time=0.0, step=step, values=values) for step in range(count)]


def timed(what: str, work: Callable[[], Any]) -> Any:
    """Do the work and print how long it took."""
    start = time.perf_counter()
    found = work()
    print(f"{what:30} {1000 * (time.perf_counter() - start):8.1f} ms", flush=True)
    return found


if __name__ == "__main__":
    main()
