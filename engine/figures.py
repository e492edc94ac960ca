"""Figures of a stored result, which is not trusted: what is no finite number is unknown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from engine.records import RunRecord


def examples_of(record: RunRecord) -> tuple[str, str] | None:
    """What a run was measured on: the examples' fingerprint and the split's name."""
    print_, split = record.result.get("data_fingerprint"), record.result.get("split")
    return (str(print_), str(split)) if print_ and split else None


def milliseconds(result: Mapping[str, Any], which: str = "median") -> float | None:
    """The median (or "p95") of the latency."""
    found: float | None = number(block(result, "latency_ms").get(which))
    return found


def block(result: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """A nested block of a stored result, empty where the stored value is of another kind."""
    value = result.get(name)
    return value if isinstance(value, Mapping) else {}


def number(value: Any) -> Any:
    """`value` where it is a finite number, else None."""
    good = isinstance(value, int | float) and not isinstance(value, bool) and np.isfinite(value)
    return value if good else None
