"""The builder stores each weight once, computes what it says, and packed weights come back exactly."""

from __future__ import annotations

from functools import partial

import numpy as np
import onnx
import pytest

from engine.counts import count_parameters, macs
from engine.errors import BadInput
from engine.graph import ACTIVATIONS, CONST, INPUTS, IR_VERSION, OPSET, OUTPUT, Graph
from engine.packing import packed, sparse
from engine.runtime import open_session

RNG = np.random.default_rng(0)


def run(graph, tensor, path, ids=((1, 2, 3),), mask=None):
    """Save `tensor` as the output and compute it; reshaped to [-1, 1] so that any shape may leave."""
    graph.save(path / "m.onnx", graph.op("Reshape", tensor, graph.whole(-1, 1)), 1)
    ids = np.array(ids, np.int64)
    feeds = (ids, np.ones_like(ids) if mask is None else np.array(mask), np.zeros_like(ids))
    session = open_session(path / "m.onnx")
    return session.run([OUTPUT], dict(zip(INPUTS, feeds, strict=True)))[0].ravel()


def names(path):
    return [tensor.name for tensor in onnx.load(path / "m.onnx").graph.initializer]


def test_the_file_says_its_versions(tmp_path):
    graph = Graph()
    run(graph, graph.weight("w", np.ones((2, 2), "f4")), tmp_path)
    model = onnx.load(tmp_path / "m.onnx")
    assert (model.ir_version, model.opset_import[0].version) == (IR_VERSION, OPSET)


def test_the_same_key_is_stored_once_under_its_first_name(tmp_path):
    graph, array = Graph(), RNG.normal(size=(3, 3)).astype("f4")
    one, other = (graph.weight(name, array, key="same") for name in ("first", "second"))
    run(graph, graph.op("Add", one, other), tmp_path)
    assert [name for name in names(tmp_path) if not name.startswith(CONST)] == ["first"]


def test_both_layouts_of_a_weight_share_one_tensor(tmp_path):
    graph, array = Graph(), RNG.normal(size=(2, 3)).astype("f4")
    flat, turned = graph.weight("w", array), graph.weight("w", array, transposed=True)
    found = run(graph, graph.op("MatMul", flat, turned), tmp_path)
    assert np.allclose(found, (array @ array.T).ravel(), atol=1e-6)
    assert names(tmp_path).count("w") == 1


def test_two_weights_cannot_take_one_name():
    graph = Graph()
    graph.weight("w", np.ones(2), key=1)
    with pytest.raises(ValueError, match="two tensors are called w"):
        graph.weight("w", np.ones(2), key=2)


def test_equal_constants_are_stored_once_and_keep_their_type():
    graph = Graph()
    assert graph.constant(1.0) == graph.constant(1.0)
    assert len({graph.constant(1.0), graph.constant(1, np.int64), graph.whole(1)}) == 3


@pytest.mark.parametrize("kind", ACTIVATIONS)
def test_activations_equal_torch(kind, tmp_path):
    torch = pytest.importorskip("torch")
    from transformers.activations import ACT2FN

    x = np.linspace(-6, 6, 50, dtype="f4")
    graph = Graph()
    found = run(graph, graph.activation(kind, graph.weight("x", x)), tmp_path)
    assert np.allclose(found, ACT2FN[kind](torch.from_numpy(x)).numpy(), atol=2e-6)


def test_an_unknown_activation_is_refused():
    with pytest.raises(BadInput, match='activation "snake" cannot be exported'):
        Graph().activation("snake", "x")


def test_positions_count_up(tmp_path):
    graph = Graph()
    ids = graph.op("Cast", graph.counted_positions(), to=1)
    assert run(graph, ids, tmp_path, ids=[[5, 5, 5, 5]]).tolist() == [0, 1, 2, 3]


def test_positions_after_padding_skip_it(tmp_path):
    graph = Graph()
    ids = graph.op("Cast", graph.positions_after(1), to=1)
    assert run(graph, ids, tmp_path, ids=[[0, 7, 2, 1, 1]]).tolist() == [2, 3, 4, 1, 1]


