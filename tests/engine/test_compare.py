"""The comparison is honest: same examples only, exact tests, and sentences that follow from rows."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from engine import compare
from engine.history import History
from engine.records import RunRecord
from engine.spec import RunSpec
from engine.stats import mcnemar_exact
from engine.training import Training


def record(name, accuracy=0.90, p=0.4, size=50e6, latency=5.0, **changes):
    """A finished run as the history hands it out; the teacher: 93 %, 400 MB, 45 ms."""
    result = {
        "split": "test", "examples": 872, "data_fingerprint": "same", "accuracy": accuracy,
        "accuracy_low": accuracy - 0.02, "accuracy_high": accuracy + 0.02, "bytes": size,
        "latency_ms": {"median": latency}, "sparsity": 0.0, "mean_bits": 32.0, "macro_f1": accuracy,
        "agreement": 0.95, "mcnemar": {"p": p}, **changes.pop("result", {}),
    }  # fmt: skip
    teacher = {"name": "BERT-base", "fingerprint": "t1", "accuracy": 0.93, "bytes": 400e6,
               "latency_ms": {"median": 45.0}}  # fmt: skip
    spec = {"name": name, "seed": 42, "teacher": {"source": "bundled", "name": "t"},
            "method": {"key": "tinybert", "layers": 4}, **changes.pop("spec", {})}  # fmt: skip
    blank = {field.name: None for field in dataclasses.fields(RunRecord)}
    named = {"id": f"id-{name}", "name": name, "method": "tinybert", "family": "distil",
             "status": "finished", "folder": Path(), "tags": ()}  # fmt: skip
    known = {"seed": spec["seed"], "spec": spec, "result": result, "teacher": teacher}
    return RunRecord(**{**blank, **named, **known, **changes})


def row(comparison, name):
    return next(one for one in comparison.rows if one.name == name)


def test_the_teacher_stands_first_and_once():
    rows = compare.compare([record("a"), record("b")]).rows
    assert [one.name for one in rows] == ["BERT-base", "a", "b"]
    assert (rows[0].verdict, rows[0].smaller, rows[0].difference) == ("reference", None, None)


def test_a_second_teacher_gets_its_own_row():
    other = record("b", teacher={"name": "RoBERTa", "fingerprint": "t2", "accuracy": 0.95})
    rows = compare.compare([record("a"), other]).rows
    assert [one.name for one in rows if one.is_teacher] == ["BERT-base", "RoBERTa"]


def test_a_row_is_measured_against_its_teacher():
    found = row(compare.compare([record("a")]), "a")
    assert found.difference == pytest.approx(-0.03)
    assert (found.smaller, found.faster) == (8.0, 9.0)


@pytest.mark.parametrize(
    ("accuracy", "p", "verdict"),
    [
        (0.90, 0.049, "clear loss"),
        (0.90, 0.05, "no clear loss"),
        (0.95, 0.01, "clear gain"),
        (0.93, 1.0, "no clear loss"),
        (0.90, None, "unknown"),
        (0.90, float("nan"), "unknown"),
        (0.90, "0.2", "unknown"),
    ],
)
def test_verdicts(accuracy, p, verdict):
    assert row(compare.compare([record("a", accuracy, p)]), "a").verdict == verdict


@pytest.mark.parametrize("other", [{"data_fingerprint": "other"}, {"split": "validation"}])
def test_runs_on_other_examples_are_not_comparable(other):
    rows = compare.compare([record("a"), record("b"), record("far", 0.99, result=other)])
    far = row(rows, "far")
    assert (far.verdict, far.difference, far.p) == ("not comparable", None, None)
    assert far.id not in rows.pareto()
    assert not any("far" in remark.text for remark in rows.remarks)


def test_a_run_without_a_result_has_a_row_of_unknowns():
    found = row(compare.compare([record("a"), dataclasses.replace(record("b"), result={})]), "b")
    assert (found.verdict, found.accuracy) == ("not comparable", None)


def test_damaged_numbers_are_unknown():
    strange = {"accuracy": "high", "bytes": None, "latency_ms": 3, "mcnemar": [1]}
    found = row(compare.compare([record("a", result=strange)]), "a")
    assert (found.accuracy, found.bytes, found.latency, found.verdict) == (
        None,
        None,
        None,
        "unknown",
    )


def test_pareto_by_size_and_by_latency():
    small, fast = record("small", 0.88, size=20e6, latency=9), record("fast", 0.91, latency=2)
    beaten = record("beaten", 0.87, size=60e6, latency=10)
    rows = compare.compare([small, fast, beaten])
    assert rows.pareto() == ["id-small", "id-fast", "teacher:t1"]
    assert rows.pareto("latency") == ["id-fast", "teacher:t1"]


def sentences(*records):
    return {remark.heading: remark for remark in compare.compare(records).remarks}


def test_smallest_and_fastest_without_clear_loss():
    found = sentences(
        record("quantised", 0.921, size=47.6e6, latency=45.2),
        record("distilled", 0.913, size=52.6e6, latency=5.06),
        record("tiny", 0.80, 0.0001, size=5e6, latency=0.5),
    )
    assert found["Smallest with no clear loss"].parts[0] == ("quantised", True)
    assert found["Smallest with no clear loss"].text == (
        "quantised is 8.4× smaller than the teacher, at the same speed."
    )
    assert found["Fastest with no clear loss"].text == (
        "distilled answers 8.9× faster and is 7.6× smaller."
    )


def test_a_slower_small_run_says_so():
    text = sentences(record("a", size=40e6, latency=90.0))["Smallest with no clear loss"].text
    assert text == "a is 10.0× smaller than the teacher, but 2.0× slower."


def test_beaten_on_both_counts_names_the_better_run():
    found = sentences(record("better", 0.90, size=25e6), record("worse", 0.87, 0.001, size=32e6))
    assert found["Beaten on both counts"].text == "worse is larger and less accurate than better."


def test_only_clear_losses_are_said_plainly():
    found = sentences(record("a", 0.8, 0.001), record("b", 0.7, 0.001, size=60e6))
    assert "clearly worse" in found["No run without clear loss"].text


def test_the_footnote_counts_the_sentences():
    assert "on the same 872 sentences, p below 0.05" in compare.compare([record("a")]).footnote


def test_nothing_to_compare_says_nothing():
    found = compare.compare([])
    assert (found.rows, found.remarks, found.pairs) == ((), (), {})


def test_settings_that_differ_are_listed():
    a, b = record("a").spec, record("b", spec={"method": {"key": "tinybert", "layers": 6}}).spec
    assert compare.settings_diff([a, b]) == [("method.layers", (4, 6))]
    assert compare.settings_diff([a, {**b, "seed": 7}])[0] == ("seed", (42, 7))


def shared(latency, **more):
    """A run that does the teacher's work with a smaller file."""
    one = record("shared", size=40e6, latency=latency, result={"macs": 5e8, **more})
    return dataclasses.replace(one, teacher={**one.teacher, "macs": 5e8})


