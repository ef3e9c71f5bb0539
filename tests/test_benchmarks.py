"""What `make bench` races agrees first, and its results hold every goal."""

import copy
import json

import _lock
import numpy as np
import pytest
from conftest import ROOT

from benchmarks import agreement, bench_speed, measures, workloads
from benchmarks.contestants import CONTESTANTS, OWN, enter, products, textbook

RESULTS = json.loads((ROOT / "chapters" / "speed.json").read_text("utf-8"))
# A step of the largest workload takes some hundred times as long as the others'.
KEYS = [
    pytest.param(key, marks=pytest.mark.slow) if key == "W4" else key
    for key in workloads.WORKLOADS
]
NEIGHBOURS = [name for name in OWN if name != "library"]


def small(key):
    """Return a workload, the sweep with few of its networks."""
    if key == "W5":
        return workloads.sweep(depths=(2, 5), gains=2, seeds=2)
    return workloads.WORKLOADS[key]()


def apart(key, name):
    workload = small(key)
    reference = enter("library", workload).answers()
    return agreement.apart(enter(name, workload).answers(), reference)


@pytest.mark.parametrize("name", NEIGHBOURS)
@pytest.mark.parametrize("key", KEYS)
def test_who_needs_no_other_package_agrees_with_the_library(key, name):
    assert apart(key, name) <= 1e-12 == agreement.TOLERANCE


@pytest.mark.parametrize("key", KEYS)
def test_a_slope_that_is_a_little_off_is_noticed(key, monkeypatch):
    slope = textbook.SLOPES["sigmoid"]
    off = {"sigmoid": lambda o: slope(o) * (1 + 1e-10)}
    monkeypatch.setattr(textbook, "SLOPES", textbook.SLOPES | off)
    assert apart(key, "textbook") > agreement.TOLERANCE


@pytest.mark.parametrize("key", KEYS)
def test_products_of_other_matrices_are_noticed(key, monkeypatch):
    def others(trace, gradient, weights):
        return made(trace, gradient, [w * (1 + 1e-10) for w in weights])

    def shifted(trace, gradient, weights):
        trace = [out * (1 + 1e-10) for out in trace]
        return made(trace, gradient, weights)

    made = products.products_of
    monkeypatch.setattr(products, "products_of", shifted)
    assert apart(key, "products") > agreement.TOLERANCE
    if key != "W5":
        monkeypatch.setattr(products, "products_of", others)
        assert apart(key, "products") > agreement.TOLERANCE


@pytest.mark.parametrize("part", ["loss", "gradient", "losses", "parameters"])
def test_each_answer_counts(part):
    reference = enter("library", small("W1")).answers()
    answers = reference | {part: reference[part] * (1 + 1e-11)}
    assert agreement.apart(reference, reference) == 0
    assert agreement.apart(answers, reference) > agreement.TOLERANCE


def test_what_cannot_be_compared_never_agrees():
    assert agreement.distance(np.ones(2), np.ones(3)) == np.inf
    assert agreement.distance([np.nan], [1.0]) == np.inf
    with pytest.raises(ValueError, match=r"\['other'\].*\['loss'\]"):
        agreement.apart({"other": 1.0}, {"loss": 1.0})
    with pytest.raises(ValueError, match=r"answers are \[\]"):
        agreement.apart({}, {"loss": 1.0})


class Off:
    """A contestant that computes something else."""

    def __init__(self, answers):
        self.answers = lambda: answers


@pytest.mark.parametrize("error", [1e-11, np.nan])
def test_nothing_is_timed_where_they_differ(error, monkeypatch):
    library = enter("library", small("W6"))
    answers = library.answers()
    off = Off(answers | {"loss": answers["loss"] + error})
    monkeypatch.setattr(
        bench_speed, "enter", lambda name, _: library if name == "library" else off
    )
    monkeypatch.setattr(bench_speed, "take_turns", None)
    with pytest.raises(SystemExit, match="W6: again differs from the library by"):
        bench_speed.race("W6", seconds=0)


# The results, which the page shows


