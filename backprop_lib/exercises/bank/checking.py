"""Chapter 8: checks, and lines that are wrong in print."""

from itertools import product as every

import numpy as np
from sympy import exp, symbols

from backprop_lib.gradcheck import diagnose
from backprop_lib.network import Network
from backprop_lib.symbolic import D, product, sigmoid, total

from ..questions import Choice, Formula, Mistake, Number, Option, Slip
from .register import question

w, x, b, t, net, o, L = symbols("w x b t net o L", real=True)
NEURON = {net: w * x + b, o: sigmoid(net), L: (t - o) ** 2 / 2}


@question("ex-check-alike")
def alike(name):
    def said(rows):
        data = np.array([[0.0, 0], [0, 1], [1, 0]])[:rows]
        t = np.array([[0.0], [1], [1]])[:rows]
        network = Network([2, 3, 1], rng=np.random.default_rng(0))
        gradient = network.backward(network.forward(data), t)
        return diagnose(network, data, t, 2 * gradient.flat)

    return Choice(
        id=name,
        exercise=name,
        predict=True,
        title="Two mistakes that look alike",
        prompt="With two rows of data, a program returns twice the right gradient. "
        "What "
        "can a check say of it?",
        options=(
            Option(
                "That it summed over the batch",
                "a lost ½ gives the very same numbers, with two rows",
                lambda: " or " not in said(2) and "summed" in said(2),
            ),
            Option(
                "That a ½ is missing",
                "a sum in the place of a mean gives the very same numbers",
                lambda: " or " not in said(2) and "½" in said(2),
            ),
            Option(
                "That it is one of the two",
                "With two rows the sum is twice the mean. Three rows tell them apart.",
                lambda: " or " in said(2) and " or " not in said(3),
            ),
        ),
        answer=2,
    )


@question("ex-check-signs")
def signs(name):
    def missing(error):
        directions = np.array(list(every((-1, 1), repeat=len(error))))
        return np.mean(directions @ error == 0)

    return Number(
        id=name,
        exercise=name,
        title="Directions of plus and minus one",
        prompt="Two entries of a gradient stand in each other's place. Which share of "
        "the directions of entries $\\pm 1$ misses it?",
        value=lambda: missing(np.array([1.0, -1, 0, 0])),
        mistakes=lambda: [
            Slip(
                missing(np.array([1.0, 0, 0, 0])),
                "that holds for a single wrong entry: it is never missed",
            ),
            Slip(1 / 4, "the two signs must be equal, and that happens twice in four"),
            Slip(1, "where the two signs differ, the errors add"),
        ],
        hint="It is off by $d$ in one place and by $-d$ in the other. When do they "
        "cancel?",
        right="They cancel wherever the two signs are equal.",
    )


@question("ex-check-central")
def central(name):
    h, first, second, third, up, down = symbols("h a_1 a_2 a_3 u d", real=True)
    return Formula(
        id=name,
        title="What a central difference leaves",
        prompt="Let $u = a_1 h + a_2 h^2 + a_3 h^3$, and $d$ the same with $-h$. Type "
        "$(u - d)/(2h)$ in $a_1$, $a_2$, $a_3$ and $h$.",
        definitions={
            up: first * h + second * h**2 + third * h**3,
            down: -first * h + second * h**2 - third * h**3,
        },
        asked=(up - down) / (2 * h),
        answer=total(first, product(third, h**2)),
        over=(first, second, third, h),
        mistakes=(
            Mistake(
                first + second * h,
                "the error of a forward difference",
                "Even powers are the same on both sides.",
            ),
            Mistake(
                first + second * h + third * h**2,
                "$a_2$ left in: even powers cancel",
                "Even powers are the same on both sides.",
            ),
            Mistake(
                2 * (first + third * h**2),
                "divided by $h$, not by $2h$",
                "The two points are $2h$ apart.",
            ),
            Mistake(
                first + third * h**3,
                "the division by $h$ left out of the last term",
            ),
        ),
        hint="Which powers are the same for $h$ and $-h$?",
        right="What is left of the error falls as $h^2$.",
    )


@question("ex-print-sign")
def printed_sign(name):
    return Formula(
        id=name,
        exercise=name,
        title="Mend the sign",
        prompt="For $L = \\tfrac12 (t - o)^2$ a book prints $\\partial L/\\partial "
        "net = "
        "(t - o)\\,o\\,(1 - o)$. Type the right line.",
        definitions=NEURON,
        asked=D(L, net),
        chain=product(D(o, net), D(L, o)),
        answer=product(o * (1 - o), o - t),
        over=(o, t),
        mistakes=(
            Mistake(
                product(t - o, o * (1 - o)),
                "the sign: this is the line as it is printed",
                "The inner derivative of $t - o$ by $o$ is −1.",
            ),
        ),
        hint="The inner derivative of $t - o$ by $o$ is −1.",
        right="One of the two signs, here or in the update; not both.",
    )


