"""Chapter 7: gradient descent."""

import numpy as np
from sympy import Symbol, solve, symbols

from backprop_lib.symbolic import D, product

from ..functions import on_numbers
from ..questions import Choice, Code, Formula, Mistake, Number, Option, Slip
from .register import question

mu, eta, lam, r, u, q = symbols("mu eta lambda r u q", real=True)


@question("ex-gd-limit")
def limit(name):
    b, w, o_1, o_3, L = symbols("b w o_1 o_3 L", real=True)
    return Formula(
        id=name,
        exercise=name,
        title="The slope by the weight",
        prompt="Let $o_1 = b + w$, $o_3 = b + 3w$ and "
        "$L = \\tfrac14 ((o_1 - 2)^2 + (o_3 - 6)^2)$. Type $\\partial L/\\partial "
        "w$ in "
        "$b$ and $w$.",
        definitions={
            o_1: b + w,
            o_3: b + 3 * w,
            L: ((o_1 - 2) ** 2 + (o_3 - 6) ** 2) / 4,
        },
        asked=D(L, w),
        answer=2 * b + 5 * w - 10,
        over=(b, w),
        mistakes=(
            Mistake(
                b + 2 * w - 4,
                "the input missing: this is the slope by the bias",
                "$o_3$ follows $w$ three times as fast as $o_1$ does.",
            ),
            Mistake(
                4 * b + 10 * w - 20,
                "summed over the examples instead of averaged",
                "In $\\tfrac14$ there is a ½ for the square, and a ½ for the mean.",
            ),
            Mistake(
                (o_1 - 2 + o_3 - 6) / 2 * 3,
                "the input 3 with both examples",
                "The first example's input is 1.",
            ),
        ),
        hint="$(o_1 - 2)\\cdot 1$ and $(o_3 - 6)\\cdot 3$, and their mean.",
        right="The means of $x$, $x^2$ and $x\\,t$.",
    )


@question("ex-gd-rate")
def largest_rate(name):
    def curvature(matrix):
        return np.linalg.eigvalsh(matrix).max()

    both = [[1, 2], [2, 5]]
    return Number(
        id=name,
        exercise="ex-gd-limit",
        title="From which rate on?",
        prompt="The slopes are $b + 2w - 4$ and $2b + 5w - 10$. From which learning "
        "rate on does descent diverge? Three digits will do.",
        value=lambda: 2 / curvature(both),
        tolerance=0.002,
        mistakes=lambda: [
            Slip(2 / 5, "the limit without a bias"),
            Slip(1 / curvature(both), "1 over the curvature in the place of 2 over it"),
            Slip(
                2 / np.linalg.eigvalsh(both).min(),
                "the smaller curvature: the steepest direction sets the limit",
            ),
            Slip(
                2 / 6, "the sum of the diagonal in the place of the larger eigenvalue"
            ),
        ],
        hint="Take the larger eigenvalue of the matrix with the rows 1, 2 and 2, 5.",
        right="Where both move together the valley is steeper than along either axis.",
    )


@question("ex-gd-batch")
def batch(name):
    return Choice(
        id=name,
        exercise=name,
        predict=True,
        title="A larger batch",
        prompt="Batches of 20 in the place of 10, the same learning rate, the same 50 "
        "epochs. What becomes of the loss at the end?",
        options=(
            Option(
                "It is lower",
                "the slopes are better, but there are half as many steps",
            ),
            Option(
                "It is about the same",
                "half as many steps of the same length do not get as far",
            ),
            Option(
                "It is higher",
                "The same epochs hold half as many steps, and each is no longer.",
            ),
        ),
        answer=2,
    )


@question("ex-gd-momentum")
def momentum(name):
    rest = symbols("rest", real=True)
    return Formula(
        id=name,
        exercise=name,
        title="Which equation must r satisfy?",
        prompt="Put $w_n = r^n$ into $w_{n+1} - w_n - \\mu (w_n - w_{n-1}) + q\\,w_n = "
        "0$, with $q = \\eta\\lambda$, and divide by $r^{n-1}$. Type the left side in "
        "$r$, $\\mu$ and $q$.",
        definitions={rest: r**2 - r - mu * (r - 1) + q * r},
        asked=rest,
        answer=r**2 - (1 + mu - q) * r + mu,
        over=(r, mu, q),
        mistakes=(
            Mistake(
                r**2 - (1 + mu - q) * r - mu,
                "the sign of the last $\\mu$",
                "$-\\mu(w_n - w_{n-1})$: two minus signs stand before $w_{n-1}$.",
            ),
            Mistake(
                r**2 - (1 + mu + q) * r + mu,
                "the sign of $q$",
                "The step goes against the slope; brought to the left it has a plus.",
            ),
            Mistake(
                r**2 - (1 - q) * r,
                "the momentum left out",
                "The last step counts as well: $\\mu (w_n - w_{n-1})$.",
            ),
            Mistake(
                r - (1 + mu - q) + mu / r,
                "divided by $r^n$",
                "Divide by the smallest power, that of $w_{n-1}$.",
            ),
        ),
        hint="$w_{n+1}$ becomes $r^2$, $w_n$ becomes $r$, and $w_{n-1}$ becomes 1.",
        right="The product of its two solutions is $\\mu$.",
    )


