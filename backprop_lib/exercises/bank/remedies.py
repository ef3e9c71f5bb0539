"""Chapter 14: what brings the signal back."""

import numpy as np
from sympy import Symbol, exp, solve, sqrt, symbols, tanh

from backprop_lib.symbolic import D, product, total

from ..questions import Choice, Formula, Mistake, Number, Option, Slip
from .register import question


@question("ex-remedy-leaky")
def leaky(name):
    a, g = symbols("a g", positive=True)
    (gain,) = solve(g**2 * (1 + a**2) / 2 - 1, g)
    return Formula(
        id=name,
        exercise=name,
        title="The gain of a leaky ReLU",
        prompt="The mean of the squared slopes is $(1 + a^2)/2$. Which gain $g$ makes "
        "$g^2 (1 + a^2)/2 = 1$? Type it in $a$.",
        definitions={},
        asked=gain,
        answer=sqrt(2 / (1 + a**2)),
        over=(a,),
        domain={a: (0, 2)},
        mistakes=(
            Mistake(
                2 / (1 + a**2),
                "the root left out: this is $g^2$",
                "The gain multiplies the weights, and squares appear in $\\chi$.",
            ),
            Mistake(sqrt((1 + a**2) / 2), "upside down"),
            Mistake(sqrt(2 / (1 + a)), "the power 1 in the place of 2"),
            Mistake(
                sqrt(1 / (1 + a**2)), "the 2 missing: half of the units are negative"
            ),
            Mistake(sqrt(2) + 0 * a, "the gain of a plain ReLU"),
        ),
        hint="Solve for $g^2$ first.",
        right="From $\\sqrt 2$ for ReLU to 1 for the identity.",
    )


@question("ex-remedy-skip")
def skip(name):
    o, w, net, h, u = symbols("o w net h u", real=True)
    return Formula(
        id=name,
        title="A skip connection",
        prompt="Let $net = w\\,o$, $h = \\tanh(net)$ and $u = o + h$. Type "
        "$\\partial u/\\partial o$ in $w$ and $h$.",
        definitions={net: w * o, h: tanh(net), u: o + h},
        asked=D(u, o),
        answer=total(1, product(w, 1 - h**2)),
        over=(w, h),
        mistakes=(
            Mistake(
                w * (1 - h**2),
                "the short cut left out",
                "$o$ has two arrows: one of them leads straight to $u$.",
            ),
            Mistake(1 + w * h * (1 - h), "the slope of the sigmoid, not of tanh"),
            Mistake(1 + (1 - h**2), "the factor $w$ missing"),
            Mistake(
                (1 + w) * (1 - h**2),
                "the slope of tanh on the short cut too",
                "The short cut goes round the activation.",
            ),
            Mistake(1 + w * (1 - h), "the power 1 in the place of 2"),
        ),
        hint="Two paths: one straight, one through the neuron.",
        right="The 1 is what keeps the signal alive.",
    )


@question("ex-remedy-scaled-skip")
def scaled(name):
    d = Symbol("d", positive=True)
    bound = (1 + 1 / d) ** d

    return Number(
        id=name,
        exercise=name,
        title="However deep",
        prompt="Each of $d$ layers multiplies the mean square by at most $1 + 1/d$. "
        "How "
        "large can it get, however large $d$ is? Two digits will do.",
        value=lambda: bound.limit(d, float("inf")).evalf(),
        tolerance=0.03,
        mistakes=lambda: [
            Slip(1, "each factor falls towards 1, but there are $d$ of them"),
            Slip(2, "this is $1 + d \\cdot \\tfrac1d$: products are more than sums"),
            Slip(exp(1 / 2), "this is the root: the length grows by that"),
            Slip(4, "this is $2^2$, at $d = 2$ with the wrong factor"),
        ],
        hint="Take the logarithm, and $\\ln(1 + y) \\le y$.",
        right="At most $e$.",
    )


@question("ex-remedy-revive")
def revive(name):
    def comes_back(slope):
        """Say whether a unit that is off for all examples gets any gradient."""
        net = np.full(5, -5.0)
        return bool(np.any(np.where(net > 0, 1.0, slope) * np.ones(5)))

    return Choice(
        id=name,
        exercise=name,
        predict=True,
        title="Can units come back?",
        prompt="All hidden units are off for every example. Which of them can training "
        "bring back?",
        options=(
            Option(
                "ReLU and leaky ReLU",
                "a ReLU that is off for all examples has the gradient 0",
                lambda: comes_back(0.0) and comes_back(0.01),
            ),
            Option(
                "Leaky ReLU only",
                "It leaves a small slope where ReLU leaves none.",
                lambda: comes_back(0.01) and not comes_back(0.0),
            ),
            Option(
                "Neither",
                "the leak lets a gradient through",
                lambda: not comes_back(0.01),
            ),
        ),
        answer=1,
    )
