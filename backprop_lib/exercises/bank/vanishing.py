"""Chapter 13: where the gradient goes."""

import numpy as np
from sympy import Symbol, log, sqrt, symbols

from backprop_lib.symbolic import product

from ..questions import Choice, Formula, Mistake, Number, Option, Slip
from .register import question


@question("ex-vanish-four")
def four(name):
    def smallest():
        outs = np.linspace(0, 1, 10_001)
        return 1 / np.max(outs * (1 - outs))

    return Number(
        id=name,
        exercise=name,
        title="How large a weight?",
        prompt="On the way back a sigmoid neuron multiplies the blame by "
        "$w\\,\\sigma'(net)$. How large must $w$ be at least for this to reach 1?",
        value=smallest,
        mistakes=lambda: [
            Slip(1, "as if the slope could be 1: it is at most ¼"),
            Slip(2, "as if the slope could be ½: that is the output there"),
            Slip(1 / 4, "this is the slope, not the weight"),
        ],
        hint="What is the sigmoid's steepest slope?",
        right="The slope is at most ¼.",
    )


@question("ex-vanish-edge")
def edge(name):
    s = Symbol("s", positive=True)
    w = Symbol("w", real=True)
    return Formula(
        id=name,
        exercise="ex-vanish-four",
        title="The upper edge",
        prompt="For $w > 4$: at which output $y$ above ½ is $y\\,(1 - y) = 1/w$? Type "
        "it in $w$. (Let $s$ be the root in it.)",
        definitions={w: 4 / (1 - s**2)},
        asked=(1 + s) / 2,
        answer=(1 + sqrt(1 - 4 / w)) / 2,
        over=(w,),
        domain={s: (0, 1)},
        mistakes=(
            Mistake((1 - sqrt(1 - 4 / w)) / 2, "this is the lower edge"),
            Mistake((1 + sqrt(1 - 1 / w)) / 2, "the 4 under the root missing"),
            Mistake(
                1 + sqrt(1 - 4 / w),
                "not divided by 2",
                "An output lies between 0 and 1.",
            ),
            Mistake((1 + sqrt(1 + 4 / w)) / 2, "the sign under the root"),
        ),
        hint="Solve $y^2 - y + 1/w = 0$.",
        right="The lower edge is its mirror image.",
    )


@question("ex-vanish-length")
def length(name):
    w, y = symbols("w y", positive=True)
    net_high, net_low = symbols("net_high net_low", real=True)
    return Formula(
        id=name,
        exercise="ex-vanish-four",
        title="The length of the interval",
        prompt="The outputs at the edges are $y$ and $1 - y$, with the nets "
        "$\\ln(y/(1-y))$ and its negative. How far apart are they in the input, "
        "whose weight is $w$? Type it in $w$ and $y$.",
        definitions={net_high: log(y / (1 - y)), net_low: -net_high},
        asked=(net_high - net_low) / w,
        answer=product(2 / w, log(y / (1 - y))),
        over=(w, y),
        domain={w: (4, 40), y: (0, 1)},
        mistakes=(
            Mistake(
                2 * log(y / (1 - y)),
                "the factor $1/w$ missing: this is the distance in $net$",
                "A step of 1 in the input moves $net$ by $w$.",
            ),
            Mistake(
                2 * w * log(y / (1 - y)),
                "multiplied by $w$, not divided",
                "A step of 1 in the input moves $net$ by $w$.",
            ),
            Mistake(log(y / (1 - y)) / w, "one half of it only"),
            Mistake(
                2 * log(y) / w,
                "the denominator $1 - y$ missing in the logarithm",
            ),
            Mistake(
                (2 * y - 1) / w,
                "the distance of the outputs, not of the nets",
            ),
        ),
        hint="How far apart are they in $net$? And how far does $net$ move when the "
        "input moves by 1?",
        right="It falls towards 0 as the weight grows.",
    )


@question("ex-vanish-loss")
def other_loss(name):
    def ratios():
        from backprop_lib.network import Network

        found = []
        for loss in ("squared_error", "binary_cross_entropy"):
            rng = np.random.default_rng(0)
            network = Network([2, 4, 4, 4, 1], loss=loss, rng=rng)
            x, t = rng.normal(size=(1, 2)), np.ones((1, 1))
            delta = network.backward(network.forward(x), t).delta
            found.append(np.linalg.norm(delta[1]) / np.linalg.norm(delta[-1]))
        return found

    return Choice(
        id=name,
        exercise=name,
        title="Does another loss help?",
        prompt="With cross-entropy the error signal of the last layer is $o - t$. Does "
        "that cure the vanishing in the layers before it?",
        options=(
            Option(
                "Yes: the slope is cancelled",
                "only that of the last layer; each layer before it has its own",
                lambda: not np.isclose(*ratios()),
            ),
            Option(
                "No: it decides the last $\\delta$ and nothing else",
                "All the others are that one times a product in which no loss occurs.",
                lambda: np.isclose(*ratios()),
            ),
            Option(
                "It makes it worse",
                "the ratio of first to last layer is the same for both losses",
                lambda: ratios()[1] < 0.9 * ratios()[0],
            ),
        ),
        answer=1,
        hint="In which of the four equations does the loss stand?",
    )


@question("ex-vanish-compensate")
def compensate(name):
    return Choice(
        id=name,
        exercise=name,
        predict=True,
        title="Four quarters",
        prompt="Every sigmoid layer costs about ¼, so the weights are made four "
        "times as "
        "large. Is that enough to keep the signal over 20 layers?",
        options=(
            Option(
                "Yes: four quarters make one",
                "four times the weights make four times the $net$, and out there the "
                "slope is no longer a quarter",
            ),
            Option(
                "No: the slopes fall",
                "Four times the weights mean about four times the $net$.",
            ),
            Option(
                "It is too much: the signal explodes",
                "at gain 4 it still shrinks; in wide layers it explodes at larger "
                "gains",
            ),
        ),
        answer=1,
    )


@question("ex-vanish-float32")
def underflow(name):
    smallest = float(np.finfo(np.float32).smallest_subnormal)
    return Number(
        id=name,
        exercise="ex-vanish-float32",
        title="How many quarters?",
        prompt="The smallest positive `float32` is about $1.4 \\cdot 10^{-45}$. "
        "After how "
        "many factors of ¼ is a signal of 1 below it? Round up.",
        value=lambda: np.ceil(np.log(smallest) / np.log(1 / 4)),
        mistakes=lambda: [
            Slip(45, "powers of 10 counted, not of 4"),
            Slip(149, "powers of 2 counted, not of 4"),
            Slip(np.floor(np.log(smallest) / np.log(1 / 4)), "rounded down"),
            Slip(104, "powers of $e$ counted, not of 4"),
        ],
        hint="A quotient of two logarithms.",
        right="So few layers of the best slope a sigmoid has, and nothing is left.",
    )