@question("ex-gd-momentum-limit")
def momentum_limit(name):
    bracket = r**2 - (1 + mu - eta * lam) * r + mu
    (largest,) = solve(bracket.subs(r, -1), eta)
    return Formula(
        id=name,
        exercise=name,
        title="The limit with momentum",
        prompt="The equation is $r^2 - (1 + \\mu - \\eta\\lambda) r + \\mu = 0$, and "
        "convergence ends where $r = -1$. Type the largest $\\eta$ by $\\mu$ and "
        "$\\lambda$ (`mu`, `lambda`).",
        definitions={},
        asked=largest,
        answer=product(2, 1 + mu, 1 / lam),
        over=(mu, lam),
        domain={lam: (0, 3)},
        mistakes=(
            Mistake(2 / lam, "the limit without momentum"),
            Mistake(
                2 * (1 - mu) / lam,
                "the sign of $\\mu$",
                "For $r = -1$ the middle term is $+(1 + \\mu - \\eta\\lambda)$.",
            ),
            Mistake((1 + mu) / lam, "a 2 missing: the two $1 + \\mu$ add up"),
            Mistake(mu / lam, "the middle term left out"),
        ),
        hint="For $r = -1$: $1 + (1 + \\mu - \\eta\\lambda) + \\mu = 0$.",
        right="Momentum moves the limit out by the factor $1 + \\mu$.",
    )


@question("ex-gd-decay")
def decay(name):
    n = Symbol("n", positive=True)
    whole, w, t = symbols("S w t", real=True)
    return Formula(
        id=name,
        exercise=name,
        title="One more target",
        prompt="The weight $w = S/n$ is the mean of $n$ targets. One more step, with "
        "the target $t$ and the rate $1/(n+1)$: type the new weight in $S$, $n$ and "
        "$t$.",
        definitions={w: whole / n},
        asked=w - (w - t) / (n + 1),
        answer=(whole + t) / (n + 1),
        over=(whole, n, t),
        domain={n: (1, 9)},
        mistakes=(
            Mistake((whole + t) / n, "divided by $n$: there are $n + 1$ targets now"),
            Mistake(
                (whole / n + t) / 2,
                "the mean of the old mean and the target: both alike",
            ),
            Mistake(
                w + (w - t) / (n + 1),
                "the sign: the step goes against the slope",
                "The slope of $\\tfrac12 (w - t)^2$ is $w - t$.",
            ),
            Mistake(w - (w - t) / n, "the rate $1/n$ in the place of $1/(n+1)$"),
        ),
        hint="$w - (w - t)/(n + 1)$, over one denominator.",
        right="The mean of one more target.",
    )


@question("ex-gd-code")
def momentum_code(name):
    slopes = np.array([1.0, -2.0, 0.5, 3.0])

    def walk(slopes, rate, keep, sign=1, added=True):
        w, step = 0.0, 0.0
        for slope in slopes:
            step = keep * step - sign * rate * slope
            w = w + step if added else step
        return np.array(w)

    return Code(
        id=name,
        title="Write descent with momentum",
        prompt="Write `walk(slopes, rate, keep)`: the weight after steps along the "
        "given slopes from 0, with the momentum `keep`.",
        verdict=on_numbers(
            lambda slopes: walk(slopes, 0.1, 0.9),
            {
                "the momentum left out": lambda s: walk(s, 0.1, 0.0),
                "the sign: the steps go uphill": lambda s: walk(s, 0.1, 0.9, -1),
                "the last step alone": lambda s: walk(s, 0.1, 0.9, added=False),
            },
            slopes,
            adapt=lambda theirs: lambda slopes: theirs(slopes, 0.1, 0.9),
        ),
        solution=lambda: walk,
        wrong={
            "the momentum left out": lambda s, rate, keep: walk(s, rate, 0.0),
            "the sign: the steps go uphill": lambda s, rate, keep: walk(
                s, rate, keep, -1
            ),
        },
        hint="A step is `keep` times the last one, minus the rate times the slope.",
        right="Steps that agree add up.",
    )
