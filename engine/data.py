"""Examples for a run: three labelled splits from a bundled set, local files or the hub."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from engine.bundled import BundledSet, bundled_sets, bundled_text, read_bundled
from engine.errors import BadInput
from engine.hub import read_hub
from engine.rows import (
    Rows,
    check_labels,
    class_names,
    clean_rows,
    cut,
    fold,
    plain_text,
    row_count,
)
from engine.spec import BundledData, DataBlock, FilesData, HubData
from engine.tables import Source, read_table, read_text_lines

__all__ = [
    "BundledSet", "Data", "Preview", "Split", "bundled_sets", "bundled_text", "fewer_labels",
    "load_data", "preview", "read_text_lines", "rows_fingerprint", "split_fingerprint",
    "texts_fingerprint",
]  # fmt: skip

SPLITS = ("train", "validation", "test")
LONGEST_SHOWN = 500
BINS = 12


@dataclass(frozen=True, eq=False)
class Split:
    """One split: one or two parallel lists of texts, and class ids (int64 [rows]) if labelled."""

    name: str
    texts: tuple[list[str], ...]
    labels: np.ndarray | None

    def __len__(self) -> int:
        return len(self.texts[0])


@dataclass(frozen=True, eq=False)
class Data:
    """A labelled data set; `splits` always has train, validation and test, none of them empty.

    `notes` are sentences for a person, `duplicates` the rows of the second split that also stand
    in the first. Equal `fingerprint` means: same rows, labels and class names in all splits.
    """

    name: str
    title: str
    labels: tuple[str, ...]
    columns: tuple[str, ...]
    splits: dict[str, Split]
    notes: tuple[str, ...]
    fingerprint: str
    unlabelled: tuple[str, ...] = ()
    duplicates: dict[tuple[str, str], int] = field(default_factory=dict)


def load_data(block: DataBlock, seed: int) -> Data:
    """Read, check and clean what the block names; cut missing held-out splits with the seed.

    Raises BadInput, a sentence with the input's name, for everything that cannot be used.
    """
    if isinstance(block, BundledData):
        return _assemble(read_bundled(block.name), seed)
    if block.label in block.columns or len(set(block.columns)) < len(block.columns):
        raise BadInput("Text and label must be different columns; choose again.", "data.label")
    if "label" in block.columns:
        raise BadInput('A text column cannot be called "label"; rename it.', "data.text")
    source = read_hub(block) if isinstance(block, HubData) else _read_files(block)
    return _assemble(source, seed)


def _read_files(block: FilesData) -> Source:
    if not block.train:
        raise BadInput("No training file is named; choose one.", "data.train")
    named = (("train", block.train), ("validation", block.validation), ("test", block.test))
    wanted = (*block.columns, block.label)
    tables = {
        split: read_table(Path(path).expanduser(), wanted, f"data.{split}")
        for split, path in named
        if path
    }
    train = Path(block.train)
    name = (train.parent.name or train.stem)[:200]
    unlabelled = tuple(_read_unlabelled(block)) if block.unlabelled else ()
    return Source(name, name, block.columns, block.label, tables, None, unlabelled)


def _read_unlabelled(block: FilesData) -> list[str]:
    if len(block.columns) > 1:
        raise BadInput(
            "Unlabelled sentences go with one text column, not with pairs; leave them out.",
            "data.unlabelled",
        )
    path = Path(block.unlabelled or "").expanduser()
    if path.suffix.lower() == ".txt":
        return read_text_lines(path, "data.unlabelled")
    table = read_table(path, block.columns, "data.unlabelled")
    return clean_rows(table, block.columns, block.columns[0]).texts[0]


def _assemble(source: Source, seed: int) -> Data:
    rows = {
        split: clean_rows(table, source.columns, source.label)
        for split, table in source.tables.items()
    }
    notes = [note for split, found in rows.items() for note in _left_out(split, found)]
    if source.order:
        order, labels = source.order, {split: found.labels for split, found in rows.items()}
    else:
        names = class_names(label for found in rows.values() for label in found.labels)
        order = tuple(dict.fromkeys(names.values()))
        labels = {split: [names[label] for label in found.labels] for split, found in rows.items()}
    check_labels(labels)
    ids = {name: number for number, name in enumerate(order)}
    splits = {
        split: Split(split, found.texts, np.array([ids[n] for n in labels[split]], dtype=np.int64))
        for split, found in rows.items()
    }
    missing = [split for split in SPLITS if split not in splits]
    if missing:
        splits |= _cut_from_train(splits["train"], missing, seed)
        notes += [_cut_note(splits[split], seed) for split in missing]
    splits = {split: splits[split] for split in SPLITS}
    duplicates = _duplicates(splits, source.unlabelled)
    notes += [_duplicate_note(pair, count, splits) for pair, count in duplicates.items() if count]
    data = Data(
        source.name, source.title, order, source.columns, splits, tuple(notes), "",
        source.unlabelled, duplicates,
    )  # fmt: skip
    return replace(data, fingerprint=_fingerprint(data))


def _left_out(split: str, rows: Rows) -> list[str]:
    parts = ((rows.without_text, "text"), (rows.without_label, "a label"))
    said = [f"{row_count(count)} without {what}" for count, what in parts if count]
    return [f"Left out of {split}: {' and '.join(said)}."] if said else []


def _cut_from_train(train: Split, missing: Sequence[str], seed: int) -> dict[str, Split]:
    assert train.labels is not None
    pieces = cut(train.labels, len(missing), seed)
    if not all(len(piece) for piece in pieces):
        raise BadInput(
            f"The train split is too small to cut a {' and a '.join(missing)} split from; give "
            "those splits or more rows.",
            "data.train",
        )
    return {
        name: Split(
            name, tuple([column[i] for i in piece] for column in train.texts), train.labels[piece]
        )
        for name, piece in zip(("train", *missing), pieces, strict=True)
    }


def _cut_note(split: Split, seed: int) -> str:
    return (
        f"There was no {split.name} split, so Thimble cut {row_count(len(split))} from train with "
        f"seed {seed}, about a tenth of every class."
    )


def _duplicates(splits: dict[str, Split], unlabelled: Sequence[str]) -> dict[tuple[str, str], int]:
    """Rows of a later split whose whole text, apart from white space, stands in an earlier one."""
    folded = {
        name: list(zip(*([fold(text) for text in column] for column in split.texts), strict=True))
        for name, split in splits.items()
    }
    pairs = [("train", "validation"), ("train", "test"), ("validation", "test")]
    if unlabelled:
        folded["unlabelled"] = [(fold(text),) for text in unlabelled]
        pairs += [("unlabelled", "validation"), ("unlabelled", "test")]
    seen = {name: set(rows) for name, rows in folded.items() if name != "test"}
    return {(a, b): sum(row in seen[a] for row in folded[b]) for a, b in pairs}


def _duplicate_note(pair: tuple[str, str], count: int, splits: dict[str, Split]) -> str:
    verb = "stands" if count == 1 else "stand"
    return f"{count:,} of {len(splits[pair[1]]):,} {pair[1]} rows also {verb} in {pair[0]}."


def split_fingerprint(data: Data, split: str) -> str:
    """Print of one split: equal if the rows, their order, labels and class names are equal.

    sha256 over the class names as JSON, the label ids (int64, little-endian) and, for each text
    column, its texts_fingerprint. Column and split names do not count.
    """
    return rows_fingerprint(data.splits[split], data.labels)


def rows_fingerprint(chosen: Split, labels: Sequence[str]) -> str:
    """Print of the rows of any split, as split_fingerprint makes it."""
    found = hashlib.sha256(json.dumps([list(labels), len(chosen.texts)]).encode())
    if chosen.labels is not None:
        found.update(chosen.labels.astype("<i8").tobytes())
    for column in chosen.texts:
        found.update(bytes.fromhex(texts_fingerprint(column)))
    return found.hexdigest()


def fewer_labels(split: Split, per_class: int, seed: int) -> Split:
    """At most `per_class` rows of every class, drawn by the seed, in their order."""
    assert split.labels is not None
    generator = np.random.default_rng(seed)
    chosen = [
        generator.permutation(np.flatnonzero(split.labels == label))[:per_class]
        for label in np.unique(split.labels)
    ]
    rows = np.sort(np.concatenate(chosen))
    texts = tuple([column[row] for row in rows] for column in split.texts)
    return Split(split.name, texts, split.labels[rows])


def texts_fingerprint(texts: Sequence[str]) -> str:
    """Print of texts in order: sha256 over their UTF-8 lengths (int64) and their joined bytes."""
    encoded = [plain_text(text).encode() for text in texts]
    found = hashlib.sha256(np.array([len(encoded), *map(len, encoded)], dtype="<i8").tobytes())
    found.update(b"".join(encoded))
    return found.hexdigest()


def _fingerprint(data: Data) -> str:
    """sha256 over the prints of train, validation and test; unlabelled text does not count."""
    prints = "\n".join(split_fingerprint(data, split) for split in SPLITS)
    return hashlib.sha256(prints.encode()).hexdigest()


@dataclass(frozen=True, eq=False)
class Preview:
    """What a person sees before a run.

    `balance` counts rows per split and class name, `lengths` rows of all splits per number of
    words as (lowest, highest, rows), the last bin being the widest.
    """

    data: Data
    balance: dict[str, dict[str, int]]
    lengths: list[tuple[int, int, int]]
    duplicates: dict[tuple[str, str], int]

    def rows(self, split: str, n: int = 20) -> list[dict[str, str]]:
        """The first n rows: each text column (long texts shortened) and "label", a class name."""
        chosen = self.data.splits[split]
        assert chosen.labels is not None
        return [
            {name: _shown(text) for name, text in zip(self.data.columns, texts, strict=True)}
            | {"label": self.data.labels[label]}
            for texts, label in zip(
                zip(*(column[:n] for column in chosen.texts), strict=True),
                chosen.labels[:n],
                strict=True,
            )
        ]


def _shown(text: str) -> str:
    return text if len(text) <= LONGEST_SHOWN else text[: LONGEST_SHOWN - 1] + "…"


def preview(block: DataBlock, seed: int) -> Preview:
    """Load the data and count what a person should see; raises BadInput as load_data does."""
    data = load_data(block, seed)
    balance = {}
    for name, split in data.splits.items():
        counts = np.bincount(split.labels, minlength=len(data.labels))  # type: ignore[arg-type]
        balance[name] = dict(zip(data.labels, map(int, counts), strict=True))
    return Preview(data, balance, _histogram(data), data.duplicates)


def _histogram(data: Data) -> list[tuple[int, int, int]]:
    words = np.array(
        [
            sum(len(text.split()) for text in row)
            for split in data.splits.values()
            for row in zip(*split.texts, strict=True)
        ]
    )
    longest = int(words.max())
    width = max(1, int(np.ceil(np.percentile(words, 99) / (BINS - 1))))
    lows = list(range(1, longest + 1, width))[:BINS]
    highs = [low + width - 1 for low in lows[:-1]] + [max(longest, lows[-1])]
    counts = np.histogram(words, bins=[*lows, highs[-1] + 1])[0]
    return [(a, b, int(n)) for a, b, n in zip(lows, highs, counts, strict=True)]
