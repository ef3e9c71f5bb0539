"""A question where it stands: words, a form of the page, widgets, a judge of code."""

import json
import re
from dataclasses import replace

import ipywidgets
import pytest
from bs4 import BeautifulSoup

from backprop_lib.exercises import ask, check
from backprop_lib.exercises.bank import find, ids
from backprop_lib.exercises.book import PAGE, SWITCH
from backprop_lib.exercises.live import live
from backprop_lib.exercises.page import page, payload
from backprop_lib.exercises.questions import Formula
from backprop_lib.exercises.refusals import ADVICE
from backprop_lib.exercises.words import plain

WORDS = """\
Question: Which factor changes?
Which of the three factors of ∂L/∂w is another one in ∂L/∂x?
- ∂o/∂net
- ∂L/∂o
- ∂net/∂w
Answer it in the notebook, or on the page."""


def bundle(shown):
    return shown._repr_mimebundle_()


# Words


def test_without_a_kernel_a_question_is_its_words(monkeypatch):
    monkeypatch.delenv(SWITCH, raising=False)
    assert bundle(ask("ex-neuron-factor")) == {"text/plain": WORDS}
    assert repr(ask("ex-neuron-factor")) == WORDS


@pytest.mark.parametrize("name", ids())
def test_words_hold_no_markup_and_no_answer(name):
    words = repr(ask(name))
    assert not re.search(r"[\\$`]", words)
    assert max(map(len, words.splitlines())) <= 88
    question = find(name)
    said = [question.right, question.hint] + [
        option.words for option in getattr(question, "options", ())
    ]
    assert not any(plain(each) in words for each in said if each)


def test_a_question_of_code_says_how_it_is_judged():
    assert repr(ask("ex-neuron-slope")).endswith(
        'Write it, and let check("ex-neuron-slope", yours) judge it.'
    )


# The page


def form_of(name, monkeypatch):
    monkeypatch.setenv(SWITCH, PAGE)
    data = bundle(ask(name))
    assert set(data) == {"text/html", "text/plain"}
    return BeautifulSoup(data["text/html"], "html.parser").form


@pytest.mark.parametrize("name", ids())
def test_a_form_is_native_and_labelled(name, monkeypatch):
    form = form_of(name, monkeypatch)
    kind = find(name).kind
    assert (form["id"], form["data-kind"], form["class"]) == (
        f"ask-{name}",
        kind,
        ["ask"],
    )
    known = {tag["id"] for tag in form.find_all(id=True)} | {form["id"]}
    for attribute in ("aria-labelledby", "aria-describedby", "for"):
        for tag in [form, *form.find_all(attrs={attribute: True})]:
            assert set(tag.get(attribute, "").split()) <= known
    if kind == "code":
        assert not form.find_all(["input", "button", "script"])
        return
    assert form.find("div", class_="ask-reply")["role"] == "status"
    assert len(form.find_all("button", type="submit")) == 1
    inputs = form.find_all("input")
    if kind == "choice":
        assert form.fieldset.legend
        assert [tag["value"] for tag in inputs] == [str(k) for k in range(len(inputs))]
    elif kind == "order":
        places = form.fieldset.find_all("select")
        assert [tag["for"] for tag in form.find_all("label")] == [
            tag["id"] for tag in places
        ]
        assert len(places) == len(find(name).lines)
    else:
        assert form.label["for"] == inputs[0]["id"]
    told = json.loads(form.script.string)
    assert told == json.loads(json.dumps(payload(find(name))))
    assert told["id"] == name
    assert kind in ("choice", "order") or told["advice"] == ADVICE


def test_what_the_page_judges_by_is_what_was_derived():
    question = find("ex-neuron-input")
    told = payload(question)
    assert len(told["truth"]) == told["points"] == 10
    assert set(told["values"]) == {*told["letters"], *told["derivatives"]}
    assert set(told["final"]) == {"o", "t", "w"}
    for number in range(told["points"]):
        at = {name: values[number] for name, values in told["values"].items()}
        o, t, w = at["o"], at["t"], at["w"]
        assert told["truth"][number] == pytest.approx(
            o * (1 - o) * (o - t) * w, rel=1e-9
        )
        assert at["∂L/∂x"] == told["truth"][number]
    first, *_ = told["mistakes"]
    assert first["words"].startswith('<span class="math notranslate nohighlight">\\(x')


def test_a_version_changes_with_the_question():

    question = find("ex-neuron-entropy")
    version = payload(question)["version"]
    assert re.fullmatch("[0-9a-f]{8}", version)
    assert payload(replace(question, hint="another"))["version"] != version
    assert payload(replace(question))["version"] == version


def test_nothing_in_a_form_ends_its_script_or_is_markup():
    text = "</script><b>&amp;"
    question = find("ex-neuron-tanh")
    assert isinstance(question, Formula)

    html = page(replace(question, title=text, prompt=text, hint=text, right=text))
    form = BeautifulSoup(html, "html.parser").form
    assert not form.find_all("b")
    assert html.count("</script>") == 1
    assert form.find(class_="ask-prompt").text == text
    assert json.loads(form.script.string)["hint"] == "&lt;/script&gt;&lt;b&gt;&amp;amp;"


