"""ALBERT: the paper's counts, starts, stages and losses, and what it refuses."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from jobs import model_folder, prepared, same_weights, scalars, trained
from torch.nn import functional

from engine import loop, models
from engine.architectures import ARCHITECTURES
from engine.errors import BadInput
from engine.events import Event
from engine.methods.albert import Albert, alone, check, forecast, stages, student_config
from engine.shape import Shape

BASE = Shape("bert", 12, 768, 12, 3072, 30522, 512, 2, 2)
PAPER = {  # layers, hidden, heads: parameters with pooler, without head
    "base": (12, 768, 12, 11_683_584),
    "large": (24, 1024, 16, 17_683_968),
    "xlarge": (24, 2048, 16, 58_724_864),
    "xxlarge": (12, 4096, 64, 222_595_584),
}


def run_of(run: dict[str, Any], **method: Any) -> dict[str, Any]:
    return {**run, "method": {"key": "albert", "embedding_size": 8, **method}}


def scratch(layers: int, hidden: int, heads: int, **more: Any) -> Albert:
    return Albert(
        start="scratch", layers=layers, hidden_size=hidden, heads=heads, feed_forward=4 * hidden,
        **more,
    )  # fmt: skip


# Sizes --------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", PAPER)
def test_the_papers_models_have_their_counts(name: str) -> None:
    layers, hidden, heads, count = PAPER[name]
    teacher = BASE.resized(vocabulary=30000)
    params = scratch(layers, hidden, heads)
    shape = forecast(params, teacher).student
    assert shape.parameters - (hidden + 1) * 2 == count
    with torch.device("meta"):
        model = models.build(
            ARCHITECTURES["albert"], student_config(params, teacher), ("no", "yes"), 0
        )
    assert sum(p.numel() for p in model.parameters()) == shape.parameters


@pytest.mark.parametrize(
    ("sharing", "size", "millions"),
    [
        ("all", 128, 12), ("attention", 128, 64), ("feed_forward", 128, 38), ("none", 128, 90),
        ("attention", 768, 83), ("feed_forward", 768, 57), ("all", 768, 31),
    ],
)  # fmt: skip
def test_each_way_of_sharing_has_the_published_size(sharing: str, size: int, millions: int) -> None:
    params = scratch(12, 768, 12, sharing=sharing, embedding_size=size)
    count = forecast(params, BASE.resized(vocabulary=30000)).student.parameters
    assert count / 1e6 == pytest.approx(millions, abs=1)


def test_more_layers_cost_nothing() -> None:
    assert forecast(Albert(layers=6), BASE).student.bytes == forecast(Albert(), BASE).student.bytes


@pytest.mark.parametrize("sharing", ["all", "attention", "feed_forward", "groups", "none"])
def test_the_forecast_is_what_is_built(
    sharing: str, tiny_run: dict[str, Any], tmp_path: Path
) -> None:
    job = prepared(run_of(tiny_run, sharing=sharing, text_epochs=0), tmp_path, epochs=1)
    student = job.method.run(job, job.params).model
    count = forecast(job.params, job.info.shape).student.parameters
    assert sum(p.numel() for p in student.parameters()) == count


# Start and stages ---------------------------------------------------------------------------


def test_a_whole_start_without_training_answers_like_the_teacher(
    tiny_run: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loop, "fit", lambda job, model, loss, **_: model)
    run = run_of(tiny_run, embedding_size=16, sharing="none", text_epochs=0)
    job = prepared(run, tmp_path)
    student, batch = job.method.run(job, job.params).model.eval(), job.batch(np.arange(16))
    wanted = job.teacher.model(**batch.inputs).logits
    assert torch.allclose(student(**batch.inputs).logits, wanted, atol=1e-5)


@pytest.mark.parametrize("key", ["roberta", "electra", "albert", "distilbert"])
def test_every_family_can_teach(key: str, tiny_run: dict[str, Any], tmp_path: Path) -> None:
    folder = model_folder(tmp_path / "teacher", key)
    run = {**run_of(tiny_run), "teacher": {"source": "folder", "path": str(folder)}}
    events: list[Event] = []
    trained(run, tmp_path, events, epochs=1)
    assert scalars(events, "loss/masked")
    assert scalars(events, "loss/soft")


def test_reading_text_is_a_stage_of_its_own() -> None:
    assert stages(Albert()) == ("Prepare", "Read text", "Train", "Measure")
    assert stages(Albert(text_epochs=0)) == ("Prepare", "Train", "Measure")


@pytest.mark.parametrize(("task", "ordered"), [("sop", True), ("nsp", True), ("none", False)])
def test_the_sentence_task_is_plotted(
    task: str, ordered: bool, tiny_run: dict[str, Any], tmp_path: Path
) -> None:
    events: list[Event] = []
    trained(run_of(tiny_run, sentence_task=task), tmp_path, events, epochs=1)
    assert all(0 <= value <= 1 for value in scalars(events, "masked/accuracy"))
    assert bool(scalars(events, "loss/order")) is ordered
    assert bool(scalars(events, "order/accuracy")) is ordered


def test_the_text_to_read_can_be_cut_short(tiny_run: dict[str, Any], tmp_path: Path) -> None:
    steps = []
    for sentences in (None, 40):
        events: list[Event] = []
        run = run_of(tiny_run, text_sentences=sentences, text_batch_size=4)
        trained(run, tmp_path / str(sentences), events, epochs=1)
        steps.append(len(scalars(events, "loss/masked")))
    assert steps[1] < steps[0]


def test_reading_changes_the_start_of_training(tiny_run: dict[str, Any], tmp_path: Path) -> None:
    one, other = (
        trained(run_of(tiny_run, text_epochs=n), tmp_path / str(n), epochs=1).model for n in (0, 1)
    )
    assert not same_weights(one, other)


# Losses -------------------------------------------------------------------------------------


def test_labels_alone_is_fine_tuning(tiny_run: dict[str, Any], tmp_path: Path) -> None:
    job = prepared(tiny_run, tmp_path, precision="float32")
    model, batch = job.teacher.model, job.batch(np.arange(8))
    one, other = (
        loss(model, batch) for loss in (loop.taught_loss(job, 0.0, 2.0), loop.task_loss(job))
    )
    assert set(one) == {"loss", "hard"}
    assert torch.equal(one["loss"], other["loss"])


@torch.no_grad()
def test_the_soft_part_follows_hinton(tiny_run: dict[str, Any], tmp_path: Path) -> None:
    job = prepared(tiny_run, tmp_path, precision="float32")
    batch, model = job.batch(np.arange(8)), models.first_layers(job.teacher, 2, 0).eval()
    parts = loop.taught_loss(job, 0.7, 3.0)(model, batch)
    teacher = functional.softmax(job.teacher.model(**batch.inputs).logits / 3, -1)
    said = functional.log_softmax(model(**batch.inputs).logits / 3, -1)
    assert float(parts["soft"]) == pytest.approx(
        0.7 * 9 * float(-(teacher * said).sum(1).mean()), rel=1e-4
    )
    assert float(parts["loss"]) == pytest.approx(float(parts["hard"] + parts["soft"]), rel=1e-6)


def test_alone_leaves_out_the_answers_only() -> None:
    assert Albert().model_copy(update=alone(Albert())) == Albert(alpha=0.0)


# Refusals -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "where"),
    [
        ({"embedding_size": 1024}, "method.embedding_size"),
        ({"start": "scratch", "hidden_size": 100, "heads": 12, "embedding_size": 64}, "method.hidden_size"),
        ({"sharing": "groups", "groups": 13}, "method.groups"),
        ({"hidden_size": 512}, "method.start"),
        ({"sharing": "none", "layers": 13}, "method.layers"),
        ({"teacher_layer": 13}, "method.teacher_layer"),
        ({"sharing": "groups", "groups": 3, "teacher_layer": 5}, "method.teacher_layer"),
    ],
)  # fmt: skip
def test_impossible_students_are_refused(values: dict[str, Any], where: str) -> None:
    with pytest.raises(BadInput) as caught:
        check(Albert(**values), BASE)
    assert caught.value.where == where


def test_a_recurrent_teacher_is_refused() -> None:
    with pytest.raises(BadInput, match="BERT-like encoder"):
        check(Albert(), Shape("bilstm", 1, 64, 1, 64, 100, 0, 0, 2, embedding=32))


def test_a_teacher_without_answers_is_asked_for_none(
    tiny_run: dict[str, Any], tmp_path: Path
) -> None:
    folder = model_folder(tmp_path / "teacher", labels=("a", "b", "c"))
    run = {**tiny_run, "teacher": {"source": "folder", "path": str(folder)}}
    with pytest.raises(BadInput) as caught:
        trained(run_of(run), tmp_path / "one", epochs=1)
    assert caught.value.where == "method.alpha"
    trained(run_of(run, alpha=0.0), tmp_path / "two", epochs=1)


def test_the_log_says_that_time_is_not_saved(tiny_run: dict[str, Any], tmp_path: Path) -> None:
    events: list[Event] = []
    trained(run_of(tiny_run, text_epochs=0), tmp_path, events, epochs=1)
    notes = [event.text for event in events if event.kind == "note"]
    assert any("sharing saves bytes, not time" in note for note in notes)
    assert any("The narrow word table keeps" in note for note in notes)
