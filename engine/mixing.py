"""Two vocabularies for one text: learn the student's pieces, and cut word by word with either."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from tokenizers import Tokenizer, models, trainers

from engine.errors import BadInput
from engine.text import Text

if TYPE_CHECKING:
    from engine.job import Job

SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
SEEN_TWICE = 2  # a piece is learned from no less; rarer ones are spelled by letters
MOST_LETTERS = 1000  # as many as BERT's own trainer keeps
_INNER = "##"


# The student's vocabulary ---------------------------------------------------------------------


def check_tokenizer(teacher: Tokenizer) -> None:
    """Refuse a teacher whose words cannot be cut by a second WordPiece vocabulary."""
    lost = [name for name in SPECIAL if teacher.token_to_id(name) is None]
    if type(teacher.model).__name__ != "WordPiece" or lost:
        raise BadInput(
            "Mixing vocabularies needs a teacher with WordPiece pieces and [PAD], [UNK], [CLS], "
            "[SEP] and [MASK], and this one's pieces are others; choose a BERT-like teacher.",
            "teacher",
        )


def learn_vocabulary(sentences: Sequence[str], size: int, teacher: Tokenizer) -> Tokenizer:
    """A WordPiece tokenizer of exactly `size` pieces, learned from text (Zhao et al. 2019, 3.1).

    Words are lower-cased and separated as `teacher` does it. The same sentences in any order
    give the same pieces with the same numbers. Raises BadInput when the text gives fewer.
    """
    every = Counter[str]()
    for sentence in sentences:
        every.update(words_of(sentence, teacher))
    inner = Counter[str]()
    letters = Counter[str]()
    for word, count in every.items():
        letters[word[0]] += count
        for letter in word[1:]:
            inner[letter] += count
    letters.update(inner)
    # A letter takes up to two pieces; rare ones become [UNK] before they crowd out words.
    most = min(MOST_LETTERS, (size - len(SPECIAL)) // 2)
    often = [letter for letter, count in letters.items() if count >= SEEN_TWICE]
    kept = sorted(often, key=lambda letter: (-letters[letter], letter))[:most]
    # Letters inside words are numbered here because the trainer would number them at random.
    fixed = [*SPECIAL, *sorted(kept), *(_INNER + one for one in sorted(kept) if one in inner)]
    trainer = trainers.WordPieceTrainer(
        vocab_size=size, min_frequency=SEEN_TWICE, special_tokens=fixed, initial_alphabet=kept,
        limit_alphabet=len(kept), continuing_subword_prefix=_INNER, show_progress=False,
    )  # fmt: skip
    learner = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    learner.normalizer, learner.pre_tokenizer = teacher.normalizer, teacher.pre_tokenizer
    learner.train_from_iterator(sentences, trainer)
    found = json.loads(learner.to_str())["model"]["vocab"]
    if len(found) != size:
        raise BadInput(
            f"The text gives a vocabulary of {len(found):,} pieces, but {size:,} are asked for; "
            f"choose at most {len(found):,}, or more text.",
            "method.vocabulary",
        )
    return _tokenizer(found, teacher)


def student_pieces(job: Job, size: int) -> Tokenizer:
    """The student's tokenizer, learned from the run's text and training sentences.

    It is learned once for all runs that read the same.
    """
    check_tokenizer(job.teacher.tokenizer)
    body = json.loads(job.teacher.tokenizer.to_str())
    manner = json.dumps([body["normalizer"], body["pre_tokenizer"]], sort_keys=True)
    parts = [job.text.fingerprint, job.fingerprint("train"), size, hashlib.sha256(manner.encode()).hexdigest()]  # fmt: skip
    labelled = [one for column in job.splits["train"].texts for one in column]
    sentences = list(dict.fromkeys([*job.text.sentences, *labelled]))

    def make(folder: Path) -> None:
        made = learn_vocabulary(sentences, size, job.teacher.tokenizer)
        made.save(str(folder / "tokenizer.json"))

    return Tokenizer.from_file(str(job.shared("vocabulary", parts, make) / "tokenizer.json"))


def spelled(student: Tokenizer, teacher: Tokenizer) -> list[list[int]]:
    """The teacher's ids that spell each piece of the student; none where it cannot be spelled."""
    known, unknown = teacher.get_vocab(), teacher.token_to_id("[UNK]")
    found = []
    for piece, _ in sorted(student.get_vocab().items(), key=lambda pair: pair[1]):
        ids = [known[piece]] if piece in known else []
        if not ids:
            cut = [one.id for one in teacher.model.tokenize(piece.removeprefix(_INNER))]
            ids = [] if unknown in cut else cut
        found.append(ids)
    return found