@question("ex-print-bias")
def printed_bias(name):
    return Formula(
        id=name,
        exercise=name,
        title="Mend the bias",
        prompt="A book prints $\\partial L/\\partial b = o - t$ for a sigmoid "
        "neuron and "
        "$L = \\tfrac12 (t - o)^2$. Type the right line.",
        definitions=NEURON,
        asked=D(L, b),
        chain=product(D(o, net), D(L, o)),
        answer=product(o * (1 - o), o - t),
        over=(o, t),
        mistakes=(
            Mistake(
                o - t,
                "the factor $o(1 - o)$ missing: this is the line as it is printed",
                "Only the third of the three factors is 1.",
            ),
            Mistake(
                product(o * (1 - o), o - t, b),
                "the factor $b$ too much: the bias has the input 1",
                "What is a bias multiplied by?",
            ),
            Mistake(
                product(o * (1 - o), o - t, x),
                "the factor $x$ too much: this is the gradient by the weight",
                "What is a bias multiplied by?",
            ),
        ),
        hint="Which of the three factors is 1?",
        right="Only the third factor is 1. The slope of the output stays.",
    )


@question("ex-print-exponent")
def printed_exponent(name):
    return Formula(
        id=name,
        exercise=name,
        title="The lost minus",
        prompt="Somebody takes $o = 1/(1 + e^{net})$ for the sigmoid. Type its slope "
        "$\\partial o/\\partial net$ in $o$ alone.",
        definitions={o: 1 / (1 + exp(net))},
        asked=D(o, net),
        answer=product(-1, o, 1 - o),
        over=(o,),
        mistakes=(
            Mistake(
                o * (1 - o),
                "the sign: that is the slope of the sigmoid, and this curve falls",
                "Try a large $net$: what does $o$ do?",
            ),
            Mistake(-(o**2), "the inner derivative taken as 1"),
            Mistake(-o, "the factor $1 - o$ missing"),
        ),
        hint="$o = \\sigma(-net)$.",
        right="It falls as $net$ rises.",
    )


@question("ex-print-weight")
def printed_weight(name):
    net_1, net_2, o_1, o_2 = symbols("net_1 net_2 o_1 o_2", real=True)
    w_2, delta_2 = symbols("w_2 delta_2", real=True)
    return Formula(
        id=name,
        exercise=name,
        title="What connects them",
        prompt="A book prints $\\partial L/\\partial net_1 = \\delta_2\\,o_1\\,o_1 "
        "(1 - o_1)$ in a chain of two neurons. Type the right line.",
        definitions={
            o_1: sigmoid(net_1),
            net_2: o_1 * w_2,
            o_2: sigmoid(net_2),
            L: (o_2 - t) ** 2 / 2,
            delta_2: D(L, net_2),
        },
        asked=D(L, net_1),
        chain=product(D(o_1, net_1), D(net_2, o_1), D(L, net_2)),
        answer=product(delta_2, w_2, o_1 * (1 - o_1)),
        over=(delta_2, w_2, o_1),
        mistakes=(
            Mistake(
                product(delta_2, o_1, o_1 * (1 - o_1)),
                "$o_1$ in the place of $w_2$: this is the line as it is printed",
                "$\\partial net_2/\\partial o_1$ is one of the two in $o_1 w_2$. "
                "Which?",
            ),
            Mistake(product(delta_2, w_2), "the slope of neuron 1 left out"),
            Mistake(
                product(delta_2, w_2, o_2 * (1 - o_2)),
                "the slope of neuron 2, which is in $\\delta_2$ already",
                "From $o_1$ back to $net_1$ the way leads through neuron 1.",
            ),
        ),
        hint="$\\partial net_2/\\partial o_1$ is one of the two in $o_1 w_2$. Which?",
        right="What connects them is the weight.",
    )


@question("ex-print-fork")
def printed_fork(name):
    y = symbols("y", real=True)
    return Formula(
        id=name,
        exercise=name,
        title="Used twice",
        prompt="Let $y = w x$, $net = w\\,y$ and $L = \\tfrac12 (net - t)^2$. Type "
        "$\\partial L/\\partial w$ in $net$, $t$, $w$, $x$ and $y$.",
        definitions={y: w * x, net: w * y, L: (net - t) ** 2 / 2},
        asked=D(L, w),
        answer=product(2, net - t, y),
        over=(net, t, w, x, y),
        mistakes=(
            Mistake(
                product(net - t, y),
                "one of the two paths: the second note has overwritten the first",
                "Where paths meet, slopes add.",
            ),
            Mistake(
                product(net - t, y, w * x),
                "the two paths multiplied",
                "Where paths meet, slopes add.",
            ),
        ),
        hint="The weight has two arrows. Here both paths give the same.",
        right="Two paths, and here both give the same.",
    )
