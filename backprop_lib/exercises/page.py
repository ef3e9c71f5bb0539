"""A question in a page of the book: a form, and what its script judges by."""

import hashlib
import json
from string import ascii_lowercase

import numpy as np

from backprop_lib.symbolic.printing import to_latex

from .._markup import as_html
from .expressions import canonical
from .refusals import ADVICE
from .replies import UNKNOWN, VERDICTS
from .tables import TOLERANCE

_DIGITS = 8  # of the values of a mistake
_NEEDS = (
    "Answering on the page needs JavaScript. In the notebook the question answers, too."
)
_KERNEL = (
    "This question judges a function of your own, and answers in the notebook: it "
    "needs Python."
)


def page(question):
    """Return the HTML of a question's form."""
    name = f"ask-{question.id}"
    if question.kind == "code":
        inside = f'<p class="ask-kernel">{_KERNEL}</p>'
    else:
        write = {"choice": _options, "order": _places}.get(question.kind, _line)
        inside = f"""\
{write(question, name)}<p class="ask-needs">{_NEEDS}</p>
<div class="ask-reply" role="status"></div>
<script type="application/json">{_json(payload(question))}</script>"""
    return f"""\
<form class="ask" id="{name}" data-kind="{question.kind}" novalidate \
autocomplete="off" aria-labelledby="{name}-name">
<p class="ask-name" id="{name}-name">Question: \
<span>{as_html(question.title)}</span></p>
<div class="ask-prompt" id="{name}-prompt">{as_html(question.prompt)}</div>
{inside}
</form>"""


def payload(question):
    """Return what the page's script is told of a question, for JSON."""
    told = {
        "id": question.id,
        "kind": question.kind,
        "predict": question.predict,
        "exercise": question.exercise,
        "title": question.title.replace("$", ""),
        "hint": as_html(question.hint),
        "right": as_html(question.right),
        "verdicts": VERDICTS,
        "unknown": UNKNOWN,
    }
    more = {
        "formula": _formula,
        "lines": _formula,
        "number": _number,
        "choice": _choice,
        "order": _order,
    }
    told |= more[question.kind](question)
    if question.kind == "lines":
        upper, lower = map(canonical, question.asked.args)
        told["first"] = f"(D {upper} {lower})"
    if question.kind not in ("choice", "order"):
        told["advice"] = ADVICE
    digest = hashlib.sha256(json.dumps(told, sort_keys=True).encode())
    return told | {"version": digest.hexdigest()[:8]}


def _json(told):
    # "</script>" or "<!--" within would end the script
    text = json.dumps(told, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text.replace("<", "\\u003c")


def _numbers(values, digits=17):
    return [float(f"{value:.{digits}g}") for value in np.asarray(values)]


def _formula(question):
    table = question.table
    derivatives = {
        name: rf"\frac{{\partial {upper}}}{{\partial {lower}}}"
        for name in table.values
        if name.startswith("∂")
        for upper, lower in [_latex_of_both(name, question.letters)]
    }
    return {
        "letters": question.letters.names,
        "derivatives": derivatives,
        "values": {name: _numbers(v) for name, v in table.values.items()},
        "points": len(table),
        "show": list(table.base),
        "final": list(map(canonical, question.over)),
        "truth": _numbers(table.truth),
        "scale": table.scale,
        "tolerance": TOLERANCE,
        "mistakes": [
            {
                "words": as_html(mistake.words),
                "hint": as_html(mistake.hint),
                "values": _numbers(row, _DIGITS),
            }
            for mistake, row in question.named
        ],
    }


def _latex_of_both(name, letters):
    return [letters.names[half[1:]] for half in name.split("/")]


def _number(question):
    return {
        "truth": question.truth,
        "tolerance": question.tolerance + TOLERANCE * abs(question.truth),
        "mistakes": [
            {
                "words": as_html(slip.words),
                "hint": as_html(slip.hint),
                "value": float(slip.value),
                "tolerance": question.tolerance + TOLERANCE * abs(slip.value),
            }
            for slip in question.slips
        ],
    }


def _choice(question):
    return {
        "options": [
            {
                "html": as_html(option.text),
                "right": number == question.answer,
                "words": as_html(option.words),
            }
            for number, option in enumerate(question.options)
        ]
    }


def _order(question):
    return {
        "lines": [
            {
                "latex": to_latex(expression),
                "words": as_html(words),
                "left": sorted(question.left_in(number)),
            }
            for number, (expression, words) in enumerate(question.lines)
        ]
    }


def _button(question):
    return (
        f'<button type="submit">{"Predict" if question.predict else "Check"}</button>'
    )


def _line(question, name):
    label, note = "Your number", "A calculation will do: 2·3 + 1, or 1/4."
    before = ""
    if question.kind == "formula":
        label, note = "Your formula", note_on_letters(question)
    if question.kind == "lines":
        label, note = "Your next line", note_on_letters(question)
        first = as_html(f"${to_latex(question.asked)}$")
        before = f'<ol class="ask-lines" start="0"><li>{first}</li></ol>\n'
    return f"""\
{before}\
<div class="ask-line"><label for="{name}-answer">{label}</label>
<input type="text" id="{name}-answer" name="answer" spellcheck="false" \
autocapitalize="none" autocorrect="off" \
aria-describedby="{name}-prompt {name}-note">
{_button(question)}</div>
<p class="ask-note" id="{name}-note">{as_html(note)}</p>
"""


def note_on_letters(question):
    """Return which letters a formula may be typed in, and how."""
    final = set(map(canonical, question.over))
    names = question.letters.names
    shown = ", ".join(f"${names[n]}$ `{n}`" for n in names if n in final)
    return (
        f"At last only these letters: {shown}. A derivative is typed as `∂L/∂w`, "
        + ("a product needs no sign.")
    )


def _options(question, name):
    choices = "".join(
        f'<label><input type="radio" name="answer" value="{number}"> '
        f"({ascii_lowercase[number]}) {as_html(option.text)}</label>\n"
        for number, option in enumerate(question.options)
    )
    return f"""\
<fieldset class="ask-options" aria-describedby="{name}-prompt">\
<legend>Your choice</legend>
{choices}</fieldset>
<div class="ask-line">{_button(question)}</div>
"""


def _places(question, name):
    count = len(question.lines)
    numbers = "".join(f'<option value="{n}">{n}</option>' for n in range(1, count + 1))
    rows = "".join(
        f'<div class="ask-place"><label for="{name}-{number}">'
        f"({ascii_lowercase[number]}) {as_html(f'${to_latex(expression)}$')}</label>\n"
        f'<select id="{name}-{number}" name="place-{number}">'
        f'<option value="">not used</option>{numbers}</select></div>\n'
        for number, (expression, _) in enumerate(question.lines)
    )
    return f"""\
<fieldset class="ask-options" aria-describedby="{name}-prompt">\
<legend>Your order</legend>
{rows}</fieldset>
<div class="ask-line">{_button(question)}</div>
"""
