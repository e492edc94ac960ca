"""What one run came to, in one plain sentence."""

from __future__ import annotations

from engine import wording
from engine.compare import compare
from engine.records import RunRecord
from engine.remarks import SAME_SPEED, Row, no_faster


def sentence(run: RunRecord) -> str:
    """Size, speed and accuracy beside the teacher's; for a run without result, where it stands."""
    row = compare([run]).rows[-1]
    if row.accuracy is None:
        return _state(run)
    parts = [part for part in (_size(row), _speed(row)) if part]
    beside = f" is {' and '.join(parts)} than its teacher and" if parts else ""
    right = f"answers {wording.percent(row.accuracy)} of {wording.count(row.examples)} {row.split} "
    work = f" {no_faster(row)}." if row.same_work else ""
    return f"{run.name}{beside} {right}sentences rightly{_difference(row)}.{work}"


def _state(run: RunRecord) -> str:
    if run.status == "failed" and run.error:
        return f"{run.name} failed: {run.error}"
    done = f" at {wording.percent(run.fraction, 0)}" if run.fraction else ""
    return f"{run.name} is {run.status}{done} and has no result yet."


def _size(row: Row) -> str:
    if row.smaller is None or row.smaller == 1:
        return ""
    if row.smaller < 1:
        return f"{wording.ratio(1 / row.smaller)} larger"
    return f"{wording.ratio(row.smaller)} smaller"


def _speed(row: Row) -> str:
    if row.faster is None or row.same_work or SAME_SPEED[0] <= row.faster <= SAME_SPEED[1]:
        return ""
    if row.faster > 1 and not row.clearly_faster:
        return ""
    if row.faster < 1:
        return f"{wording.ratio(1 / row.faster)} slower"
    return f"{wording.ratio(row.faster)} faster"


def _difference(row: Row) -> str:
    if row.difference is None:
        return ""
    size = f"{abs(100 * row.difference):.1f}"
    if size == "0.0":
        return f", as many as the teacher ({_clear(row)})"
    more = "more" if row.difference > 0 else "less"
    return f", {size} points {more} than the teacher ({_clear(row)})"


def _clear(row: Row) -> str:
    return ", ".join(part for part in (wording.p_value(row.p), row.verdict) if part)
