"""The questions: their answers hold, their mistakes are mistakes, and are named."""

import json
from dataclasses import replace

import numpy as np
import pytest
from conftest import ROOT

from backprop_lib.exercises.bank import find, ids
from backprop_lib.exercises.questions import with_a_gap
from backprop_lib.exercises.refusals import Refusal
from backprop_lib.symbolic import Derivation, DerivationError
from backprop_lib.symbolic.printing import to_text

ANSWERS = json.loads((ROOT / "tests/answer_cases.json").read_text("utf-8"))
KINDS = {name: find(name).kind for name in ids()}


def of_kind(kind):
    return [name for name in KINDS if KINDS[name] == kind]


def verdict_of(case):
    """Return the verdict on an answer, however it was found, and the mistake."""
    reply = find(case["question"]).judge(case["in"])
    proved = {"proved": "right", "points": "right"}
    return proved.get(reply.verdict, reply.verdict), reply.mistake


def test_there_are_enough_of_them():
    assert len(KINDS) >= 60
    assert len(of_kind("formula")) >= 20
    assert set(KINDS.values()) == {
        *("formula", "number", "choice", "code", "lines", "order"),
    }


def test_a_question_that_there_is_not_is_refused():
    with pytest.raises(
        ValueError, match="there is no question 'ex-none'; there are ex"
    ):
        find("ex-none")


# Formulas


DERIVED = [*of_kind("formula"), *of_kind("lines")]


@pytest.mark.parametrize("name", DERIVED)
def test_the_answer_is_derived(name):
    find(name).check()


@pytest.mark.parametrize("name", DERIVED)
def test_every_mistake_is_one_and_no_two_are_alike(name):
    question = find(name)
    table, named = question.table, question.named
    assert {m.words for m in question.mistakes} <= {m.words for m, _ in named}
    for number, (mistake, row) in enumerate(named):
        assert not np.all(table.agrees(row, table.truth, 1e-6)), mistake.words
        for other, values in named[:number]:
            assert not np.all(table.agrees(row, values, 1e-6)), (mistake, other)


@pytest.mark.parametrize("name", DERIVED)
def test_a_wrong_answer_in_the_bank_would_be_found(name):
    question = find(name)
    wrong = replace(question, answer=question.answer + 1)
    with pytest.raises(DerivationError):
        wrong.check()


def test_own_answers_are_accepted_in_several_forms():
    right = [case for case in ANSWERS if case["verdict"] == "right"]
    asked = {case["question"] for case in right}
    assert asked == set(of_kind("formula"))
    assert len(right) >= 3 * len(asked)
    for case in right:
        assert verdict_of(case) == ("right", ""), case


def test_seeded_wrong_answers_are_named_and_none_wrongly():
    wrong = [case for case in ANSWERS if case["verdict"] == "different"]
    assert len(wrong) >= 60
    assert len({case["question"] for case in wrong}) >= 20
    assert sum(bool(case["mistake"]) for case in wrong) >= 50
    for case in wrong:
        verdict, mistake = verdict_of(case)
        assert verdict == "different", case
        if case["mistake"]:
            assert mistake.startswith(case["mistake"]), (case, mistake)
        else:
            # the page knows no such mistake; one change of it may yet prove it right
            assert mistake == case["proved"], (case, mistake)


@pytest.mark.parametrize("verdict", ["unfinished", "nowhere"])
def test_other_verdicts(verdict):
    cases = [case for case in ANSWERS if case["verdict"] == verdict]
    assert cases
    for case in cases:
        assert verdict_of(case)[0] == verdict, case


def test_what_is_left_over_is_named():
    reply = find("ex-neuron-input").judge("dL/dnet w")
    assert reply.left == r"\frac{\partial L}{\partial \mathit{net}}"
    assert reply.sentence.startswith("Right so far, but it still holds $")
    assert not reply.succeeded
    assert not reply.counts_as_wrong


def test_the_simplest_point_at_which_they_differ():
    where = find("ex-neuron-input").judge("o(1-o)(o-t)x").where
    assert where.point == {"w": 1, "x": 2, "b": 1, "t": 2}
    assert where.yours != where.right
    assert float(where.yours.replace("−", "-")) == pytest.approx(
        2 * float(where.right.replace("−", "-")), rel=1e-4
    )


def test_what_agrees_at_the_points_alone_is_no_right_answer(monkeypatch):
    # the truth, plus what is 0 at every point of the table
    question = find("ex-neuron-tanh")
    outs = question.table.values["o"]
    vanishing = "".join(f"(o-({at}))" for at in outs[:5])
    assert question.judge(f"1-o²+0.001{vanishing}").verdict == "different"
    everywhere = np.full(len(outs), True)
    monkeypatch.setattr(type(question.table), "agrees", lambda *_: everywhere)
    assert question.judge(f"1-o²+0.001{vanishing}").verdict == "different"


# Numbers, choices, functions


@pytest.mark.parametrize("name", of_kind("number"))
def test_a_number_is_right_and_its_slips_are_not(name):
    question = find(name)
    assert question.judge(repr(question.truth)).succeeded
    values = [question.truth, *(slip.value for slip in question.slips)]
    for slip in question.slips:
        assert sum(question.near(slip.value, other) for other in values) == 1, slip
        reply = question.judge(repr(slip.value))
        assert (reply.verdict, reply.mistake) == ("different", slip.words)


