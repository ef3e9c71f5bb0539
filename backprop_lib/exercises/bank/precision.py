"""Chapter 12: where numbers break."""

import numpy as np
from sympy import exp, symbols, tanh

from backprop_lib.symbolic import D, product, sigmoid

from ..functions import on_numbers
from ..questions import Choice, Code, Formula, Mistake, Number, Option, Slip
from .register import question

net, o, u, h, z = symbols("net o u h z", real=True)


@question("ex-precision-slope")
def from_exponential(name):
    return Formula(
        id=name,
        title="A slope without cancellation",
        prompt="Let $z = e^{-net}$ and $o = 1/(1 + z)$. Type $\\partial o/\\partial "
        "net$ in $z$ alone.",
        definitions={z: exp(-net), o: 1 / (1 + z)},
        asked=D(o, net),
        chain=product(D(o, z), D(z, net)),
        answer=z / (1 + z) ** 2,
        over=(z,),
        mistakes=(
            Mistake(1 / (1 + z) ** 2, "the factor $z$ missing"),
            Mistake(z / (1 + z), "the square lost: this is $1 - o$"),
            Mistake(z**2 / (1 + z) ** 2, "this is $(1 - o)^2$"),
            Mistake(-1 / (1 + z) ** 2, "the inner derivative left out"),
        ),
        hint="$o\\,(1 - o)$, with $o = 1/(1+z)$.",
        right="No difference of nearly equal numbers stands in it.",
    )


@question("ex-precision-tanh-form")
def tanh_form(name):
    return Formula(
        id=name,
        exercise="ex-precision-tanh",
        title="The slope of tanh, from a sigmoid",
        prompt="Let $h = \\tanh(net)$ and $u = \\sigma(2\\,net)$. Type "
        "$\\partial h/\\partial net$ in $u$ alone.",
        definitions={h: tanh(net), u: sigmoid(2 * net)},
        asked=D(h, net),
        answer=product(4, u, 1 - u),
        over=(u,),
        mistakes=(
            Mistake(
                2 * u * (1 - u),
                "one of the two factors 2 missing",
                "$\\tanh(net) = 2\\sigma(2\\,net) - 1$: one 2 stands outside, one "
                "inside.",
            ),
            Mistake(
                u * (1 - u),
                "both factors 2 missing",
                "$\\tanh(net) = 2\\sigma(2\\,net) - 1$.",
            ),
            Mistake(1 - u**2, "$u$ taken for $h$"),
            Mistake(2 * u - 1, "this is $h$ itself, not its slope"),
        ),
        hint="$\\tanh(net) = 2\\sigma(2\\,net) - 1$.",
        right="It goes back to $net$, and keeps all its digits.",
    )


@question("ex-precision-tanh")
def factored(name):
    def errors(form, at):
        exact = 1 / np.cosh(np.longdouble(at)) ** 2
        return abs(form(np.tanh(at)) - exact) / exact

    def plain(h):
        return 1 - h * h

    def apart(h):
        return (1 - h) * (1 + h)

    return Choice(
        id=name,
        exercise=name,
        predict=True,
        title="Is factoring a cure?",
        prompt="For $h = \\tanh(net)$: which of $1 - h^2$ and $(1-h)(1+h)$ has the "
        "better slope at $net = 20$?",
        options=(
            Option(
                "$1 - h^2$",
                "it starts from the same $h$",
                lambda: errors(plain, 20.0) < 0.5,
            ),
            Option(
                "$(1-h)(1+h)$",
                "factoring avoids the rounding of $h^2$, but what $h$ does not hold it "
                "cannot bring back",
                lambda: errors(apart, 20.0) < 0.5,
            ),
            Option(
                "Neither",
                "Both start from $h$, which was rounded near 1.",
                lambda: min(errors(plain, 20.0), errors(apart, 20.0)) > 0.5,
            ),
        ),
        answer=2,
    )


