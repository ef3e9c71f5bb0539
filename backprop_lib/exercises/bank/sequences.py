"""Chapter 15: networks that read a sequence."""

import numpy as np
from sympy import symbols, tanh

from backprop_lib.activations import sigmoid as sigma
from backprop_lib.symbolic import D, product, total

from ..functions import on_numbers
from ..questions import (
    Choice,
    Code,
    Formula,
    Lines,
    Mistake,
    Number,
    Option,
    Slip,
)
from .register import question

w, u, x_1, x_2, t_1, t_2, L = symbols("w u x_1 x_2 t_1 t_2 L", real=True)
net_1, net_2, o_1, o_2 = symbols("net_1 net_2 o_1 o_2", real=True)
delta_1, delta_2 = symbols("delta_1 delta_2", real=True)

TWO_STEPS = {
    net_1: w * x_1,
    o_1: tanh(net_1),
    net_2: w * x_2 + u * o_1,
    o_2: tanh(net_2),
    delta_1: D(L, net_1),
    delta_2: D(L, net_2),
}


@question("ex-time-shared")
def shared(name):
    return Formula(
        id=name,
        title="One weight for every step",
        prompt="Let $net_1 = w x_1$, $net_2 = w x_2 + u\\,o_1$ and a loss that hears "
        "$o_2$. Type $\\partial L/\\partial w$ by the error signals.",
        definitions={**TWO_STEPS, L: (o_2 - t_2) ** 2 / 2},
        asked=D(L, w),
        answer=total(product(x_1, delta_1), product(x_2, delta_2)),
        over=(x_1, x_2, delta_1, delta_2),
        mistakes=(
            Mistake(
                x_2 * delta_2,
                "the first step left out: the weight was used there, too",
                "The weight has two arrows, one into each net.",
            ),
            Mistake(x_1 * delta_1, "the last step left out"),
            Mistake(
                (x_1 * delta_1 + x_2 * delta_2) / 2,
                "a mean over the steps in the place of a sum",
                "Over paths slopes add.",
            ),
            Mistake(
                (x_1 + x_2) * (delta_1 + delta_2),
                "every input with every error signal",
                "Each step has its own input and its own error signal.",
            ),
            Mistake(
                x_1 * delta_2 + x_2 * delta_1,
                "inputs of one step with the error signals of the other",
            ),
        ),
        hint="The weight has two arrows, one into each net.",
        right="One term a step, and they add.",
    )


@question("ex-time-back")
def back(name):
    return Formula(
        id=name,
        title="One step back in time",
        prompt="The same two steps of a tanh neuron; the loss hears $o_2$ alone. Type "
        "$\\delta_1 = \\partial L/\\partial net_1$ in $o_1$, $u$ and $\\delta_2$.",
        definitions={**TWO_STEPS, L: (o_2 - t_2) ** 2 / 2},
        asked=D(L, net_1),
        chain=product(D(o_1, net_1), D(net_2, o_1), D(L, net_2)),
        answer=product(1 - o_1**2, u, delta_2),
        over=(o_1, u, delta_2),
        mistakes=(
            Mistake(
                (1 - o_2**2) * u * delta_2,
                "the slope of the later step, which is in $\\delta_2$ already",
                "From $o_1$ back to $net_1$ the way leads through the slope at $o_1$.",
            ),
            Mistake(
                (1 - o_1**2) * w * delta_2,
                "$w$ in the place of $u$",
                "By which weight does $o_1$ reach $net_2$?",
            ),
            Mistake(
                o_1 * (1 - o_1) * u * delta_2,
                "the slope of the sigmoid, not of tanh",
            ),
            Mistake(u * delta_2, "the slope of tanh left out"),
            Mistake((1 - o_1**2) * delta_2, "the factor $u$ missing"),
        ),
        hint="By which weight does $o_1$ reach $net_2$? And its own slope?",
        right="Each step back costs one slope and one $u$.",
    )


@question("ex-time-every")
def every(name):
    return Formula(
        id=name,
        exercise=name,
        title="A target at every step",
        prompt="Now the loss hears both: $L = \\tfrac12 (o_1 - t_1)^2 + "
        "\\tfrac12 (o_2 - t_2)^2$. Type $\\delta_1$ in $o_1$, $t_1$, $u$ and "
        "$\\delta_2$.",
        definitions={
            **TWO_STEPS,
            L: (o_1 - t_1) ** 2 / 2 + (o_2 - t_2) ** 2 / 2,
        },
        asked=D(L, net_1),
        answer=product(1 - o_1**2, total(o_1 - t_1, product(u, delta_2))),
        over=(o_1, t_1, u, delta_2),
        mistakes=(
            Mistake(
                (1 - o_1**2) * u * delta_2,
                "its own target left out",
                "$o_1$ has two listeners: its own loss, and the next state.",
            ),
            Mistake(
                (1 - o_1**2) * (o_1 - t_1),
                "the next state left out",
                "$o_1$ has two listeners: its own loss, and the next state.",
            ),
            Mistake(
                (1 - o_1**2) * (o_1 - t_1) + u * delta_2,
                "the slope in front of one term only",
                "The slope stands in front of the whole sum: put it in brackets.",
            ),
            Mistake(
                o_1 - t_1 + u * delta_2,
                "the slope left out: this is $\\partial L/\\partial o_1$",
            ),
            Mistake(
                (1 - o_1**2) * (o_1 - t_1 + delta_2),
                "the factor $u$ missing in front of $\\delta_2$",
            ),
            Mistake(
                (1 - o_1**2) * (o_1 - t_1) * u * delta_2,
                "the two listeners' blames multiplied",
                "Over paths slopes add.",
            ),
        ),
        hint="Whom does $o_1$ speak to?",
        right="Two listeners, and their blames add.",
    )


