"""Chapter 11: the sigmoid under the microscope."""

import numpy as np
from sympy import atan, exp, log, nsolve, symbols, tanh

from backprop_lib.activations import sigmoid as sigma
from backprop_lib.symbolic import D, product, sigmoid, total

from ..questions import (
    Choice,
    Formula,
    Lines,
    Mistake,
    Number,
    Option,
    Slip,
    with_a_gap,
)
from .register import question

net, o, u, h = symbols("net o u h", real=True)


@question("ex-sigmoid-inverse")
def inverse(name):
    return Formula(
        id=name,
        title="The way back",
        prompt="Let $o = \\sigma(net)$. Type $net$ in $o$ alone.",
        definitions={o: sigmoid(net)},
        asked=net,
        answer=log(o / (1 - o)),
        over=(o,),
        mistakes=(
            Mistake(
                log((1 - o) / o),
                "the odds upside down",
                "A large $net$ has an $o$ near 1.",
            ),
            Mistake(o / (1 - o), "these are the odds: their logarithm is missing"),
            Mistake(log(o), "the factor $1 - o$ missing in the denominator"),
            Mistake(-log(o), "the sign, and the denominator $1 - o$ missing"),
            Mistake(1 / o, "1 over the function is not the way back"),
        ),
        hint="$1/o = 1 + e^{-net}$. Solve it for $net$.",
        right="The logarithm of the odds: the logit.",
    )


@question("ex-sigmoid-odds")
def odds(name):
    def after(net_now):
        return float(sigma(np.array(net_now + np.log(2))))

    return Number(
        id=name,
        exercise=name,
        title="One more piece of evidence",
        prompt="A neuron said 0.9. An input adds $\\log 2$ to $net$. What does it say "
        "now? Three digits will do.",
        value=lambda: after(np.log(0.9 / 0.1)),
        tolerance=0.001,
        mistakes=lambda: [
            Slip(0.9 * 2, "the probability doubled, not the odds"),
            Slip(2 / 3, "this is what becomes of 0.5"),
            Slip(after(np.log(0.99 / 0.01)), "this is what becomes of 0.99"),
            Slip(0.95, "half of the way to 1: the odds 19 are not twice 9"),
            Slip(0.9, "as if nothing had changed"),
            Slip(18, "these are the odds, not the probability"),
        ],
        hint="The odds were 9 to 1. What are they now?",
        right="18 to 1: $18/19$.",
    )


@question("ex-sigmoid-steeper-guess")
def steeper_guess(name):
    weights = np.array([1.0, 2.0, 4.0, 8.0])
    slopes = weights * sigma(weights) * (1 - sigma(weights))

    return Choice(
        id=name,
        exercise="ex-sigmoid-steeper",
        predict=True,
        title="Steeper and steeper?",
        prompt="A neuron without bias sees $x = 1$. Its weight goes from 1 to 2, to 4, "
        "to 8. What does $\\partial o/\\partial x$ do there?",
        options=(
            Option(
                "It rises every time",
                "the curve gets steeper in the middle, but $x = 1$ does not stay in "
                "the "
                "middle",
                lambda: np.all(np.diff(slopes) > 0),
            ),
            Option(
                "It falls every time",
                "while $net$ is small the larger weight wins",
                lambda: np.all(np.diff(slopes) < 0),
            ),
            Option(
                "It rises at first, then falls",
                "A rising factor times a falling one.",
                lambda: slopes[1] > slopes[0] and slopes[3] < slopes[2] < slopes[1],
            ),
            Option(
                "It stays at a quarter",
                "that is the slope by $net$ at its best, not by $x$",
                lambda: np.allclose(slopes, 0.25),
            ),
        ),
        answer=2,
    )


@question("ex-sigmoid-steeper")
def steeper(name):
    w, v = symbols("w v", positive=True)
    steepest = nsolve(1 / w - tanh(w / 2), 1.5)
    return Formula(
        id=name,
        exercise=name,
        title="Where it is largest",
        prompt="The slope by $x$ is $w\\,\\sigma(w)\\,\\sigma(-w)$; call its logarithm "
        "$v$. Type $\\partial v/\\partial w$.",
        definitions={v: log(w * sigmoid(w) * sigmoid(-w))},
        asked=D(v, w),
        answer=total(1 / w, 1, -2 * sigmoid(w)),
        over=(w,),
        domain={w: (0, 4)},
        mistakes=(
            Mistake(
                1 / w + 1,
                "the two slopes of the sigmoids do not cancel",
                "The slope of $\\log\\sigma(w)$ is $1 - \\sigma(w)$, that of "
                "$\\log\\sigma(-w)$ is $-\\sigma(w)$.",
            ),
            Mistake(
                1 / w + 2 * (1 - sigmoid(w)),
                "the inner derivative of $\\sigma(-w)$ lost, and its argument",
            ),
            Mistake(
                1 / w + 1 - sigmoid(w),
                "the slope of $\\log\\sigma(-w)$ left out",
            ),
            Mistake(1 - 2 * sigmoid(w), "the term $1/w$ missing"),
            Mistake(
                1 / w + 2 * sigmoid(w) - 1,
                "the signs of the sigmoids' slopes",
            ),
        ),
        hint="The logarithm of a product is a sum. The slope of $\\log\\sigma(w)$ is "
        "$1 - \\sigma(w)$.",
        right=f"It is $1/w - \\tanh(w/2)$, and 0 at $w = {steepest:.4f}$.",
    )


