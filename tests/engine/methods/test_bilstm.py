"""The BiLSTM student: limits, stages, thawing, held-out restores, and what is refused."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from bilstm_runs import lessons, lstm
from jobs import prepared, same_weights, scalars, trained
from torch import nn

from engine import feeds, loop
from engine import transfer as text
from engine.errors import BadInput
from engine.events import Event
from engine.method import methods
from engine.methods.bilstm import DistilledBiLSTM, alone, check, forecast, stages
from engine.recurrent import LABELS, LOGITS
from engine.shape import Shape
from engine.transfer import prepare_transfer

BASE = Shape("bert", 12, 768, 12, 3072, 30522, 512, 2, 2)


@pytest.fixture
def watched(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """Every part that is trained: what it may train, and all weights before and after."""
    seen: list[dict[str, Any]] = []
    fit = loop.fit

    def watch(job: Any, model: nn.Module, loss: Any, **more: Any) -> nn.Module:
        learning = {name for name, value in model.named_parameters() if value.requires_grad}
        before = {name: value.detach().clone() for name, value in model.named_parameters()}
        rank = list(more["check"](model).rank)
        fit(job, model, loss, **more)
        after = {name: value.detach().clone() for name, value in model.named_parameters()}
        seen.append({**more, "learning": learning, "before": before, "after": after, "rank": rank})
        return model

    monkeypatch.setattr(loop, "fit", watch)
    return seen


# Limits -------------------------------------------------------------------------------------


def test_without_unlabelled_rows_hard_distillation_is_supervised_training(
    tiny_run: dict[str, Any], tmp_path: Path
) -> None:
    job = prepared(lstm(tiny_run), tmp_path)
    nothing = np.zeros(0, np.int64)
    union = text.with_pseudo_labels(job.encoded["train"], job.encoded["train"], nothing, nothing)
    rows = np.arange(5, 20)
    one, other = feeds.labelled(job, union).batch(rows, 3), feeds.labelled(job).batch(rows, 3)
    assert torch.equal(one.input_ids, other.input_ids)
    assert one.labels is not None and other.labels is not None  # noqa: PT018
    assert torch.equal(one.labels, other.labels)


def test_a_perfect_teacher_on_labelled_rows_teaches_what_labels_do(
    tiny_run: dict[str, Any], tmp_path: Path
) -> None:
    taught = lessons(tiny_run, tmp_path, distillation="hard")
    job, student = taught.job, taught.student.eval()
    labels = job.encoded["train"].labels
    assert labels is not None
    rows = np.arange(len(labels))
    union = text.with_pseudo_labels(job.encoded["train"], job.encoded["unlabelled"], rows, labels)
    feed = feeds.labelled(job, union)
    true, pseudo = (feed.batch(rows[:8] + shift, 0) for shift in (0, len(rows)))
    found = [taught._labels(student, one)["loss"].item() for one in (true, pseudo)]
    assert found[0] == pytest.approx(found[1], abs=1e-7)


def test_alone_it_never_reads_the_teachers_answers(
    tiny_run: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    changes = alone(DistilledBiLSTM())
    plain = trained(lstm(tiny_run, **changes, label_epochs=1), tmp_path / "a", epochs=1)
    other = lstm(tiny_run, **changes, label_epochs=1, alpha=9, gamma=9, teacher_layer=1)
    assert same_weights(plain, trained(other, tmp_path / "b", epochs=1))
    job = prepared(lstm(tiny_run, **changes), tmp_path / "c")
    assert "unlabelled" not in job.splits


def test_the_students_logits_come_to_agree_with_the_teacher(
    tiny_run: dict[str, Any], tmp_path: Path
) -> None:
    events: list[Event] = []
    run = lstm(tiny_run, order="three_stages", unfreeze=False, label_epochs=1, distillation="soft")
    trained(run, tmp_path, events, epochs=20, learning_rate=2e-2, schedule="constant")
    answers = [event for event in events if event.stage == "Teacher's answers"]
    held = scalars(answers, "unlabelled/logits")
    assert min(held) < 0.5 * held[0]
    assert max(scalars(answers, "unlabelled/agreement")) > 0.8


# Stages and thawing -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("settings", "middle"),
    [
        ({}, ["Teacher's layer", "Teacher's answers", "Labels"]),
        ({"order": "two_stages"}, ["Teacher's layer", "Answers and labels"]),
        ({"order": "joint"}, ["Train"]),
        ({"distillation": "soft"}, ["Teacher's answers", "Labels"]),
        ({"distillation": "soft", "order": "two_stages"}, ["Answers and labels"]),
        ({"distillation": "hard"}, ["Train"]),
        ({"distillation": "none"}, ["Train"]),
    ],
)
def test_each_order_trains_its_stages(
    settings: dict[str, Any], middle: list[str], tiny_run: dict[str, Any], tmp_path: Path,
    watched: list[dict[str, Any]],
) -> None:  # fmt: skip
    assert stages(DistilledBiLSTM(**settings)) == ("Prepare", *middle, "Measure")
    trained(lstm(tiny_run, **settings, label_epochs=1), tmp_path, epochs=1)
    assert list(dict.fromkeys(one["stage"] for one in watched)) == middle


def test_frozen_weights_keep_their_bits_and_thawed_ones_grow(
    tiny_run: dict[str, Any], tmp_path: Path, watched: list[dict[str, Any]]
) -> None:
    trained(lstm(tiny_run, head_reads="projection", label_epochs=1), tmp_path, epochs=1)
    for one in watched:
        frozen = one["before"].keys() - one["learning"]
        assert all(torch.equal(one["before"][name], one["after"][name]) for name in frozen)
    for stage in ("Teacher's answers", "Labels"):
        steps = [one for one in watched if one["stage"] == stage]
        assert [one["part"] for one in steps] == ["head", "projection", "lstm", "embedding"]
        for lower, higher in pairwise(steps):
            assert lower["learning"] < higher["learning"]
    assert not any(name.startswith("heads") for name in watched[0]["learning"])


def test_a_projection_that_no_head_reads_is_no_step(
    tiny_run: dict[str, Any], tmp_path: Path
) -> None:
    taught = lessons(tiny_run, tmp_path)
    assert [part for part, _ in taught.steps({LOGITS})] == ["head", "lstm", "embedding"]
    assert taught.steps({LABELS})[-1][1] == (LABELS, "lstm", "embedding")


def test_no_step_ends_worse_than_it_began(
    tiny_run: dict[str, Any], tmp_path: Path, watched: list[dict[str, Any]]
) -> None:
    run = lstm(tiny_run, label_epochs=1)
    trained(run, tmp_path, epochs=1, learning_rate=0.5, schedule="constant")
    for stage in ("Teacher's answers", "Labels"):
        ranks = [one["rank"] for one in watched if one["stage"] == stage]
        assert len(ranks) == 3
        assert ranks == sorted(ranks)


def test_a_step_that_only_harms_is_undone(
    tiny_run: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    taught = lessons(tiny_run, tmp_path, unfreeze=False)
    before = {name: value.clone() for name, value in taught.student.state_dict().items()}

    def spoil(job: Any, model: nn.Module, loss: Any, **_: Any) -> nn.Module:
        with torch.no_grad():
            for value in model.parameters():
                value.mul_(30)
        return model

    monkeypatch.setattr(loop, "fit", spoil)
    taught.on_answers("Teacher's answers", labels=False)
    after = taught.student.state_dict()
    assert all(torch.equal(before[name], after[name]) for name in before)


def test_few_labels_still_make_two_hundred_steps(
    tiny_run: dict[str, Any], tmp_path: Path, watched: list[dict[str, Any]]
) -> None:
    run = lstm(tiny_run, distillation="none")
    trained(run, tmp_path, epochs=2, labels_per_class=4, learning_rate=1e-3)
    rows, epochs = len(watched[0]["feed"].lengths), watched[0]["epochs"]
    assert epochs == 2
    assert rows * epochs >= 200 * 8
    batch = watched[0]["feed"].batch(np.array([0, 8, 16]), 0)
    assert batch.rows.tolist() == [0, 0, 0]


# What is refused ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "where"),
    [
        ({"embedding": 769}, "method.embedding"),
        ({"teacher_layer": 13}, "method.teacher_layer"),
        ({"start": "vectors"}, "method.vectors"),
        ({"order": "joint", "alpha": 0, "gamma": 0}, "method.alpha"),
        ({"order": "two_stages", "alpha": 0, "gamma": 0}, "method.alpha"),
    ],
)
def test_impossible_students_are_refused(values: dict[str, Any], where: str) -> None:
    with pytest.raises(BadInput) as caught:
        check(DistilledBiLSTM(**values), BASE)
    assert caught.value.where == where


def test_vectors_of_the_wrong_width_are_refused_before_training(tmp_path: Path) -> None:
    path = tmp_path / "words.vec"
    path.write_text("film 1 2 3 4 5\n", "utf-8")
    with pytest.raises(BadInput, match="holds vectors of 5 numbers but the embedding is 300 wide"):
        check(DistilledBiLSTM(start="vectors", vectors=str(path)), BASE)


@pytest.mark.parametrize("distillation", ["hard", "soft", "soft_and_layer"])
def test_data_without_unlabelled_text_is_refused(
    distillation: str, tiny_run: dict[str, Any], tmp_path: Path
) -> None:
    with pytest.raises(
        BadInput, match="has no unlabelled sentences to learn from; choose"
    ) as found:
        trained(lstm(tiny_run, transfer="text", distillation=distillation), tmp_path)
    assert found.value.where == "text"


def test_other_plain_text_will_do(tiny_run: dict[str, Any], tmp_path: Path) -> None:
    (tmp_path / "more.txt").write_text(
        "good film\n\nawful plot\n\nthe film is great\n" * 9, "utf-8"
    )
    run = {
        **lstm(tiny_run, transfer="text"),
        "text": {"source": "file", "path": str(tmp_path / "more.txt")},
    }
    job = prepared(run, tmp_path)
    assert len(prepare_transfer(job, "text", None).learned) == 26


@pytest.mark.parametrize(("settings", "reads"), [({}, True), ({"distillation": "none"}, False)])
def test_text_is_read_only_where_it_is_needed(settings: dict[str, Any], reads: bool) -> None:
    assert DistilledBiLSTM(**settings).reads_text is reads


def test_training_sentences_alone_need_no_text() -> None:
    reads = methods()["bilstm"].reads_text
    assert reads(DistilledBiLSTM())
    assert not reads(DistilledBiLSTM(transfer="train"))


def test_automatic_layer_is_the_papers_seventh_of_twelve() -> None:
    assert forecast(DistilledBiLSTM(), BASE).links == ((7, 1),)
    assert forecast(DistilledBiLSTM(distillation="soft"), BASE).links == ()
