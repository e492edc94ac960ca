"""Starting what Compress has put together: the run, its baseline, and the hint beside Start."""

from __future__ import annotations

from app.draft import Draft
from app.estimate import Estimate
from app.runner import Runner
from engine.spec import LONGEST_NAME, BundledData

LONG = 600.0  # seconds; a run that takes longer is worth a hint at the quick settings
QUICK = "Quick settings finish in minutes on this computer."


def begin(runner: Runner, draft: Draft, *, later: bool) -> str:
    """Start the draft's run, or let it wait at the end of the queue; return its id.

    A baseline that is wanted waits right behind it. Raises BadInput, and then nothing is begun.
    """
    spec, baseline = draft.spec(), draft.baseline_spec()
    if later:
        run_id = runner.enqueue(spec)
        if baseline is not None:
            runner.enqueue(baseline)
        return run_id
    run_id = runner.start(spec)
    if baseline is not None:
        behind = runner.enqueue(baseline)
        line = runner.queue()
        if behind in line:
            runner.move(behind, int(run_id in line) - line.index(behind))
    return run_id


def queued(draft: Draft) -> str:
    """What to say of a draft that now waits in the queue."""
    name = " ".join(draft.spec().name[:LONGEST_NAME].split())
    if draft.baseline_spec() is None:
        return f'"{name}" waits in the queue.'
    return f'"{name}" and the same student without a teacher wait in the queue.'


def hint(draft: Draft, guess: Estimate | None) -> str:
    """A word about the quick settings where those of the form would take long here, or ""."""
    chosen = isinstance(draft.data_block, BundledData) and bool(draft.method.quick)
    long = guess is None or (guess.low + guess.high) / 2 > LONG
    slow = long and draft.preset != "quick" and (draft.untouched or draft.preset == "paper")
    return QUICK if chosen and slow else ""
