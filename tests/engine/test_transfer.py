"""Unlabelled sentences: which rows, the teacher asked once, batches beside labelled ones, checks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from bilstm_runs import lstm
from jobs import prepared

from engine import answers
from engine import transfer as text
from engine.errors import BadInput
from engine.job import Job


@pytest.fixture
def job(tiny_run: dict[str, Any], tiny_data: dict[str, Any], tmp_path: Path) -> Job:
    """A job whose data has 200 unlabelled sentences."""
    words = ["good film", "awful plot", "the film is very great", "a bad plot"]
    lines = [f"{words[i % 4]} {words[i % 3]}" for i in range(200)]
    (tmp_path / "more.txt").write_text("\n".join(lines), "utf-8")
    data = {**tiny_data, "unlabelled": str(tmp_path / "more.txt")}
    return prepared({**lstm(tiny_run, transfer="text"), "data": data}, tmp_path)


def test_a_twentieth_is_held_out_and_never_learned_from(job: Job) -> None:
    found = text.prepare_transfer(job, "text", None)
    assert (len(found.learned), len(found.held_out)) == (190, 10)
    assert sorted([*found.learned, *found.held_out]) == list(range(200))
    assert len(job.encoded[text.SPLIT]) == 200


def test_the_number_alone_decides_which_sentences_are_taken(
    tiny_run: dict[str, Any], tmp_path: Path
) -> None:
    texts, held = [], []
    for seed in (1, 2):
        job = prepared({**lstm(tiny_run), "seed": seed}, tmp_path / str(seed))
        held.append(text.prepare_transfer(job, "train", 60).held_out.tolist())
        texts.append(job.splits[text.SPLIT].texts)
    assert texts[0] == texts[1]
    assert len(texts[0][0]) == 60
    assert held[0] != held[1]


def test_both_sources_are_text_and_train(job: Job) -> None:
    text.prepare_transfer(job, "both", None)
    assert len(job.encoded[text.SPLIT]) == 200 + len(job.data.splits["train"])


def test_few_labels_leave_all_training_sentences_unlabelled(
    tiny_run: dict[str, Any], tmp_path: Path
) -> None:
    job = prepared(lstm(tiny_run), tmp_path, labels_per_class=2)
    text.prepare_transfer(job, "train", None)
    assert len(job.encoded["train"]) == 4
    assert len(job.encoded[text.SPLIT]) == 96


def test_the_teacher_is_asked_once(job: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    found = text.prepare_transfer(job, "text", None, "logits")
    monkeypatch.setattr(answers, "ask", None)
    guesses = text.pseudo_labels(job, found)
    again = text.prepare_transfer(job, "text", None, "logits")
    assert np.array_equal(guesses, text.pseudo_labels(job, again))


def test_pseudo_labels_are_the_teachers_answers(job: Job) -> None:
    found = text.prepare_transfer(job, "text", None, "logits")
    batch = job.batch(found.learned, text.SPLIT)
    with torch.no_grad():
        expected = job.teacher.model(**batch.inputs).logits.argmax(1)
    assert text.pseudo_labels(job, found).tolist() == expected.tolist()


def test_labelled_rows_beside_a_batch_are_in_proportion_and_drawn_by_the_seed(job: Job) -> None:
    feed = text.pairs(job, text.prepare_transfer(job, "text", None), labelled=True)
    one, same, other = (feed.batch(np.arange(40), seed) for seed in (3, 3, 4))
    assert one.labelled is not None and same.labelled is not None and other.labelled is not None  # noqa: PT018
    assert len(one.labelled.rows) == round(40 * 96 / 190)
    assert one.labelled.rows.tolist() == same.labelled.rows.tolist() != other.labelled.rows.tolist()
    assert one.tokens == one.unlabelled.tokens + one.labelled.tokens
    assert len(one.rows) == 60


def test_held_out_agreement_is_whole_for_the_teacher_itself(job: Job) -> None:
    found = text.prepare_transfer(job, "text", None, "logits")

    def measure(model: Any, batch: Any) -> Any:
        return {"logits": torch.tensor(0.5)}, found.answers(batch)["logits"]

    held = text.held_out(job, job.teacher.model, found, measure)
    assert held == {"logits": 0.5, "agreement": 1.0}


@pytest.mark.parametrize(("equal", "share"), [(True, 0.0), (False, 1.0)])
def test_variation_is_the_share_that_differs(equal: bool, share: float, job: Job) -> None:
    found = text.prepare_transfer(job, "text", None)
    states = torch.ones(10, 2, 4)
    if not equal:
        states[::2] = -1
    flat = text.Transfer(found.learned, found.held_out, lambda batch: {"cls": states})
    assert text.variation(job, flat, 2) == pytest.approx(share)


def test_one_sentence_is_too_few(job: Job) -> None:
    with pytest.raises(BadInput, match="One unlabelled sentence is too few"):
        text.prepare_transfer(job, "text", 1)


def test_plain_text_is_no_pairs(job: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    train = job.data.splits["train"]
    pairs = type(train)("train", (*train.texts, *train.texts), train.labels)
    monkeypatch.setitem(job.data.splits, "train", pairs)
    with pytest.raises(BadInput, match="holds pairs of sentences") as caught:
        text.prepare_transfer(job, "text", None)
    assert caught.value.where == "method.transfer"