@question("ex-time-gate")
def gate(name):
    def needed(lag):
        keep = 0.5 ** (1 / lag)
        return np.log(keep / (1 - keep))

    return Number(
        id=name,
        exercise=name,
        title="How open a gate?",
        prompt="Half of the signal is to survive 256 steps of a gate $z = \\sigma(b)$. "
        "Which bias $b$ does it take? Two digits will do.",
        value=lambda: needed(256),
        tolerance=0.05,
        mistakes=lambda: [
            Slip(0.5 ** (1 / 256), "this is $z$, not the bias"),
            Slip(needed(1), "one step alone: $z = \\tfrac12$"),
            Slip(np.log(256), "this loses more than half: $z^{256} \\approx 1/e$"),
            Slip(-needed(256), "the sign: this gate forgets all but everything"),
            Slip(8, "256 is $2^8$, but the logit is to the base $e$"),
        ],
        hint="$z^{256} = \\tfrac12$, and $b = \\log(z/(1 - z))$.",
        right="Each further unit makes the memory almost $e$ times as long.",
    )


@question("ex-time-one")
def one(name):
    def ratio():
        state, slope, slopes = 0.5, 1.0, []
        for _ in range(4096):
            state = np.tanh(state)
            slope *= 1 - state**2
            slopes.append(slope)
        return slopes[4095] / slopes[2047]

    return Choice(
        id=name,
        exercise=name,
        predict=True,
        title="A weight of 1",
        prompt="A tanh neuron with $u = 1$ has heard one bit and then hears "
        "nothing. How "
        "does the slope by its first state fall?",
        options=(
            Option(
                "It stays",
                "the slope of tanh is 1 only at 0 itself, and the state is never there",
                lambda: ratio() > 0.9,
            ),
            Option(
                "Like a power of the lag",
                "Twice the lag leaves a fixed share, and ten times the lag as well.",
                lambda: 0.3 < ratio() < 0.4,
            ),
            Option(
                "Exponentially",
                "so it does at any other positive $u$",
                lambda: ratio() < 0.01,
            ),
        ),
        answer=1,
    )


@question("ex-time-code")
def back_code(name):
    rng = np.random.default_rng(6)
    states, error = sigma(rng.normal(size=7)) - 0.5, np.array(0.7)

    def walk(states, u, error, slope=None, weight=True):
        slope = slope or (lambda o: 1 - o**2)
        delta = [slope(states[-1]) * error]
        for state in states[-2::-1]:
            delta.insert(0, slope(state) * (u if weight else 1) * delta[0])
        return np.array(delta)

    return Code(
        id=name,
        title="Write backpropagation through time",
        prompt="Write `back(states, u, error)`: all the error signals of a tanh neuron "
        "with the states $o_1 \\dots o_T$, where `error` is $\\partial L/\\partial "
        "o_T$ "
        "and nobody else listens.",
        verdict=on_numbers(
            lambda states, error: walk(states, 0.8, error),
            {
                "the weight $u$ left out": lambda s, e: walk(s, 0.8, e, weight=False),
                "the slope of the sigmoid, not of tanh": lambda s, e: walk(
                    s, 0.8, e, lambda o: o * (1 - o)
                ),
                "the slopes left out": lambda s, e: walk(s, 0.8, e, np.ones_like),
                "last step first": lambda s, e: walk(s, 0.8, e)[::-1],
            },
            states,
            error,
            adapt=lambda theirs: lambda states, error: theirs(states, 0.8, error),
        ),
        solution=lambda: walk,
        wrong={
            "the weight $u$ left out": lambda s, u, e: walk(s, u, e, weight=False),
            "the slopes left out": lambda s, u, e: walk(s, u, e, np.ones_like),
            "last step first": lambda s, u, e: walk(s, u, e)[::-1],
        },
        hint="Start at the last step, and go back: a slope and a $u$ for each.",
        right="Each step back costs one slope and one $u$.",
    )


@question("ex-time-lines")
def by_recurrent(name):
    return Lines(
        id=name,
        title="The weight in time, line by line",
        prompt="The two steps of a tanh neuron, and a loss that hears $o_2$. Derive "
        "$\\partial L/\\partial u$ line by line, in $o_1$, $o_2$ and $t_2$.",
        definitions={**TWO_STEPS, L: (o_2 - t_2) ** 2 / 2},
        asked=D(L, u),
        chain=product(D(net_2, u), D(o_2, net_2), D(L, o_2)),
        steps=(
            product(D(net_2, u), D(L, net_2)),
            product(o_1, D(L, net_2)),
            product(o_1, D(o_2, net_2), D(L, o_2)),
        ),
        answer=product(o_1, 1 - o_2**2, o_2 - t_2),
        over=(o_1, o_2, t_2),
        hint="$u$ stands in $net_2$ alone, beside $o_1$.",
        right="What comes in is the state of the step before.",
    )
