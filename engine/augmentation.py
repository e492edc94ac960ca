"""The training sentences of a run and their variants: made once, kept, and shown in the log."""

from __future__ import annotations

import hashlib
from itertools import pairwise
from pathlib import Path
from typing import Any

from engine import checkpoint, guessing
from engine.augment import FILE, read_variants, write_variants
from engine.candidates import VECTOR_LINES, Finder
from engine.data import Split
from engine.job import Job
from engine.mlm import RATE, MaskedModel
from engine.tinybert_settings import TinyBERT
from engine.vectors import read_vectors

KIND = "augmented"
SHOWN = 3  # sentences in the log, each with one of its variants


def augmented(job: Job, params: TinyBERT) -> Split:
    """The training split with the variants of every row: stages "Masked words" and "Augment".

    Runs with the same teacher, sentences and settings share what was made, and the later ones
    then need nobody who guesses words.
    """
    parts = _parts(job, params)
    folder = job.shared_path(KIND, parts)
    known = job.remember("augmented", lambda: (folder / checkpoint.MARKER).exists())
    if known and (folder / checkpoint.MARKER).exists():
        with job.stage("Masked words"):
            job.note("An earlier run made the sentences; nobody needs to guess words.")
    else:
        _make(job, params, parts)
    with job.stage("Augment"):
        split = job.splits["train"]
        made = read_variants(folder, split)
        job.emit({"augmented/sentences": float(len(made))})
        job.note(
            f"{len(split):,} training sentences became {len(made):,}; they lie in {folder / FILE}."
        )
        for sentence in _examples(split, made):
            job.note(sentence)
    return made


def check(job: Job, params: TinyBERT) -> None:
    """Refuse text and vectors that cannot be used before hours of following layers.

    Raises BadInput; says nothing when an earlier run has made the sentences.
    """
    if (job.shared_path(KIND, _parts(job, params)) / checkpoint.MARKER).exists():
        return
    guessing.texts(job, params.masked_sentences)
    if params.vectors:
        read_vectors(params.vectors, None, "method.vectors", first=VECTOR_LINES)


def _make(job: Job, params: TinyBERT, parts: list[Any]) -> None:
    """Find the candidates for all words and write the variants."""
    head = guessing.guessing_teacher(
        job, guessing.texts(job, params.masked_sentences), params.masked_sentences,
        stage="Masked words", rate=RATE, epochs=params.masked_epochs,
        learning_rate=params.masked_rate,
    )  # fmt: skip
    with job.stage("Augment"):
        finder = _finder(job, params, head)
        columns = job.splits["train"].texts

        def make(draft: Path) -> None:
            width = 1 / len(columns)
            places = [finder.places(one, i * width, width) for i, one in enumerate(columns)]
            share, count = params.replaced, params.variants
            write_variants(draft, columns, places, share, count, job.spec.seed)

        job.shared(KIND, parts, make)


def _finder(job: Job, params: TinyBERT, head: MaskedModel) -> Finder:
    head.to(job.device).eval()
    return Finder(job, head, params.candidates, params.masked_context, params.vectors)


def _parts(job: Job, params: TinyBERT) -> list[Any]:
    """Everything that the variants depend on, the training of a new head included."""
    settings = params.model_dump(
        include={
            "replaced", "variants", "candidates", "masked_context", "masked_epochs",
            "masked_sentences", "masked_rate",
        }
    )  # fmt: skip
    others = {"epochs", "learning_rate", "labels_per_class", "save_every"}
    return [
        job.info.fingerprint, job.fingerprint("train"), job.text.fingerprint, job.spec.seed,
        job.max_length, job.setup.as_dict(), settings, _print(params.vectors),
        job.spec.training.model_dump(mode="json", exclude=others),
    ]  # fmt: skip


def _print(path: str | None) -> str | None:
    """Print of a file's content, None without a file."""
    if path is None:
        return None
    with Path(path).expanduser().open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _examples(split: Split, made: Split) -> list[str]:
    """The first sentences of which there are variants, each with its first one."""
    found: list[str] = []
    originals = set(zip(*split.texts, strict=True))
    rows = list(zip(*made.texts, strict=True))
    for before, after in pairwise(rows):
        if before in originals and after not in originals and len(found) < SHOWN:
            found.append(f'"{" / ".join(before)[:200]}" became "{" / ".join(after)[:200]}".')
    return found
