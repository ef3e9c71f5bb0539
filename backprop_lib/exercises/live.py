"""A question with a kernel: widgets, and a judge that proves."""

from html import escape

import ipywidgets

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
        self.field = self._field()
        self.reply = ipywidgets.HTMLMath()
        words = "Predict" if question.predict else "Check"
        self.button = ipywidgets.Button(description=words)
        self.button.on_click(self.answer)
        head = f"<b>Question: {as_html(question.title)}</b><br>"
        prompt = ipywidgets.HTMLMath(head + as_html(question.prompt))
        note = [ipywidgets.HTMLMath(as_html(n)) for n in self._notes()]
        parts = [prompt, self.field, *note, self.button, self.reply]
        self.box = ipywidgets.VBox(parts)

    def _notes(self):
        if self.question.kind == "formula":
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
        label = "Formula" if self.question.kind == "formula" else "Number"
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
        try:
            reply = self.question.judge(given)
        except Refusal as refusal:
            self.reply.value = _refused(given, refusal)
            return
        if reply.counts_as_wrong and (not self.wrong or self.wrong[-1] != given):
            self.wrong.append(given)
        hint = len(self.wrong) > 1 and not self.question.predict
        self.reply.value = shown(self.question, reply, hint)


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