def test_a_smaller_file_with_the_same_work_is_no_faster():
    found = {one.heading: one.text for one in compare.compare([shared(44.0)]).remarks}
    assert "Fastest with no clear loss" not in found
    assert (
        found["Smallest with no clear loss"]
        .replace("\N{NO-BREAK SPACE}", " ")
        .endswith("Smaller file, same work: no faster (44.0 ms, teacher 45.0 ms).")
    )


def test_a_time_that_was_measured_is_never_called_no_faster():
    found = {one.heading: one.text for one in compare.compare([shared(30.0)]).remarks}
    assert (
        found["Smallest with no clear loss"]
        .replace("\N{NO-BREAK SPACE}", " ")
        .endswith("Smaller file, same work, yet measured at 30.0 ms, teacher 45.0 ms.")
    )


def test_fewer_bits_may_be_faster_with_the_same_work():
    rows = compare.compare([shared(30.0, mean_bits=8.0)]).rows
    assert rows[-1].clearly_faster


def test_a_speed_that_chance_explains_is_not_praised():
    noisy = record("noisy", latency=40.0, result={"latency_ms": {"median": 40.0, "p95": 60.0}})
    found = {one.heading: one.text for one in compare.compare([noisy]).remarks}
    assert "Fastest with no clear loss" not in found
    assert found["Smallest with no clear loss"].endswith(", and not clearly faster.")