@question("ex-precision-roundtrip")
def roundtrip(name):
    def back(at):
        with np.errstate(all="ignore"):
            out = 1 / (1 + np.exp(-np.float64(at)))
            return bool(np.isclose(np.log(out / (1 - out)), at, rtol=1e-6))

    def exactly(*which):
        return [at for at in (-700, -30, 30, 37) if back(at)] == list(which)

    return Choice(
        id=name,
        exercise=name,
        predict=True,
        title="There and back",
        prompt="From $net$ to $o$, and back with $\\log(o/(1 - o))$: for which of "
        "−700, −30, 30 and 37 do you get $net$ back, to six digits?",
        options=(
            Option(
                "All four",
                "near 1 the floats lie too far apart to hold a large $net$",
                lambda: exactly(-700, -30, 30, 37),
            ),
            Option(
                "−30 and 30",
                "0 has floats close by, 1 has not: the two ends are not alike",
                lambda: exactly(-30, 30),
            ),
            Option(
                "−700 and −30",
                "Near 0 a float keeps its digits, near 1 it does not.",
                lambda: exactly(-700, -30),
            ),
            Option(
                "All but 37",
                "at 30 the odds have lost more digits than that",
                lambda: exactly(-700, -30, 30),
            ),
        ),
        answer=2,
    )


@question("ex-precision-clip")
def clip(name):
    def loss(at):
        out = 1 / (1 + np.exp(-at))
        return -np.log(1 - np.clip(out, 1e-7, 1 - 1e-7))

    return Number(
        id=name,
        exercise=name,
        predict=True,
        title="What the patch costs",
        prompt="The output is clipped to $[10^{-7}, 1 - 10^{-7}]$, and $t = 0$. "
        "What is "
        "the slope of the loss by $net$ at $net = 20$?",
        value=lambda: (loss(20 + 1e-4) - loss(20 - 1e-4)) / 2e-4,
        tolerance=0.01,
        mistakes=lambda: [
            Slip(1, "this is the true slope, without the patch"),
            Slip(-1, "the true slope is $o - t$, about 1, and positive"),
            Slip(1 / 4, "the sigmoid's best slope has no part in this"),
        ],
        right="The neuron that is most wrong no longer learns.",
    )


@question("ex-precision-half")
def half(name):
    def found():
        grid = np.arange(0, 12, 1 / 128).astype(np.float16)
        one = np.float16(1)
        return float(grid[one / (one + np.exp(-grid)) == 1][0])

    return Number(
        id=name,
        exercise=name,
        predict=True,
        title="When is o exactly 1?",
        prompt="`float16` keeps 11 bits. From about which $net$ on is $o$ exactly 1? "
        "One digit behind the point will do.",
        value=found,
        tolerance=0.15,
        mistakes=lambda: [
            Slip(11, "11 bits are 11 powers of 2, not of $e$: times $\\log 2$"),
            Slip(53 * np.log(2), "this is `float64`, with its 53 bits"),
            Slip(24 * np.log(2), "this is `float32`, with its 24 bits"),
            Slip(10 * np.log(2), "10 bits are stored; the leading one is not"),
        ],
        hint="$e^{-net}$ must fall below half of the last bit beside 1.",
        right="Bits times $\\log 2$.",
    )


@question("ex-precision-code")
def stable_code(name):
    def right(net):
        tail = np.exp(-np.abs(net))
        return np.where(net >= 0, 1, tail) / (1 + tail)

    nets = np.array([-800.0, -700.0, -30.0, -1.0, 0.0, 1.0, 30.0, 800.0])

    def plain(net):
        with np.errstate(over="ignore"):
            return 1 / (1 + np.exp(-net))

    def other(net):
        with np.errstate(all="ignore"):
            return np.exp(net) / (1 + np.exp(net))

    def by_tanh(net):
        return 0.5 * (1 + np.tanh(net / 2))

    return Code(
        id=name,
        title="Write a sigmoid that does not overflow",
        prompt="Write `sigmoid(net)` for an array of any floats: no overflow, and all "
        "digits, far down as well.",
        verdict=on_numbers(
            right,
            {
                "for a large $net$ it overflows, and inf/inf is nan": other,
                "far down the digits are lost: $1 + \\tanh$ cancels": by_tanh,
                "far down it is 0 where a float near the truth exists": plain,
            },
            nets,
            absolute=0.0,
        ),
        solution=lambda: right,
        wrong={
            "for a large $net$ it overflows, and inf/inf is nan": other,
            "far down the digits are lost: $1 + \\tanh$ cancels": by_tanh,
        },
        hint="Take $e^{-|net|}$, which is at most 1, on both sides.",
        right="$e^{-|net|}$ is at most 1.",
    )
