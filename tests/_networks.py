"""Networks that several test files draw, written without the library."""

import itertools

import numpy as np


def sigmoid_pass(sizes, rng):
    """Return a forward pass through sigmoids at random weights, by the sums themselves.

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
