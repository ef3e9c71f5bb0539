"""Chapter 3: one neuron."""

import numpy as np
from sympy import exp, log, symbols

from backprop_lib.symbolic import D, product, sigmoid

from ..functions import on_numbers
from ..questions import (
    Choice,
    Code,
    Formula,
    Lines,
    Mistake,
    Number,
    Option,
    Order,
    Slip,
    with_a_gap,
)
from .register import question

w, x, b, t, net, o, L, s, e = symbols("w x b t net o L s e", real=True)
NEURON = {net: w * x + b, o: sigmoid(net), L: (t - o) ** 2 / 2}


@question("ex-neuron-input")
def by_input(name):
    return Formula(
        id=name,
        exercise=name,
        title="The gradient by the input",
        prompt="Derive $\\partial L/\\partial x$. Type it in $o$, $t$ and $w$ alone.",
        definitions=NEURON,
        asked=D(L, x),
        chain=product(D(o, net), D(L, o), D(net, x)),
        answer=product(o * (1 - o), o - t, w),
        over=(o, t, w),
        mistakes=(
            Mistake(
                product(o * (1 - o), o - t, x),
                "$x$ in the place of $w$: this is the gradient by the weight",
                "Hold $w$ and let $x$ move: how fast does $net = w\\,x + b$ follow?",
            ),
        ),
        hint="The first two factors are those of $\\partial L/\\partial w$.",
        right="Only the third factor is another: weight and input change places.",
    )


@question("ex-neuron-factor")
def which_factor(name):
    return Choice(
        id=name,
        exercise="ex-neuron-input",
        title="Which factor changes?",
        prompt="Which of the three factors of $\\partial L/\\partial w$ is another one "
        "in $\\partial L/\\partial x$?",
        options=(
            Option(
                "$\\partial o/\\partial net$",
                "The sigmoid only sees $net$: its slope does not ask by which way "
                "$net$ "
                "was moved.",
            ),
            Option(
                "$\\partial L/\\partial o$",
                "The loss only sees $o$ and $t$: its slope is the same for every way "
                "that leads to $o$.",
            ),
            Option(
                "$\\partial net/\\partial w$",
                "It becomes $\\partial net/\\partial x = w$. The other two lie behind "
                "$net$, where weight and input are no longer told apart.",
            ),
        ),
        answer=2,
        hint="Draw the graph: which of its arrows does not leave $w$'s way?",
    )


@question("ex-neuron-steepest-guess")
def steepest(name):
    def best():
        outs = np.linspace(0, 1, 30_001)
        return outs[np.argmax(outs * (1 - outs) * (1 - outs))]

    return Number(
        id=name,
        exercise="ex-neuron-steepest",
        predict=True,
        title="Where does it learn fastest?",
        prompt="Let $t = 1$. At which output $o$ is $\\partial L/\\partial net$ "
        "largest in size?",
        value=best,
        tolerance=0.01,
        mistakes=lambda: [
            Slip(
                1 / 2,
                "there the sigmoid is steepest, and that is one factor of two",
                "The other factor, $o - t$, is larger further away from the target.",
            ),
            Slip(0, "there the error is largest, but the sigmoid is level"),
            Slip(1, "there is nothing left to learn"),
        ],
    )


@question("ex-neuron-steepest")
def speed_slope(name):
    return Formula(
        id=name,
        exercise=name,
        title="The slope of the speed",
        prompt="For $t = 1$ the size of $\\partial L/\\partial net$ is "
        "$s = o\\,(1-o)(1-o)$. Derive $\\partial s/\\partial o$.",
        definitions={s: product(o, 1 - o, 1 - o)},
        asked=D(s, o),
        answer=product(1 - o, 1 - 3 * o),
        over=(o,),
        mistakes=(
            Mistake(
                (1 - o) ** 2,
                "the path through the brackets left out",
                "Each of the three factors moves with $o$, and the product rule has a "
                "term for each.",
            ),
            Mistake(
                -2 * o * (1 - o),
                "the path through the first $o$ left out",
                "Each of the three factors moves with $o$, and the product rule has a "
                "term for each.",
            ),
            Mistake(
                (1 - o) ** 2 + 2 * o * (1 - o),
                "the slope of $1 - o$ taken as 1",
                "The slope of $1 - o$ is −1.",
            ),
            Mistake(
                -2 * (1 - o),
                "the slopes of the factors multiplied",
                "The slope of a product is no product of slopes.",
            ),
        ),
        hint="Use the product rule: $(1-o)^2$ has the slope $-2(1-o)$.",
        right="It is zero at $o = 1$, and at $o = \\tfrac13$: that is the top.",
    )


