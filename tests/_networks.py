"""Networks that several test files make and run."""

import itertools

import numpy as np

import backprop_lib as bp


def rng(seed=0):
    """Return a fresh source of randomness, the same for the same seed."""
    return np.random.default_rng(seed)


def make(sizes=(3, 4, 2), **settings):
    """Return a small network, as drawn."""
    settings.setdefault("rng", rng())
    return bp.Network(sizes, **settings)


def make_recurrent(sizes=(2, 3, 2), **settings):
    """Return a small recurrent network, as drawn."""
    settings.setdefault("rng", rng())
    return bp.RecurrentNetwork(sizes, **settings)


def backward(network, x, t):
    """Return the gradient of a network of either kind."""
    return network.backward(network.forward(x), t)


def sigmoid_pass(sizes, rng):
    """Return a pass through sigmoids at random weights, written without the library.

    The arrays stand under the names under which `plots` takes them.
    """
    weights = [rng.normal(size=shape) for shape in itertools.pairwise(sizes)]
    biases = [rng.normal(size=n) for n in sizes[1:]]
    net, out = [None], [rng.normal(size=sizes[0])]
    for w, b in zip(weights, biases, strict=True):
        # net = Σ o w + b, o = σ(net)
        net.append(out[-1] @ w + b)
        out.append(1 / (1 + np.exp(-net[-1])))
    return {"net": net, "out": out, "weights": weights, "biases": biases}
