"""The BiLSTM: padding, packed sequences, its ONNX file, its counts, and what is frozen."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from engine.counts import count_parameters, macs
from engine.export import check_export, export_model
from engine.recurrent import LABELS, LOGITS, BiLSTM, kept_pieces, lookup_for
from engine.runtime import open_session
from engine.shape import RECURRENT, Shape

SHAPE = Shape(RECURRENT, 1, 12, 0, 0, 40, 0, 0, 3, embedding=5)
KINDS = {
    "one layer": SHAPE,
    "two layers": replace(SHAPE, layers=2),
    "through a projection": replace(SHAPE, feed_forward=7),
    "two through a projection": replace(SHAPE, layers=2, feed_forward=7),
}
every_kind = pytest.mark.parametrize("shape", KINDS.values(), ids=list(KINDS))


def made(shape: Shape = SHAPE, heads: tuple[str, ...] = (LABELS,), **more: object) -> BiLSTM:
    return BiLSTM(shape, heads, seed=1, **more).eval()


def batch(
    lengths: tuple[int, ...], width: int, pad: int = 0, seed: int = 0
) -> dict[str, np.ndarray]:
    """Rows of equal pieces whatever the width they are padded to."""
    ids = np.full((len(lengths), width), pad, np.int64)
    mask = np.zeros_like(ids)
    for row, length in enumerate(lengths):
        ids[row, :length] = np.random.default_rng(seed + row).integers(0, 40, length)
        mask[row, :length] = 1
    return {"input_ids": ids, "attention_mask": mask}


def logits(model: nn.Module, values: dict[str, np.ndarray]) -> np.ndarray:
    with torch.no_grad():
        found: np.ndarray = model(
            **{k: torch.from_numpy(v) for k, v in values.items()}
        ).logits.numpy()
    return found


def from_file(path: Path, values: dict[str, np.ndarray]) -> np.ndarray:
    feeds = {**values, "token_type_ids": np.zeros_like(values["input_ids"])}
    found: np.ndarray = open_session(path).run(["logits"], feeds)[0]
    return found


@every_kind
@settings(deadline=None, max_examples=10)
@given(st.lists(st.integers(1, 9), min_size=1, max_size=5), st.integers(0, 6), st.integers(0, 39))
def test_right_padding_never_reaches_the_sentence(
    shape: Shape, lengths: list[int], more: int, pad: int
) -> None:
    model = made(shape)
    narrow = batch(tuple(lengths), max(lengths))
    wide = batch(tuple(lengths), max(lengths) + more, pad)
    assert np.allclose(logits(model, narrow), logits(model, wide), atol=1e-6)


@every_kind
def test_right_padding_never_reaches_the_sentence_in_the_file(shape: Shape, tmp_path: Path) -> None:
    export_model(made(shape), tmp_path / "m.onnx")
    lengths = (7, 1, 4)
    narrow = from_file(tmp_path / "m.onnx", batch(lengths, 7))
    for pad in (0, 39):
        wide = from_file(tmp_path / "m.onnx", batch(lengths, 15, pad))
        assert np.allclose(narrow, wide, atol=1e-6)
    each = [from_file(tmp_path / "m.onnx", batch((n,), n, seed=i)) for i, n in enumerate(lengths)]
    assert np.allclose(np.concatenate(each), narrow, atol=1e-6)


def test_a_backward_direction_that_reads_padding_would_be_seen(tmp_path: Path) -> None:
    model = made()
    values = batch((7, 1, 4), 15)
    open_mask = {**values, "attention_mask": np.ones_like(values["attention_mask"])}
    assert np.abs(logits(model, values) - logits(model, open_mask)).max() > 1e-3


@pytest.mark.parametrize("layers", [1, 2])
def test_it_equals_torchs_packed_sequences(layers: int) -> None:
    model = made(replace(SHAPE, layers=layers))
    packed = nn.LSTM(5, 6, num_layers=layers, bidirectional=True, batch_first=True)
    with torch.no_grad():
        for number, layer in enumerate(model.lstm):
            for ending, one in (("", layer.ahead), ("_reverse", layer.back)):
                for name, value in one.named_parameters():
                    target = name.replace("_l0", f"_l{number}{ending}")
                    packed.get_parameter(target).copy_(value)
    values = {name: torch.from_numpy(one) for name, one in batch((7, 1, 4), 9).items()}
    rows = nn.utils.rnn.pack_padded_sequence(
        model.embedding(values["input_ids"]), values["attention_mask"].sum(1), batch_first=True,
        enforce_sorted=False,
    )  # fmt: skip
    _, (last, _) = packed(rows)
    expected = torch.cat([last[-2], last[-1]], 1)
    assert torch.allclose(model.sentence(**values), expected, atol=1e-6)


@every_kind
def test_the_file_answers_as_torch_does(shape: Shape, tmp_path: Path) -> None:
    model = made(shape)
    export_model(model, tmp_path / "m.onnx", labels=("a", "b", "c"))
    assert check_export(model, tmp_path / "m.onnx", [batch((9, 3, 1), 9), batch((2,), 2)]) < 1e-5


@every_kind
def test_parameters_are_those_of_the_shape_and_of_the_file(shape: Shape, tmp_path: Path) -> None:
    model = made(shape)
    export_model(model, tmp_path / "m.onnx")
    held = sum(value.numel() for value in model.parameters())
    assert held == shape.parameters == count_parameters(tmp_path / "m.onnx").total("parameters")


@pytest.mark.parametrize(
    ("embedding", "hidden", "count"), [(300, 600, 4_329_600), (50, 200, 403_200)]
)
def test_the_papers_lstm_has_eight_gates(embedding: int, hidden: int, count: int) -> None:
    shape = replace(SHAPE, hidden=2 * hidden, embedding=embedding)
    assert shape.layer_parameters == 8 * (embedding * hidden + hidden**2 + 2 * hidden) == count


def test_the_papers_best_student_is_25_times_smaller_than_bert_large() -> None:
    student = Shape(RECURRENT, 1, 1200, 0, 0, 30522, 0, 0, 2, embedding=300)
    large = Shape("bert", 24, 1024, 16, 4096, 30522, 512, 2, 2)
    assert student.parameters == 30522 * 300 + 4_329_600 + 2402
    assert 24 < large.parameters / student.parameters < 26


def test_the_files_groups_are_embeddings_lstm_and_head(tmp_path: Path) -> None:
    export_model(made(), tmp_path / "m.onnx")
    counts = {
        group.name: group.parameters for group in count_parameters(tmp_path / "m.onnx").groups
    }
    assert counts == {"embeddings": 200, "LSTM": SHAPE.layer_parameters, "head": 39}


@pytest.mark.parametrize("layers", [1, 2])
def test_work_is_that_of_every_gate_at_every_piece(layers: int, tmp_path: Path) -> None:
    shape = replace(SHAPE, layers=layers)
    export_model(made(shape), tmp_path / "m.onnx")
    gates = 8 * 6 * (5 + 6) + (layers - 1) * 8 * 6 * (12 + 6)
    assert macs(tmp_path / "m.onnx", 2, 10) == 2 * 10 * gates + 2 * 12 * 3


def test_weights_depend_on_the_seed_alone() -> None:
    torch.manual_seed(5)
    one = made()
    torch.manual_seed(6)
    assert all(
        torch.equal(a, b) for a, b in zip(one.parameters(), made().parameters(), strict=True)
    )
    other = BiLSTM(SHAPE, (LABELS,), seed=2)
    assert not torch.equal(one.embedding.weight, other.embedding.weight)


def test_a_finished_model_keeps_its_answers_and_nothing_else() -> None:
    model = made(heads=(LABELS, LOGITS), projected=9)
    values = batch((5, 2), 5)
    for answering in (LABELS, LOGITS):
        model.answering = answering
        done = model.finished()
        assert list(done.heads) == [answering]
        assert done.projection is None
        assert sum(value.numel() for value in done.parameters()) == SHAPE.parameters
        assert np.array_equal(logits(done, values), logits(model, values))


def test_a_frozen_part_has_no_gradient_and_another_has() -> None:
    model = made(heads=(LABELS, LOGITS), projected=9)
    model.learn((LABELS, "lstm"))
    learning = {name.split(".")[0] for name, p in model.named_parameters() if p.requires_grad}
    assert learning == {"heads", "lstm"}
    assert not model.heads[LOGITS].weight.requires_grad


# Only the pieces that are seen --------------------------------------------------------------


def test_kept_pieces_are_those_seen_in_order() -> None:
    kept = kept_pieces([np.array([7, 2]), np.array([2, 9], np.int32)], {1}, 40)
    assert kept.tolist() == [1, 2, 7, 9]


def test_a_smaller_table_answers_as_the_full_one_for_its_pieces(tmp_path: Path) -> None:
    values = batch((9, 3, 1), 9)
    kept = kept_pieces(list(values["input_ids"]), {1}, 40)
    full = made()
    small = made(replace(SHAPE, vocabulary=len(kept)), lookup=lookup_for(kept, 40, 1))
    with torch.no_grad():
        state = {**full.state_dict(), "lookup": small.lookup}
        state["embedding.weight"] = full.embedding.weight[torch.from_numpy(kept)]
        small.load_state_dict(state)
    assert len(kept) < 40
    assert np.array_equal(logits(small, values), logits(full, values))
    export_model(small, tmp_path / "m.onnx")
    assert check_export(small, tmp_path / "m.onnx", [values]) < 1e-5
    assert count_parameters(tmp_path / "m.onnx").embedding == 5 * len(kept)


def test_an_unseen_piece_reads_as_the_unknown_one() -> None:
    places = lookup_for(np.array([1, 4, 6]), 8, unknown=4)
    assert places.tolist() == [1, 0, 1, 1, 1, 1, 2, 1]
