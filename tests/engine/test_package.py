"""Packages open only when whole, answer in order, and appear whole or not at all."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys

import numpy as np
import onnx
import pytest
from tiny import VOCABULARY, make_package, manifest_values, tiny_graph, tokenizer_json

from engine.errors import BadInput, Stopped
from engine.manifest import plain
from engine.package import Package, softmax, write_package

TEXTS = ["good", "a very good film", "bad film", "a a a a a a a a a", "not bad"]


@pytest.fixture
def package(tmp_path):
    return make_package(tmp_path / "package")


def test_a_written_package_opens_with_what_was_said(package):
    again = Package.open(package.folder)
    assert again.labels == ("negative", "positive")
    assert again.bytes == os.path.getsize(package.folder / "model.onnx")
    assert again.manifest.largest_difference == 2e-7


def test_logits_keep_the_order_whatever_the_batches(package):
    together = package.logits((TEXTS,), batch_size=2)
    alone = np.concatenate([package.logits(([text],)) for text in TEXTS])
    assert np.allclose(together, alone, atol=1e-5)
    assert len(np.unique(alone[:, 0])) > 2


def test_probabilities_sum_to_one(package):
    assert np.allclose(package.probabilities((TEXTS,)).sum(-1), 1)
    assert softmax(np.array([[1000.0, 0.0]])).tolist() == [[1.0, 0.0]]


def test_no_sentences_give_no_rows(package):
    assert package.logits(([],)).shape == (0, 2)


def test_an_empty_sentence_still_gets_an_answer(package):
    assert np.isfinite(package.logits(([""],))).all()


def test_long_sentences_are_cut(package):
    encoded = package.encode((["good " * 500],))
    assert len(encoded.ids[0]) == package.max_length


def test_pairs_carry_their_token_types(tmp_path):
    package = make_package(tmp_path / "pairs", columns=("question", "answer"))
    encoded = package.encode((["a film"], ["good"]))
    assert encoded.types[0] == [0, 0, 0, 0, 1, 1]
    with pytest.raises(BadInput, match='reads "question" and "answer", but 1 column was given'):
        package.encode((["a film"],))


def test_stop_is_heard_between_batches(package):
    heard = []
    with pytest.raises(Stopped):
        package.logits((TEXTS,), 1, progress=heard.append, stop=lambda: len(heard) == 2)
    assert heard == [0.2, 0.4]


def test_a_changed_model_is_refused(package):
    model = package.folder / "model.onnx"
    model.write_bytes(model.read_bytes() + b"\0")
    with pytest.raises(BadInput, match="has changed since it was exported"):
        Package.open(package.folder)


@pytest.mark.parametrize("name", ["model.onnx", "tokenizer.json", "manifest.json"])
def test_a_missing_file_is_named(package, name):
    (package.folder / name).unlink()
    with pytest.raises(BadInput, match=f"holds no {name}"):
        Package.open(package.folder)


@pytest.mark.parametrize("name", ["model.onnx", "tokenizer.json", "manifest.json"])
def test_a_link_out_of_the_folder_is_refused(package, tmp_path, name):
    (package.folder / name).rename(tmp_path / name)
    (package.folder / name).symlink_to(tmp_path / name)
    with pytest.raises(BadInput, match="points outside its folder"):
        Package.open(package.folder)


def rewrite(package, **changes):
    path = package.folder / "manifest.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"labels": ["a", "a"]}, "same name"),
        ({"labels": ["a", " "]}, "1 to 300 characters"),
        ({"labels": ["only"]}, "manifest.json.labels"),
        ({"code": "import os"}, 'no setting "manifest.json.code"'),
        ({"max_length": 10**9}, "at most 100000"),
        ({"name": "x" * 1000}, "manifest.json.name"),
        ({"sha256": "../../etc/passwd"}, "sha256"),
    ],
)
def test_a_strange_manifest_is_refused_in_words(package, changes, sentence):
    rewrite(package, **changes)
    with pytest.raises(BadInput, match=sentence):
        Package.open(package.folder)


def test_a_manifest_that_is_not_json_is_refused(package):
    (package.folder / "manifest.json").write_text("[" * 100_000)
    with pytest.raises(BadInput, match="is not JSON"):
        Package.open(package.folder)


def publish(package, model):
    """Replace the model and make the manifest agree with it."""
    from engine.package import file_sha256

    onnx.save(model, package.folder / "model.onnx")
    rewrite(package, sha256=file_sha256(package.folder / "model.onnx"))


def test_weights_in_other_files_are_refused(package):
    model = onnx.load(package.folder / "model.onnx")
    tensor = model.graph.initializer[0]
    tensor.data_location = onnx.TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value="../../secret")
    tensor.ClearField("raw_data")
    (package.folder / "model.onnx").write_bytes(model.SerializeToString())
    from engine.package import file_sha256

    rewrite(package, sha256=file_sha256(package.folder / "model.onnx"))
    with pytest.raises(BadInput, match="keeps weights in other files"):
        Package.open(package.folder)


def test_loops_are_refused(package):
    model = onnx.load(package.folder / "model.onnx")
    body = onnx.helper.make_graph([], "body", [], [])
    model.graph.node.append(onnx.helper.make_node("Loop", ["", ""], [], body=body))
    publish(package, model)
    with pytest.raises(BadInput, match='operator "Loop" with a graph of its own'):
        Package.open(package.folder)


def test_other_inputs_are_refused(package):
    model = onnx.load(package.folder / "model.onnx")
    model.graph.input.append(onnx.helper.make_tensor_value_info("extra", 7, [1]))
    publish(package, model)
    with pytest.raises(BadInput, match="does not take input_ids"):
        Package.open(package.folder)


def test_a_manifest_with_too_few_labels_is_found_at_the_first_batch(package):
    rewrite(package, labels=["a", "b", "c"])
    with pytest.raises(BadInput, match="has 2 classes, but its manifest names 3"):
        Package.open(package.folder).logits((TEXTS,))


def test_pieces_outside_the_model_are_refused_in_words(package):
    more = [*VOCABULARY, *(f"word{i}" for i in range(50))]
    (package.folder / "tokenizer.json").write_text(tokenizer_json(more))
    with pytest.raises(BadInput, match="could not read its own tokenizer's pieces"):
        Package.open(package.folder).logits((["word40"],))


def test_a_broken_tokenizer_is_refused_in_words(package):
    (package.folder / "tokenizer.json").write_text("{}")
    with pytest.raises(BadInput, match="is no tokenizer"):
        Package.open(package.folder).encode((TEXTS,))


def test_the_first_of_two_writers_of_a_shared_package_stays(tmp_path):
    target = tmp_path / "cache" / "teacher"

    def export(path):
        make_package(target, seed=1)  # the other writer is faster
        return tiny_graph(path, seed=2)

    made = {"export": export, "tokenizer": tokenizer_json(), "manifest": manifest_values()}
    found = write_package(target, **made, shared=True)
    assert found.manifest.sha256 == make_package(tmp_path / "same", seed=1).manifest.sha256
    assert [path.name for path in target.parent.iterdir()] == ["teacher"]


def test_an_older_package_is_replaced_and_nothing_is_left_beside_it(package, tmp_path):
    make_package(package.folder, seed=5)
    assert [path.name for path in tmp_path.iterdir()] == ["package"]


def fail(error):
    def export(path):
        path.write_bytes(b"half")
        raise error

    return export


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), "The disk is full, so"),
        (RuntimeError("I/O error: No space left on device (os error 28)"), "The disk is full, so"),
        (PermissionError(errno.EACCES, "Permission denied"), "could not be written"),
    ],
)
def test_a_full_disk_is_one_sentence_and_keeps_the_older_package(
    package, tmp_path, error, sentence
):
    with pytest.raises(BadInput, match=sentence):
        write_package(
            package.folder, export=fail(error), tokenizer=tokenizer_json(),
            manifest=manifest_values(),
        )  # fmt: skip
    assert [path.name for path in tmp_path.iterdir()] == ["package"]
    assert len(Package.open(package.folder).logits((TEXTS,))) == len(TEXTS)


def test_weights_are_written_beside_the_model(tmp_path):
    package = write_package(
        tmp_path / "package", export=tiny_graph, tokenizer=tokenizer_json(),
        manifest=manifest_values(), weights=lambda folder: (folder / "config.json").touch(),
    )  # fmt: skip
    assert (package.folder / "weights" / "config.json").is_file()


def test_the_card_escapes_what_comes_from_data(tmp_path):
    package = make_package(tmp_path / "package", labels=("<script>", "![x](http://y)"))
    card = (package.folder / "card.md").read_text()
    assert "<script>" not in card
    assert "![x](" not in card
    assert plain("a\n# b") == "a \\# b"


def test_opening_a_package_loads_no_torch(package):
    code = (
        "import sys; from engine.package import Package; from pathlib import Path;"
        "import engine.measure, engine.compare, engine.stats, engine.graph;"
        "assert 'onnxruntime' not in sys.modules and 'onnx' not in sys.modules;"
        f"Package.open(Path({str(package.folder)!r})).logits((['good'],));"
        "assert not {'torch', 'transformers'} & set(sys.modules)"
    )
    found = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False
    )
    assert (found.returncode, found.stdout, found.stderr) == (0, "", "")
