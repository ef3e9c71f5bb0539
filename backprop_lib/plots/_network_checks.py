"""What `draw_network` is given, by the places it is drawn at."""

from itertools import pairwise

import numpy as np

from ._arrays import numbers

_MOST = 8  # neurons in a layer that can still be read


def as_sizes(sizes):
    """Return the sizes of a network that can be drawn."""
    sizes = tuple(sizes)
    whole = all(isinstance(size, (int, np.integer)) for size in sizes)
    if len(sizes) < 2 or not whole or not all(1 <= size <= _MOST for size in sizes):
        raise ValueError(
            f"sizes is {sizes}; expected at least two whole numbers from 1 to {_MOST}, "
            "to be readable"
        )
    return sizes


def by_layer(name, given, sizes):
    """Return a list of (n_l,) or None by layer; None for None."""
    if given is None:
        return None
    if len(given) != len(sizes):
        raise ValueError(
            f"{name} has {len(given)} entries; expected {len(sizes)}, one a layer"
        )
    layers = []
    for layer, (entry, size) in enumerate(zip(given, sizes, strict=True)):
        array = None if entry is None else numbers(f"{name}[{layer}]", entry)
        if array is not None and array.shape not in ((size,), (1, size)):
            raise ValueError(
                f"{name}[{layer}] has shape {array.shape}; expected ({size},) or "
                f"(1, {size}), for one example"
            )
        layers.append(None if array is None else array.reshape(size))
    return layers


def strengths_of(sizes, weights, biases, prefix=""):
    """Return the weights by (layer, from, to), the biases as those from 0."""
    if weights is None:
        if biases is not None:
            raise ValueError(
                f"{prefix}biases are drawn with their weights: give {prefix}weights too"
            )
        return None
    strengths = {}
    for layer, shape in enumerate(pairwise(sizes)):
        rows = {1: _entry(f"{prefix}weights", weights, layer, len(sizes) - 1, shape)}
        if biases is not None:
            bias = _entry(f"{prefix}biases", biases, layer, len(sizes) - 1, shape[1:])
            rows[0] = bias.reshape(1, -1)
        for first, block in rows.items():
            for (i, j), value in np.ndenumerate(block):
                strengths[layer, i + first, j + 1] = value
    return strengths


def slopes_of(sizes, by_weights, by_biases, strengths):
    """Return the slopes by the weights, for lines that are drawn; None for None."""
    slopes = strengths_of(sizes, by_weights, by_biases, "by_")
    if slopes is not None and set(slopes) != set(strengths or ()):
        raise ValueError(
            "by_weights and by_biases are written below the weights and biases: "
            "give the same of both"
        )
    return slopes


def as_places(highlight, sizes):
    """Return the set of highlighted places; None for None."""
    if highlight is None:
        return None
    chosen = set(map(tuple, highlight))
    for place in chosen:
        layer, last = place[0], place[-1]
        fits = len(place) == 2 and 0 <= layer < len(sizes) and 0 <= last <= sizes[layer]
        if len(place) == 3 and 0 <= layer < len(sizes) - 1:
            fits = 0 <= place[1] <= sizes[layer] and 1 <= last <= sizes[layer + 1]
        if not fits:
            raise ValueError(
                f"highlight holds {place}; expected (l, j) and (l, i, j) that are in "
                f"a network of sizes {sizes}"
            )
    return chosen


def _entry(name, given, layer, count, shape):
    if len(given) != count:
        raise ValueError(f"{name} has {len(given)} entries; expected {count}")
    array = numbers(f"{name}[{layer}]", given[layer])
    if array.shape != shape:
        raise ValueError(f"{name}[{layer}] has shape {array.shape}; expected {shape}")
    return array