@question("ex-neuron-false")
def mended(name):
    return Formula(
        id=name,
        exercise=name,
        title="Mend the step",
        prompt="Let $o = 1/(1 + e)$ with $e = e^{-net}$. Type "
        "$\\partial o/\\partial net$ in the letter $e$ alone.",
        definitions={e: exp(-net), o: 1 / (1 + e)},
        asked=D(o, net),
        chain=product(D(o, e), D(e, net)),
        answer=product(-1 / (1 + e) ** 2, -e),
        over=(e,),
        mistakes=(
            Mistake(
                e ** (-net) / (1 + e ** (-net)) ** 2,
                "the letter $e$ is $e^{-net}$ already: here it is raised once more",
                "Type $e$ alone.",
            ),
            Mistake(
                -e / (1 + e) ** 2,
                "the −1 of the inner derivative lost",
                "$e^{-net}$ falls as $net$ rises: its slope by $net$ is $-e$.",
            ),
            Mistake(
                -1 / (1 + e) ** 2,
                "the inner derivative left out",
                "After the slope of $1/(1+e)$ by $e$ comes the slope of $e$ by $net$.",
            ),
            Mistake(
                1 / (1 + e) ** 2,
                "the inner derivative taken as −1",
                "The slope of $e^{-net}$ by $net$ is $-e^{-net}$.",
            ),
            Mistake(
                e / (1 + e),
                "the square of the denominator lost",
                "The slope of $1/y$ is $-1/y^2$.",
            ),
        ),
        hint="Two slopes, and two signs.",
        right="Two minus signs make a plus: the sigmoid rises everywhere.",
    )


@question("ex-neuron-tanh")
def tanh_slope(name):
    return Formula(
        id=name,
        exercise=name,
        title="The slope of a tanh neuron",
        prompt="Let $o = (e^{net} - e^{-net})/(e^{net} + e^{-net})$. Type "
        "$\\partial o/\\partial net$ so that only $o$ is left in it.",
        definitions={o: (exp(net) - exp(-net)) / (exp(net) + exp(-net))},
        asked=D(o, net),
        answer=1 - o**2,
        over=(o,),
        mistakes=(
            Mistake(
                o * (1 - o),
                "the slope of the sigmoid",
                "That rule is the sigmoid's. Work the tanh out with the quotient rule.",
            ),
            Mistake(
                (1 - o) ** 2,
                "$(1 - o)^2$ in the place of $1 - o^2$",
                "Only $o$ is squared: try $net = 0$ and a large $net$.",
            ),
            Mistake(
                1 - o, "the power 1 in the place of 2", "Try a large negative net."
            ),
        ),
        hint="Call numerator and denominator $p$ and $q$: each is the other's slope.",
        right="Its largest value is 1, four times what the sigmoid allows.",
    )


@question("ex-neuron-entropy")
def entropy_signal(name):
    loss = -t * log(o) - (1 - t) * log(1 - o)
    return Formula(
        id=name,
        exercise=name,
        title="The error signal of the cross-entropy",
        prompt="Let $L = -t \\log o - (1 - t) \\log(1 - o)$, and keep the sigmoid. "
        "Derive $\\partial L/\\partial net$, in $o$ and $t$ alone.",
        definitions={o: sigmoid(net), L: loss},
        asked=D(L, net),
        chain=product(D(o, net), D(L, o)),
        answer=o - t,
        over=(o, t),
        mistakes=(
            Mistake(
                product(o * (1 - o), o - t),
                "the factor $o(1 - o)$ too much: this is the squared error's",
                "The slope of this loss by $o$ divides by $o(1-o)$.",
            ),
            Mistake(
                -t / o - (1 - t) / (1 - o),
                "the sign of the second term, and the factor $\\partial o/\\partial "
                "net$ missing",
                "The slope of $\\log(1 - o)$ by $o$ is $-1/(1-o)$.",
            ),
            Mistake(
                product(o * (1 - o), -t / o - (1 - t) / (1 - o)),
                "the inner derivative of $\\log(1 - o)$ lost",
                "The slope of $\\log(1 - o)$ by $o$ is $-1/(1-o)$.",
            ),
        ),
        hint="$\\partial L/\\partial o = (o - t)/(o(1-o))$. What does the sigmoid's "
        "slope do to it?",
        right="The sigmoid's slope is cancelled, and with it the veto.",
    )


