"""The queue: which runs wait, in which order, and where their teachers lie."""

from __future__ import annotations

from engine.errors import BadInput
from engine.history import History
from engine.spec import RunSpec


def waiting(history: History) -> list[str]:
    """The ids of the waiting runs in their order."""
    found = history.runs(["queued"])
    found.sort(key=lambda one: (one.queue is None, one.queue or 0, one.created))
    return [one.id for one in found]


def to_front(history: History, run_id: str) -> None:
    """Let a run wait as the next one."""
    history.set_queue([run_id, *(one for one in waiting(history) if one != run_id)])


def move(history: History, run_id: str, steps: int) -> None:
    """Move a waiting run up (negative) or down the queue."""
    order = waiting(history)
    if run_id in order:
        place = order.index(run_id)
        order.insert(max(0, place + steps), order.pop(place))
        history.set_queue(order)


def teachers(history: History, spec: RunSpec) -> dict[str, str]:
    """Where the package of a teacher lies that is an earlier run."""
    teacher = spec.teacher
    if teacher.source != "run":
        return {}
    earlier = history.run(teacher.id)
    if earlier.package is None:
        raise BadInput(f'The teacher "{earlier.name}" has no finished package.', "teacher.id")
    return {teacher.id: str(earlier.package)}
