"""How the BiLSTM is taught: its losses, options and exports, and where its word table starts."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from bilstm_runs import lessons, lstm
from jobs import prepared, same_weights, scalars, trained

from engine import finish
from engine import transfer as text
from engine.errors import Stopped
from engine.events import Event
from engine.job import Job
from engine.methods.bilstm import forecast
from engine.spec import make_spec

# Losses -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("settings", "plotted"),
    [
        ({"order": "joint"}, {"labels", "logits", "representation"}),
        ({"order": "joint", "alpha": 0}, {"logits", "representation"}),
        ({"order": "joint", "beta": 0}, {"labels", "logits"}),
        ({"order": "joint", "gamma": 0}, {"labels", "representation"}),
        ({"distillation": "hard"}, {"labels", "pseudo"}),
    ],
)
def test_plotted_terms_are_those_that_count_and_sum_to_the_loss(
    settings: dict[str, Any], plotted: set[str], tiny_run: dict[str, Any], tmp_path: Path
) -> None:
    events: list[Event] = []
    trained(lstm(tiny_run, **settings), tmp_path, events, epochs=1)
    names = {name for event in events for name in event.values if name.startswith("loss/")}
    assert names == {f"loss/{one}" for one in plotted}
    parts = [scalars(events, name) for name in sorted(names)]
    for loss, *terms in zip(scalars(events, "loss"), *parts, strict=True):
        assert loss == pytest.approx(sum(terms), rel=1e-4)


def test_the_weights_multiply_their_terms(tiny_run: dict[str, Any], tmp_path: Path) -> None:
    taught = lessons(tiny_run, tmp_path, order="joint")
    assert taught.transfer is not None
    pair = text.pairs(taught.job, taught.transfer, labelled=True).batch(np.arange(8), 1)
    student = taught.student.eval()
    one = taught._weighted({"labels": 1.0, "logits": 1.0, "representation": 1.0})(student, pair)
    ten = taught._weighted({"labels": 10.0, "logits": 1.0, "representation": 0.1})(student, pair)
    ratios = [
        ten[name].item() / one[name].item() for name in ("labels", "logits", "representation")
    ]
    assert ratios == pytest.approx([10, 1, 0.1], rel=1e-5)


@pytest.mark.parametrize(
    "settings",
    [
        {"layer_loss": "squared"}, {"layer_loss": "cosine"}, {"logit_target": "raw"},
        {"logit_target": "log_odds"}, {"reduction": "repo"}, {"heads": "one"}, {"layers": 2},
        {"vocabulary": "seen"}, {"start": "random"}, {"transfer": "both"},
    ],
    ids=str,
)  # fmt: skip
def test_every_option_trains_and_exports(
    settings: dict[str, Any], tiny_run: dict[str, Any], tiny_data: dict[str, Any], tmp_path: Path
) -> None:
    (tmp_path / "more.txt").write_text("good film\nawful plot\nthe film is great\n" * 10, "utf-8")
    run = {**lstm(tiny_run, **settings, label_epochs=1, step_epochs=1)}
    run["data"] = {**tiny_data, "unlabelled": str(tmp_path / "more.txt")}
    job = prepared(run, tmp_path, epochs=1, max_length=16)
    student = job.method.run(job, job.params)
    package = finish.student_package(job, student, tmp_path / "package")
    assert package.manifest.parameters == package.manifest.shape.parameters
    assert not (tmp_path / "package" / "weights").exists()


@pytest.mark.parametrize("head_reads", ["state", "projection"])
def test_the_forecast_counts_what_is_exported(
    head_reads: str, tiny_run: dict[str, Any], tmp_path: Path
) -> None:
    job = prepared(lstm(tiny_run, head_reads=head_reads, label_epochs=1), tmp_path, epochs=1)
    student = job.method.run(job, job.params)
    expected = forecast(job.params, job.info.shape).student.parameters
    assert sum(value.numel() for value in student.parameters()) == expected


# Where it starts ----------------------------------------------------------------------------


def test_the_word_table_starts_from_the_teachers(tiny_run: dict[str, Any], tmp_path: Path) -> None:
    taught = lessons(tiny_run, tmp_path)
    table = taught.job.teacher.model.get_input_embeddings().weight.detach().double()
    own = taught.student.embedding.weight.detach().double()
    left, values, _ = torch.linalg.svd(table, full_matrices=False)
    assert torch.allclose(own @ own.T, (left * values**2)[:, :8] @ left[:, :8].T, atol=1e-4)


def test_the_word_table_starts_from_a_vector_file(tiny_run: dict[str, Any], tmp_path: Path) -> None:
    path = tmp_path / "words.vec"
    path.write_text("2 8\nfilm 1 2 3 4 5 6 7 8\nunheard 0 0 0 0 0 0 0 1\n", "utf-8")
    taught = lessons(tiny_run, tmp_path, start="vectors", vectors=str(path))
    row = taught.job.teacher.tokenizer.token_to_id("film")
    assert taught.student.embedding.weight[row].tolist() == [1, 2, 3, 4, 5, 6, 7, 8]


@pytest.mark.parametrize(("spread", "flat"), [(0.01, True), (1.0, False)])
def test_a_flat_layer_is_pointed_out(
    spread: float, flat: bool, tiny_run: dict[str, Any], tmp_path: Path
) -> None:
    said: list[str] = []
    taught = lessons(tiny_run, tmp_path)
    assert taught.transfer is not None
    rows = len(taught.transfer.held_out)
    states = 1 + spread * torch.randn(rows, 4, 16, generator=torch.Generator().manual_seed(0))
    taught.transfer = replace(taught.transfer, answers=lambda batch: {"cls": states})
    taught.job.note = lambda sentence, level="info": said.append(f"{level}: {sentence}")  # type: ignore[method-assign]
    taught._warn_of_a_flat_layer()
    assert [one[:53] for one in said] == [
        "warning: The teacher's layer 4 says nearly the same to"[:53]
    ] * flat


# Stopped in any part ------------------------------------------------------------------------


def test_a_run_stopped_in_every_part_ends_with_the_same_weights(
    tiny_run: dict[str, Any], tmp_path: Path
) -> None:
    run = lstm(tiny_run, label_epochs=2, step_epochs=1)
    whole: list[Event] = []
    expected = trained(run, tmp_path / "whole", whole, epochs=1)
    last = max(event.step for event in whole)
    spec = make_spec({**run, "training": {**run["training"], "epochs": 1}})
    stops, found = 0, None
    for wanted in [*range(5, last, 9), last + 1]:
        stop = threading.Event()

        def hear(event: Event, wanted: int = wanted, stop: threading.Event = stop) -> None:
            if event.kind == "scalar" and event.step >= wanted:
                stop.set()

        job = Job(spec, tmp_path / "run", tmp_path / "cache", hear, stop=stop)
        try:
            job.prepare()
            found = job.method.run(job, job.params)
        except Stopped:
            stops += 1
    assert stops > 8
    assert found is not None
    assert same_weights(expected, found)
