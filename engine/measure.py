"""Measure finished packages from their files: answers, size, work and speed, teacher included."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from engine import stats
from engine.counts import Counts, count_parameters, macs
from engine.errors import BadInput
from engine.package import Package, softmax
from engine.timing import Latency, latency, machine

if TYPE_CHECKING:
    from engine.data import Data, Split

__all__ = [
    "Latency", "Predictions", "accuracy", "agreement", "class_order", "latency", "macro_f1",
    "mcnemar", "measure_run", "predictions",
]  # fmt: skip
SETTINGS = ((1, 32), (32, 64))
BUDGET = 5.0  # seconds per setting
SLOWEST = 1.5  # a setting whose one round would take longer is left out

Progress = Callable[[float], None]
Stop = Callable[[], bool]


@dataclass(frozen=True, eq=False)
class Predictions:
    """Answers on a split: `labels` (or None) and `predicted` int64 [n], probabilities [n, classes].

    Classes are in the data's order.
    """

    labels: np.ndarray | None
    predicted: np.ndarray
    probabilities: np.ndarray

    def __len__(self) -> int:
        return len(self.predicted)


def predictions(
    package: Package,
    split: Split,
    labels: Sequence[str] | None = None,
    *,
    batch_size: int = 64,
    threads: int | None = None,
    progress: Progress | None = None,
    stop: Stop | None = None,
) -> Predictions:
    """What the package answers on a split.

    `labels` are the data's class names; a package that names the same classes in another order
    is put into theirs. Raises BadInput when the classes differ, Stopped when `stop` says so.
    """
    order = class_order(package.labels, labels if labels is not None else package.labels)
    logits = package.logits(split.texts, batch_size, threads, progress=progress, stop=stop)
    logits = logits[:, order]
    return Predictions(split.labels, logits.argmax(-1).astype(np.int64), softmax(logits))


def class_order(ours: Sequence[str], theirs: Sequence[str]) -> list[int]:
    """For each of their classes the place of the same class in ours, or BadInput."""
    if set(ours) != set(theirs):
        raise BadInput(
            f"The model answers with {_names(ours)}, but the data holds {_names(theirs)}; choose "
            "data with the model's classes."
        )
    return [list(ours).index(name) for name in theirs]


def accuracy(found: Predictions) -> float:
    """Share of right answers; 0 for no answers."""
    return _right(found) / len(found) if len(found) else 0.0


def macro_f1(found: Predictions) -> float:
    """Mean F1 over the classes."""
    return stats.macro_f1(_labelled(found), found.predicted)


def agreement(one: Predictions, other: Predictions) -> float:
    """Share of rows to which both give the same answer."""
    return float(np.mean(one.predicted == other.predicted)) if len(one) else 0.0


def mcnemar(teacher: Predictions, student: Predictions) -> dict[str, Any]:
    """How many rows both, one or neither answer rightly, and the exact p of the difference."""
    labels = _labelled(student)
    t, s = teacher.predicted == labels, student.predicted == labels
    teacher_only, student_only = int(np.sum(t & ~s)), int(np.sum(s & ~t))
    return {
        "both": int(np.sum(t & s)),
        "teacher_only": teacher_only,
        "student_only": student_only,
        "neither": int(np.sum(~t & ~s)),
        "p": stats.mcnemar_exact(teacher_only, student_only),
    }


def measure_run(
    package: Package,
    teacher: Package | None,
    data: Data,
    split: str = "test",
    *,
    student_answers: Predictions | None = None,
    teacher_answers: Predictions | None = None,
    threads: int = 1,
    repeats: int = 50,
    progress: Progress | None = None,
    stop: Stop | None = None,
) -> dict[str, Any]:
    """Everything a result says: {"result", "teacher", "layers"} as JSON, "answers": Predictions.

    Both models answer the same examples and are timed in turns; without a teacher (None) its
    block is empty and what compares with it is None. Answers that are known already may be
    passed in. `progress` hears the finished share; raises Stopped when `stop` says so.
    """
    chosen = data.splits[split]
    if chosen.labels is None:
        raise BadInput(f"The {split} split has no labels, so nothing can be measured on it.")
    share = _shares(progress, (0.3, 0.4, 0.3))
    student = student_answers or predictions(
        package, chosen, data.labels, progress=share(0), stop=stop
    )
    known = teacher_answers
    if teacher and not known:
        known = predictions(teacher, chosen, data.labels, progress=share(1), stop=stop)
    packages = [package, teacher] if teacher else [package]
    timed = _latencies(packages, threads, repeats, share(2), stop)
    counts = count_parameters(package.model)
    ours = {**_setting(data, split, threads), **_answers(student, data.labels)}
    ours |= {**_file(package, counts), **_times(timed, 0)}
    theirs: dict[str, Any] = {}
    if teacher and known:
        theirs = {"name": teacher.manifest.name, "fingerprint": teacher.manifest.sha256}
        theirs |= {**_answers(known, data.labels), **_times(timed, 1)}
        theirs |= _file(teacher, count_parameters(teacher.model))
    ours |= _against(student, known, ours, theirs)
    layers = [group.row(package.manifest.dense.get(group.name)) for group in counts.groups]
    return {"result": ours, "teacher": theirs, "layers": layers, "answers": student}


def _setting(data: Data, split: str, threads: int) -> dict[str, Any]:
    """On what, and where, was measured."""
    from engine.data import split_fingerprint

    return {
        "split": split,
        "examples": len(data.splits[split]),
        "data_fingerprint": split_fingerprint(data, split),
        "labels": list(data.labels),
        "majority": _majority(data, split),
        "machine": machine(threads),
    }


def _against(
    student: Predictions, teacher: Predictions | None, ours: dict[str, Any], theirs: dict[str, Any]
) -> dict[str, Any]:
    """The student beside its teacher; None without one."""
    if teacher is None or not theirs:
        return dict.fromkeys(("agreement", "mcnemar", "compression", "speedup"))
    return {
        "agreement": agreement(student, teacher),
        "mcnemar": mcnemar(teacher, student),
        "compression": theirs["bytes"] / ours["bytes"],
        "speedup": theirs["latency_ms"]["median"] / max(1e-6, ours["latency_ms"]["median"]),
    }


def _times(timed: list[list[dict[str, Any]]], place: int) -> dict[str, Any]:
    """One package's latencies: the first setting, and all of them."""
    return {"latency_ms": timed[0][place], "latencies": [setting[place] for setting in timed]}


