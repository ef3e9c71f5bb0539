"""Typed formulas: read as the table of cases says, or refused with a place."""

import json
import random
import time

import pytest
from conftest import ROOT

from backprop_lib.exercises.letters import Letters
from backprop_lib.exercises.nodes import NoValue, Point, latex_of, value_of
from backprop_lib.exercises.reading import read_formula
from backprop_lib.exercises.refusals import ADVICE, Refusal

TABLE = json.loads((ROOT / "tests/formula_cases.json").read_text("utf-8"))


def letters_of(context):
    """Return the letters of one of the table's contexts."""
    stated = TABLE["contexts"][context]
    return Letters(
        stated["names"],
        index=stated.get("index", {}),
        quantity=stated.get("quantity", {}),
        free=tuple(stated.get("free", ())),
    )


def answered(text, letters):
    """Return what a text is read as, or its error and the place."""
    try:
        return str(read_formula(text, letters))
    except Refusal as refusal:
        return [refusal.code, refusal.place]


@pytest.mark.parametrize("context", TABLE["contexts"])
def test_every_case_of_the_table(context):
    letters = letters_of(context)
    cases = [case for case in TABLE["cases"] if case["context"] == context]
    assert cases
    for case in cases:
        expected = case.get("read", case.get("error"))
        assert answered(case["in"], letters) == expected, case["in"]


def test_what_is_read_is_typeset_as_the_table_says():
    for case in TABLE["cases"]:
        if "latex" in case:
            letters = letters_of(case["context"])
            node = read_formula(case["in"], letters)
            assert latex_of(node, letters) == case["latex"], case["in"]


def test_what_is_typeset_can_be_read_again():
    # each bracket that the LaTeX needs is there, and none that changes the meaning
    for case in TABLE["cases"]:
        if "latex" in case and "10^" not in case["latex"]:
            letters = letters_of(case["context"])
            node = read_formula(case["in"], letters)
            written = latex_of(node, letters)
            if len(written) < 500:
                assert read_formula(written, letters) == node, case["in"]


def test_the_table_is_as_large_as_it_has_to_be():
    malformed = [case for case in TABLE["cases"] if "error" in case]
    assert len(TABLE["cases"]) >= 300
    assert len(malformed) >= 60
    assert {case["error"][0] for case in malformed} == set(ADVICE)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("x" * 10_000, "long"),
        ("(" * 10_000, "long"),
        ("x**9**9**9", "tower"),
        ("(((2^64)^64)^64)^64", "power"),
        ("9" * 400, "number"),
        ("1/0", "zero"),
        ("0,5", "comma"),
        ("o = x", "equals"),
        ("((o)", "open"),
        ("open('f').read()", "unknown"),
        ("__import__('os').system('true')", "character"),
        ("(lambda: 1)()", "unknown"),
        ("exp(exp(exp(9)))", "value"),
    ],
)
def test_what_could_hang_is_answered_at_once(text, code):
    began = time.process_time()
    with pytest.raises(Refusal) as caught:
        read_formula(text, letters_of("neuron"))
    assert caught.value.code == code
    assert time.process_time() - began < 1


def test_an_advice_quotes_what_stands_at_the_place():
    with pytest.raises(Refusal, match="at character 3: “tan” is no letter"):
        read_formula("1+tan(x)", letters_of("neuron"))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("w x + b", 2 * 3 - 1.0),
        ("1 - 2^-2", 0.75),
        ("σ(0) + tanh(0)", 0.5),
        ("max(w, x, 1) - min(w, x)", 1.0),
        ("|b| + √4", 3.0),
        ("∂o/∂net", 0.25),
        ("∂o/∂o + ∂w/∂x", 1.0),
        ("e^(ln(x))", 3.0),
        ("(-2)^3", -8.0),
    ],
)
def test_a_formula_has_its_value_at_a_point(text, value):
    point = Point({"w": 2.0, "x": 3.0, "b": -1.0, "∂o/∂net": 0.25})
    node = read_formula(text, letters_of("neuron"))
    assert value_of(node, point) == pytest.approx(value, rel=1e-14)


@pytest.mark.parametrize("text", ["1/(w-2)", "ln(b)", "√b", "b^½", "exp(w^64)/x"])
def test_a_formula_without_a_value_says_so(text):
    point = Point({"w": 2.0, "x": 3.0, "b": -1.0})
    with pytest.raises(NoValue):
        value_of(read_formula(text, letters_of("neuron")), point)


def test_a_sum_runs_over_its_index():
    point = Point(
        {"w": [[1.0, 2.0], [3.0, 5.0]], "delta": [7.0, 11.0], "o": [0.5, 0.25]},
        {"j": 2, "k": 2},
        {"a": 2, "b": 1},
    )
    letters = letters_of("layer")
    node = read_formula("o_b Σ_j w_{aj} δ_j", letters)
    assert value_of(node, point) == 0.5 * (3 * 7 + 5 * 11)
    with pytest.raises(NoValue):
        value_of(read_formula("Σ_k o_{k-1}", letters), point)


PIECES = (
    *"xowL12+-*/^()[]{}|,σ√∂²eπ_ ",
    *(
        "net",
        "½",
        "⁻¹",
        "**",
        "2.",
        "o_j",
        "w_ab",
        "_1",
        "^(1)",
        "Σ_j",
        "∂L/∂o",
        "dL/do",
    ),
    *("exp", "max", r"\sigma", r"\sqrt", r"\sqrt[3]", r"\frac", r"\left", r"\right"),
)


@pytest.mark.parametrize("context", TABLE["contexts"])
def test_any_text_is_read_or_refused_and_what_is_read_can_be_read_again(context):
    letters, pick = letters_of(context), random.Random(context)
    read = 0
    for _ in range(4000):
        text = "".join(pick.choice(PIECES) for _ in range(pick.randint(1, 8)))
        try:
            node = read_formula(text, letters)
        except Refusal as refusal:
            code, place = refusal.code, refusal.place
        else:
            code, place = "", 0
            read += 1
            written = latex_of(node, letters)
            if "10^" not in written:
                assert read_formula(written, letters) == node, text
        assert code in {"", *ADVICE}
        assert 0 <= place <= len(text)
    assert read > 20
