"""What a report says of a run's no-teacher baseline and of its other seeds."""

from __future__ import annotations

from engine.compare import compare
from engine.history import History
from engine.records import RunRecord
from engine.remarks import gain_words, group_gain_words, spread_words

MOST = 300  # newest finished runs of the history that are looked through


def beside_its_baseline(run: RunRecord, history: History) -> list[str]:
    """Sentences about the run, its baseline and their seeds; none where it stands alone."""
    if not run.result or not run.spec:
        return []
    ids = [one.id for one in history.runs(["finished"]) if one.id != run.id][:MOST]
    others = [one for one in map(history.run, ids) if _akin(one, run)]
    found = compare([run, *others], history)
    names = {one.id: one.name for one in (run, *others)}
    said = [
        f"{names[one.taught]}: {gain_words(one)}."
        for one in found.gains
        if run.id in (one.taught, one.alone)
    ]
    said += [
        f"{pair.taught.name}: {group_gain_words(pair)}."
        for pair in found.group_gains
        if run.id in (*pair.taught.ids, *pair.alone.ids)
    ]
    return said + [
        f"{group.name}: {spread_words(group)} over {len(group.seeds)} seeds, mean and standard "
        "deviation."
        for group in found.seeds
        if run.id in group.ids
    ]


def _akin(one: RunRecord, run: RunRecord) -> bool:
    """Same data and teacher: only such runs can be a baseline or another seed."""
    return all(one.spec.get(key) == run.spec.get(key) for key in ("data", "teacher"))
