"""Small runs and events for tests of the history."""

from __future__ import annotations

from typing import Any

from engine.events import Event
from engine.spec import BundledData, BundledTeacher, RunSpec
from engine.training import Training


def spec(name: str = "a run") -> RunSpec:
    return RunSpec(
        name=name, teacher=BundledTeacher(source="bundled", name="t"),
        data=BundledData(source="bundled", name="d"), method={"key": "pkd", "layers": 3},
        training=Training(),
    )  # fmt: skip


def scalar(step: int, **values: float | None) -> Event:
    return Event(kind="scalar", time=1.0, step=step, values=values)


def result(**more: Any) -> Event:
    data = {
        "result": {
            "accuracy": 0.9, "accuracy_low": 0.88, "accuracy_high": 0.92, "bytes": 1000,
            "latency_ms": {"median": 1.5}, "split": "test", "data_fingerprint": "print",
        },
        "teacher": {"accuracy": 0.92, "bytes": 9000}, "layers": [{"name": "layer 1"}],
        "versions": {"torch": "2"},
    }  # fmt: skip
    return Event(kind="result", time=5.0, data=data | more)
