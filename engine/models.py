"""Load, build, shrink and save encoders from checked configs and safetensors alone."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
import transformers
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from tokenizers import BertWordPieceTokenizer, ByteLevelBPETokenizer, Tokenizer
from torch import nn
from transformers.initialization import no_init_weights

from engine.architectures import Architecture
from engine.errors import BadInput
from engine.sharing import share_part
from engine.spec import read_json
from engine.teacher import TeacherInfo

CLASSES: dict[str, tuple[Any, Any]] = {
    "bert": (transformers.BertConfig, transformers.BertForSequenceClassification),
    "roberta": (transformers.RobertaConfig, transformers.RobertaForSequenceClassification),
    "electra": (transformers.ElectraConfig, transformers.ElectraForSequenceClassification),
    "albert": (transformers.AlbertConfig, transformers.AlbertForSequenceClassification),
    "distilbert": (transformers.DistilBertConfig, transformers.DistilBertForSequenceClassification),
}
SCALE = ".scale"


@dataclass
class Loaded:
    """A model in memory with its tokenizer; `fresh` names weights that were not in the file.

    A method returns one when its student has a family, config or pieces of its own.
    """

    model: nn.Module
    tokenizer: Tokenizer
    architecture: Architecture
    config: dict[str, Any]
    labels: tuple[str, ...]
    fresh: tuple[str, ...] = ()


def build(
    architecture: Architecture, config: dict[str, Any], labels: Sequence[str], seed: int,
    *, blank: bool = False,
) -> nn.Module:  # fmt: skip
    """A model with random weights that depend on `seed` alone.

    `blank` leaves the weights as the memory is, for a caller that fills them all.
    """
    config_class, model_class = CLASSES[architecture.key]
    names = {"id2label": dict(enumerate(labels)), "label2id": {n: i for i, n in enumerate(labels)}}
    full = config_class(**{k: v for k, v in config.items() if k not in _NOT_CONFIG}, **names)
    with torch.random.fork_rng(devices=[]), no_init_weights() if blank else nullcontext():
        torch.manual_seed(seed)
        model: nn.Module = model_class(full)
    if config.get("shared_part"):
        share_part(model, config["shared_part"])
    return model


_NOT_CONFIG = ("position_embedding_type", "is_decoder", "add_cross_attention", "shared_part")


def load(info: TeacherInfo, labels: Sequence[str], seed: int) -> Loaded:
    """Load a model for the classes `labels`; its head is put in their order, or made anew.

    The head is kept when the model's own class names are the same set, or when they are
    unnamed (LABEL_0 ...) and as many. Raises BadInput when encoder weights are missing.
    """
    tokenizer = load_tokenizer(info.folder)
    pieces = 1 + max(tokenizer.get_vocab(with_added_tokens=True).values(), default=-1)
    if pieces > info.config["vocab_size"]:
        raise BadInput(
            f"The tokenizer in {info.folder} numbers {pieces} pieces but the model knows "
            f"{info.config['vocab_size']}; they do not belong together, so choose the model's own tokenizer.",
            "teacher.path",
        )
    model = build(info.architecture, info.config, labels, seed, blank=True)
    stored = read_weights(info.folder / "model.safetensors")
    order = _head_order(info.labels, labels)
    head_tensors = _head_tensors(info.architecture)
    fresh: list[str] = []
    state = model.state_dict()
    prefix = f"{model.base_model_prefix}."
    for name, current in state.items():
        value = _find(stored, name, prefix)
        if name in head_tensors and value is not None:
            fits = order is not None and value.shape == current.shape
            value = value[order] if fits else None
        if value is None:
            fresh.append(name)
        elif value.shape != current.shape:
            raise BadInput(
                f"{info.folder}: {name[:80]} has the shape {tuple(value.shape)} where its config asks for "
                f"{tuple(current.shape)}; config and weights do not belong together.",
                "teacher.path",
            )
        else:
            state[name] = value.to(current.dtype)
    _only_head_fresh(fresh, model, info)
    if fresh:
        drawn = build(info.architecture, info.config, labels, seed).state_dict()
        state.update({name: drawn[name] for name in fresh})
    model.load_state_dict(state)
    return Loaded(model, tokenizer, info.architecture, info.config, tuple(labels), tuple(fresh))


def _head_tensors(architecture: Architecture) -> tuple[str, str]:
    stem = architecture.head.removesuffix("weight")
    return (architecture.head, f"{stem}bias")


def _head_order(own: Sequence[str], wanted: Sequence[str]) -> list[int] | None:
    """Which stored row answers for each wanted class; None when the head does not fit."""
    if len(own) != len(wanted):
        return None
    for fold in (str, str.casefold):
        by_name = {fold(name): i for i, name in enumerate(own)}
        if len(by_name) == len(own) and set(by_name) == {fold(name) for name in wanted}:
            return [by_name[fold(name)] for name in wanted]
    if all(name.upper() == f"LABEL_{i}" for i, name in enumerate(own)):
        return list(range(len(own)))
    return None


def _only_head_fresh(fresh: Sequence[str], model: nn.Module, info: TeacherInfo) -> None:
    prefix = f"{model.base_model_prefix}."
    lost = [
        n for n in fresh if n.startswith(prefix) and ".pooler." not in n and "position_ids" not in n
    ]
    if lost:
        raise BadInput(
            f"The weights in {info.folder} lack {len(lost)} tensors of the encoder, the first is "
            f"{lost[0]}; choose the complete model.",
            "teacher.path",
        )


def read_weights(path: Path) -> dict[str, torch.Tensor]:
    """All tensors of a safetensors file as float32; 8-bit rows are multiplied by their scale."""
    try:
        with safe_open(path, framework="pt") as file:
            raw = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except (SafetensorError, OSError, ValueError) as error:
        raise BadInput(
            f"{path} cannot be read ({error}); copy the model again.", "teacher.path"
        ) from None
    found = {}
    for name, value in raw.items():
        if name.endswith(SCALE):
            continue
        if value.dtype == torch.int8 and name + SCALE in raw:
            value = value.float() * raw[name + SCALE].float().unsqueeze(1)
        found[name] = value.float() if value.is_floating_point() else value
    return found


def _find(stored: dict[str, torch.Tensor], name: str, prefix: str) -> torch.Tensor | None:
    """Look a weight up under its name, without the family prefix, or with the old LayerNorm names."""
    for candidate in (name, name.removeprefix(prefix)):
        old = candidate.replace("LayerNorm.weight", "LayerNorm.gamma").replace(
            "LayerNorm.bias", "LayerNorm.beta"
        )
        for key in (candidate, old):
            if key in stored:
                return stored[key]
    return None


def load_tokenizer(folder: Path) -> Tokenizer:
    """The folder's tokenizer, from tokenizer.json, a WordPiece vocab.txt, or byte-level BPE files."""
    try:
        if (folder / "tokenizer.json").is_file():
            return Tokenizer.from_file(str(folder / "tokenizer.json"))
        if (folder / "vocab.txt").is_file():
            lower = True
            if (folder / "tokenizer_config.json").is_file():
                lower = bool(read_json(folder / "tokenizer_config.json").get("do_lower_case", True))
            made = BertWordPieceTokenizer(str(folder / "vocab.txt"), lowercase=lower)
            return Tokenizer.from_str(made.to_str())
        made = ByteLevelBPETokenizer(str(folder / "vocab.json"), str(folder / "merges.txt"))
        inner = Tokenizer.from_str(made.to_str())
        return _with_roberta_ends(inner)
    except BadInput:
        raise
    except Exception as error:  # the tokenizers library raises bare Exception
        raise BadInput(
            f"The tokenizer in {folder} cannot be read ({str(error)[:120]}); copy the model again.",
            "teacher.path",
        ) from None


