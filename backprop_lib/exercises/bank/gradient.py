"""Chapter 1: the gradient, and how it is measured."""

import numpy as np
from sympy import symbols

from backprop_lib.symbolic import D, product

from ..functions import on_numbers
from ..questions import Choice, Code, Formula, Mistake, Number, Option, Slip
from .register import question


@question("ex-gradient-bias")
def by_bias(name):
    w, x, b, t, o, L = symbols("w x b t o L", real=True)
    return Formula(
        id=name,
        title="A partial derivative",
        prompt="Let $o = w x + b$ and $L = \\tfrac12 (o - t)^2$. Type "
        "$\\partial L/\\partial w$ in $o$, $t$ and $x$.",
        definitions={o: w * x + b, L: (o - t) ** 2 / 2},
        asked=D(L, w),
        chain=product(D(L, o), D(o, w)),
        answer=product(o - t, x),
        over=(o, t, x),
        hint="Hold $x$, $b$ and $t$: how fast does $o$ follow $w$?",
        right="The error, times what the weight is multiplied by.",
    )


@question("ex-gradient-floor")
def floor(name):
    def follows_the_valley():
        # In the valley x²/2 + 25 y²/2, from (1, 1): how far does the way down miss 0?
        slope = np.array([1.0, 25.0])
        cosine = slope @ [1.0, 1.0] / np.linalg.norm(slope) / np.sqrt(2)
        return np.degrees(np.arccos(cosine)) > 20

    return Choice(
        id=name,
        exercise=name,
        predict=True,
        title="Does it point at the floor?",
        prompt="In a long, narrow valley: does minus the gradient point at the lowest "
        "point?",
        options=(
            Option(
                "Yes, from everywhere",
                "only a round bowl does that: the gradient knows the ground under your "
                "feet, and nothing else",
                lambda: not follows_the_valley(),
            ),
            Option(
                "Yes, but for a few degrees",
                "in a narrow valley it points across: it may miss by most of a right "
                "angle",
                lambda: not follows_the_valley(),
            ),
            Option(
                "No: it may miss it by far",
                "From most places the steepest way leads to the valley's bed.",
                follows_the_valley,
            ),
        ),
        answer=2,
    )


@question("ex-gradient-units")
def other_unit(name):
    w, v, t, L = symbols("w v t L", real=True)
    return Formula(
        id=name,
        exercise=name,
        title="Another unit",
        prompt="Let $w = v/10$ and $L = \\tfrac12 (w - t)^2$. Type "
        "$\\partial L/\\partial v$ in $w$ and $t$.",
        definitions={w: v / 10, L: (w - t) ** 2 / 2},
        asked=D(L, v),
        chain=product(D(L, w), D(w, v)),
        answer=(w - t) / 10,
        over=(w, t),
        mistakes=(
            Mistake(
                10 * (w - t),
                "multiplied by 10, not divided",
                "When $v$ moves by 1, $w$ moves by a tenth.",
            ),
            Mistake(
                w - t,
                "the factor $\\partial w/\\partial v$ missing",
                "When $v$ moves by 1, $w$ moves by a tenth.",
            ),
            Mistake(
                (w - t) / 100,
                "a second tenth: that one comes with the step back to $w$",
                "One tenth belongs to the slope; the other to the step, translated "
                "back.",
            ),
        ),
        hint="A step of 1 in $v$ is a step of how much in $w$?",
        right="A tenth. And a step of $v$ is again a tenth of a step of $w$: in all, a "
        "hundredth.",
    )


@question("ex-gradient-richardson")
def richardson(name):
    first, third, h, whole, half = symbols("a_1 a_3 h C_h C_half", real=True)
    return Formula(
        id=name,
        exercise=name,
        title="Cancel the error",
        prompt="Let $C_h = a_1 + \\tfrac16 a_3 h^2$, and $C_{half}$ the same with "
        "$h/2$. Type $a_1$ by `C_h` and `C_half` alone.",
        definitions={whole: first + third * h**2 / 6, half: first + third * h**2 / 24},
        asked=first,
        answer=(4 * half - whole) / 3,
        over=(whole, half),
        mistakes=(
            Mistake((4 * whole - half) / 3, "the two exchanged", "Which errs less?"),
            Mistake(
                2 * half - whole,
                "weights for an error that halves with $h$",
                "This one falls as $h^2$: half the step, a quarter of the error.",
            ),
            Mistake(
                4 * half - whole,
                "not divided by 3",
                "The error is gone, but $a_1$ now stands there $4 - 1$ times.",
            ),
            Mistake(
                (whole + half) / 2,
                "the mean of the two",
                "Both err to the same side: a mean lies between two errors.",
            ),
        ),
        hint="Multiply $C_{half}$ so that its error is that of $C_h$, and subtract.",
        right="What remains comes from the next term, and falls as $h^4$.",
    )


@question("ex-gradient-abs")
def absolute(name):
    def complex_step(loss):
        return loss(-1.0 + 1e-200j).imag / 1e-200

    def out(w):
        return 1 / (1 + np.exp(-(w * 1.5 + 0.25)))

    return Number(
        id=name,
        exercise=name,
        predict=True,
        title="The absolute value",
        prompt="The loss is written as `np.abs(o - t) ** 2 / 2`. What does the complex "
        "step say, at a place that is not level?",
        value=lambda: complex_step(lambda w: np.abs(out(w) - 0.625) ** 2 / 2),
        mistakes=lambda: [
            Slip(
                1,
                "a guess; think of what `np.abs` gives for a complex number",
            ),
        ],
        right="The absolute value of a complex number is real: the nudge is lost.",
    )


@question("ex-gradient-central")
def central_code(name):
    def right(w):
        return (np.exp(w + 1e-3) - np.exp(w - 1e-3)) / 2e-3

    return Code(
        id=name,
        title="Write a central difference",
        prompt="Write `central(f, w, h)`: the slope of `f` at `w`, from two values.",
        verdict=on_numbers(
            right,
            {
                "a forward difference": lambda w: (np.exp(w + 1e-3) - np.exp(w)) / 1e-3,
                "divided by $h$, not by $2h$": lambda w: 2 * right(w),
                "the sign: the two points exchanged": lambda w: -right(w),
                "the difference is not divided": lambda w: 2e-3 * right(w),
            },
            np.linspace(-1, 1, 5),
            adapt=lambda theirs: lambda w: theirs(np.exp, w, 1e-3),
        ),
        solution=lambda: lambda f, w, h: (f(w + h) - f(w - h)) / (2 * h),
        wrong={
            "a forward difference": lambda f, w, h: (f(w + h) - f(w)) / h,
            "divided by $h$, not by $2h$": lambda f, w, h: (f(w + h) - f(w - h)) / h,
        },
        hint="The two points are $2h$ apart.",
        right="Its error falls as $h^2$.",
    )
