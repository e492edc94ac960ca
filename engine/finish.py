"""The first and the last stage of every run: check the teacher, then export and measure the result."""

from __future__ import annotations

import hashlib
import json
import os
import platform
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import torch
import transformers
from tokenizers import Tokenizer
from torch import nn

import engine
from engine import checkpoint, models, stats, wording
from engine import measure as measuring
from engine.batches import by_length, collate
from engine.data import split_fingerprint
from engine.errors import BadInput
from engine.export import TOLERANCE, check_export, export_model
from engine.job import Job
from engine.models import Loaded
from engine.package import Package, softmax, write_package
from engine.shape import Shape

MARGIN = 0.05  # a teacher within 5 points of the majority class is called untrained
CHECKED_BATCHES = 4  # real batches on which every exported file is compared with torch


def versions() -> dict[str, str]:
    """What a number depends on beside the spec."""
    return {
        "thimble": engine.__version__, "torch": torch.__version__,
        "transformers": transformers.__version__, "onnxruntime": onnxruntime.__version__,
        "python": platform.python_version(), "system": platform.platform(terse=True),
    }  # fmt: skip


def announce(job: Job) -> None:
    """Say with what the run works."""
    job.send("started", data={"versions": versions(), "pid": os.getpid(), **job.setup.as_dict()})


def prepare(job: Job) -> None:
    """The Prepare stage: data, teacher, and whether the teacher is worth learning from."""
    with job.stage(job.stages[0]):
        job.prepare()
        rows = ", ".join(f"{len(split):,} {name}" for name, split in job.data.splits.items())
        if not job.teacher_is_trained:
            if job.method.needs_teacher_answers:
                raise BadInput(_headless(job), "teacher")
            job.note(f"Rows: {rows}.")
            return
        found = check_teacher(job)
        job.emit(
            {"validation/teacher": found["accuracy"], "validation/majority": found["majority"]}
        )
        right = wording.percent(found["accuracy"])
        job.note(f"Rows: {rows}; the teacher gets {right} right on validation.")
        if found["untrained"]:
            job.note(found["sentence"], "warning")
        job.ask_teacher("logits", split="validation")


def _headless(job: Job) -> str:
    return (
        f"{job.info.title} has no trained answers for these {len(job.data.labels)} classes; "
        "fine-tune it on this data first, or a student would learn from noise."
    )


def check_teacher(job: Job) -> dict[str, Any]:
    """Measure the teacher's exported file on the validation split.

    `untrained` is True when it is not more than 5 points better than the majority class.
    """
    split = job.data.splits["validation"]
    assert split.labels is not None
    counts = np.bincount(split.labels, minlength=len(job.data.labels))
    majority = float(counts.max() / len(split))
    found: dict[str, Any] = {
        "majority": majority, "majority_label": job.data.labels[int(counts.argmax())],
        "split": "validation", "examples": len(split), "teacher": job.info.fingerprint,
        "data": job.data.fingerprint,
    }  # fmt: skip
    if not job.teacher_is_trained:
        return {**found, "accuracy": None, "untrained": True, "sentence": _headless(job)}
    logits = teacher_logits(job, teacher_package(job), "validation")
    right = int((logits.argmax(1) == split.labels).sum())
    low, high = stats.wilson(right, len(split))
    accuracy = right / len(split)
    sentence = (
        f"This teacher is no better than guessing: {100 * accuracy:.1f} % right, always answering "
        f'"{found["majority_label"]}" gives {100 * majority:.1f} %. Fine-tune it first.'
    )
    untrained = accuracy < majority + MARGIN
    return {
        **found, "accuracy": accuracy, "low": low, "high": high, "untrained": untrained,
        "sentence": sentence if untrained else "",
    }  # fmt: skip


# Packages -----------------------------------------------------------------------------------


def teacher_package(job: Job) -> Package:
    """The teacher as an exported file, made once per teacher, classes, columns and cut-off."""
    parts = [
        engine.__version__, job.info.fingerprint, list(job.data.labels), job.max_length,
        list(job.data.columns),
    ]  # fmt: skip
    key = hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:24]
    folder = job.cache / "teachers" / key
    if (folder / "manifest.json").is_file():
        with suppress(BadInput):  # a damaged file in the cache is made anew
            return Package.open(folder)
    return _package(job, job.teacher, folder, job.info.shape, title="Teacher", teacher=True)


def student_package(job: Job, student: nn.Module | Loaded, folder: Path) -> Package:
    """The student's finished folder: model, tokenizer, manifest, card and reusable weights.

    A model of its own kind brings `shape` and `title`, and keeps no weights for a teacher.
    """
    if not isinstance(student, Loaded):
        own = job.teacher
        student = Loaded(student, own.tokenizer, own.architecture, own.config, own.labels)
    made: Any = student.model
    if hasattr(made, "to_graph"):
        return _package(job, student, folder, made.shape, title=job.method.title)
    config = models.config_of(made, student.architecture, student.config)
    shape = student.architecture.shape(config, len(job.data.labels))

    def weights(target: Path) -> None:
        models.export_weights(
            made, student.architecture, config, job.data.labels, student.tokenizer, target
        )

    return _package(job, student, folder, shape, title=job.method.title, weights=weights)


