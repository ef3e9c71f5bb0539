"""`ask` and `check`: a question where it stands, and a judge of a reader's function."""

import os
from dataclasses import dataclass

from backprop_lib.symbolic.printing import to_text

from .._watched import is_watched
from .bank import find
from .book import PAGE, SWITCH
from .page import page
from .words import plain

_ANSWER = "Answer it in the notebook, or on the page."


def ask(name, /):
    """Show a question that answers.

    With a kernel and a reader it is a widget. In the book it is a form, which a script
    answers. Anywhere else it is the question in words.

    Parameters
    ----------
    name : str
        The question's id, such as ``"ex-neuron-input"``.

    Returns
    -------
    object
        What the cell shows when it ends with it.

    Raises
    ------
    ValueError
        If there is no such question.

    Examples
    --------
    >>> ask("ex-neuron-input")
    Question: The gradient by the input
    Derive ∂L/∂x. Type it in o, t and w alone.
    Answer it in the notebook, or on the page.
    """
    question = find(name)
    words = f"Question: {plain(question.title)}\n{plain(question.prompt)}\n"
    if question.kind == "code":
        words += f'Write it, and let check("{name}", yours) judge it.'
        return Asked(words, _on_the_page(question))
    for option in getattr(question, "options", ()):
        words += f"- {plain(option.text)}\n"
    for expression, _ in getattr(question, "lines", ()):
        words += f"- {to_text(expression)}\n"
    words += _ANSWER
    if SWITCH not in os.environ and is_watched():
        return Asked(words, _widgets(question))
    return Asked(words, _on_the_page(question))


def check(name, function, /):
    """Judge a function that a reader wrote.

    Parameters
    ----------
    name : str
        The id of a question that asks for a function.
    function : callable

    Returns
    -------
    Judged
        Its `repr` says whether it is right, or what is wrong.

    Raises
    ------
    TypeError
        If `function` cannot be called.
    ValueError
        If there is no such question, or if it asks for no function.

    Examples
    --------
    >>> check("ex-neuron-slope", lambda out: out * out)
    Not equal. The mistake: the factor 1 − o is o again.
    """
    question = find(name)
    if question.kind != "code":
        raise ValueError(
            f"the question {name!r} asks for no function; show it with ask({name!r})"
        )
    if not callable(function):
        kind = type(function).__name__
        raise TypeError(f"check takes a function, not {kind} ({function!r})")
    reply = question.judge(function)
    if reply.succeeded:
        return Judged(plain(f"{reply.sentence} {reply.why}"))
    return Judged(plain(f"{reply.sentence} The mistake: {reply.mistake}."))


@dataclass(frozen=True, repr=False)
class Asked:
    """A question in words, and beside them a form or a widget, by mimetype."""

    words: str
    data: dict

    def __repr__(self):
        return self.words

    def _repr_mimebundle_(self, include=None, exclude=None):
        return self.data | {"text/plain": self.words}


@dataclass(frozen=True, repr=False)
class Judged:
    """What is said of a function."""

    words: str

    def __repr__(self):
        return self.words


def _on_the_page(question):
    if os.environ.get(SWITCH) != PAGE:
        return {}
    return {"text/html": page(question)}


def _widgets(question):
    try:
        from .live import live
    except ModuleNotFoundError as error:
        if error.name != "ipywidgets":
            raise
        return {}
    return live(question)._repr_mimebundle_()
