"""Where the quantities of a computational graph stand.

The unit is the radius of a circle.
"""

from graphlib import CycleError, TopologicalSorter

import numpy as np

RADIUS = 34  # points, at most
_LEAST, _MOST, _PITCH = 4.0, 6.6, 3.3  # between columns; and between rows


def columns_of(edges):
    """Return {name: column}, in the order in which the names come first."""
    needs = {}
    for source, target in edges:
        needs.setdefault(source, [])
        needs.setdefault(target, []).append(source)
    if not needs:
        raise ValueError("edges must hold at least one (from, to), got none")
    column = {}
    try:
        for name in TopologicalSorter(needs).static_order():
            column[name] = 1 + max((column[n] for n in needs[name]), default=-1)
    except CycleError as error:
        circle = " -> ".join(reversed(error.args[1]))
        raise ValueError(f"edges go round in a circle: {circle}") from None
    return {
        name: column[name]
        if needs[name]
        else min(column[b] for a, b in edges if a == name) - 1
        for name in needs
    }


def places_of(columns, edges, size):
    """Return {name: (x, y)}; a column's quantities stand evenly about its middle."""
    places, last = {}, max(columns.values())
    # wide axes spread the columns
    step = np.clip((size[0] / RADIUS - 2.6) / last, _LEAST, _MOST)
    for column in range(1 + last):
        names = [name for name in columns if columns[name] == column]
        before = {
            name: np.mean([places[a][1] for a, b in edges if b == name] or [0.0])
            for name in names
        }
        names.sort(key=lambda name: -before[name])
        for k, name in enumerate(names):
            row = (len(names) - 1) / 2 - k
            places[name] = (step * column, _PITCH * row)
    return places