@question("ex-neuron-slope")
def slope_code(name):
    outs = np.linspace(0.05, 0.95, 19)
    return Code(
        id=name,
        title="Write the sigmoid's slope",
        prompt="Write a function that takes an array of outputs $o$ of a sigmoid and "
        "returns the slopes $\\partial o/\\partial net$ there.",
        verdict=on_numbers(
            lambda out: out * (1 - out),
            {
                "the factor $1 - o$ is missing": lambda out: out,
                "the factor $1 - o$ is $o$ again": lambda out: out * out,
                "the sign": lambda out: -out * (1 - out),
                "the slope of tanh": lambda out: 1 - out**2,
                "the outputs were taken for nets": lambda out: (
                    np.exp(-out) / (1 + np.exp(-out)) ** 2
                ),
            },
            outs,
        ),
        solution=lambda: lambda out: out * (1 - out),
        wrong={
            "the factor $1 - o$ is $o$ again": lambda out: out * out,
            "the sign": lambda out: out * (out - 1),
        },
        hint="The slope needs no net: the output alone says it.",
        right="It needs the output alone.",
    )


def _by_bias(name):
    return Lines(
        id=name,
        title="Derive it line by line",
        prompt="Derive $\\partial L/\\partial b$, the gradient by the bias, line by "
        "line, "
        "until only $o$ and $t$ are left.",
        definitions=NEURON,
        asked=D(L, b),
        chain=product(D(o, net), D(L, o), D(net, b)),
        steps=(
            product(D(o, net), D(L, o), D(net, b)),
            product(o * (1 - o), D(L, o), D(net, b)),
            product(o * (1 - o), o - t, D(net, b)),
        ),
        answer=product(o * (1 - o), o - t),
        over=(o, t),
        mistakes=(
            Mistake(
                product(o * (1 - o), o - t, b),
                "the factor $b$ too much: the bias has the input 1",
            ),
            Mistake(
                product(o * (1 - o), o - t, x),
                "$x$ too much: this is the gradient by the weight",
            ),
        ),
        hint="Begin with the chain rule: one factor for each arrow.",
        right="The bias has the input 1.",
    )


@question("ex-neuron-lines")
def by_bias_lines(name):
    return _by_bias(name)


@question("ex-neuron-order")
def by_bias_order(name):
    return Order(
        id=name,
        title="Put the lines in order",
        prompt="These are lines of the derivation of $\\partial L/\\partial b$, and "
        "false "
        "ones among them. Number the true ones, so that each leads on.",
        source=_by_bias("ex-neuron-lines"),
        false=(
            Mistake(
                product(o * (1 - o), t - o, D(net, b)),
                "the sign: the inner derivative of $t - o$ is −1",
            ),
            Mistake(
                product(D(L, o), D(net, b)),
                "the factor $\\partial o/\\partial net$ missing",
            ),
            Mistake(
                product(o * (1 - o), o - t, b),
                "the factor $b$ too much: the bias has the input 1",
            ),
        ),
        hint="First the chain rule. Then each line works out one more derivative.",
        right="Any order in which each line works out another factor is a derivation.",
    )


@question("ex-neuron-gap")
def by_bias_gap(name):
    return with_a_gap(
        _by_bias("ex-neuron-lines"),
        1,
        D(L, o),
        name=name,
        answer=o - t,
        over=(o, t),
    )