def complaints(results):
    """Say what the results lack of the goals, or judge otherwise than they are."""
    for key, goals in workloads.GOALS.items():
        rows = {
            r["contestant"]: r
            for r in results["workloads"].get(key, {"rows": []})["rows"]
        }
        if "again" not in rows:
            yield f"{key} does not show its noise"
        for name, goal in goals.items():
            yield from misjudged(f"{key} {name}", rows.get(name), goal, "ratio")
    rows = {row["words"]: row for row in results["beyond"]}
    for name, goal in workloads.BEYOND.items():
        yield from misjudged(name, rows.get(name), goal, "value")


def misjudged(what, row, goal, measured):
    if row is None:
        yield f"{what} is missing"
        return
    expected = goal, "products" in what or measured == "value"
    if (row["goal"], row["at_most"]) != expected:
        yield f"{what} has another goal"
        return
    low, middle, high = row[measured]
    if not 0 < low <= middle <= high:
        yield f"{what} has no quartiles"
    factor = middle / goal if row["at_most"] else goal / middle
    if row["met"] != (factor <= 1) or not np.isclose(row["missed_by"], max(1, factor)):
        yield f"{what} is misjudged"


def test_the_results_have_a_row_for_each_goal():
    assert list(complaints(RESULTS)) == []


def drop(results):
    results["workloads"]["W3"]["rows"] = [
        row for row in results["workloads"]["W3"]["rows"] if row["contestant"] != "jax"
    ]


def row_of(results, key, name):
    rows = results["workloads"][key]["rows"]
    return next(row for row in rows if row["contestant"] == name)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (drop, "W3 jax is missing"),
        (lambda r: r["workloads"].pop("W2"), "W2 textbook is missing"),
        (lambda r: r["beyond"].pop(), "import backprop_lib, times import numpy is"),
        (lambda r: row_of(r, "W1", "jax").update(goal=0.1), "W1 jax has another goal"),
        (
            lambda r: row_of(r, "W1", "products").update(at_most=False),
            "W1 products has another goal",
        ),
        (
            lambda r: row_of(r, "W4", "jax").update(
                met=not row_of(r, "W4", "jax")["met"]
            ),
            "W4 jax is misjudged",
        ),
        (lambda r: r["beyond"][0].update(missed_by=9.0), "is misjudged"),
        (lambda r: row_of(r, "W5", "jax").update(ratio=[2, 1, 3]), "no quartiles"),
        (
            lambda r: row_of(r, "W6", "again").update(contestant="x"),
            "W6 does not show its noise",
        ),
    ],
)
def test_results_that_lack_something_are_noticed(change, said):
    results = copy.deepcopy(RESULTS)
    change(results)
    assert any(said in complaint for complaint in complaints(results))


def test_growth_is_fitted_to_what_was_measured():
    assert set(RESULTS["growth"]) == set(measures.GROWTH)
    for grown in RESULTS["growth"].values():
        fitted = measures.exponent(grown["values"], grown["time"])
        assert grown["exponent"] == pytest.approx(fitted)
    # A square, whatever the first may be
    assert measures.exponent([1, 2, 4, 8], [50, 3, 12, 48]) == pytest.approx(2)


def test_the_judge_knows_both_directions():
    assert bench_speed.judged(3.0, 2.0, at_most=False)["met"]
    assert bench_speed.judged(3.0, 2.0, at_most=True) == {
        "goal": 2.0,
        "at_most": True,
        "met": False,
        "missed_by": 1.5,
    }
    assert bench_speed.judged(3.0, None, at_most=False) == {"goal": None}


def test_every_goal_has_a_contestant():
    goals = {name for of_one in workloads.GOALS.values() for name in of_one}
    assert goals <= set(CONTESTANTS)
    assert set(workloads.GOALS) == set(workloads.WORKLOADS)


def test_the_peers_run_on_the_same_numpy():
    book = _lock.read((ROOT / "requirements.txt").read_text("utf-8"))
    lines = (ROOT / "benchmarks" / "requirements.txt").read_text("utf-8").splitlines()
    peers = _lock.named(lines)
    for name in ("numpy", "scikit-learn"):
        assert peers[name].specifier == book[name].requirement.specifier
    assert all(str(pin.specifier).startswith("==") for pin in peers.values())
