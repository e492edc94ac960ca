"""Time packages against each other on this computer."""

from __future__ import annotations

import platform
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from engine.errors import Stopped
from engine.graph import INPUTS
from engine.package import Package
from engine.runtime import run_session

WARM_UP = 3
FEWEST = 5


@dataclass(frozen=True)
class Latency:
    """Milliseconds for one batch of `batch` rows of `length` pieces on `threads` threads."""

    median: float
    p95: float
    batch: int
    length: int
    threads: int
    repeats: int


def latency(
    packages: Sequence[Package],
    *,
    batch: int = 1,
    length: int = 32,
    threads: int = 1,
    repeats: int = 50,
    budget: float | None = None,
    progress: Callable[[float], None] | None = None,
    stop: Callable[[], bool] | None = None,
) -> list[Latency]:
    """Time packages back to back on random pieces: A B, then B A, and so on; warm-up dropped.

    All rows are `length` pieces long, without padding; where a model takes fewer, all packages
    are timed at that length. After `budget` seconds no further round starts.
    """
    length = min([length, *(p.manifest.shape.positions - 2 for p in packages if _limited(p))])
    sessions = [package.session(threads) for package in packages]
    feeds = [_random_rows(package, batch, length) for package in packages]
    times: list[list[float]] = [[] for _ in packages]
    began, order = time.perf_counter(), list(range(len(packages)))
    for turn in range(WARM_UP + repeats):
        late = budget is not None and time.perf_counter() - began > budget
        if late and len(times[0]) >= FEWEST:
            break
        for i in order if turn % 2 else reversed(order):
            if stop and stop():
                raise Stopped
            start = time.perf_counter()
            run_session(sessions[i], feeds[i], packages[i].folder)
            if turn >= WARM_UP:
                times[i].append(1000 * (time.perf_counter() - start))
        if progress:
            progress((turn + 1) / (WARM_UP + repeats))
    return [
        Latency(_ms(np.median(t)), _ms(np.percentile(t, 95)), batch, length, threads, len(t))
        for t in times
    ]


def machine(threads: int) -> dict[str, Any]:
    """What the times were taken on."""
    import onnxruntime

    return {
        "processor": processor(),
        "system": platform.system(),
        "threads": threads,
        "onnxruntime": onnxruntime.__version__,
    }


def processor() -> str:
    """The processor's name as its maker writes it, where the system tells."""
    try:
        for line in Path("/proc/cpuinfo").read_text("utf-8", "replace").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        pass  # not Linux
    return platform.processor() or platform.machine()


def _random_rows(package: Package, batch: int, length: int) -> dict[str, np.ndarray]:
    """Full rows of ordinary pieces; the first ids of a vocabulary are special ones."""
    vocabulary = max(2, package.manifest.shape.vocabulary)
    ids = np.random.default_rng(0).integers(min(1000, vocabulary // 4), vocabulary, (batch, length))
    return dict(zip(INPUTS, (ids, np.ones_like(ids), np.zeros_like(ids)), strict=True))


def _limited(package: Package) -> bool:
    """Whether the model has a table of positions, so that rows cannot be of any length."""
    return package.manifest.shape.positions > 2


def _ms(value: Any) -> float:
    return round(float(value), 4)
