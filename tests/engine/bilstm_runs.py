"""Runs of the BiLSTM that are done in a moment, for its tests."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from jobs import prepared

from engine.methods.bilstm import forecast
from engine.recurrent_training import Lessons, made_student
from engine.transfer import prepare_transfer

TINY = {"key": "bilstm", "hidden": 6, "embedding": 8, "transfer": "train", "teacher_layer": 4}


def lstm(run: dict[str, Any], **method: Any) -> dict[str, Any]:
    return {**run, "method": {**TINY, **method}}


def lessons(run: dict[str, Any], folder: Path, **method: Any) -> Lessons:
    """A student that is ready to learn."""
    job = prepared(lstm(run, **method), folder)
    params = job.params
    transfer = prepare_transfer(job, params.transfer, None, "cls", "logits")
    student = made_student(job, params, forecast(params, job.info.shape).student, transfer)
    return Lessons(job, params, student, transfer, 4)
