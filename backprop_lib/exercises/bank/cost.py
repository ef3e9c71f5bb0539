"""Chapter 6: what the gradient costs."""

from math import sqrt

import numpy as np
from sympy import symbols

from backprop_lib.symbolic import D, product, sigmoid

from ..questions import Choice, Formula, Mistake, Number, Option, Slip
from .register import question


@question("ex-cost-checkpoints")
def checkpoints(name):
    depth = 100

    def held(k):
        return -(-depth // k) + k

    return Number(
        id=name,
        exercise=name,
        title="Short of memory",
        prompt="100 equal layers, and every $k$-th is kept. With the best $k$: how "
        "many "
        "layers do you hold at the most?",
        value=lambda: min(map(held, range(1, depth + 1))),
        mistakes=lambda: [
            Slip(
                sqrt(depth),
                "the kept ones alone, or one stretch alone",
                "While you work on a stretch, you hold both.",
            ),
            Slip(depth, "nothing is saved that way"),
            Slip(depth / 2 + 2, "this is $k = 2$: many kept, and short stretches"),
        ],
        hint="$100/k$ are kept, and $k$ more for the stretch you are in.",
        right="The sum is least where both are alike.",
    )


@question("ex-cost-balance")
def balance(name):
    n, k, m = symbols("n k m", positive=True)
    return Formula(
        id=name,
        exercise="ex-cost-checkpoints",
        title="Where is it least?",
        prompt="With $n$ layers you hold $m = n/k + k$. Type "
        "$\\partial m/\\partial k$.",
        definitions={m: n / k + k},
        asked=D(m, k),
        answer=1 - n / k**2,
        over=(n, k),
        domain={n: (1, 9), k: (1, 4)},
        mistakes=(
            Mistake(
                1 + n / k**2,
                "the sign: $n/k$ falls as $k$ rises",
                "The slope of $1/k$ is $-1/k^2$.",
            ),
            Mistake(1 - n / k, "the power 1 in the place of 2"),
            Mistake(-n / k**2, "the slope of the second term left out"),
            Mistake(1 + n, "the slope of $n/k$ taken for $n$"),
        ),
        hint="The slope of $1/k$ by $k$ is $-1/k^2$.",
        right="It is 0 where $k = \\sqrt n$.",
    )


@question("ex-cost-two")
def reuse(name):
    net, o, w, delta, L, t, net_2, out = symbols(
        "net o w delta L t net_2 out", real=True
    )
    gradient = symbols("g", real=True)
    return Formula(
        id=name,
        exercise=name,
        title="Use it twice",
        prompt="A hidden neuron with the output $o$ reaches one output neuron, whose "
        "error signal is $\\delta$, through $w$. Let $g = o\\,\\delta$ be the gradient "
        "of $w$. Type $\\partial L/\\partial net$ of the hidden neuron in $g$, $w$ and "
        "$o$.",
        definitions={
            o: sigmoid(net),
            net_2: o * w,
            out: sigmoid(net_2),
            L: (out - t) ** 2 / 2,
            delta: D(L, net_2),
            gradient: o * delta,
        },
        asked=D(L, net),
        answer=product(gradient, w, 1 - o),
        over=(gradient, w, o),
        mistakes=(
            Mistake(
                gradient * w * o * (1 - o),
                "the factor $o$ twice: it is in $g$ already",
                "$o(1 - o)\\,w\\,\\delta$: which two of these make $g$?",
            ),
            Mistake(gradient * (1 - o), "the factor $w$ missing"),
            Mistake(gradient * w, "the factor $1 - o$ missing"),
            Mistake(
                gradient * w * (1 - o) / o,
                "divided by $o$: it is in $g$ and in the slope",
                "$o(1 - o)\\,w\\,\\delta$: which two of these make $g$?",
            ),
        ),
        hint="Write $o(1-o)\\,w\\,\\delta$, and look for $o\\,\\delta$ in it.",
        right="The product of $o$ and $\\delta$ stands in both.",
    )


@question("ex-cost-one")
def one_weight(name):
    def saved():
        # a backward pass through 16-16-16-1, for all weights and for one of the first
        sizes = [16, 16, 16, 1]
        pairs = list(zip(sizes, sizes[1:]))
        forward = sum(2 * n * m for n, m in pairs)
        everything = forward + sum(n * m for n, m in pairs)
        first = 2 * 16 + 2 * 16
        return (forward + everything) / (forward + first)

    return Choice(
        id=name,
        exercise=name,
        predict=True,
        title="One weight only",
        prompt="You want the slope by one weight of the first layer, way forward "
        "included. How much cheaper is it than all the slopes?",
        options=(
            Option(
                "About as many times as there are weights",
                "the way forward, and the blame through all layers behind, is "
                "needed for "
                "one weight as for all",
                lambda: saved() > 100,
            ),
            Option(
                "About twice",
                "The way forward is needed in any case, and it is half of the cost.",
                lambda: bool(np.round(saved()) in (2, 3)),
            ),
            Option(
                "Not at all",
                "the last step of the way back asks for one neuron's blame alone",
                lambda: saved() < 1.2,
            ),
        ),
        answer=1,
    )