def test_attention_equals_the_formula_and_skips_padding(tmp_path):
    graph, x = Graph(), RNG.normal(size=(1, 3, 4)).astype("f4")
    tensor = graph.weight("x", x)
    mixed = graph.attention(tensor, tensor, tensor, graph.attention_mask(), head_size=2, scale=0.5)
    found = run(graph, mixed, tmp_path, mask=[[1, 1, 0]]).reshape(3, 4)
    for head in (slice(0, 2), slice(2, 4)):
        scores = 0.5 * x[0, :, head] @ x[0, :2, head].T
        weights = np.exp(scores) / np.exp(scores).sum(-1, keepdims=True)
        assert np.allclose(found[:, head], weights @ x[0, :2, head], atol=1e-5)


@pytest.mark.parametrize("bits", range(1, 9))
@pytest.mark.parametrize("shape", [(16, 32), (5, 7)])
def test_packed_codes_come_back_exactly(bits, shape, tmp_path):
    codes = RNG.integers(0, 2**bits, shape)
    graph = Graph()
    tensor = graph.weight("w", codes, store=partial(packed, bits=bits))
    found = run(graph, graph.op("Cast", tensor, to=1), tmp_path)
    assert (found == codes.ravel()).all()
    stored = sum(
        onnx.numpy_helper.to_array(t).nbytes
        for t in onnx.load(tmp_path / "m.onnx").graph.initializer
        if t.name.startswith("w/")
    )
    assert stored <= codes.size * bits / 8 + 3


def test_packed_weights_are_counted_by_their_bits(tmp_path):
    graph, codes = Graph(), RNG.integers(0, 8, (40, 30))
    tensor = graph.weight("w", codes, store=partial(packed, bits=3, zeros=100))
    run(graph, graph.op("Cast", tensor, to=1), tmp_path)
    (group,) = count_parameters(tmp_path / "m.onnx").groups
    assert (group.parameters, group.nonzero, group.bits / group.stored) == (1200, 1100, 3)


def test_codes_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match="do not fit 2 bits"):
        packed(Graph(), "w", np.array([4]), 2)


@pytest.mark.parametrize("share", [0.0, 0.5, 0.95, 1.0])
def test_sparse_weights_come_back_exactly(share, tmp_path):
    array = RNG.normal(size=(33, 21)).astype("f4")
    array.flat[: int(share * array.size)] = 0
    graph = Graph()
    found = run(graph, graph.weight("w", array, transposed=True, store=sparse), tmp_path)
    assert (found == array.T.ravel()).all()
    assert count_parameters(tmp_path / "m.onnx").total("nonzero") == np.count_nonzero(array)


def test_packed_products_still_count_as_work(tmp_path):
    graph, array = Graph(), RNG.normal(size=(16, 24)).astype("f4")
    table = graph.gather(graph.weight("table", np.ones((9, 16), "f4")), INPUTS[0])
    y = graph.product(table, graph.weight("w", array, store=sparse))
    graph.save(tmp_path / "m.onnx", graph.first_piece(y), 24)
    assert macs(tmp_path / "m.onnx", 2, 5) == 2 * 5 * 16 * 24


def test_an_lstm_counts_as_work(tmp_path):
    graph = Graph()
    table = graph.gather(graph.weight("table", np.ones((9, 16), "f4")), INPUTS[0])
    x = graph.op("Transpose", table, perm=[1, 0, 2])
    w, r = (
        graph.weight("w", np.ones((2, 32, 16), "f4")),
        graph.weight("r", np.ones((2, 32, 8), "f4")),
    )
    graph.op("LSTM", x, w, r, outputs=3, hidden_size=8, direction="bidirectional")
    graph.save(tmp_path / "m.onnx", graph.first_piece(table), 16)
    assert macs(tmp_path / "m.onnx", 2, 5) == 2 * 5 * 2 * 32 * (16 + 8)
