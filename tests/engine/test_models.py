"""Models travel through their folder unchanged, heads find their classes, and misfits are refused."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from jobs import (
    SIZES,
    VOCABULARY,
    edit_config,
    model_folder,
    same_weights,
    tiny_model,
    tiny_tokenizer,
)
from safetensors.torch import load_file, save_file

from engine import models
from engine.architectures import ARCHITECTURES
from engine.errors import BadInput
from engine.teacher import inspect_folder

LABELS = ("bad", "good")
every_family = pytest.mark.parametrize("key", list(SIZES))


@pytest.fixture(scope="module")
def originals(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    return {key: model_folder(tmp_path_factory.mktemp(key), key) for key in SIZES}


@pytest.fixture
def folder(originals: dict[str, Path], tmp_path: Path) -> Path:
    """A BERT folder that a test may spoil."""
    return Path(shutil.copytree(originals["bert"], tmp_path / "model"))


def load(folder: Path, labels: tuple[str, ...] = LABELS, seed: int = 5) -> models.Loaded:
    return models.load(inspect_folder(folder), labels, seed)


def refusal(folder: Path) -> str:
    with pytest.raises(BadInput) as caught:
        load(folder)
    return str(caught.value)


def change_weights(folder: Path, change: Any) -> Path:
    """Write the weights again after `change(state)` gave a new dictionary."""
    state = change(load_file(folder / "model.safetensors"))
    save_file(
        {name: value.contiguous() for name, value in state.items()}, folder / "model.safetensors"
    )
    return folder


# Round trips --------------------------------------------------------------------------------


@every_family
def test_written_weights_come_back_to_the_bit(key: str, originals: dict[str, Path]) -> None:
    found = load(originals[key])
    assert same_weights(found.model, tiny_model(key))
    assert found.fresh == ()


@every_family
def test_a_shorter_copy_keeps_the_first_layers(key: str, originals: dict[str, Path]) -> None:
    teacher = load(originals[key])
    student = models.first_layers(teacher, 1, seed=9)
    source = teacher.model.state_dict()
    assert all(torch.equal(value, source[name]) for name, value in student.state_dict().items())
    config = models.config_of(student, teacher.architecture, teacher.config)
    assert config[teacher.architecture.layers] == 1


@every_family
def test_a_student_is_read_back_as_a_teacher(
    key: str, originals: dict[str, Path], tmp_path: Path
) -> None:
    teacher = load(originals[key])
    student = models.first_layers(teacher, 1, seed=9)
    config = models.config_of(student, teacher.architecture, teacher.config)
    models.export_weights(
        student, teacher.architecture, config, LABELS, teacher.tokenizer, tmp_path
    )
    assert same_weights(load(tmp_path).model, student)


@every_family
def test_dropout_zero_trains_as_it_answers(key: str) -> None:
    model = tiny_model(key)
    models.set_dropout(model, 0.0)
    ids = torch.tensor([[2, 5, 6, 3]])
    with torch.no_grad():
        assert torch.equal(model.train()(input_ids=ids).logits, model.eval()(input_ids=ids).logits)


def test_random_weights_depend_on_the_seed_alone() -> None:
    before = torch.get_rng_state()
    assert same_weights(tiny_model("bert", seed=1), tiny_model("bert", seed=1))
    assert not same_weights(tiny_model("bert", seed=1), tiny_model("bert", seed=2))
    assert torch.equal(torch.get_rng_state(), before)


def test_a_resized_model_has_the_sizes_given(originals: dict[str, Path]) -> None:
    teacher = load(originals["bert"])
    student: Any = models.resized(teacher, 0, layers=1, hidden=8, heads=4, feed_forward=12)
    config = student.config
    sizes = (
        config.num_hidden_layers,
        config.hidden_size,
        config.num_attention_heads,
        config.intermediate_size,
    )
    assert sizes == (1, 8, 4, 12)


# Heads --------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", ["bert", "roberta"])
def test_rows_of_the_head_follow_the_class_names(key: str, originals: dict[str, Path]) -> None:
    plain = load(originals[key]).model.state_dict()
    swapped = load(originals[key], ("GOOD", "Bad")).model.state_dict()
    head = ARCHITECTURES[key].head
    for name in (head, head.replace("weight", "bias")):
        assert torch.equal(swapped[name], plain[name].flip(0))


def test_names_that_differ_in_case_alone_are_kept_apart(tmp_path: Path) -> None:
    folder = model_folder(tmp_path, labels=("a", "A"))
    head = load(folder, ("A", "a")).model.state_dict()["classifier.weight"]
    assert torch.equal(head, load_file(folder / "model.safetensors")["classifier.weight"].flip(0))


def test_unnamed_classes_keep_their_order(folder: Path) -> None:
    edit_config(folder, id2label={"0": "LABEL_0", "1": "LABEL_1"})
    assert load(folder, ("x", "y")).fresh == ()


@pytest.mark.parametrize("labels", [("a", "b", "c"), ("bad", "fine")])
def test_other_classes_get_a_new_head(labels: tuple[str, ...], folder: Path) -> None:
    found = load(folder, labels)
    assert set(found.fresh) == {"classifier.weight", "classifier.bias"}
    assert found.model.state_dict()["classifier.weight"].shape == (len(labels), 16)


def test_a_head_of_half_its_size_is_made_anew(folder: Path) -> None:
    change_weights(folder, lambda state: {**state, "classifier.bias": torch.zeros(1)})
    assert load(folder).fresh == ("classifier.bias",)


# Names --------------------------------------------------------------------------------------


@every_family
def test_an_encoder_saved_alone_loads(key: str, originals: dict[str, Path], tmp_path: Path) -> None:
    folder = Path(shutil.copytree(originals[key], tmp_path / "model"))
    prefix = f"{tiny_model(key).base_model_prefix}."
    change_weights(
        folder,
        lambda state: {n.removeprefix(prefix): v for n, v in state.items() if n.startswith(prefix)},
    )
    found = load(folder)
    assert found.fresh
    assert not any("layer." in name for name in found.fresh)
    assert inspect_folder(folder).labels == ()


def test_old_names_of_layer_norm_load(folder: Path) -> None:
    def rename(state: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
        old = {"LayerNorm.weight": "LayerNorm.gamma", "LayerNorm.bias": "LayerNorm.beta"}
        return {n.replace(n[n.find("LayerNorm") :], old[n[n.find("LayerNorm") :]]) if "LayerNorm" in n else n: v
                for n, v in state.items()}  # fmt: skip

    change_weights(folder, rename)
    assert load(folder).fresh == ()


def test_half_precision_weights_load_as_float32(folder: Path) -> None:
    change_weights(folder, lambda state: {n: v.half() for n, v in state.items()})
    assert {v.dtype for v in load(folder).model.state_dict().values() if v.is_floating_point()} == {
        torch.float32
    }


def test_rows_of_8_bits_expand_within_half_a_step(folder: Path) -> None:
    plain = load_file(folder / "model.safetensors")
    change_weights(folder, models.quantise_rows)
    found = load(folder).model.state_dict()
    for name, value in plain.items():
        step = value.abs().amax(1, keepdim=True) / 127 if value.dim() == 2 else torch.zeros(())
        assert ((found[name] - value).abs() <= step / 2 + 1e-6).all(), name


@settings(deadline=None, max_examples=20)
@given(st.integers(0, 2**31), st.floats(1e-6, 1e6))
def test_largest_of_each_row_survives_8_bits(seed: int, scale: float) -> None:
    value = torch.randn(4, 9, generator=torch.Generator().manual_seed(seed)) * scale
    stored = models.quantise_rows({"w": value})
    assert stored["w"].dtype == torch.int8
    assert (stored["w"].abs().amax(1) == 127).all()


def test_a_row_of_zeros_stays_zero() -> None:
    stored = models.quantise_rows({"w": torch.zeros(2, 3), "b": torch.ones(3)})
    assert (stored["w"] == 0).all()
    assert torch.equal(stored["b"], torch.ones(3))


# Misfits ------------------------------------------------------------------------------------


def test_a_lost_encoder_tensor_is_named(folder: Path) -> None:
    name = "bert.encoder.layer.1.output.dense.weight"
    change_weights(folder, lambda state: {n: v for n, v in state.items() if n != name})
    assert refusal(folder) == (
        f"The weights in {folder} lack 1 tensors of the encoder, the first is {name}; choose the complete model."
    )


def test_a_layer_too_many_in_the_config_is_refused(folder: Path) -> None:
    edit_config(folder, num_hidden_layers=4)
    assert "lack 16 tensors of the encoder" in refusal(folder)


@pytest.mark.parametrize(
    "sizes", [{"vocab_size": 18}, {"intermediate_size": 25}, {"hidden_size": 8}]
)
def test_sizes_that_differ_from_the_weights_are_refused(
    sizes: dict[str, int], folder: Path
) -> None:
    edit_config(folder, **sizes)
    assert "config and weights do not belong together" in refusal(folder)


@pytest.mark.parametrize(
    "content", ["", "{}", "[", '{"version": "1.0", "model": {"type": "Pickle"}}']
)
def test_a_broken_tokenizer_is_named(content: str, folder: Path) -> None:
    (folder / "tokenizer.json").write_text(content)
    assert refusal(folder).startswith(f"The tokenizer in {folder} cannot be read (")


def test_a_tokenizer_larger_than_the_vocabulary_is_refused(folder: Path) -> None:
    tiny_tokenizer(folder, [*VOCABULARY, "more"]).save(str(folder / "tokenizer.json"))
    assert "numbers 18 pieces but the model knows 17; they do not belong together" in refusal(
        folder
    )


def test_a_piece_numbered_beyond_the_vocabulary_is_refused(folder: Path) -> None:
    body = json.loads((folder / "tokenizer.json").read_text())
    body["model"]["vocab"]["film"] = 10**6
    (folder / "tokenizer.json").write_text(json.dumps(body))
    assert "they do not belong together" in refusal(folder)


# Tokenizers ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lower", "pieces"), [(True, ["[CLS]", "film", "[SEP]"]), (False, ["[CLS]", "[UNK]", "[SEP]"])]
)
def test_a_vocabulary_file_is_a_tokenizer(lower: bool, pieces: list[str], tmp_path: Path) -> None:
    (tmp_path / "vocab.txt").write_text("\n".join(VOCABULARY))
    (tmp_path / "tokenizer_config.json").write_text(json.dumps({"do_lower_case": lower}))
    assert models.load_tokenizer(tmp_path).encode("FILM").tokens == pieces


def test_byte_pairs_are_framed_as_roberta_does(tmp_path: Path) -> None:
    vocabulary = ["<s>", "<pad>", "</s>", "<unk>", "a", "b", "ab"]
    (tmp_path / "vocab.json").write_text(
        json.dumps({piece: i for i, piece in enumerate(vocabulary)})
    )
    (tmp_path / "merges.txt").write_text("#version: 0.2\na b\n")
    assert models.load_tokenizer(tmp_path).encode("ab").tokens == ["<s>", "ab", "</s>"]


@pytest.mark.parametrize("content", ["[]", "{"])
def test_a_broken_tokenizer_config_is_one_sentence(content: str, tmp_path: Path) -> None:
    (tmp_path / "vocab.txt").write_text("\n".join(VOCABULARY))
    (tmp_path / "tokenizer_config.json").write_text(content)
    with pytest.raises(BadInput):
        models.load_tokenizer(tmp_path)
