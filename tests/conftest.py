"""Fixtures that every test may use; Qt draws without a screen."""

from __future__ import annotations

import os
import random

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from PySide6.QtWidgets import QApplication

    from app.context import Context
    from app.theme import Theme


# --- window ---------------------------------------------------------------------------------


def pytest_configure(config: pytest.Config) -> None:
    """The screenless platform says this of windows; it means nothing to a person."""
    config.addinivalue_line("qt_log_ignore", "This plugin does not support")


@pytest.fixture
def look(qapp: QApplication) -> Iterator[Theme]:
    """The theme on the test's application, light at 100 %, put back afterwards."""
    from app.theme import theme

    one = theme()
    one.set_mode("light")
    one.set_scale(100)
    one.set_reduced(False)
    one.install(qapp)
    yield one
    one.set_mode("light")
    one.set_scale(100)
    one.set_reduced(False)


@pytest.fixture
def context(look: Theme, tmp_path: Path) -> Iterator[Context]:
    """What pages share, with an open and empty history."""
    from app.context import Context

    one = Context(tmp_path / "history.sqlite")
    one.open_history()
    yield one
    one.close()


# --- engine ---------------------------------------------------------------------------------

WORDS = ["good", "bad", "great", "awful", "film", "plot", "the", "a", "is", "was", "very", "not"]


@pytest.fixture(scope="session")
def tiny_teacher(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A BERT folder of 4 layers, 16 wide, with random weights and a head for bad and good."""
    import torch
    from tokenizers import BertWordPieceTokenizer

    from engine.architectures import ARCHITECTURES
    from engine.models import build, export_weights

    folder = tmp_path_factory.mktemp("teacher")
    vocabulary = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *WORDS]
    (folder / "vocab.txt").write_text("\n".join(vocabulary), "utf-8")
    tokenizer = BertWordPieceTokenizer(str(folder / "vocab.txt"))
    sizes = {
        "vocab_size": len(vocabulary), "hidden_size": 16, "num_hidden_layers": 4,
        "num_attention_heads": 2, "intermediate_size": 32, "max_position_embeddings": 32,
    }  # fmt: skip
    bert = ARCHITECTURES["bert"]
    config = bert.fields(**sizes).model_dump()
    labels = ("bad", "good")
    torch.manual_seed(0)
    model = build(bert, config, labels, seed=0)
    export_weights(model, bert, config, labels, tokenizer._tokenizer, folder)
    return folder


@pytest.fixture(scope="session")
def tiny_data(tmp_path_factory: pytest.TempPathFactory) -> dict[str, object]:
    """A data block of three small files that a model can learn: good and great against bad and awful."""
    folder = tmp_path_factory.mktemp("data")
    generator = random.Random(0)
    for name, rows in (("train", 96), ("validation", 24), ("test", 32)):
        lines = ["text\tlabel"]
        for i in range(rows):
            label = i % 2
            words = generator.choices(WORDS[4:], k=generator.randint(1, 8))
            clue = generator.choice(WORDS[0 if label else 1 : 4 : 2])
            words.insert(generator.randrange(len(words) + 1), clue)
            lines.append(f"{' '.join(words)}\t{'good' if label else 'bad'}")
        (folder / f"{name}.tsv").write_text("\n".join(lines) + "\n", "utf-8")
    return {
        "source": "files",
        **{name: str(folder / f"{name}.tsv") for name in ("train", "validation", "test")},
    }


@pytest.fixture
def tiny_run(tiny_teacher: Path, tiny_data: dict[str, object]) -> dict[str, object]:
    """A run file that finishes in a second of training: Patient KD on the tiny teacher and data."""
    return {
        "name": "tiny", "teacher": {"source": "folder", "path": str(tiny_teacher)}, "data": tiny_data,
        "method": {"key": "pkd", "layers": 2},
        "training": {"epochs": 2, "batch_size": 8, "max_length": 16, "learning_rate": 1e-3, "threads": 1},
        "seed": 7, "device": "cpu",
    }  # fmt: skip
