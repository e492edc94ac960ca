"""Feed the Runs page 200 events a second for 10 s and print the largest event-loop gap.

Run by hand: python tests/benchmarks/bench_gui.py [points already there]
"""

from __future__ import annotations

import math
import os
import sys
import tempfile
import time
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from app.context import Context
from app.pages.runs import RunsPage
from app.theme import theme
from engine.events import Event
from engine.history import History
from engine.spec import make_spec

SECONDS = 10
A_SECOND = 200
TERMS = ("loss", "loss/hard", "loss/soft", "loss/patience")


def event(step: int) -> Event:
    """One point of every curve."""
    values = {term: 0.2 + math.exp(-step / 900) * (1 + 0.3 * math.sin(step)) for term in TERMS}
    values |= {"machine/memory": 2e9, "machine/sentences_per_second": 300.0 + step % 7}
    if step % 20 == 0:
        values |= {"validation/accuracy": 0.9, "validation/agreement": 0.93}
    return Event(kind="scalar", time=time.time(), step=step, stage="Train", values=values)


def a_run(path: Path, points: int) -> str:
    """A running run with `points` points in every curve."""
    block = {"source": "bundled", "name": "x"}
    spec = make_spec({"method": {"key": "pkd"}, "teacher": block, "data": block})
    with History.open(path) as history:
        run_id = history.add_run(spec)
        history.begin(run_id, os.getpid())
        history.record(run_id, [event(step) for step in range(points)])
    return run_id


def main() -> None:
    """Open the page, feed it, and print the gaps."""
    points = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
    app = QApplication([])
    theme().install(app)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "history.sqlite"
        run_id = a_run(path, points)
        context = Context(path)
        context.open_history()
        context.active = lambda: run_id  # type: ignore[method-assign]
        page = RunsPage(context)
        page.resize(1350, 870)
        page.show()
        begun = time.perf_counter()
        page.activated()
        print(
            f"opening a run with {points:,} points a curve: {1000 * (time.perf_counter() - begun):.0f} ms"
        )
        gaps: list[float] = []
        last, step = time.perf_counter(), points

        def beat() -> None:
            nonlocal last
            now = time.perf_counter()
            gaps.append(now - last)
            last = now

        def feed() -> None:
            nonlocal step
            batch = [event(step + one) for one in range(A_SECOND // 10)]
            step += len(batch)
            context.run_events.emit(run_id, batch)

        pulse, source = QTimer(), QTimer()
        pulse.timeout.connect(beat)
        source.timeout.connect(feed)

        def start() -> None:
            nonlocal last
            last = time.perf_counter()
            pulse.start(1)
            source.start(100)

        QTimer.singleShot(1500, start)
        QTimer.singleShot(1500 + 1000 * SECONDS, app.quit)
        app.exec()
        gaps.sort()
        at = gaps[int(0.999 * len(gaps))]
        print(
            f"largest gap {1000 * gaps[-1]:.1f} ms, 99.9 % below {1000 * at:.1f} ms, {step:,} points"
        )
        page.close()
        context.active = lambda: None  # type: ignore[method-assign]
        context.close()


if __name__ == "__main__":
    main()
