"""Names that a control cannot have, because `explore` takes them for itself."""

import inspect
from collections.abc import Mapping
from numbers import Real

import numpy as np

# What `explore` expects under its own names.
EXPECTED = {
    "start": "a dict from control to value",
    "alt": "a function",
    "caption": "a string",
    "play": "the name of a control",
    "labels": "a dict from control to words",
    "size": "a tuple (width, height) in inches",
}


def check_names(draw, controls, **own):
    """Refuse a control that `explore` would take for something else.

    `own` holds what was given under `explore`'s own names; None is nothing.
    """
    if "figure" in controls:
        raise ValueError(_advise("figure", "draw"))
    required = _required(draw)
    for name, given in own.items():
        if given is not None and not _fits(name, given):
            raise ValueError(
                f"{name} is {given!r}; expected {EXPECTED[name]}. If it was meant as "
                f"a control: {_advise(name)}"
            )
        if name in required:
            raise ValueError(f"draw takes {name}, but {_advise(name)}")


def _advise(name, taker="explore"):
    return (
        f"a control cannot be called {name}, a name that {taker} takes for itself; "
        f"call it the_{name}, and give labels={{'the_{name}': '{name}'}}"
    )


def _required(draw):
    if not callable(draw):
        return []  # `Drawing` says so
    parameters = inspect.signature(draw).parameters.values()
    return [one.name for one in parameters if one.default is one.empty]


def _fits(name, given):
    if name == "alt":
        return callable(given)
    if name == "size":
        return (
            isinstance(given, tuple)
            and len(given) == 2
            and all(isinstance(side, Real) for side in given)
            and all(np.isfinite(given))
            and min(given) > 0
        )
    return isinstance(given, Mapping if name in ("start", "labels") else str)
