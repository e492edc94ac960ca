"""TinyBERT end to end: sizes, maps, stages, terms, refusals and what each setting does."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from jobs import model_folder, prepared, same_weights, scalars, trained
from small import small_method

from engine import loop, models
from engine.architectures import ARCHITECTURES
from engine.errors import BadInput
from engine.events import Event
from engine.job import Job
from engine.method import find_method
from engine.ops.layerwise import LearnedMaps
from engine.pairing import without_teacher
from engine.shape import Shape
from engine.spec import make_spec
from engine.tinybert_settings import TinyBERT, check, followed_layers, forecast, stages

BASE = Shape("bert", 12, 768, 12, 3072, 30522, 512, 2, 2)
PLAIN = {"general": False, "augment": False}


def with_method(run: dict[str, Any], **settings: Any) -> dict[str, Any]:
    return {**run, "method": small_method("tinybert", **{**PLAIN, **settings})}


# Sizes and maps -----------------------------------------------------------------------------


def test_the_papers_student_has_the_published_parameters() -> None:
    shape = forecast(TinyBERT(), BASE).student
    config = ARCHITECTURES["bert"].fields(
        num_hidden_layers=4, hidden_size=312, intermediate_size=1200, num_attention_heads=12
    )
    with torch.device("meta"):
        student = models.build(ARCHITECTURES["bert"], config.model_dump(), ("a", "b"), 0)
        fit = torch.nn.Linear(312, 768)
    counted = sum(p.numel() for p in student.base_model.parameters())
    assert counted == 14_350_248
    assert counted + sum(p.numel() for p in fit.parameters()) == 14_590_632
    assert shape.parameters == counted + 313 * 2


def test_the_shared_map_of_the_papers_student_has_the_published_size() -> None:
    maps = LearnedMaps(4, 312, 768, "shared", 0)
    assert sum(p.numel() for p in maps.parameters()) == 14_590_632 - 14_350_248


@pytest.mark.parametrize(
    ("layers", "strategy", "expected"),
    [
        (4, "uniform", (3, 6, 9, 12)), (6, "uniform", (2, 4, 6, 8, 10, 12)),
        (4, "top", (9, 10, 11, 12)), (4, "bottom", (1, 2, 3, 4)), (5, "uniform", ()),
        (5, "top", (8, 9, 10, 11, 12)), (13, "top", ()), (12, "uniform", tuple(range(1, 13))),
    ],
)  # fmt: skip
def test_layers_are_mapped_as_in_the_paper(
    layers: int, strategy: Any, expected: tuple[int, ...]
) -> None:
    params = TinyBERT(layers=layers, layer_map=strategy)
    assert followed_layers(params, BASE) == expected
    assert forecast(params, BASE).links == tuple((g, m + 1) for m, g in enumerate(expected))


@pytest.mark.parametrize(("embedding", "kept"), [(128, 128), (0, 768)])
def test_a_factorised_embedding_keeps_its_width(embedding: int, kept: int) -> None:
    teacher = replace(BASE, architecture="electra", embedding=embedding)
    assert forecast(TinyBERT(), teacher).student.embedding == kept


@pytest.mark.parametrize("family", ["bert", "electra", "albert"])
def test_the_forecast_counts_the_students_parameters(
    family: str, tiny_run: dict[str, Any], tmp_path: Path
) -> None:
    folder = model_folder(tmp_path / "model", family)
    run = with_method(tiny_run, layer_map="top", intermediate_epochs=1)
    run["teacher"] = {"source": "folder", "path": str(folder)}
    job = prepared(run, tmp_path, epochs=1)
    student = job.method.run(job, job.params)
    expected = forecast(job.params, job.info.shape).student.parameters
    assert sum(p.numel() for p in student.parameters()) == expected


# Refusals -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "where", "sentence"),
    [
        ({"hidden_size": 310}, "hidden_size", "does not divide by 12"),
        ({"layers": 5}, "layers", "evenly over 5; choose one of 1, 2, 3, 4, 6, 12"),
        ({"layers": 13, "layer_map": "top"}, "layers", "at most 12"),
        ({"heads": 6}, "heads", "has 6 attention heads and the teacher 12"),
        ({"start": "teacher"}, "start", "width 768, 12 heads, feed-forward width 3072"),
        ({"start": "embeddings", "hidden_size": 780}, "start", "768 columns, too few"),
        ({"vectors": "absent.txt"}, "vectors", "There is no file"),
    ],
)
def test_what_cannot_be_built_or_followed_is_refused(
    values: dict[str, Any], where: str, sentence: str
) -> None:
    with pytest.raises(BadInput, match=sentence) as caught:
        check(TinyBERT(**values), BASE)
    assert caught.value.where == f"method.{where}"


@pytest.mark.parametrize(
    "values",
    [
        {"heads": 6, "attention": False},
        {"layers": 5, "learn_from": "labels"},
        {"layers": 5, "embedding": False, "hidden": False, "attention": False},
        {"vectors": "absent.txt", "augment": False},
    ],
)
def test_what_does_not_matter_is_not_refused(values: dict[str, Any]) -> None:
    assert check(TinyBERT(**values), BASE) is None


# Stages and terms ---------------------------------------------------------------------------


def test_the_stages_are_those_that_the_settings_need() -> None:
    whole = ("Prepare", "General", "Masked words", "Augment", "Layers", "Answers", "Measure")
    assert stages(TinyBERT()) == whole
    assert stages(TinyBERT(**PLAIN)) == ("Prepare", "Layers", "Answers", "Measure")
    nothing = TinyBERT(**PLAIN, embedding=False, hidden=False, attention=False)
    assert stages(nothing) == stages(TinyBERT(learn_from="labels", augment=False))


def test_stages_are_gone_through_in_order(tiny_run: dict[str, Any], tmp_path: Path) -> None:
    events: list[Event] = []
    trained({**tiny_run, "method": small_method("tinybert")}, tmp_path, events, epochs=1)
    begun = [e.stage for e in events if e.kind == "stage" and e.data["state"] == "begun"]
    assert list(dict.fromkeys(begun)) == list(stages(TinyBERT()))[:-1]


def test_each_term_and_each_followed_layer_is_plotted(
    tiny_run: dict[str, Any], tmp_path: Path
) -> None:
    events: list[Event] = []
    trained(with_method(tiny_run), tmp_path, events, epochs=1)
    tables = [event for event in events if event.kind == "layers"]
    assert list(tables[0].values) == ["Embedding", "Layer 1, from 2", "Layer 2, from 4"]
    terms = ("embedding", "hidden", "attention")
    series = [scalars(events, name) for name in ("loss", *(f"loss/{one}" for one in terms))]
    for loss, *parts in zip(*series, strict=False):
        assert loss == pytest.approx(sum(parts), rel=1e-4)
    assert scalars(events, "loss/prediction")
    assert scalars(events, "validation/agreement")
    assert scalars(events, "validation/distance")


@pytest.mark.parametrize("term", ["embedding", "hidden", "attention", "prediction"])
def test_each_term_can_be_left_out(term: str, tiny_run: dict[str, Any], tmp_path: Path) -> None:
    events: list[Event] = []
    trained(with_method(tiny_run, **{term: False}), tmp_path, events, epochs=1)
    names = {name for event in events for name in event.values if name.startswith("loss/")}
    every = {"embedding", "hidden", "attention", "prediction"}
    assert names == {f"loss/{one}" for one in every - {term}}


def test_the_layers_come_nearer(tiny_run: dict[str, Any], tmp_path: Path) -> None:
    events: list[Event] = []
    run = with_method(tiny_run, intermediate_epochs=6, intermediate_rate=5e-3)
    trained(run, tmp_path, events, epochs=1)
    for name in ("loss/hidden", "loss/attention", "validation/distance"):
        found = scalars(events, name)
        assert found[-1] < 0.8 * found[0], name


# Schedules and starts -----------------------------------------------------------------------


def fits(
    run: dict[str, Any], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> list[dict[str, Any]]:
    """How the training loop is asked to train, stage by stage."""
    found: list[dict[str, Any]] = []

    def fit(job: Any, model: torch.nn.Module, loss: Any, **given: Any) -> torch.nn.Module:
        found.append({"model": model, "loss": loss, **given})
        return model

    monkeypatch.setattr(loop, "fit", fit)
    job = prepared(run, folder)
    job.method.run(job, job.params)
    return found


def test_the_papers_schedules(
    tiny_run: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    method = {"key": "tinybert", "layers": 2, "hidden_size": 12, "heads": 2, "feed_forward": 16}
    run = {**tiny_run, "method": {**method, "augment": False}, "training": {}}
    general, layers, answers = fits(run, tmp_path, monkeypatch)
    assert (general["epochs"], general["schedule"], general["warmup"]) == (3, "linear", 0.1)
    assert (layers["epochs"], layers["learning_rate"]) == (20, 5e-5)
    assert (layers["schedule"], layers["warmup"]) == ("constant", 0.0)
    assert answers["epochs"] == 3
    training = make_spec(run).training
    assert (training.learning_rate, training.batch_size, training.max_length) == (3e-5, 32, 64)


def test_the_student_alone_sees_the_sentences_as_often_and_nothing_else(
    tiny_run: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = without_teacher(make_spec(with_method(tiny_run, augment=True)))
    (only,) = fits(run.model_dump(mode="json"), tmp_path, monkeypatch)
    assert only["stage"] == "Answers"
    assert only["epochs"] == 2 + 2
    assert len(only["feed"].lengths) == 96


def test_alone_starts_from_the_same_weights(
    tiny_run: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    taught = fits(with_method(tiny_run), tmp_path / "a", monkeypatch)
    alone = fits(with_method(tiny_run, learn_from="labels"), tmp_path / "b", monkeypatch)
    assert same_weights(taught[-1]["model"], alone[-1]["model"])


def test_labels_play_no_part_unless_asked(tiny_run: dict[str, Any], tmp_path: Path) -> None:
    found = []
    for turned in (False, True):
        job = prepared(with_method(tiny_run), tmp_path / str(turned), epochs=1, keep="last")
        if turned:
            job.splits["train"].labels[:] = 1 - job.splits["train"].labels
        found.append(job.method.run(job, job.params))
    assert same_weights(*found)


def test_a_student_may_start_from_the_followed_layers(
    tiny_run: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = with_method(tiny_run, start="teacher", hidden_size=16, feed_forward=32)
    layers, _ = fits(run, tmp_path, monkeypatch)
    teacher = prepared(run, tmp_path / "other").teacher.model
    pupil = layers["model"]
    assert same_weights(pupil.student.bert.encoder.layer[0], teacher.bert.encoder.layer[1])
    assert torch.equal(pupil.maps.maps[0].weight, torch.eye(16))


def test_a_thin_student_may_start_from_the_reduced_embeddings(
    tiny_run: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    layers, _ = fits(with_method(tiny_run, start="embeddings"), tmp_path, monkeypatch)
    pupil = layers["model"]
    theirs = prepared(tiny_run, tmp_path / "other").teacher.model.get_input_embeddings().weight
    assert torch.allclose(
        pupil.student.get_input_embeddings().weight, theirs @ pupil.maps.maps[0].weight, atol=1e-6
    )


# Augmentation -------------------------------------------------------------------------------


def test_more_sentences_are_made_once_and_shown(tiny_run: dict[str, Any], tmp_path: Path) -> None:
    run = with_method(tiny_run, augment=True, intermediate_epochs=1, variants=4)
    first: list[Event] = []
    second: list[Event] = []
    made = trained(run, tmp_path, first, epochs=1)
    spec = make_spec({**run, "training": {**run["training"], "epochs": 1}})
    job = Job(spec, tmp_path / "second", tmp_path / "cache", second.append)
    job.prepare()
    again = job.method.run(job, job.params)
    assert len(list((tmp_path / "cache" / "augmented").iterdir())) == 1
    assert same_weights(made, again)
    assert scalars(first, "loss/masked")
    assert not scalars(second, "loss/masked")
    assert scalars(first, "augmented/sentences")[0] > 96
    assert any(" became " in event.text for event in first if event.kind == "note")


def test_labels_stay_with_the_variants(tiny_run: dict[str, Any], tmp_path: Path) -> None:
    job = prepared(with_method(tiny_run, augment=True, replaced=0.0), tmp_path, epochs=1)
    job.method.run(job, job.params)
    before, after = job.splits["train"], job.splits["augmented"]
    assert after.texts == before.texts
    assert after.labels.tolist() == before.labels.tolist()


def test_quick_settings_fit_the_bundled_teacher() -> None:
    bundled = Shape("bert", 6, 384, 12, 1536, 30522, 512, 2, 2)
    quick = TinyBERT(**find_method("tinybert").quick["method"])
    assert check(quick, bundled) is None
    assert forecast(quick, bundled).student.parameters < bundled.parameters / 2