def test_a_lead_that_chance_explains_is_none():
    rows = compare.compare([record("a", 0.90, size=9e6), record("b", 0.91, size=8e6)]).rows
    said = compare.remarks(rows, pairs={("id-a", "id-b"): 0.5})
    assert said[-1].text == "a is larger than b and not clearly more accurate (p = 0.50)."


def test_seed_groups_give_mean_and_spread():
    runs = [record(f"a{s}", 0.90 + s / 100, spec={"seed": s}) for s in (1, 2, 3)]
    (group,) = compare.seed_groups([*runs, record("b", spec={"method": {"key": "pkd"}})])
    assert group.seeds == (1, 2, 3)
    assert (group.accuracy, group.spread) == (pytest.approx(0.92), pytest.approx(0.01))


LABELS = np.array([0, 0, 0, 0, 1, 1, 1, 1])
TEACHER = np.array([0, 0, 0, 0, 1, 1, 1, 0])
STUDENT = np.array([0, 0, 1, 1, 1, 1, 1, 1])
TEXTS = [f"sentence {i}" for i in range(8)]


@pytest.fixture
def history(tmp_path):
    with History.open(tmp_path / "history.sqlite") as one:
        yield one


def spec(name):
    return RunSpec(
        name=name, teacher={"source": "bundled", "name": "t"},
        data={"source": "bundled", "name": "d"}, method={"key": "tinybert"}, training=Training(),
    )  # fmt: skip


def stored(history, name, student):
    """A run whose answers and sentences are in the history."""
    run = history.add_run(spec(name), status="finished")
    history.save_examples("same", LABELS.tolist(), (TEXTS,))
    for who, predicted in (("student", student), ("teacher", TEACHER)):
        sure = np.linspace(0.6, 0.9, 8)[:, None] * np.eye(2)[predicted]
        sure = np.where(sure == 0, 1 - sure.sum(1, keepdims=True), sure).astype(np.float32)
        history.save_predictions(run, "test", "same", who, LABELS, predicted, sure)
    return dataclasses.replace(record(name), id=run)


def test_pairs_are_tested_on_stored_answers(history):
    a, b = stored(history, "a", STUDENT), stored(history, "b", TEACHER)
    found = compare.compare([a, b, record("no answers")], history)
    assert found.pairs == {(a.id, b.id): mcnemar_exact(1, 2)}


def test_disagreements_put_lost_answers_first_the_surest_on_top(history):
    found = compare.disagreements(stored(history, "a", STUDENT), history)
    assert [(one.text, one.kind) for one in found] == [
        (("sentence 3",), "only the other right"),
        (("sentence 2",), "only the other right"),
        (("sentence 7",), "only this right"),
    ]
    assert (found[0].label, found[0].other, found[0].student) == (0, 0, 1)
    assert found[0].student_probability == pytest.approx(0.7286, abs=1e-3)


def test_two_runs_can_disagree_with_each_other(history):
    a, b = stored(history, "a", STUDENT), stored(history, "b", 1 - STUDENT)
    found = compare.disagreements(a, history, against=b)
    assert len(found) == 8
    assert {one.kind for one in found} == {"only the other right", "only this right"}


def test_without_stored_answers_there_are_no_disagreements(history):
    run = history.add_run(spec("a"), status="finished")
    assert compare.disagreements(dataclasses.replace(record("a"), id=run), history) == []