def _with_roberta_ends(tokenizer: Tokenizer) -> Tokenizer:
    """Add <s> ... </s> around each sentence, which vocab and merges files do not record."""
    from tokenizers.processors import RobertaProcessing

    first, last = tokenizer.token_to_id("<s>"), tokenizer.token_to_id("</s>")
    if first is not None and last is not None:
        tokenizer.post_processor = RobertaProcessing(("</s>", last), ("<s>", first))
    return tokenizer


def first_layers(teacher: Loaded, layers: int, seed: int) -> nn.Module:
    """A copy of the teacher with only its first `layers` layers, embeddings, pooler and head kept.

    Patient KD, section 4: the student starts from the teacher's first k layers.
    """
    config = _with_sizes(teacher, {"layers": layers})
    student = build(teacher.architecture, config, teacher.labels, seed, blank=True)
    wanted = student.state_dict()
    source = teacher.model.state_dict()
    student.load_state_dict({name: source[name] for name in wanted})
    return student


def resized(teacher: Loaded, seed: int, **sizes: int) -> nn.Module:
    """A model of the teacher's family with random weights; `sizes` are layers, hidden, heads, feed_forward."""
    return build(teacher.architecture, _with_sizes(teacher, sizes), teacher.labels, seed)


def _with_sizes(teacher: Loaded, sizes: dict[str, int]) -> dict[str, Any]:
    """The teacher's config with some sizes changed; no more layers are stored than there are."""
    names = {size: getattr(teacher.architecture, size) for size in sizes}
    config = {**teacher.config, **{names[size]: value for size, value in sizes.items()}}
    if "num_hidden_groups" in config:
        layers = config[teacher.architecture.layers]
        config["num_hidden_groups"] = min(config["num_hidden_groups"], layers)
    return config


