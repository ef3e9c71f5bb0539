"""Chapter 0: the letters, and where they stand in arrays."""

import numpy as np

from ..questions import Choice, Number, Option, Slip
from .register import question


def _labelled(sizes):
    """Return arrays of (from, to) in the place of weights."""
    return [
        np.array([[(i, j) for j in range(1, after + 1)] for i in range(1, before + 1)])
        for before, after in zip(sizes, sizes[1:])
    ]


def _leads(index):
    """Say whether an entry of the weights of [2, 3, 1] leads from 3 in layer 1 to 1."""
    layer, *places = index
    try:
        ends = _labelled([2, 3, 1])[layer][tuple(places)]
    except IndexError:
        return False
    return layer == 1 and tuple(ends) == (3, 1)


@question("ex-notation-find")
def find_weight(name):
    return Choice(
        id=name,
        exercise=name,
        title="Find the weight",
        prompt="In a network `[2, 3, 1]`: which entry is the weight from neuron 3 of "
        "layer 1 to the output?",
        options=(
            Option(
                "`weights[1][3, 1]`",
                "text counts neurons from 1, Python from 0",
                lambda: _leads((1, 3, 1)),
            ),
            Option(
                "`weights[1][2, 0]`",
                "It leads out of layer 1, from the third neuron to the first.",
                lambda: _leads((1, 2, 0)),
            ),
            Option(
                "`weights[2][2, 0]`",
                "weights are named by the layer that they lead out of",
                lambda: _leads((2, 2, 0)),
            ),
            Option(
                "`weights[1][0, 2]`",
                "from comes first, then to",
                lambda: _leads((1, 0, 2)),
            ),
        ),
        answer=1,
        hint="$w_{ij}$ is `weights[l][i-1, j-1]`, out of layer $l$.",
    )


@question("ex-notation-count")
def count_parameters(name):
    sizes = [64, 64, 10]
    pairs = list(zip(sizes, sizes[1:]))

    def count():
        return sum((1 + before) * after for before, after in pairs)

    return Number(
        id=name,
        exercise=name,
        title="Count before you print",
        prompt="How many parameters has the network `[64, 64, 10]`? A calculation will "
        "do.",
        value=count,
        mistakes=lambda: [
            Slip(
                sum(before * after for before, after in pairs),
                "the biases forgotten",
                "Every layer has one more neuron to come from: neuron 0.",
            ),
            Slip(
                sum(before * (1 + after) for before, after in pairs),
                "neuron 0 counted where a weight leads to, not where it comes from",
                "Nothing leads to neuron 0: its output is always 1.",
            ),
            Slip(
                sum((1 + before) * (1 + after) for before, after in pairs),
                "neuron 0 counted at both ends",
                "Nothing leads to neuron 0: its output is always 1.",
            ),
            Slip(
                count() + sizes[0],
                "the inputs counted as if they had biases",
                "The inputs are given: no weight leads to them.",
            ),
        ],
        hint="A layer of $m$ neurons behind one of $n$ has $(1 + n)\\,m$ parameters.",
        right="With neuron 0 in the picture there is nothing to forget.",
    )


@question("ex-notation-round")
def her_matrix(name):
    def same(other):
        rng = np.random.default_rng(0)
        w, x = rng.normal(size=(3, 3)), rng.normal(size=3)
        return np.allclose(other(w) @ x[:, None], (x @ w)[:, None])

    return Choice(
        id=name,
        exercise=name,
        title="Which way round?",
        prompt="Another author writes $net = W x$ with $x$ as a column. What is her "
        "$W$ "
        "for the first layer, in our terms?",
        options=(
            Option(
                "`weights[0]`",
                "rows and columns mixed up: ours has from in its rows, and her sum "
                "runs along a row",
                lambda: same(lambda w: w),
            ),
            Option(
                "`weights[0].T`",
                "Both indices change places, and so do row and column.",
                lambda: same(lambda w: w.T),
            ),
            Option(
                "`weights[0][::-1]`",
                "the order of the neurons turned round, not the matrix",
                lambda: same(lambda w: w[::-1]),
            ),
            Option(
                "`1 / weights[0]`",
                "nothing is undone here, only written another way round",
                lambda: same(lambda w: 1 / w),
            ),
        ),
        answer=1,
        hint="In her sum for one net the index that runs is the second one.",
    )