# Widgets


@pytest.fixture
def box():
    boxes = []

    def make(name):
        boxes.append(live(find(name)))
        parts = boxes[-1].children
        (field,) = (
            p for p in parts if isinstance(p, ipywidgets.Text | ipywidgets.RadioButtons)
        )
        (button,) = (p for p in parts if isinstance(p, ipywidgets.Button))
        return field, button, parts[-1]

    yield make
    for each in boxes:
        each.close_all()


def test_a_widget_answers_in_four_parts(box):
    field, _, reply = box("ex-neuron-input")
    field.value = "o(1-o)(o-t)x"
    parts = BeautifulSoup(reply.value, "html.parser")
    assert parts.div["role"] == "status"
    assert parts.b.text == "Not equal."
    assert [tag.text for tag in parts.find_all("i")] == [
        "I read:",
        "The mistake:",
        "They differ:",
    ]
    assert r"\left(1 - o\right) \cdot \left(o - t\right) \cdot x" in parts.text


def test_a_second_wrong_try_gives_a_hint_and_the_same_one_none(box):
    field, button, reply = box("ex-neuron-input")
    field.value = "o(1-o)(t-o)w"
    button.click()
    assert "A hint" not in reply.value
    field.value = "(o-t)w"
    assert "A hint" in reply.value
    assert "chain rule first" in reply.value
    field.value = "o(1-o)(o-t)w"
    assert "Right, and proved." in reply.value
    assert "A hint" not in reply.value


def test_what_cannot_be_read_stays_and_counts_for_nothing(box):
    field, _, reply = box("ex-neuron-input")
    for text in ("<b>o</b>", "o(1-o", "0,5", "tan(x)"):
        field.value = text
        assert field.value == text
        assert "This cannot be read yet." in reply.value
    assert not BeautifulSoup(reply.value, "html.parser").code.find("b")
    field.value = "<b>o</b>"
    assert "<b>o" not in reply.value
    assert "&lt;" in reply.value
    field.value = "o&o$"  # what stands before the place is typed as well
    assert "o&amp;o<mark>$</mark>" in reply.value
    field.value = "o(1-o)(t-o)w"
    assert "A hint" not in reply.value


def test_a_choice_answers_and_asks_for_one(box):
    field, button, reply = box("ex-neuron-factor")
    assert next(label for label, _ in field.options) == "∂o/∂net"
    button.click()
    assert "Choose one of them first." in reply.value
    field.index = 0
    button.click()
    assert "Not equal." not in reply.value
    assert "Not that." in reply.value
    field.index = 2
    button.click()
    assert "Right." in reply.value


def test_a_prediction_is_never_wrong(box):
    field, _, reply = box("ex-neuron-steepest-guess")
    for text in ("0.5", "0.7", "0.9"):
        field.value = text
        assert "Not what will be seen." in reply.value
        assert "A hint" not in reply.value
        assert "0.333" in reply.value
    field.value = "1/3"
    assert "As it is." in reply.value


# Functions


def test_check_judges_a_function():
    assert repr(check("ex-neuron-slope", lambda out: out * (1 - out))).startswith(
        "Right."
    )
    said = repr(check("ex-neuron-slope", lambda out: out * (out - 1)))
    assert said == "Not equal. The mistake: the sign."


def test_check_says_what_it_wants():
    with pytest.raises(TypeError, match="check takes a function, not int"):
        check("ex-neuron-slope", 3)
    with pytest.raises(ValueError, match="'ex-neuron-input' asks for no function"):
        check("ex-neuron-input", abs)
    with pytest.raises(ValueError, match="there is no question 'ex-no'"):
        check("ex-no", abs)


def test_lines_that_were_accepted_stay():
    shown = live(find("ex-neuron-lines"))
    _, accepted, field, *_, reply = shown.children

    def lines():
        return accepted.value

    field.value = "∂o/∂net ∂L/∂o ∂net/∂b"
    assert "True. Go on." in reply.value
    assert lines().count("\\(=") == 1
    field.value = "o(1-o)(t-o)"
    assert "Not equal." in reply.value
    assert lines().count("\\(=") == 1
    field.value = "o(1-o)(o-t)"
    assert "Right, and proved." in reply.value
    assert lines().count("\\(=") == 2
    shown.close_all()


def test_lines_are_put_in_order():
    question = find("ex-neuron-order")
    shown = live(question)
    _, _, field, button, reply = shown.children
    button.click()
    assert "the order does not lead on" in reply.value
    true = [n for n, (_, words) in enumerate(question.lines) if not words]
    for place, number in enumerate(
        sorted(true, key=lambda n: -len(question.left_in(n))), start=1
    ):
        field.places[number].value = place
    button.click()
    assert "Right." in reply.value
    shown.close_all()
