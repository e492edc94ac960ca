"""By hand: start of the window, Start to first point, stop, and the demo's speed; prints figures.

    python tests/benchmarks/bench_run.py [--demo]

The machine should be quiet. Needs no screen: the window is drawn offscreen.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import torch

from engine.child import Worker
from engine.events import Event
from engine.history import History
from engine.launch import record, start_run
from engine.paths import assets
from engine.spec import make_spec

_WINDOW = """
import sys, time
from PySide6.QtCore import QTimer
import app.start as start
born = float(sys.argv[1])
class Window(start.Window):
    def showEvent(self, event):
        super().showEvent(event)
        self.watch = QTimer(self, interval=5, timeout=self.look)
        self.watch.start()
    def look(self):
        if self.context.ready if hasattr(self, "context") else self._context.ready:
            print(time.time() - born, "torch" in sys.modules, flush=True)
            import os; os._exit(0)
start.Window = Window
start.open_window(["--history", sys.argv[2]])
"""


def window_seconds(folder: Path) -> list[float]:
    """Seconds from the command to a window with its history open."""
    found = []
    for _ in range(5):
        command = [
            sys.executable,
            "-c",
            _WINDOW,
            str(time.time()),
            str(folder / "window" / "h.sqlite"),
        ]
        environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
        done = subprocess.run(command, capture_output=True, text=True, env=environment)
        seconds, torch_loaded = done.stdout.split()
        assert torch_loaded == "False"
        found.append(float(seconds))
    return found


def first_point(history: History, spec: object, worker: Worker | None) -> dict[str, float]:
    """Seconds from Start to the first event, point and loss point, and from stop to exited."""
    run = history.add_run(make_spec(spec))
    begun = time.monotonic()
    found: dict[str, float] = {}
    stopped = 0.0
    running = start_run(history, run, worker)

    def look(event: Event) -> None:
        nonlocal stopped
        now = time.monotonic() - begun
        found.setdefault("first event", now)
        if event.kind == "scalar":
            found.setdefault("first point", now)
        if event.kind == "scalar" and "loss" in event.values:
            found.setdefault("first loss point", now)
            if event.step >= 5 and not stopped:
                stopped = time.monotonic()
                running.stop()

    record(running, history, run, look)
    found["stop to exited"] = time.monotonic() - stopped
    return found


def warm_worker() -> Worker:
    """A worker that has had time to import torch."""
    worker = Worker().start()
    time.sleep(12)
    return worker


def matmul_peak(precision: torch.dtype) -> float:
    """The best matrix-multiply rate of this machine in FLOP/s."""
    a = torch.randn(2048, 2048).to(precision)
    best = 0.0
    for _ in range(12):
        begun = time.perf_counter()
        a @ a
        best = max(best, 2 * 2048**3 / (time.perf_counter() - begun))
    return best


def demo(history: History, spec: dict[str, object]) -> None:
    """Run the demo to its end and print wall time, tokens per second and share of the peak."""
    peak = matmul_peak(torch.bfloat16)
    run = history.add_run(make_spec(spec))
    begun = time.monotonic()
    status = record(start_run(history, run), history, run)
    print(f"demo: {status} after {time.monotonic() - begun:.0f} s")
    speeds = history.series(run, "machine/tokens_per_second")[1]
    found = history.run(run)
    layers = found.result["parameters"] - found.result["embedding_parameters"]
    rate = statistics.median(speeds)
    print(f"  {rate:,.0f} tokens a second while training, accuracy {found.accuracy:.4f}")
    print(
        f"  6 x {layers / 1e6:.1f} M x tokens = {6 * layers * rate / 1e9:.0f} GFLOP/s of {peak / 1e9:.0f}"
    )
    print(f"  {6 * layers * rate / peak:.0%} of the bfloat16 matrix-multiply peak")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--demo", action="store_true", help="also run the demo to its end")
    chosen = parser.parse_args()
    spec = json.loads((assets() / "demo.json").read_text("utf-8"))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        times = window_seconds(folder)
        print(
            f"window usable: median {statistics.median(times):.2f} s of {[round(t, 2) for t in times]}"
        )
        history = History.open(folder / "history.sqlite")
        if chosen.demo:
            demo(history, spec)
        else:
            first_point(history, spec, None)
        for words, worker in (("cold", None), ("warm", warm_worker())):
            found = first_point(history, spec, worker)
            print(words, {key: round(value, 2) for key, value in found.items()})
        history.close()


if __name__ == "__main__":
    main()
