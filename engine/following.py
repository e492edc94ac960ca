"""A student that follows its teacher's layers: what is compared, the loss, and how it is judged."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from torch import nn

from engine import answers, feeds, models, parts
from engine.answers import layer_output
from engine.batches import Batch, Encoded, by_length
from engine.checks import Check, Found
from engine.job import Job
from engine.loop import Loss
from engine.models import Loaded
from engine.ops.layerwise import (
    LearnedMaps,
    Padding,
    attention_distance,
    main_directions,
    state_distance,
)
from engine.ops.states import recorded
from engine.sequences import rows as rows_of_text

JUDGED_ROWS = 256  # of the validation split: enough for a distance, cheap enough for each check


def chosen_layers(teacher: Loaded, layers: Sequence[int], seed: int) -> nn.Module:
    """A copy of the teacher with only the given layers, counted from 1, in their order."""
    student = models.first_layers(teacher, len(layers), seed)
    family = parts.FAMILIES[teacher.architecture.key]
    theirs = [layer for _, layer in family.layers(teacher.model)]
    for (_, own), layer in zip(family.layers(student), layers, strict=True):
        own.load_state_dict(theirs[layer - 1].state_dict())
    return student


def reduce_embeddings(student: Any, teacher: Loaded) -> torch.Tensor:
    """Give the student the teacher's embedding tables in the directions that keep most of them.

    Returns those directions [teacher's width, student's width]. Tables that keep their width,
    because the family maps them to the layers' width itself, are copied.
    """
    theirs: Any = teacher.model
    own = dict(student.base_model.embeddings.named_modules())
    word = theirs.get_input_embeddings().weight
    width = student.get_input_embeddings().weight.shape[1]
    directions = main_directions(word, width)
    for name, module in theirs.base_model.embeddings.named_modules():
        if isinstance(module, nn.Embedding):
            same = module.weight.shape[1] == width
            table = module.weight if same else module.weight @ directions
            own[name].weight.data.copy_(table.detach())
    return directions


class Pupil(nn.Module):
    """A student and the maps of its states to the teacher's width, which are trained with it."""

    def __init__(self, student: nn.Module, maps: LearnedMaps) -> None:
        super().__init__()
        self.student, self.maps = student, maps


@dataclass(frozen=True)
class Following:
    """What is compared: student layer m, from 1, with the teacher's layer `links[m - 1]`.

    With `dropout` the teacher hides units at random, as the reference code does by oversight.
    """

    links: tuple[int, ...]
    embedding: bool
    hidden: bool
    attention: bool
    normalised: bool = False
    padding: Padding = "none"
    dropout: bool = False

    @property
    def states(self) -> tuple[int, ...]:
        """The teacher's states that are followed; 0 is the embedding output."""
        return (0,) * self.embedding + self.links * self.hidden

    @property
    def titles(self) -> list[str]:
        """The rows of the table of distances: states, or scores where states are not followed."""
        layers = [f"Layer {m + 1}, from {layer}" for m, layer in enumerate(self.links)]
        if not self.states:
            return layers
        return ["Embedding"] * self.embedding + layers * self.hidden

    def teacher(self, job: Job, batch: Batch, split: str | None) -> dict[str, torch.Tensor]:
        """The teacher's "hidden" and "attention" for a batch.

        They are stored for a `split` where padding does not count, because at padding they would
        depend on the longest row of the batch; else they are computed in each step.
        """
        names = {}
        if self.states:
            names["hidden"] = layer_output("hidden", self.states)
        if self.attention:
            names["attention"] = layer_output("attention", self.links)
        wanted = tuple(sorted(names.values()))
        if split is not None and self.padding == "valid_only" and not self.dropout:
            said = job.teacher_outputs(batch, *wanted, split=split)
        else:
            said = answers.ask(job, batch, wanted, dropout=self.dropout)
        return {kind: said[name] for kind, name in names.items()}


def layer_loss(job: Job, follow: Following, split: str | None) -> Loss:
    """L = L_embd + sum over layers of (L_hidn + L_attn) (Jiao et al. 2020, eqs. 6 to 9, 11).

    Terms are plotted as "embedding", "hidden" and "attention", and the distance of every
    followed state as the table "distance". `split` names the rows, None for rows of other text.
    """

    def loss(pupil: nn.Module, batch: Batch) -> dict[str, torch.Tensor]:
        assert isinstance(pupil, Pupil)
        said = follow.teacher(job, batch, split)
        states, scores = _run(job, pupil.student, batch, follow)
        found: dict[str, torch.Tensor] = {}
        tables: list[torch.Tensor] = []
        if follow.states:
            layers = [0] * follow.embedding + [*range(1, len(follow.links) + 1)] * follow.hidden
            distances = [
                state_distance(
                    pupil.maps(states[layer], layer), said["hidden"][:, place],
                    batch.attention_mask, follow.padding,
                )
                for place, layer in enumerate(layers)
            ]  # fmt: skip
            tables = distances
            if follow.embedding:
                found["embedding"] = distances[0]
            if follow.hidden:
                found["hidden"] = torch.stack(distances[follow.embedding :]).sum()
        if follow.attention:
            distances = [
                attention_distance(
                    own, said["attention"][:, place], batch.attention_mask, follow.padding,
                    normalised=follow.normalised,
                )
                for place, own in enumerate(scores)
            ]  # fmt: skip
            found["attention"] = torch.stack(distances).sum()
        total = torch.stack(list(found.values())).sum()
        return {"loss": total, **found, "distance": torch.stack(tables or distances)}

    return loss


def _run(
    job: Job, student: Any, batch: Batch, follow: Following
) -> tuple[tuple[torch.Tensor, ...], list[torch.Tensor]]:
    """The student's states 0..M, and the scores of every layer where they are followed."""
    heads = int(student.config.num_attention_heads)
    places = parts.projections(job.teacher.architecture.key, student) if follow.attention else []
    with recorded(places, heads) as scores:
        out = feeds.answer(job, student, batch, output_hidden_states=True)
    layers = range(1, len(follow.links) + 1) if follow.attention else ()
    return out.hidden_states, scores.of(layers)


def layers_check(job: Job, follow: Following) -> Check:
    """Judge by the distance to the teacher's layers on validation sentences."""
    measured = layer_loss(job, replace(follow, dropout=False), None)

    @torch.no_grad()
    def check(pupil: nn.Module) -> Found | None:
        pupil.eval()
        total, count = 0.0, min(JUDGED_ROWS, len(job.encoded["validation"]))
        for rows in by_length(job.encoded["validation"].lengths[:count], 64):
            if job.stopping:
                return None
            batch = job.batch(np.asarray(rows), "validation")
            total += float(measured(pupil, batch)["loss"]) * len(rows)
        distance = total / count
        words = f"{distance:.4f} away from the teacher's layers on validation"
        return Found({"validation/distance": distance}, (-distance,), words)

    return check


def text_feed(job: Job) -> feeds.Feed:
    """Feed the run's plain text, packed into rows, without masks."""
    found = rows_of_text(job.teacher.tokenizer, job.text, job.max_length, job.spec.seed)
    return feeds.labelled(job, Encoded(found.ids, found.types, None, found.lengths, found.pad))