def _tokenizer(vocabulary: dict[str, int], teacher: Tokenizer) -> Tokenizer:
    """The teacher's way to separate words, with another vocabulary."""
    whole = json.loads(teacher.to_str())
    whole["model"] = {
        "type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": _INNER,
        "max_input_chars_per_word": 100, "vocab": vocabulary,
    }  # fmt: skip
    whole["added_tokens"] = [
        {
            "id": vocabulary[name], "content": name, "single_word": False, "lstrip": False,
            "rstrip": False, "normalized": False, "special": True,
        }
        for name in SPECIAL
    ]  # fmt: skip
    first, last = ({"SpecialToken": {"id": one, "type_id": 0}} for one in ("[CLS]", "[SEP]"))
    single = [first, {"Sequence": {"id": "A", "type_id": 0}}, last]
    second = [{"Sequence": {"id": "B", "type_id": 1}}, {"SpecialToken": {"id": "[SEP]", "type_id": 1}}]  # fmt: skip
    whole["post_processor"] = {
        "type": "TemplateProcessing", "single": single, "pair": [*single, *second],
        "special_tokens": {
            name: {"id": name, "ids": [vocabulary[name]], "tokens": [name]}
            for name in ("[CLS]", "[SEP]")
        },
    }  # fmt: skip
    whole["decoder"] = {"type": "WordPiece", "prefix": _INNER, "cleanup": True}
    whole["truncation"] = whole["padding"] = None
    return Tokenizer.from_str(json.dumps(whole))


def overlap(student: Tokenizer, teacher: Tokenizer) -> float:
    """Share of the student's pieces that are pieces of the teacher too, 0..1."""
    own, other = student.get_vocab(), teacher.get_vocab()
    return sum(piece in other for piece in own) / len(own)


# Words and their pieces -----------------------------------------------------------------------


def words_of(sentence: str, tokenizer: Tokenizer) -> list[str]:
    """The words of a sentence as the tokenizer separates them, before they are cut."""
    clean = tokenizer.normalizer.normalize_str(sentence) if tokenizer.normalizer else sentence
    return [word for word, _ in tokenizer.pre_tokenizer.pre_tokenize_str(clean)]


def cuts(sentence: str, first: Tokenizer, second: Tokenizer) -> tuple[list[str], list[str]]:
    """The pieces of one sentence in either vocabulary, whole and without [CLS] and [SEP]."""
    return _pieces(sentence, first), _pieces(sentence, second)


def _pieces(sentence: str, tokenizer: Tokenizer) -> list[str]:
    words = words_of(sentence, tokenizer)
    return [piece.value for word in words for piece in tokenizer.model.tokenize(word)]


def joined(pieces: Iterable[str]) -> str:
    """The words that pieces spell, with a space between words."""
    return " ".join(pieces).replace(f" {_INNER}", "")


@dataclass(frozen=True)
class Cut:
    """One row of pieces without specials: ids, the word of each, and whose vocabulary numbers it."""

    ids: np.ndarray
    words: np.ndarray
    by_student: np.ndarray


@dataclass(frozen=True, eq=False)
class WordRows:
    """Text as rows of words; every word can be cut by either vocabulary.

    `teacher` and `student` hold the piece ids of each distinct word, `lengths` the pieces of the
    longer cut of each row, with [CLS] and [SEP].
    """

    rows: list[np.ndarray]
    teacher: list[np.ndarray]
    student: list[np.ndarray]
    lengths: np.ndarray

    def cut(self, row: int, by_student: np.ndarray) -> Cut:
        """Cut a row, each word by the student's vocabulary where `by_student` [words] says so."""
        parts = [
            (self.student if own else self.teacher)[word]
            for word, own in zip(self.rows[row], by_student, strict=True)
        ]
        sizes = [len(part) for part in parts]
        words = np.repeat(np.arange(len(parts)), sizes)
        return Cut(np.concatenate(parts), words, np.asarray(by_student, bool)[words])


def word_rows(text: Text, max_length: int, teacher: Tokenizer, student: Tokenizer) -> WordRows:
    """Pack each document's words into rows that fit `max_length` pieces whoever cuts them.

    A row ends between two words, so both models always read the same words; it holds whole
    sentences where they fit. Raises BadInput when there is no word that fits.
    """
    room = max_length - 2
    known: dict[str, int] = {}
    pieces: tuple[list[np.ndarray], list[np.ndarray]] = ([], [])
    made: list[np.ndarray] = []
    sizes: list[int] = []
    for document in text.documents:
        current: list[int] = []
        size = 0
        for sentence in document:
            numbers = [_number(word, known, pieces, (teacher, student)) for word in words_of(sentence, teacher)]  # fmt: skip
            costs = [max(len(pieces[0][one]), len(pieces[1][one])) for one in numbers]
            if current and size + sum(costs) > room:
                made.append(np.asarray(current))
                sizes.append(size)
                current, size = [], 0
            for one, cost in zip(numbers, costs, strict=True):
                if cost > room:
                    continue
                if size + cost > room:
                    made.append(np.asarray(current))
                    sizes.append(size)
                    current, size = [], 0
                current.append(one)
                size += cost
        if current:
            made.append(np.asarray(current))
            sizes.append(size)
    if not made:
        raise BadInput(f"{text.title} holds no word; choose more text.", "text")
    return WordRows(made, pieces[0], pieces[1], np.asarray(sizes) + 2)


def _number(
    word: str, known: dict[str, int], pieces: tuple[list[np.ndarray], list[np.ndarray]],
    tokenizers: tuple[Tokenizer, Tokenizer],
) -> int:  # fmt: skip
    """The number of a word; a new one is cut by both vocabularies."""
    if word not in known:
        known[word] = len(known)
        for found, tokenizer in zip(pieces, tokenizers, strict=True):
            found.append(np.asarray([one.id for one in tokenizer.model.tokenize(word)], np.int64))
    return known[word]


def probability(share: float, ramped: bool, progress: float) -> float:
    """p_DT, the chance that the student's vocabulary cuts a word; `ramped` rises from 0 to it."""
    return share * progress if ramped else share
