"""Recurrences: definitions that go round in a circle, but to earlier steps."""

from itertools import pairwise

from .entries import Entry, Whole, name_of
from .forms import D


def lags_of(definitions, expressions, uses):
    """Return {name: {used: steps by which it looks back at least, or None}}."""
    return {
        name: {
            used: _lag(definitions[name], expressions[name], used)
            for used in sorted(found)
            if used in definitions
        }
        for name, found in uses.items()
    }


def cut_of(lags):
    """Return one quantity for each circle, or say that a circle has no steps.

    A circle is allowed if it leads to earlier steps: if along it the first index,
    which counts them, falls.
    """
    cut = []
    while circle := _circle(lags, set(cut)):
        steps = [lags[user][used] for user, used in pairwise(circle)]
        if None in steps or min(steps) < 0 or not any(steps):
            raise ValueError(
                f"the definitions go round in a circle: {' -> '.join(circle)}; a "
                "recurrence is one whose first index counts steps, and that uses only "
                "earlier ones, such as o[k - 1]"
            )
        cut.append(next(name for name in lags if name in circle))
    return cut


def _lag(lower, expression, used):
    """Return by how many steps at least an expression looks back, or None."""
    lags = []
    for entry in expression.atoms(Entry, Whole):
        if name_of(entry) != used:
            continue
        if not isinstance(entry, Entry) or not isinstance(lower, Entry):
            return None
        if expression.has(D):
            return None
        behind = lower.places[0] - entry.places[0]
        if not behind.is_Integer:
            return None
        lags.append(int(behind))
    return min(lags, default=None)


def _circle(edges, without):
    """Return a path that ends where it began, or None."""
    for start in edges:
        if start in without:
            continue
        paths = [[start]]
        seen = set()
        while paths:
            path = paths.pop()
            for used in sorted(edges.get(path[-1], ())):
                if used == start:
                    return [*path, start]
                if used not in seen and used not in without:
                    seen.add(used)
                    paths.append([*path, used])
    return None
