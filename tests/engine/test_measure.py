"""Measured numbers are those of the file: counts, work, answers, times and their stating."""

from __future__ import annotations

import dataclasses
import json

import numpy as np
import onnx
import pytest
from tiny import make_package, tiny_graph

from engine import measure, timing
from engine.counts import count_parameters, group_name, macs
from engine.data import Data, Split
from engine.errors import BadInput, Stopped
from engine.graph import Graph

WORDS = ["good film", "bad film", "a very good film", "not a very bad film", "film", "not good"]


def make_split(name, n=24):
    texts = [WORDS[i % 6] + " a" * (i // 6) for i in range(n)]
    return Split(name, (texts,), np.array([(i * 7 // 3) % 2 for i in range(n)]))


@pytest.fixture(scope="module")
def data():
    return Data(
        name="tiny", title="Tiny", labels=("negative", "positive"), columns=("text",),
        splits={name: make_split(name) for name in ("train", "validation", "test")},
        notes=(), fingerprint="f", unlabelled=(), duplicates={},
    )  # fmt: skip


@pytest.fixture(scope="module")
def teacher(tmp_path_factory):
    return make_package(tmp_path_factory.mktemp("teacher") / "package", seed=1, layers=3)


@pytest.fixture(scope="module")
def student(tmp_path_factory):
    return make_package(tmp_path_factory.mktemp("student") / "package", seed=2, layers=1)


@pytest.fixture(scope="module")
def measured(student, teacher, data):
    found = measure.measure_run(student, teacher, data, repeats=6)
    assert len(found.pop("answers")) == 24
    return found


def test_the_result_is_json_and_has_every_promised_entry(measured):
    names = (
        "split examples accuracy accuracy_low accuracy_high macro_f1 agreement bytes bytes_nominal "
        "parameters nonzero_parameters macs latency_ms compression speedup sparsity mean_bits "
        "mcnemar majority confusion data_fingerprint"
    )
    assert set(names.split()) <= set(measured["result"])
    assert {"accuracy", "bytes", "parameters", "latency_ms", "fingerprint"} <= set(
        measured["teacher"]
    )
    assert json.loads(json.dumps(measured, allow_nan=False)) == measured


def test_bytes_are_those_on_disk(measured, student, teacher):
    assert measured["result"]["bytes"] == student.model.stat().st_size
    assert measured["result"]["compression"] == teacher.bytes / student.bytes


def test_accuracy_and_pairs_agree(measured):
    result, teacher = measured["result"], measured["teacher"]
    pairs = result["mcnemar"]
    assert sum(pairs[key] for key in ("both", "teacher_only", "student_only", "neither")) == 24
    assert result["accuracy"] == (pairs["both"] + pairs["student_only"]) / 24
    assert teacher["accuracy"] == (pairs["both"] + pairs["teacher_only"]) / 24
    assert np.trace(result["confusion"]) / 24 == result["accuracy"]


def test_majority_is_the_most_frequent_class_of_train(measured, data):
    labels = data.splits["test"].labels
    common = int(np.bincount(data.splits["train"].labels).argmax())
    expected = {"label": data.labels[common], "accuracy": float(np.mean(labels == common))}
    assert measured["result"]["majority"] == expected


def test_layers_add_up_to_the_file(measured):
    layers = measured["layers"]
    assert [layer["name"] for layer in layers] == ["embeddings", "layer 1", "head"]
    assert sum(layer["parameters"] for layer in layers) == measured["result"]["parameters"]


def test_answers_known_before_are_not_computed_again(student, teacher, data):
    known = measure.predictions(teacher, data.splits["test"], data.labels)
    wrong = dataclasses.replace(known, predicted=1 - known.labels)
    found = measure.measure_run(student, teacher, data, teacher_answers=wrong, repeats=5)
    assert found["teacher"]["accuracy"] == 0


def test_without_a_teacher_nothing_is_compared(student, data):
    found = measure.measure_run(student, None, data, repeats=5)
    assert found["teacher"] == {}
    assert found["result"]["mcnemar"] is found["result"]["compression"] is None
    assert found["result"]["accuracy"] > 0


def test_progress_rises_to_the_end(student, teacher, data):
    heard = []
    measure.measure_run(student, teacher, data, repeats=5, progress=heard.append)
    assert heard == sorted(heard)
    assert heard[-1] == pytest.approx(1.0)


def test_stop_is_heard_while_timing(student, teacher, data):
    known = measure.predictions(student, data.splits["test"], data.labels)
    calls = []
    with pytest.raises(Stopped):
        measure.measure_run(
            student, teacher, data, student_answers=known, teacher_answers=known,
            stop=lambda: len(calls) > 4 or bool(calls.append(0)),
        )  # fmt: skip


def test_an_unlabelled_split_is_refused(student, teacher, data):
    split = dataclasses.replace(data.splits["test"], labels=None)
    without = dataclasses.replace(data, splits={**data.splits, "test": split})
    with pytest.raises(BadInput, match="has no labels"):
        measure.measure_run(student, teacher, without)


def test_classes_in_another_order_are_matched_by_name(tmp_path, student, data):
    names = ("positive", "negative")
    turned = make_package(tmp_path / "package", seed=2, layers=1, labels=names)
    split = data.splits["test"]
    ours, theirs = (measure.predictions(p, split, data.labels) for p in (student, turned))
    assert (ours.predicted == 1 - theirs.predicted).all()
    assert np.allclose(ours.probabilities, theirs.probabilities[:, ::-1])


def test_other_classes_are_refused_in_words(student, data):
    with pytest.raises(BadInput, match='"negative", "positive", but the data holds "spam", "ham"'):
        measure.predictions(student, data.splits["test"], ("spam", "ham"))


def test_latency_states_what_was_timed(student, teacher):
    found = measure.latency([student, teacher], batch=2, length=16, repeats=7)
    assert [(one.batch, one.length, one.threads, one.repeats) for one in found] == [
        (2, 16, 1, 7)
    ] * 2
    assert all(0 < one.median <= one.p95 for one in found)


def test_models_are_timed_in_turns_and_the_warm_up_is_dropped(student, teacher, monkeypatch):
    seen = []
    monkeypatch.setattr(timing, "run_session", lambda session, feeds, folder: seen.append(folder))
    found = measure.latency([student, teacher], repeats=5)
    a, b = student.folder, teacher.folder
    assert seen == [b, a, a, b] * 4
    assert found[0].repeats == 5


def test_the_length_fits_the_shortest_model(student):
    assert measure.latency([student], length=500, repeats=1)[0].length == 62


def test_a_budget_ends_the_rounds_early(student):
    assert measure.latency([student], repeats=500, budget=0.0)[0].repeats == timing.FEWEST


def test_timed_rows_are_full_and_in_the_vocabulary(student):
    rows = timing._random_rows(student, 3, 9)
    assert rows["attention_mask"].all()
    assert rows["input_ids"].max() < 20
    assert rows["input_ids"].shape == (3, 9)


def test_macs_by_hand(tmp_path):
    tiny_graph(tmp_path / "model.onnx", layers=2, hidden=16, inner=24)
    length, batch = 10, 3
    layer = length * (4 * 16 * 16 + 2 * 16 * 24) + 2 * length * length * 16
    assert macs(tmp_path / "model.onnx", batch, length) == batch * (2 * layer + 16 * 2)


def test_zeros_are_counted_as_sparsity(tmp_path):
    tiny_graph(tmp_path / "model.onnx", layers=1, zero=0.5)
    counts = count_parameters(tmp_path / "model.onnx")
    matrices, zeros = 4 * 16 * 16 + 2 * 16 * 24, 16 * 24 // 2
    assert counts.sparsity({}) == pytest.approx(zeros / matrices)
    assert counts.total("parameters") - counts.total("nonzero") == zeros


def test_what_was_cut_away_counts_against_the_size_before(tmp_path):
    tiny_graph(tmp_path / "model.onnx", layers=1)
    counts = count_parameters(tmp_path / "model.onnx")
    matrices = 4 * 16 * 16 + 2 * 16 * 24
    assert counts.sparsity({"layer 1": 4 * matrices}) == pytest.approx(0.75)


@pytest.mark.parametrize(
    ("weight", "name"),
    [
        ("bert.encoder.layer.11.output.dense.weight", "layer 12"),
        ("distilbert.transformer.layer.0.ffn.lin1.bias", "layer 1"),
        ("albert.encoder.albert_layer_groups.0.albert_layers.0.ffn.weight", "shared layer 1"),
        ("albert.encoder.embedding_hidden_mapping_in.weight", "embeddings"),
        ("electra.embeddings_project.weight", "embeddings"),
        ("bert.embeddings.LayerNorm.bias", "embeddings"),
        ("bert.pooler.dense.weight", "head"),
        ("classifier.weight", "head"),
        ("lstm.weight_ih_l0", "LSTM"),
    ],
)
def test_weights_are_grouped_by_layer(weight, name):
    assert group_name(weight) == name


def test_a_ledger_cannot_claim_more_than_the_file_holds(tmp_path):
    graph = Graph()
    graph.ledger["dense"] = {"parameters": 999, "nonzero": 999, "stored": 999, "bits": 4}
    graph.save(tmp_path / "model.onnx", graph.tensor("dense/codes", np.zeros((1, 2), "f4")), 2)
    assert onnx.load(tmp_path / "model.onnx").metadata_props
    with pytest.raises(BadInput, match='claims more weights for "dense"'):
        count_parameters(tmp_path / "model.onnx")
