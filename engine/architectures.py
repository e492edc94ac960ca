"""The encoder families Thimble loads: which config entries are trusted, and within what bounds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from engine.errors import BadInput
from engine.schema import make
from engine.shape import Shape

Activation = Literal["gelu", "gelu_new", "gelu_pytorch_tanh", "relu", "silu", "tanh"]


def _size(default: int, high: int) -> Any:
    return Field(default, ge=1, le=high)


def _rate(default: float | None) -> Any:
    return Field(default, ge=0, lt=1)


class _Config(BaseModel):
    """Entries not named here are dropped, so nothing unknown reaches transformers."""

    model_config = ConfigDict(frozen=True, extra="ignore", protected_namespaces=())

    vocab_size: int = _size(30522, 2_000_000)
    max_position_embeddings: int = _size(512, 100_000)
    initializer_range: float = Field(0.02, gt=0, le=10)
    pad_token_id: int = Field(0, ge=0)
    position_embedding_type: Literal["absolute"] = "absolute"
    is_decoder: Literal[False] = False
    add_cross_attention: Literal[False] = False

    @model_validator(mode="after")
    def _pad_in_vocabulary(self) -> _Config:
        if self.pad_token_id >= self.vocab_size:
            raise ValueError(f"pad_token_id {self.pad_token_id} lies outside the vocabulary.")
        return self


class BertFields(_Config):
    """BERT, and RoBERTa, which differs in defaults only."""

    hidden_size: int = _size(768, 65_536)
    num_hidden_layers: int = _size(12, 1000)
    num_attention_heads: int = _size(12, 1000)
    intermediate_size: int = _size(3072, 262_144)
    hidden_act: Activation = "gelu"
    hidden_dropout_prob: float = _rate(0.1)
    attention_probs_dropout_prob: float = _rate(0.1)
    type_vocab_size: int = _size(2, 1000)
    layer_norm_eps: float = Field(1e-12, gt=0, lt=1)
    classifier_dropout: float | None = _rate(None)

    @model_validator(mode="after")
    def _divides(self) -> BertFields:
        if self.hidden_size % self.num_attention_heads:
            raise ValueError(
                f"hidden_size {self.hidden_size} does not divide by "
                f"{self.num_attention_heads} attention heads."
            )
        return self


class RobertaFields(BertFields):
    """RoBERTa: positions start after the padding index."""

    vocab_size: int = _size(50265, 2_000_000)
    pad_token_id: int = Field(1, ge=0)


class ElectraFields(BertFields):
    """ELECTRA discriminator: a narrower embedding and a two-layer head."""

    hidden_size: int = _size(256, 65_536)
    num_attention_heads: int = _size(4, 1000)
    intermediate_size: int = _size(1024, 262_144)
    embedding_size: int = _size(128, 65_536)


class AlbertFields(BertFields):
    """ALBERT: a factorised embedding and layers stored once."""

    vocab_size: int = _size(30000, 2_000_000)
    hidden_size: int = _size(4096, 65_536)
    num_attention_heads: int = _size(64, 1000)
    intermediate_size: int = _size(16384, 262_144)
    embedding_size: int = _size(128, 65_536)
    num_hidden_groups: int = _size(1, 1000)
    inner_group_num: Literal[1] = 1
    hidden_act: Activation = "gelu_new"
    hidden_dropout_prob: float = _rate(0.0)
    attention_probs_dropout_prob: float = _rate(0.0)
    classifier_dropout_prob: float = _rate(0.1)
    shared_part: Literal["", "attention", "feed_forward"] = ""  # Thimble's own: of all layers

    @model_validator(mode="after")
    def _stored_layers(self) -> AlbertFields:
        groups, layers = self.num_hidden_groups, self.num_hidden_layers
        if groups > layers:
            raise ValueError(f"num_hidden_groups {groups} is more than the {layers} layers.")
        return self


class DistilbertFields(_Config):
    """DistilBERT: its own names, no token types, no pooler."""

    dim: int = _size(768, 65_536)
    n_layers: int = _size(6, 1000)
    n_heads: int = _size(12, 1000)
    hidden_dim: int = _size(3072, 262_144)
    activation: Activation = "gelu"
    dropout: float = _rate(0.1)
    attention_dropout: float = _rate(0.1)
    seq_classif_dropout: float = _rate(0.2)
    sinusoidal_pos_embds: bool = False

    @model_validator(mode="after")
    def _divides(self) -> DistilbertFields:
        if self.dim % self.n_heads:
            raise ValueError(f"dim {self.dim} does not divide by {self.n_heads} attention heads.")
        return self


@dataclass(frozen=True)
class Architecture:
    """One family: its checked fields, and the entry names for the sizes a student may change."""

    key: str
    title: str
    fields: type[_Config]
    head: str
    layers: str = "num_hidden_layers"
    hidden: str = "hidden_size"
    heads: str = "num_attention_heads"
    feed_forward: str = "intermediate_size"

    def shape(self, config: dict[str, Any], labels: int) -> Shape:
        """The sizes of a checked config as plain numbers."""
        embedding = config.get("embedding_size", 0)
        hidden = config[self.hidden]
        return Shape(
            architecture=self.key, layers=config[self.layers], hidden=hidden,
            heads=config[self.heads], feed_forward=config[self.feed_forward],
            vocabulary=config["vocab_size"], positions=config["max_position_embeddings"],
            types=config.get("type_vocab_size", 0), labels=labels,
            embedding=0 if embedding == hidden else embedding,
            shared_layers=config.get("num_hidden_groups") == 1,
            groups=config.get("num_hidden_groups", 0),
            shared_part=config.get("shared_part", ""),
        )  # fmt: skip


ARCHITECTURES: dict[str, Architecture] = {
    one.key: one
    for one in (
        Architecture("bert", "BERT", BertFields, "classifier.weight"),
        Architecture("roberta", "RoBERTa", RobertaFields, "classifier.out_proj.weight"),
        Architecture("electra", "ELECTRA", ElectraFields, "classifier.out_proj.weight"),
        Architecture("albert", "ALBERT", AlbertFields, "classifier.weight"),
        Architecture(
            "distilbert", "DistilBERT", DistilbertFields, "classifier.weight",
            layers="n_layers", hidden="dim", heads="n_heads", feed_forward="hidden_dim",
        ),
    )
}  # fmt: skip


def checked_config(raw: Any, place: str) -> tuple[Architecture, dict[str, Any]]:
    """Return the architecture and the trusted entries of a config.json, or refuse it.

    `place` is the file's name for the sentence. Remote code is never run: a config that asks
    for it is refused even when its architecture is known.
    """
    if not isinstance(raw, dict):
        raise BadInput(f"{place} is not a model's config; choose a Hugging Face model folder.")
    if "auto_map" in raw:
        raise BadInput(
            f"{place} asks to run code of its own; Thimble never does. Use a plain model."
        )
    key = str(raw.get("model_type", ""))[:60]
    if key not in ARCHITECTURES:
        known = ", ".join(one.title for one in ARCHITECTURES.values())
        raise BadInput(f'{place} names the model type "{key}"; Thimble loads {known}.')
    architecture = ARCHITECTURES[key]
    try:
        return architecture, make(architecture.fields, raw).model_dump()
    except BadInput as error:
        raise BadInput(f"{place} cannot be used: {error}") from None
