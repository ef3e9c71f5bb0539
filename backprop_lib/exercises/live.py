"""A question with a kernel: widgets, and a judge that proves."""

from html import escape

import ipywidgets

from backprop_lib.symbolic.printing import to_latex

from .._markup import as_html
from .page import note_on_letters
from .refusals import Refusal
from .replies import UNKNOWN, VERDICTS
from .words import plain

_WIDE = {"width": "min(100%, 40rem)"}


def live(question):
    """Return a box of widgets that answers."""
    return _Box(question).box


class _Box:
    """The widgets of one question, and what was tried so far."""

    def __init__(self, question):
        self.question = question
        self.wrong = []
        self.before = []  # the lines of a derivation that were accepted
        self.field = self._field()
        self.lines = ipywidgets.HTMLMath()
        self.reply = ipywidgets.HTMLMath()
        words = "Predict" if question.predict else "Check"
        self.button = ipywidgets.Button(description=words)
        self.button.on_click(self.answer)
        head = f"<b>Question: {as_html(question.title)}</b><br>"
        prompt = ipywidgets.HTMLMath(head + as_html(question.prompt))
        note = [ipywidgets.HTMLMath(as_html(n)) for n in self._notes()]
        parts = [prompt, self.lines, self.field, *note, self.button, self.reply]
        self.box = ipywidgets.VBox(parts)

    def _notes(self):
        if self.question.kind in ("formula", "lines"):
            return [note_on_letters(self.question)]
        return []

    def _field(self):
        if self.question.kind == "choice":
            options = [
                (plain(option.text), number)
                for number, option in enumerate(self.question.options)
            ]
            return ipywidgets.RadioButtons(
                options=options, index=None, layout={"width": "auto"}
            )
        if self.question.kind == "order":
            return _Places(self.question)
        kinds = {"formula": "Formula", "lines": "Next line", "number": "Number"}
        label = kinds[self.question.kind]
        field = ipywidgets.Text(
            description=label, continuous_update=False, layout=_WIDE
        )
        # the key Enter hands the value over
        field.observe(self.answer, "value")
        return field

    def answer(self, _=None):
        """Judge what stands in the field, and show the reply."""
        given = self.field.value
        if given is None:
            self.reply.value = _part("Choose one of them first.")
            return
        more = [self.before] if self.question.kind == "lines" else []
        try:
            reply = self.question.judge(given, *more)
        except Refusal as refusal:
            self.reply.value = _refused(given, refusal)
            return
        if reply.counts_as_wrong and (not self.wrong or self.wrong[-1] != given):
            self.wrong.append(given)
        if self.question.kind == "lines" and reply.leads_on:
            self.before.append(given)
            self.lines.value += f"<br>{as_html(f'$= {reply.read}$')}"
        hint = len(self.wrong) > 1 and not self.question.predict
        self.reply.value = shown(self.question, reply, hint)


class _Places(ipywidgets.VBox):
    """A place for each line; its value is the lines' numbers, in their order."""

    def __init__(self, question):
        count = len(question.lines)
        options = [("not used", 0), *((str(n), n) for n in range(1, count + 1))]
        self.places = [ipywidgets.Dropdown(options=options) for _ in range(count)]
        rows = [
            ipywidgets.HBox(
                [place, ipywidgets.HTMLMath(as_html(f"${to_latex(expression)}$"))]
            )
            for place, (expression, _) in zip(self.places, question.lines)
        ]
        super().__init__(rows)

    @property
    def value(self):
        """The numbers of the lines that have a place, first place first."""
        used = [n for n, place in enumerate(self.places) if place.value]
        return sorted(used, key=lambda number: self.places[number].value)


def shown(question, reply, hint):
    """Return a reply as HTML; all that comes from a reader is typeset or escaped."""
    verdict = reply.sentence
    if question.predict:
        verdict = VERDICTS["seen" if reply.succeeded else "unseen"]
    parts = [f"<b>{as_html(verdict)}</b>"]
    if reply.read:
        parts.append(_term("I read", f"${reply.read}$"))
    if reply.chosen:
        parts.append(_term("You chose", reply.chosen))
    if reply.verdict in ("different", "other"):
        parts.append(_term("The mistake", reply.mistake or UNKNOWN))
    if reply.where:
        at = ", ".join(f"${name} = {v:g}$" for name, v in reply.where.point.items())
        both = f"yours is {reply.where.yours}, the right one {reply.where.right}"
        parts.append(_term("They differ", f"at {at}: {both}"))
    if reply.side and not question.predict:
        parts.append(_term("They differ", f"yours is {reply.side}"))
    if question.predict and question.kind == "number":
        parts.append(_term("It is", f"{question.truth:.6g}"))
    if reply.why:
        parts.append(_term("Why", reply.why))
    if hint and reply.hint and not reply.succeeded:
        parts.append(_term("A hint", reply.hint))
    if reply.succeeded and question.exercise:
        parts.append("The solution stands below: open it.")
    return f'<div role="status">{"<br>".join(parts)}</div>'


def _part(words):
    return f'<div role="status">{escape(words)}</div>'


def _term(name, words):
    return f"<i>{name}:</i> {as_html(words)}"


def _refused(text, refusal):
    at = refusal.place
    before, here, after = text[:at], text[at : at + 1] or " ", text[at + 1 :]
    marked = f"{escape(before)}<mark>{escape(here)}</mark>{escape(after)}"
    if len(text) > 200:
        marked = ""
    return (
        '<div role="status"><b>This cannot be read yet.</b> '
        f"<code>{marked}</code><br>{escape(refusal.advice)}</div>"
    )
