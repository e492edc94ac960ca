"""Which examples the runs of a comparison were measured on, in words."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from engine import wording
from engine.records import RunRecord


def data_words(records: Sequence[RunRecord]) -> str:
    """Data set, split and number of sentences of these runs: "reviews test, 2,129 sentences"."""
    found = {_data_of(one) for one in records}
    if len(found) != 1:
        return f"{len(found)} different sets of examples"
    data, split, examples = next(iter(found))
    words = " ".join(one for one in (data, split) if one)
    return f"{words}, {wording.count(examples)} sentences" if examples else words


def count_words(shown: Sequence[RunRecord], count: int) -> str:
    """How many of the finished runs are shown, and on which examples they were measured."""
    runs = f"finished run{'s' * (count != 1)}"
    return f"{len(shown)} of {wording.count(count)} {runs}, {data_words(shown)}"


def _data_of(record: RunRecord) -> tuple[str, str, int]:
    block = record.spec.get("data")
    block = block if isinstance(block, dict) else {}
    said = str(block.get("name") or block.get("id") or "").rpartition("/")[2]
    if not said:
        train = str(block.get("train", ""))
        said = Path(train).parent.name or Path(train).stem or "data"
    examples = record.result.get("examples")
    count = examples if isinstance(examples, int) else 0
    return said, str(record.result.get("split", "")), count


def majority_of(records: Sequence[RunRecord]) -> float | None:
    """The accuracy of always giving the commonest answer, where all runs agree on it."""
    blocks = [one.result.get("majority") for one in records]
    found = {one.get("accuracy") for one in blocks if isinstance(one, dict)}
    value = next(iter(found)) if len(found) == 1 else None
    return float(value) if isinstance(value, int | float) else None