@question("ex-sigmoid-other")
def other(name):
    return Formula(
        id=name,
        exercise=name,
        title="Another curve",
        prompt="Let $h = \\arctan net$. Type $\\partial h/\\partial net$.",
        definitions={h: atan(net)},
        asked=D(h, net),
        answer=1 / (1 + net**2),
        over=(net,),
        domain={net: (2, 6)},
        mistakes=(
            Mistake(
                1 / (1 - net**2),
                "the sign of the square",
                "The slope of $\\tan h$ by $h$ is $1 + \\tan^2 h$.",
            ),
            Mistake(1 / (1 + net), "the power 1 in the place of 2"),
            Mistake(1 + net**2, "upside down: this is the slope of the tangent"),
            Mistake(1 - net**2, "the slope of tanh has this form, in its output"),
        ),
        hint="$net = \\tan h$ has the slope $1 + net^{\\,2}$ by $h$. Which is the "
        "slope "
        "of $h$ by $net$?",
        right="It falls like a power; the sigmoid's slope falls like an exponential.",
    )


@question("ex-sigmoid-twins")
def twins(name):
    return Formula(
        id=name,
        exercise=name,
        title="A tanh in disguise",
        prompt="Let $u = \\sigma(2\\,net)$. Type $\\tanh(net)$ in $u$ alone.",
        definitions={u: sigmoid(2 * net)},
        asked=tanh(net),
        answer=2 * u - 1,
        over=(u,),
        mistakes=(
            Mistake(2 * u, "the −1 left out", "At $net = 0$ it must be 0."),
            Mistake(u - 1, "the factor 2 missing", "It must go from −1 to 1."),
            Mistake(2 * u + 1, "the sign of the 1", "At $net = 0$ it must be 0."),
            Mistake(1 - 2 * u, "the sign", "It rises with $net$."),
            Mistake(u - 1 / 2, "moved, but not stretched: it must go from −1 to 1"),
            Mistake((u + 1) / 2, "the way back: this makes a sigmoid of a tanh"),
        ),
        hint="Stretch the range from 0…1 to −1…1.",
        right="So a network with tanh can be restated with sigmoids, and back.",
    )


@question("ex-sigmoid-sum")
def two_classes(name):
    net_1, net_2, d = symbols("net_1 net_2 d", real=True)
    return Formula(
        id=name,
        exercise=name,
        title="The softmax of two",
        prompt="Let $d = net_1 - net_2$. Type $e^{net_1}/(e^{net_1} + e^{net_2})$ in "
        "$d$ alone.",
        definitions={d: net_1 - net_2},
        asked=exp(net_1) / (exp(net_1) + exp(net_2)),
        answer=sigmoid(d),
        over=(d,),
        mistakes=(
            Mistake(
                sigmoid(-d),
                "the difference the wrong way round",
                "A large $net_1$ must give a value near 1.",
            ),
            Mistake(
                exp(d) / (exp(d) + exp(-d)),
                "twice the difference: only one of the two is divided away",
                "Divide numerator and denominator by $e^{net_1}$.",
            ),
            Mistake(exp(d), "the denominator left out"),
        ),
        hint="Divide numerator and denominator by $e^{net_1}$.",
        right="For two classes the softmax is a sigmoid, of the difference.",
    )


@question("ex-sigmoid-three")
def three(name):
    def summed():
        return sigma(np.array([2.0, 1.0, -1.0])).sum()

    return Choice(
        id=name,
        exercise="ex-sigmoid-sum",
        title="Three answers",
        prompt="Three sigmoid neurons answer for three classes. What do their outputs "
        "add up to?",
        options=(
            Option(
                "To 1, always",
                "that is what softmax does: a sigmoid knows nothing of its neighbours",
                lambda: np.isclose(summed(), 1),
            ),
            Option(
                "To something between 0 and 3",
                "Each answers a question of its own, and several answers may be yes.",
                lambda: 0 < summed() < 3 and not np.isclose(summed(), 1),
            ),
            Option(
                "To 1, once trained",
                "nothing in the loss or the outputs asks for it",
            ),
        ),
        answer=1,
        hint="Put in three large nets.",
    )


e = symbols("e", real=True)


@question("ex-sigmoid-gap")
def slope_gap(name):
    return with_a_gap(
        slope_lines("ex-sigmoid-lines"),
        1,
        D(e, net),
        name=name,
        answer=-e,
        over=(e,),
    )


@question("ex-sigmoid-lines")
def slope_lines(name):
    return Lines(
        id=name,
        title="The slope of the sigmoid, line by line",
        prompt="Let $o = 1/(1 + e)$ with $e = e^{-net}$. Derive "
        "$\\partial o/\\partial net$ line by line, until only $o$ is left.",
        definitions={e: exp(-net), o: 1 / (1 + e)},
        asked=D(o, net),
        chain=product(D(o, e), D(e, net)),
        steps=(
            product(D(o, e), D(e, net)),
            product(-1 / (1 + e) ** 2, D(e, net)),
            product(1 / (1 + e) ** 2, e),
            product(1 / (1 + e), 1 - 1 / (1 + e)),
        ),
        answer=product(o, 1 - o),
        over=(o,),
        hint="First by $e$, then $e$ by $net$. At the end look for $o$ and $1 - o$.",
        right="$e/(1 + e)$ is $1 - 1/(1 + e)$, and so $1 - o$.",
    )
