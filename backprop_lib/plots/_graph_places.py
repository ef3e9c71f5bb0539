"""Where the quantities of a computational graph stand.

The unit is the radius of a circle.
"""

from graphlib import CycleError, TopologicalSorter

import numpy as np

RADIUS = 34  # points, at most
_LEAST, _MOST, _PITCH = 4.0, 6.6, 3.3  # between columns; and between rows


def columns_of(edges, below=()):
    """Return {name: column}, in the order in which the names come first."""
    needs = {}
    for source, target in edges:
        needs.setdefault(source, [])
        needs.setdefault(target, []).append(source)
    if not needs:
        raise ValueError("edges is empty; expected at least one (from, to)")
    column = {}
    try:
        for name in TopologicalSorter(needs).static_order():
            before = [column[n] for n in needs[name] if n not in below]
            column[name] = 1 + max(before, default=-1)
    except CycleError as error:
        circle = " -> ".join(reversed(error.args[1]))
        raise ValueError(f"edges go round in a circle: {circle}") from None
    return {
        name: column[name]
        if needs[name]
        else min(column[b] for a, b in edges if a == name) - (name not in below)
        for name in needs
    }


def heads_of(below, edges):
    """Return {name: the one that it stands below and leads to}."""
    heads = {}
    for name in below:
        targets = [b for a, b in edges if a == name]
        if len(targets) != 1 or any(b == name for _, b in edges):
            raise ValueError(
                f"what stands below needs nothing and is needed once, but {name!r} "
                f"does not: it leads to {targets}"
            )
        heads[name] = targets[0]
    return heads


def places_of(columns, edges, size, heads):
    """Return {name: (x, y)}; a column's quantities stand evenly about its middle."""
    places, last = {}, max(1, *columns.values())
    # wide axes spread the columns
    step = np.clip((size[0] / RADIUS - 2.6) / last, _LEAST, _MOST)
    for column in range(1 + last):
        names = [n for n in columns if columns[n] == column and n not in heads]
        before = {
            name: np.mean(
                [places[a][1] for a, b in edges if b == name and a in places] or [0.0]
            )
            for name in names
        }
        names.sort(key=lambda name: -before[name])
        for k, name in enumerate(names):
            row = (len(names) - 1) / 2 - k
            places[name] = (step * column, _PITCH * row)
    for name, head in heads.items():
        x, y = places[head][0], places[head][1] - _PITCH
        for other, at in places.items():
            if at[0] == x and abs(at[1] - y) < _PITCH:
                raise ValueError(f"no room for {name!r} below {head!r}: {other!r}")
        places[name] = (x, y)
    return places