def test_a_number_may_be_a_calculation():
    question = find("ex-notation-count")
    reply = question.judge("(1+64)*64 + (1+64)*10")
    assert reply.succeeded
    assert reply.read.endswith("= 4810")
    assert question.judge("64·64 + 64·10").mistake == "the biases forgotten"
    other = question.judge("1e9")
    assert (other.mistake, other.side) == ("", "too large")
    assert question.judge("-1").side == "too small"
    for beyond in ("1e999", "-1e999"):
        with pytest.raises(Refusal) as error:
            question.judge(beyond)
        assert error.value.code == "value"


@pytest.mark.parametrize("name", of_kind("choice"))
def test_one_option_is_right_and_the_others_are_proved_wrong(name):
    question = find(name)
    for number, option in enumerate(question.options):
        assert option.words
        right = number == question.answer
        assert question.judge(number).succeeded == right
        if option.holds is not None:
            assert bool(option.holds()) == right, option.text


def test_most_choices_are_decided_by_calculation():
    decided = [
        name
        for name in of_kind("choice")
        if all(option.holds for option in find(name).options)
    ]
    assert len(decided) >= 10


@pytest.mark.parametrize("name", of_kind("code"))
def test_a_right_function_is_accepted_and_wrong_ones_are_named(name):
    question = find(name)
    assert question.judge(question.solution()).succeeded
    assert question.wrong
    for words, function in question.wrong.items():
        reply = question.judge(function)
        assert (reply.verdict, reply.mistake) == ("different", words)


@pytest.mark.parametrize("name", of_kind("code"))
def test_a_function_that_fails_is_answered(name):
    def broken(*given):
        raise KeyError("no such thing")

    assert "KeyError" in find(name).judge(broken).mistake
    assert not find(name).judge(lambda *given: "text").succeeded
    assert not find(name).judge(lambda *given: np.zeros(1)).succeeded


# Derivations


def told(name, *texts):
    """Return the verdicts on lines, one after the other, as they are accepted."""
    question, before, said = find(name), [], []
    for text in texts:
        reply = question.judge(text, before)
        said.append(reply.verdict)
        if reply.leads_on:
            before.append(text)
    return said


def test_a_derivation_is_judged_line_by_line():
    assert told(
        "ex-neuron-lines",
        "∂L/∂b",  # the first line itself
        "∂o/∂net ∂L/∂o ∂net/∂b",
        "∂L/∂o ∂o/∂net ∂net/∂b",  # only sorted otherwise
        "o(1-o)(t-o) ∂net/∂b",
        "(o-o²)(o-t)∂net/∂b",
        "o(1-o)(o-t)",
    ) == ["same", "forward", "same", "different", "forward", "proved"]


@pytest.mark.parametrize("name", of_kind("lines"))
def test_the_books_own_lines_lead_on(name):
    question = find(name)
    texts = [to_text(step) for step in (*question.steps, question.answer)]
    *on, last = told(name, *texts)
    assert set(on) == {"forward"}
    assert last == "proved"


@pytest.mark.parametrize("name", of_kind("lines"))
def test_a_false_line_among_the_books_own_is_found(name):
    question = find(name)
    first, *rest = question.steps
    with pytest.raises(DerivationError):
        replace(question, steps=(-first, *rest)).check()


def test_a_false_line_is_named():
    reply = find("ex-neuron-lines").judge("o(1-o)(t-o) ∂net/∂b")
    assert reply.mistake == "the sign"
    assert reply.counts_as_wrong


@pytest.mark.parametrize("name", of_kind("order"))
def test_every_order_that_leads_on_is_right(name):
    question = find(name)
    true = [n for n, (_, words) in enumerate(question.lines) if not words]
    false = [n for n, (_, words) in enumerate(question.lines) if words]
    assert len(false) >= 3
    whole = sorted(true, key=lambda n: -len(question.left_in(n)))
    assert whole != true, "they are shown in the right order"
    assert question.judge(whole).succeeded
    swapped, gap = [whole[1], whole[0], *whole[2:]], [whole[0], *whole[2:]]
    for disorder in (whole[::-1], whole[:-1], whole[-1:], gap, [], swapped):
        reply = question.judge(disorder)
        assert (reply.verdict, reply.succeeded) == ("disorder", False)
    for number in false:
        reply = question.judge([*whole, number])
        assert reply.mistake.endswith(question.lines[number][1])


def test_a_line_that_works_out_nothing_does_not_lead_on():
    question = find("ex-neuron-order")
    first, second, _ = question.source.steps
    o = question.source.symbols["o"]
    again = second.xreplace({o * (1 - o): o - o**2})
    twice = replace(question.source, steps=(first, second, again))
    other = replace(question, source=twice, false=())
    whole = sorted(range(4), key=lambda n: -len(other.left_in(n)))
    assert len(other.left_in(whole[1])) == len(other.left_in(whole[2]))
    assert other.judge(whole).verdict == "disorder"
    assert other.judge([whole[0], whole[1], whole[3]]).succeeded


@pytest.mark.parametrize("name", of_kind("order"))
def test_false_lines_are_false_and_true_ones_true(name):
    question = find(name)
    for expression, words in question.lines:
        derivation = Derivation(question.source.system, question.source.asked)
        if words:
            with pytest.raises(DerivationError):
                derivation.step(expression, "a false line")
        else:
            derivation.step(expression, "a true line")


def test_a_gap_is_a_factor_of_its_line():
    lines = find("ex-neuron-lines")
    o, t = (lines.symbols[name] for name in "ot")
    with pytest.raises(ValueError, match="step 0 of ex-neuron-lines has no factor"):
        with_a_gap(lines, 0, o - t, name="ex-gap", answer=o - t, over=(o, t))