def _package(
    job: Job, one: Loaded, folder: Path, shape: Shape, *, title: str,
    weights: Callable[[Path], None] | None = None, teacher: bool = False,
) -> Package:  # fmt: skip
    """Export a model, compare the file with torch on real batches, and write the folder."""
    model = one.model
    model.eval().to("cpu")

    def export(path: Path) -> float:
        export_model(model, path, labels=job.data.labels)
        return check_export(model, path, _real_batches(job, one.tokenizer))

    one.tokenizer.no_padding()
    one.tokenizer.enable_truncation(job.max_length)  # reading plain text cuts elsewhere
    pad = one.tokenizer.token_to_id("[PAD]")
    manifest = {
        "name": job.info.title if teacher else job.spec.name, "labels": list(job.data.labels),
        "columns": list(job.data.columns), "max_length": job.max_length,
        "pad_token": one.config["pad_token_id"] if pad is None else pad,
        "architecture": getattr(model, "title", one.architecture.title), "shape": shape,
        "parameters": sum(p.numel() for p in model.parameters()),
        "method": "teacher" if teacher else job.method.key, "title": title,
        "family": "teacher" if teacher else job.method.family, "versions": versions(),
        "fingerprints": {"teacher": job.info.fingerprint, "data": job.data.fingerprint},
        "tolerance": TOLERANCE,
    }  # fmt: skip
    package = write_package(
        folder,
        export=export,
        tokenizer=one.tokenizer.to_str(),
        manifest=manifest,
        weights=weights,
        shared=teacher,
    )
    model.to(job.device)
    return package


def _real_batches(job: Job, tokenizer: Tokenizer) -> list[dict[str, np.ndarray]]:
    """A few batches of the validation split, from short to long sentences, in the model's pieces."""
    encoded = job.encode(tokenizer, "validation")
    every = list(by_length(encoded.lengths, 8))
    chosen = [
        every[i]
        for i in np.linspace(0, len(every) - 1, min(CHECKED_BATCHES, len(every))).astype(int)
    ]
    return [
        {name: value.cpu().numpy() for name, value in batch.inputs.items()}
        for batch in (collate(encoded, rows, torch.device("cpu"), job.types) for rows in chosen)
    ]


def teacher_logits(job: Job, package: Package, split: str) -> np.ndarray:
    """The exported teacher's logits on a split, kept beside its file: [rows, classes]."""
    path = (
        package.folder.parent
        / f"{package.folder.name}-{split_fingerprint(job.data, split)[:24]}.npy"
    )
    with suppress(OSError, ValueError, EOFError):  # absent, or cut short by a lost machine
        found: np.ndarray = np.load(path, allow_pickle=False)
        if found.shape == (len(job.data.splits[split]), len(job.data.labels)):
            return found
    logits = package.logits(
        job.data.splits[split].texts, progress=job.progress, stop=lambda: job.stopping
    )
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with draft.open("wb") as file:
            np.save(file, logits, allow_pickle=False)
        os.replace(draft, path)
    except OSError as error:
        draft.unlink(missing_ok=True)
        raise checkpoint.disk_sentence(error, path) from error
    return logits


# The Measure stage --------------------------------------------------------------------------


def measure(job: Job, student: nn.Module | Loaded) -> None:
    """Export the student, measure its file beside the teacher's on the test split, and say it."""
    with job.stage(job.stages[-1]):
        package = student_package(job, student, job.folder / "package")
        job.progress(0.2)
        job.check_stop()
        teacher, teacher_answers = None, None
        if job.teacher_is_trained:
            teacher = teacher_package(job)
            teacher_answers = _answers(job, teacher_logits(job, teacher, "test"))
        found = measuring.measure_run(
            package, teacher, job.data, "test", teacher_answers=teacher_answers,
            progress=lambda share: job.progress(0.5 + 0.5 * share), stop=lambda: job.stopping,
        )  # fmt: skip
        answers = found.pop("answers")
        _write_answers(job, answers, teacher_answers)
        body = {**found, "package": "package", "versions": versions(), **_FILES}
        if teacher is not None:
            body["teacher"]["package"] = str(teacher.folder)
            body["teacher"]["title"] = job.info.title
        job.send("result", data=body)


_FILES = {"predictions": "predictions.npz", "examples": "examples.json"}


def _answers(job: Job, logits: np.ndarray) -> measuring.Predictions:
    """Logits on the test split as answers."""
    labels = job.data.splits["test"].labels
    return measuring.Predictions(labels, logits.argmax(-1).astype(np.int64), softmax(logits))


def _write_answers(
    job: Job, student: measuring.Predictions, teacher: measuring.Predictions | None
) -> None:
    """Keep every example's answer beside the package, for the comparison by example."""
    arrays: dict[str, Any] = {
        "labels": student.labels, "student_predicted": student.predicted,
        "student_probabilities": student.probabilities,
    }  # fmt: skip
    if teacher is not None:
        arrays |= {
            "teacher_predicted": teacher.predicted,
            "teacher_probabilities": teacher.probabilities,
        }
    body = {
        "fingerprint": split_fingerprint(job.data, "test"), "split": "test",
        "labels": np.asarray(student.labels).tolist(), "texts": [list(column) for column in job.data.splits["test"].texts],
    }  # fmt: skip
    try:
        with (job.folder / _FILES["predictions"]).open("wb") as file:
            np.savez(file, **arrays)
        (job.folder / _FILES["examples"]).write_text(json.dumps(body, ensure_ascii=False), "utf-8")
    except OSError as error:
        raise checkpoint.disk_sentence(error, job.folder) from error
