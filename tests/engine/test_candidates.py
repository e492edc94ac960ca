"""Replacements come from the masked-word head or from the nearest vectors, never the word itself."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from jobs import VOCABULARY, model_folder, prepared

from engine.augment import Place
from engine.candidates import Finder
from engine.errors import BadInput
from engine.job import Job
from engine.mlm import MaskedBatch, MaskedModel

PIECES = [*VOCABULARY, "gra", "##nd", "ci", "##ne"]


@pytest.fixture
def job(tiny_run: dict[str, Any], tmp_path: Path) -> Job:
    """A job whose teacher cuts "grand" and "cine" into two pieces each."""
    folder = model_folder(tmp_path / "model", vocab_size=len(PIECES))
    (folder / "tokenizer.json").unlink()
    (folder / "vocab.txt").write_text("\n".join(PIECES), "utf-8")
    run = {**tiny_run, "teacher": {"source": "folder", "path": str(folder)}}
    return prepared({**run, "method": {"key": "finetune"}}, tmp_path, precision="float32")


def finder(job: Job, count: int = 3, context: Any = "alone", vectors: str | None = None) -> Finder:
    head = MaskedModel(job.teacher.model, 0).eval()
    return Finder(job, head, count, context, vectors)


def places(found: Finder, *texts: str) -> list[list[Place]]:
    return list(found.places(texts, 0.0, 1.0))


def test_a_word_of_one_piece_gets_other_whole_words(job: Job) -> None:
    ((place,),) = places(finder(job), "the film")
    assert (place.start, place.end, len(place.words)) == (4, 8, 3)
    assert "film" not in place.words
    assert all(word in VOCABULARY and word.isalpha() for word in place.words)


def test_the_candidates_are_the_likeliest_at_the_masked_place(job: Job) -> None:
    ((place,),) = places(finder(job, count=2), "the film")
    head = MaskedModel(job.teacher.model, 0).eval()
    ids = torch.tensor([[2, VOCABULARY.index("the"), 4, 3]])
    targets = torch.tensor([[-100, -100, 0, -100]])
    ones = torch.ones_like(ids)
    scores, _, _ = head(MaskedBatch(ids, ones, ones * 0, targets, None, np.arange(1), 4))
    order = [PIECES[i] for i in scores[0].argsort(descending=True)]
    expected = [one for one in order if one.isalpha() and one != "film"]
    assert list(place.words) == expected[:2]


def test_the_original_beside_the_masked_sentence_is_another_context(
    job: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[list[int]] = []
    paired = finder(job, context="with_original")
    inner = paired.head.forward
    monkeypatch.setattr(
        paired.head,
        "forward",
        lambda batch: (read.append(batch.input_ids[0].tolist()), inner(batch))[1],
    )
    places(paired, "the film")
    the, film = VOCABULARY.index("the"), VOCABULARY.index("film")
    assert read == [[2, the, 4, 3, the, film, 3]]


def test_a_word_of_several_pieces_gets_its_nearest_words(job: Job) -> None:
    table = job.teacher.model.get_input_embeddings().weight
    with torch.no_grad():
        for name in ("gra", "##nd"):
            table[PIECES.index(name)] = table[PIECES.index("great")]
    ((place,),) = places(finder(job), "The Grand")
    assert (place.start, place.end) == (4, 9)
    assert place.words[0] == "great"


def test_a_vector_file_is_asked_for_words_of_several_pieces(job: Job, tmp_path: Path) -> None:
    path = tmp_path / "glove.txt"
    path.write_text("grand 1 0\nnear 1 0.1\nfar -1 0\n3d 1 0\n", "utf-8")
    found = places(finder(job, vectors=str(path)), "grand", "cine")
    assert [place.words for place in found[0]] == [("near", "far")]
    assert found[1] == []  # the file does not know the word, so it is kept


def test_a_word_that_is_cut_off_is_kept(job: Job) -> None:
    job.max_length = 5
    (found,) = places(finder(job), "good good good good good")
    assert [place.start for place in found] == [0, 5, 10]


def test_no_sentence_longer_than_the_model_reads_is_paired(job: Job) -> None:
    text = " ".join(["good"] * 40)
    (found,) = places(finder(job, context="with_original"), text)
    assert len(found) == 14  # two copies and three special pieces in 32 positions


def test_places_come_in_order_for_every_sentence(job: Job) -> None:
    texts = ["grand film cine good", "", "the a", "bad"] * 80
    found = places(finder(job), *texts)
    assert len(found) == len(texts)
    assert [place.start for place in found[-4]] == [0, 6, 11, 16]
    assert [len(one) for one in found[-3:]] == [0, 0, 1]


def test_pieces_without_whole_words_are_refused(job: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    one = finder(job)
    known = {"[MASK]": 4, "##a": 5}
    stand_in = type("Pieces", (), {"get_vocab": lambda self, with_added_tokens: known})()
    monkeypatch.setattr(one, "tokenizer", stand_in)
    with pytest.raises(BadInput, match="hold no whole words"):
        _ = one._whole_words
