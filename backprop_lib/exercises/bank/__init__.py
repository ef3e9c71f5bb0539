"""The questions, by chapter.

Each module is a chapter's. A question is a function that takes its id and returns it:
`register.question` keeps it under that id, and it is made when it is first asked for.
"""

from functools import cache

from . import (
    arrays,
    backward,
    chain,
    checking,
    classification,
    confidence,
    cost,
    descent,
    digits,
    forward,
    gradient,
    neuron,
    notation,
    precision,
    remedies,
    sequences,
    sigmoid,
    vanishing,
)
from .register import MAKERS

CHAPTERS = (
    *(notation, gradient, chain, neuron, forward, backward, cost),
    *(descent, checking, classification, digits),
    *(sigmoid, precision, vanishing, remedies, sequences),
    *(confidence, arrays),
)


def ids():
    """Return the ids of all questions, chapter by chapter."""
    chapters = [chapter.__name__ for chapter in CHAPTERS]
    return sorted(MAKERS, key=lambda name: chapters.index(MAKERS[name].__module__))


@cache
def find(name):
    """Return the question of an id.

    Raises
    ------
    ValueError
        If there is none of that id.
    """
    if name not in MAKERS:
        raise ValueError(
            f"there is no question {name!r}; there are {', '.join(sorted(MAKERS))}"
        )
    return MAKERS[name](name)