def set_dropout(model: nn.Module, rate: float) -> None:
    """Use one dropout rate everywhere in the model."""
    for module in model.modules():
        if isinstance(module, nn.Dropout):
            module.p = rate


def export_weights(
    model: nn.Module, architecture: Architecture, config: dict[str, Any], labels: Sequence[str],
    tokenizer: Tokenizer, folder: Path,
) -> None:  # fmt: skip
    """Write a Hugging Face style folder that `load` reads back to the same weights."""
    folder.mkdir(parents=True, exist_ok=True)
    state = {
        name: value.detach().cpu().clone().contiguous()
        for name, value in model.state_dict().items()
    }
    save_file(state, folder / "model.safetensors", metadata={"format": "pt"})
    names = {
        "id2label": {str(i): n for i, n in enumerate(labels)},
        "label2id": {n: i for i, n in enumerate(labels)},
    }
    body = {
        "architectures": [type(model).__name__],
        "model_type": architecture.key,
        **config,
        **names,
    }
    (folder / "config.json").write_text(json.dumps(body, indent=2, ensure_ascii=False), "utf-8")
    tokenizer.save(str(folder / "tokenizer.json"))


def config_of(model: nn.Module, architecture: Architecture, base: dict[str, Any]) -> dict[str, Any]:
    """The checked config entries with the sizes the model really has."""
    own: Any = model.config
    real = own.to_dict()
    return {key: real.get(key, value) for key, value in base.items()}


def quantise_rows(state: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """Store each matrix as int8 rows with one float32 scale a row; vectors stay float32.

    `read_weights` expands it: w = scale * code, |error| <= scale / 2 per weight.
    """
    stored = {}
    for name, value in state.items():
        if value.dim() != 2 or not value.is_floating_point():
            stored[name] = value
            continue
        scale = value.abs().amax(dim=1).clamp_min(1e-12) / 127
        stored[name] = (value / scale.unsqueeze(1)).round().clamp(-127, 127).to(torch.int8)
        stored[name + SCALE] = scale
    return stored
