"""The sentence as either vocabulary cuts it."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot
from tokenizers import BertWordPieceTokenizer, Tokenizer

from app.asking import Candidate
from app.cutting import Cutter, Pieces
from app.theme import Mode, Theme
from app.widgets.cuts import Cuts, told, words_of

SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]


def model(folder: Path, key: str, pieces: list[str], teacher: str = "") -> Candidate:
    home = folder / key
    home.mkdir()
    (home / "vocab.txt").write_text("\n".join([*SPECIAL, *pieces]), "utf-8")
    BertWordPieceTokenizer(str(home / "vocab.txt")).save(str(home / "tokenizer.json"))
    family = "distil" if teacher else "teacher"
    return Candidate(key, key.title(), "extreme", family, home, 1.0, "", teacher)


@pytest.fixture
def models(tmp_path: Path) -> list[Candidate]:
    return [
        model(tmp_path, "teacher", ["good", "film"]),
        model(tmp_path, "small", ["go", "##od", "film"], "teacher"),
        model(tmp_path, "same", ["good", "film"], "teacher"),
    ]


def rows(
    sentence: str, chosen: list[Candidate], every: list[Candidate], qtbot: QtBot, look: Theme
) -> list[Pieces]:
    cuts = Cuts()
    qtbot.addWidget(cuts)
    cutter = Cutter(cuts)
    with qtbot.waitSignal(cutter.cut) as heard:
        cutter.ask(sentence, chosen, every)
    return list(heard.args[0])


def test_teacher_first_then_the_student(models: list[Candidate], qtbot: QtBot, look: Theme) -> None:
    found = rows("good film", models, models, qtbot, look)
    assert [one.pieces for one in found] == [("good", "film"), ("go", "##od", "film")]
    assert [one.teacher for one in found] == [True, False]


def test_same_vocabulary_shows_nothing(models: list[Candidate], qtbot: QtBot, look: Theme) -> None:
    assert rows("good film", [models[2]], models, qtbot, look) == []


def test_another_longest_input_is_no_other_vocabulary(
    models: list[Candidate], qtbot: QtBot, look: Theme
) -> None:
    assert models[2].folder is not None
    path = models[2].folder / "tokenizer.json"
    short = Tokenizer.from_file(str(path))
    short.enable_truncation(16)
    short.save(str(path))
    assert rows("good film", [models[2]], models, qtbot, look) == []


def test_an_unchosen_teacher_is_shown_beside_its_student(
    models: list[Candidate], qtbot: QtBot, look: Theme
) -> None:
    assert len(rows("film", [models[1]], models, qtbot, look)) == 2


def test_a_damaged_tokenizer_shows_nothing(
    models: list[Candidate], qtbot: QtBot, look: Theme
) -> None:
    assert models[1].folder is not None
    (models[1].folder / "tokenizer.json").write_text("{}", "utf-8")
    assert rows("film", [models[1]], models, qtbot, look) == []


def test_pieces_of_a_word_stand_together() -> None:
    assert words_of(["go", "##od", "film", "##"]) == [["go", "od"], ["film"], ["##"]]
    assert told(Pieces("Small", ("go", "##od"))) == "Small, 2 pieces: go·od"


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_a_long_sentence_paints_and_counts_the_rest(look: Theme, qtbot: QtBot, mode: Mode) -> None:
    look.set_mode(mode)
    cuts = Cuts()
    qtbot.addWidget(cuts)
    cuts.resize(500, 80)
    cuts.show_rows([Pieces("<b>T</b>", ("word", "[UNK]", "##x") * 300, True), Pieces("S", ("a",))])
    assert not cuts.isHidden()
    assert not cuts.grab().isNull()
    cuts.show_rows([])
    assert cuts.isHidden()
