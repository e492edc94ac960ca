"""Batches in two vocabularies: the same words hidden, the right share of the student's pieces."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from jobs import prepared
from scipy import stats

from engine import mixed
from engine.mixing import Cut, WordRows, learn_vocabulary
from engine.ops.dual import DualModel


@pytest.fixture
def mixer(tiny_run: dict[str, Any], tmp_path: Path) -> mixed.Mixer:
    job = prepared(tiny_run, tmp_path)
    student = learn_vocabulary(job.text.sentences, 48, job.teacher.tokenizer)
    return mixed.mixers(job, student, (job.text, job.text), 0.3)[0]


def batch(mixer: mixed.Mixer, share: float, seed: int = 0) -> mixed.MixedBatch:
    return mixer.batch(np.arange(40), share, np.random.default_rng(seed))


def test_no_share_is_the_teachers_and_full_share_the_students(mixer: mixed.Mixer) -> None:
    assert not batch(mixer, 0.0).by_student[:, 1:-1].any()
    full = batch(mixer, 1.0)
    inner = (full.mask == 1) & (full.student.input_ids > 3)
    assert full.by_student[inner].all()
    assert full.share == 1


def test_the_share_of_words_lies_near_its_chance(
    mixer: mixed.Mixer, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[np.ndarray] = []
    cut = WordRows.cut

    def spy(self: WordRows, row: int, by_student: np.ndarray) -> Cut:
        asked.append(by_student)
        return cut(self, row, by_student)

    monkeypatch.setattr(WordRows, "cut", spy)
    batch(mixer, 0.3)
    chosen = np.concatenate(asked[::2])  # every second row is the student's own
    low, high = stats.binom.interval(0.99999, len(chosen), 0.3)
    assert low <= chosen.sum() <= high


def spelled(mixer: mixed.Mixer, ids: torch.Tensor, by_student: torch.Tensor) -> str:
    """The words that targets spell, each piece in its own vocabulary."""
    return "".join(
        str((mixer.student if own else mixer.teacher).id_to_token(int(one))).removeprefix("##")
        for one, own in zip(ids, by_student, strict=True)
        if one >= 0
    )


def test_both_models_have_to_guess_the_same_words(mixer: mixed.Mixer) -> None:
    found = batch(mixer, 0.5)
    for place in range(40):
        narrow = found.student.targets[place]
        wide = spelled(mixer, found.targets[place], found.by_student[place])
        assert wide
        assert wide == spelled(mixer, narrow, torch.ones_like(narrow))


def test_each_model_has_its_own_special_pieces(mixer: mixed.Mixer) -> None:
    found = batch(mixer, 0.5)
    assert (found.ids[:, 0] == mixer.teacher.token_to_id("[CLS]")).all()
    assert (found.student.input_ids[:, 0] == mixer.student.token_to_id("[CLS]")).all()
    assert not found.by_student[:, 0].any()
    ends = found.mask.sum(1) - 1
    assert (found.ids[torch.arange(40), ends] == mixer.teacher.token_to_id("[SEP]")).all()


def test_a_batch_depends_on_its_seed_alone(mixer: mixed.Mixer) -> None:
    one, same, other = (batch(mixer, 0.5, seed) for seed in (3, 3, 4))
    assert torch.equal(one.ids, same.ids)
    assert torch.equal(one.student.targets, same.student.targets)
    assert not torch.equal(one.student.targets, other.student.targets)


def test_a_ramp_goes_on_where_the_stored_progress_stands(mixer: mixed.Mixer) -> None:
    model = DualModel(torch.nn.Identity(), None, None)  # type: ignore[arg-type]
    feed, after_step = mixed.mixed_feed(mixer, model, 0.8, True)
    assert feed.batch(np.arange(4), 0).share == 0
    assert after_step(0.5)["mixing/probability"] == 0
    feed.batch(np.arange(4), 0)
    assert after_step(1.0)["mixing/probability"] == pytest.approx(0.4)
    assert float(model.state_dict()["progress"]) == 1
