"""Where the neurons of a drawn network stand, and where its weights are written.

The unit is the radius of a neuron. Nothing here depends on values, so that a
network that is drawn again and again is laid out once.
"""

from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import numpy as np

BIAS_RADIUS = 0.42


@dataclass(frozen=True)
class Layout:
    """Places by (layer, neuron), neuron 0 being the bias; ``box`` holds it all."""

    neurons: dict
    edges: dict
    box: tuple
    foot: float
    delta_drop: float = 1.42


@lru_cache(maxsize=64)
def lay_out(sizes, aspect, least_height, bias, delta, margins, pitch):
    """Place the neurons, `pitch` apart, in a box of the given width to height."""
    top = (max(sizes) - 1) / 2 * pitch
    highest = top + 1.15 + (2 * BIAS_RADIUS + 0.4) * bias
    foot = -top - 1.15 - 0.75 * delta
    lowest = foot - 0.75
    spare = max(0.0, least_height - (highest - lowest)) / 2
    highest, lowest = highest + spare, lowest - spare
    steps = len(sizes) - 1
    least_width = sum(margins) + 4.6 * steps
    width = max(least_width, aspect * (highest - lowest))
    spare = max(0.0, width / aspect - (highest - lowest)) / 2
    highest, lowest = highest + spare, lowest - spare
    # columns farther apart than this would only be farther apart
    step = min((width - sum(margins)) / steps, 8.5)
    middle = (margins[0] - margins[1]) / 2
    neurons = {}
    for layer, size in enumerate(sizes):
        x = (layer - steps / 2) * step + middle
        for j in range(1, size + 1):
            neurons[layer, j] = (x, ((size + 1) / 2 - j) * pitch)
        if bias and layer < len(sizes) - 1:
            neurons[layer, 0] = (x, top + 1.4 + BIAS_RADIUS)
    box = (-width / 2, width / 2, lowest, highest)
    return Layout(neurons, _edges(sizes, neurons, bias), box, foot)


def _edges(sizes, neurons, bias):
    edges = {}
    for layer, (n_in, n_out) in enumerate(pairwise(sizes)):
        for i in range(0 if bias else 1, n_in + 1):
            for j in range(1, n_out + 1):
                a, b = np.array(neurons[layer, i]), np.array(neurons[layer + 1, j])
                along = (b - a) / np.hypot(*(b - a))
                start = a + along * (BIAS_RADIUS if i == 0 else 1.0)
                edges[layer, i, j] = (tuple(start), tuple(b - along))
    return edges


@lru_cache(maxsize=64)
def label_places(sizes, aspect, least_height, bias, delta, margins, pitch, half):
    """Choose for each weight's label the place on its own line where it is clearest."""
    layout = lay_out(sizes, aspect, least_height, bias, delta, margins, pitch)
    places = {}
    for layer in range(len(sizes) - 1):
        between = {key: edge for key, edge in layout.edges.items() if key[0] == layer}
        discs = [
            at for (m, j), at in layout.neurons.items() if m in (layer, layer + 1) and j
        ]
        places |= _settle(between, np.array(discs), np.array(half))
    return places


def _settle(edges, discs, half):
    keys, ends = list(edges), np.array(list(edges.values()))
    along = np.linspace(0.08, 0.92, 43)
    spots = ends[:, :1] + along[None, :, None] * (ends[:, 1:] - ends[:, :1])
    fixed = np.array([_cost(k, spots[k], ends, discs, half) for k in range(len(keys))])
    fixed += 0.8 * np.abs(along - 0.5)
    chosen = fixed.argmin(axis=1)
    # a few rounds, each label moving while the others stand still
    for _ in range(6):
        for k in range(len(keys)):
            others = np.array([spots[m, chosen[m]] for m in range(len(keys)) if m != k])
            crowd = _overlap(spots[k], others, 2 * half + (0.12, 0.12))
            chosen[k] = (fixed[k] + 12 * crowd).argmin()
    return {key: tuple(spots[k, chosen[k]]) for k, key in enumerate(keys)}


def _overlap(spots, others, reach):
    if not len(others):
        return np.zeros(len(spots))
    apart = np.abs(spots[:, None, :] - others) / reach
    return np.clip(1 - apart, 0, None).min(axis=2).sum(axis=1)


def _cost(k, spots, ends, discs, half):
    # lines of others that run through the label's box, and discs that it touches
    others = np.delete(ends, k, axis=0)
    slope = (others[:, 1, 1] - others[:, 0, 1]) / (others[:, 1, 0] - others[:, 0, 0])
    height = others[:, 0, 1] + slope * (spots[:, :1] - others[:, 0, 0])
    clear = np.abs(height - spots[:, 1:]) - np.abs(slope) * half[0]
    crossed = np.clip(1 - clear / (half[1] + 0.05), 0, 1).sum(axis=1)
    gaps = np.clip(np.abs(spots[:, None] - discs) - half, 0, None)
    touched = np.clip(1.15 - np.hypot(*gaps.T), 0, None).sum(axis=0)
    return 2.5 * crossed + 30 * touched
