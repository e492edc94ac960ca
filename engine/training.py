"""The training settings that every method shares."""

from __future__ import annotations

from typing import Literal

from engine.schema import Params, Setting, choice, number, settings_of, whole


class Training(Params):
    """Settings shared by every method that trains."""

    epochs: int = whole(
        3, 1, 1000, "How many times the student sees every training sentence.",
        label="Learn for", unit="epochs", term="epochs", source="Our default", basic=True,
    )  # fmt: skip
    batch_size: int = whole(
        32, 1, 4096, "Sentences per step. Larger is steadier and needs more memory.",
        label="Batch size", unit="sentences", source="Our default", basic=True,
    )  # fmt: skip
    learning_rate: float = number(
        5e-5, 1e-8, 1.0, "How far each step moves the weights. Too high diverges, too low crawls.",
        label="Learning rate", unit="per step", scientific=True, source="Our default", basic=True,
    )  # fmt: skip
    labels_per_class: int | None = whole(
        None, 1, 10_000_000, "Train on so many labelled sentences of each class; automatic takes all.",
        label="Labels per class", unit="sentences", term="low-resource setting", source="Our default",
    )  # fmt: skip
    max_length: int = whole(
        64, 8, 512, "Longer sentences are cut to this many word pieces.",
        label="Longest sentence", unit="pieces", term="maximum length", step=8,
        source="Our default",
    )  # fmt: skip
    warmup: float = number(
        0.1, 0.0, 1.0, "Share of all steps in which the learning rate rises from zero.",
        label="Warm-up", term="linear warm-up", step=0.05, source="Devlin et al. 2019, A.2",
    )  # fmt: skip
    schedule: Literal["linear", "cosine", "constant"] = choice(
        "linear", "How the learning rate falls after the warm-up.",
        label="Rate schedule", source="Devlin et al. 2019, A.2",
    )  # fmt: skip
    weight_decay: float = number(
        0.01, 0.0, 1.0, "Pulls weights towards zero; biases and LayerNorm are left out.",
        label="Weight decay", step=0.01, source="Devlin et al. 2019, A.2",
    )  # fmt: skip
    clip: float = number(
        1.0, 0.0, 1000.0, "Gradients longer than this are shortened; 0 switches it off.",
        label="Gradient limit", term="gradient clipping", step=0.5,
        source="Devlin et al. 2019, reference code",
    )  # fmt: skip
    dropout: float | None = number(
        None, 0.0, 0.9, "Share of units hidden at random in each step; automatic keeps the model's.",
        label="Dropout", step=0.05, source="Our default: the model's own",
    )  # fmt: skip
    validations: int = whole(
        4, 1, 100, "How often per epoch the student is checked on the validation split.",
        label="Checks per epoch", unit="per epoch", source="Our default",
    )  # fmt: skip
    keep: Literal["best", "last"] = choice(
        "best", "Keep the weights with the best validation accuracy, or the last ones.",
        label="Weights to keep", term="model selection", source="Our default",
    )  # fmt: skip
    save_every: float = number(
        20.0, 0.0, 3600.0, "Seconds between saved states, from which a killed run goes on; 0 saves every step.",
        label="Save every", unit="seconds", term="checkpoint interval", step=5.0, source="Our default",
    )  # fmt: skip
    precision: Literal["auto", "float32", "bfloat16"] = choice(
        "auto", "Arithmetic while training; auto takes bfloat16 where the processor is faster with it.",
        label="Arithmetic", term="precision", source="Our default",
    )  # fmt: skip
    threads: int | None = whole(
        None, 1, 256, "Processor threads for training; automatic takes every core.",
        label="Threads", unit="threads", source="Our default",
    )  # fmt: skip


def training_settings() -> tuple[Setting, ...]:
    """The shared training settings, for a form."""
    return settings_of(Training)