def _answers(found: Predictions, labels: Sequence[str]) -> dict[str, Any]:
    """Accuracy with its 95 % range, macro F1 and the confusion matrix."""
    low, high = stats.wilson(_right(found), len(found))
    counts = stats.confusion(_labelled(found), found.predicted, len(labels))
    return {
        "accuracy": accuracy(found),
        "accuracy_low": low,
        "accuracy_high": high,
        "macro_f1": macro_f1(found),
        "confusion": counts.tolist(),
    }


def _file(package: Package, counts: Counts) -> dict[str, Any]:
    """What the model file itself says: bytes, counts and work."""
    batch, length = SETTINGS[0]
    return {
        "bytes": package.bytes,
        "bytes_nominal": round(sum(group.bits for group in counts.groups) / 8),
        "parameters": counts.total("parameters"),
        "nonzero_parameters": counts.total("nonzero"),
        "embedding_parameters": counts.embedding,
        "macs": macs(package.model, batch, length),
        "sparsity": counts.sparsity(package.manifest.dense),
        "mean_bits": counts.mean_bits,
    }


def _latencies(
    packages: list[Package],
    threads: int,
    repeats: int,
    progress: Progress | None,
    stop: Stop | None,
) -> list[list[dict[str, Any]]]:
    """Latencies per setting and package; settings too slow for this computer are left out."""
    found: list[list[dict[str, Any]]] = []
    for place, (batch, length) in enumerate(SETTINGS):
        if found:
            grown = batch * length / (SETTINGS[0][0] * SETTINGS[0][1])
            if grown * sum(one["median"] for one in found[0]) > 1000 * SLOWEST:
                continue
        part = _shares(progress, (0.5, 0.5))(place)
        timed = latency(
            packages, batch=batch, length=length, threads=threads, repeats=repeats,
            budget=BUDGET, progress=part, stop=stop,
        )  # fmt: skip
        found.append([asdict(one) for one in timed])
    return found


def _majority(data: Data, split: str) -> dict[str, Any]:
    """The reference that always answers the class most frequent in train."""
    classes = len(data.labels)
    counts = np.bincount(np.asarray(data.splits["train"].labels), minlength=classes)
    common = int(counts.argmax())
    share = float(np.mean(np.asarray(data.splits[split].labels) == common))
    return {"label": data.labels[common], "accuracy": share}


def _shares(progress: Progress | None, parts: Sequence[float]) -> Callable[[int], Progress | None]:
    """Split one progress bar into consecutive parts."""
    if progress is None:
        return lambda part: None
    hear = progress

    def share(part: int) -> Progress:
        before, size = sum(parts[:part]), parts[part]
        return lambda done: hear(min(1.0, before + size * done))

    return share


def _labelled(found: Predictions) -> np.ndarray:
    if found.labels is None:
        raise BadInput("These sentences have no labels, so right and wrong cannot be counted.")
    return found.labels


def _right(found: Predictions) -> int:
    return int(np.sum(found.predicted == _labelled(found)))


def _names(names: Sequence[str]) -> str:
    shown = ", ".join(f'"{name[:40]}"' for name in list(names)[:6])
    return shown + (f" and {len(names) - 6} more" if len(names) > 6 else "")
