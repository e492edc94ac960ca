"""Settings with which each method finishes in a moment on the tiny teacher and data."""

from __future__ import annotations

from typing import Any

SMALL: dict[str, dict[str, Any]] = {
    "finetune": {},
    "pkd": {},
    "albert": {"embedding_size": 8},
    "tinybert": {
        "layers": 2,
        "hidden_size": 12,
        "heads": 2,
        "feed_forward": 16,
        "general_epochs": 1,
        "general_batch": 32,
        "intermediate_epochs": 2,
        "masked_epochs": 1,
        "variants": 2,
    },
    "bilstm": {
        "hidden": 6,
        "embedding": 8,
        "transfer": "train",
        "teacher_layer": 2,
        "label_epochs": 2,
        "step_epochs": 1,
    },
    "extreme": {
        "vocabulary": 48,
        "hidden": 8,
        "text_epochs": 1,
        "text_batch": 16,
        "alpha": 0.5,
        "head_sentences": 64,
    },
}


def small_method(key: str, **settings: Any) -> dict[str, Any]:
    """The method block of a run file that is done in a moment."""
    return {"key": key, **SMALL[key], **settings}
