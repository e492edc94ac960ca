"""Which configs are trusted: known families, sane sizes, no code of their own."""

from __future__ import annotations

from typing import Any

import pytest
from jobs import SIZES

from engine.architectures import ARCHITECTURES, checked_config
from engine.errors import BadInput

BERT: dict[str, Any] = {"model_type": "bert", **SIZES["bert"], "vocab_size": 17}
REFUSED = [
    ([], "is not a model's config; choose a Hugging Face model folder."),
    ("bert", "is not a model's config"),
    ({}, 'names the model type ""; Thimble loads BERT, RoBERTa, ELECTRA, ALBERT, DistilBERT.'),
    ({**BERT, "auto_map": {}}, "asks to run code of its own; Thimble never does."),
    ({**BERT, "model_type": "gpt2"}, 'names the model type "gpt2"'),
    ({**BERT, "model_type": ["bert"]}, "names the model type"),
    ({**BERT, "hidden_size": 15}, "hidden_size 15 does not divide by 2 attention heads."),
    ({**BERT, "num_attention_heads": 0}, '"num_attention_heads" is 0; it must be at least 1.'),
    ({**BERT, "hidden_size": -16}, '"hidden_size" is -16; it must be at least 1.'),
    ({**BERT, "hidden_size": 1e300}, '"hidden_size" is 1e+300;'),
    ({**BERT, "num_hidden_layers": 10**9}, "it must be at most 1000."),
    ({**BERT, "num_hidden_layers": "many"}, "\"num_hidden_layers\" is 'many';"),
    ({**BERT, "hidden_dropout_prob": float("nan")}, '"hidden_dropout_prob" is nan;'),
    ({**BERT, "hidden_act": "exec"}, "\"hidden_act\" is 'exec'; use one of"),
    ({**BERT, "pad_token_id": 17}, "pad_token_id 17 lies outside the vocabulary."),
    ({**BERT, "is_decoder": True}, '"is_decoder" is True; use one of False.'),
    ({**BERT, "position_embedding_type": "relative_key"}, "use one of 'absolute'."),
    (
        {"model_type": "distilbert", "dim": 15, "n_heads": 2},
        "dim 15 does not divide by 2 attention heads.",
    ),
]


@pytest.mark.parametrize(("raw", "words"), REFUSED)
def test_an_unfit_config_is_refused_in_words(raw: Any, words: str) -> None:
    with pytest.raises(BadInput) as caught:
        checked_config(raw, "teacher/config.json")
    sentence = str(caught.value)
    assert sentence.startswith("teacher/config.json ")
    assert words in sentence
    assert len(sentence) < 300


@pytest.mark.parametrize("key", list(ARCHITECTURES))
def test_a_bare_model_type_takes_the_familys_defaults(key: str) -> None:
    architecture, config = checked_config({"model_type": key}, "config.json")
    shape = architecture.shape(config, 2)
    assert architecture.key == shape.architecture == key
    assert shape.hidden % shape.heads == 0


def test_unknown_entries_never_get_through() -> None:
    _, config = checked_config(
        {**BERT, "trust_remote_code": True, "_name_or_path": "../.."}, "config.json"
    )
    assert set(config) == set(ARCHITECTURES["bert"].fields.model_fields)


def test_albert_stores_its_layers_once() -> None:
    architecture, config = checked_config({"model_type": "albert"}, "config.json")
    assert architecture.shape(config, 2).shared_layers
    assert not architecture.shape({**config, "num_hidden_groups": 2}, 2).shared_layers
