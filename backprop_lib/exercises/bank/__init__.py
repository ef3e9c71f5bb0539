"""The questions, by chapter.

Each module is a chapter's. A question is a function of no arguments, named as one
likes, that returns it: `question` keeps it under its id, and it is made when it is
first asked for.
"""

from functools import cache
from importlib import import_module

from .register import MAKERS

CHAPTERS = (
    *("notation", "gradient", "chain", "neuron", "forward", "backward", "cost"),
    *("descent", "checking", "classification", "digits", "sigmoid", "precision"),
    *("vanishing", "remedies", "sequences", "arrays"),
)


@cache
def _loaded():
    for chapter in CHAPTERS:
        import_module(f"{__name__}.{chapter}")
    return MAKERS


def ids():
    """Return the ids of all questions, chapter by chapter."""
    return list(_loaded())


@cache
def find(name):
    """Return the question of an id.

    Raises
    ------
    ValueError
        If there is none of that id.
    """
    makers = _loaded()
    if name not in makers:
        raise ValueError(
            f"there is no question {name!r}; there are {', '.join(sorted(makers))}"
        )
    return makers[name](name)
