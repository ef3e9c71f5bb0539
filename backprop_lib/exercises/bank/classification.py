"""Chapter 9: from scores to decisions."""

import numpy as np
from sympy import log, symbols

from backprop_lib.symbolic import D, product, sigmoid, total

from ..functions import on_numbers
from ..questions import Choice, Code, Formula, Mistake, Number, Option, Slip
from .register import question


@question("ex-class-rare")
def rare(name):
    r, f, s, p = symbols("r f s p", positive=True)
    return Formula(
        id=name,
        exercise=name,
        title="The odds of a true alarm",
        prompt="A share $s$ of all cases is malignant; $r$ of those raise an alarm, "
        "and "
        "a share $f$ of the others. With $p$ the share of true ones among the alarms, "
        "type the odds $p/(1 - p)$ in $r$, $f$ and $s$.",
        definitions={p: s * r / (s * r + (1 - s) * f)},
        asked=p / (1 - p),
        answer=product(s / (1 - s), r / f),
        over=(r, f, s),
        domain={r: (0, 1), f: (0, 1), s: (0, 1)},
        mistakes=(
            Mistake(
                r / f,
                "the share $s$ left out: how many there are of each counts as well",
                "Of all cases, $s r$ are true alarms. And how many are false ones?",
            ),
            Mistake(
                (1 - s) / s * r / f,
                "the odds of being malignant upside down",
            ),
            Mistake(s / (1 - s) * f / r, "$r$ and $f$ exchanged"),
            Mistake(s * r / f, "the factor $1 - s$ missing below"),
            Mistake(
                s * r / (s * r + (1 - s) * f),
                "this is $p$ itself, not its odds",
            ),
        ),
        hint="Of all cases, $s r$ are true alarms and $(1 - s) f$ false ones.",
        right="The odds before, times what an alarm is worth.",
    )


@question("ex-class-pass")
def pass_on(name):
    return Number(
        id=name,
        exercise=name,
        title="From where on do you pass?",
        prompt="A false alarm costs 1, a miss 20, passing a case on ½. From which "
        "$o$ on "
        "is passing cheaper than saying no?",
        value=lambda: np.roots([20, -0.5])[0],
        mistakes=lambda: [
            Slip(1 - 0.5, "there passing stops being cheaper than saying yes"),
            Slip(1 / 21, "the threshold between no and yes, without passing on"),
            Slip(1 / 20, "the cost of passing left out"),
            Slip(0.5 * 20, "multiplied, not divided; a probability is at most 1"),
        ],
        hint="Saying no costs $20\\,o$ on average.",
        right="Where $\\tfrac12 < 20\\,o$.",
    )


@question("ex-class-order")
def order(name):
    scores = np.array([0.02, 0.1, 0.3, 0.6, 0.7, 0.95])
    truth = np.array([0, 0, 1, 0, 1, 1])

    def area(o):
        higher = o[truth == 1][:, None] > o[truth == 0]
        return higher.mean()

    def entropy(o):
        return -np.mean(truth * np.log(o) + (1 - truth) * np.log(1 - o))

    def accuracy(o):
        return np.mean((o > 0.5) == truth)

    def lowest(o):
        above = o[None] >= np.append(o, 2)[:, None]
        return np.min(
            (above & (truth == 0)).sum(1) + 20 * (~above & (truth == 1)).sum(1)
        )

    def changed(*measures):
        other = np.sqrt(scores)
        return [not np.isclose(m(scores), m(other)) for m in measures]

    def these(first, second):
        kept = [area, lowest, accuracy, entropy]
        return changed(first, second) == [True, True] and not any(
            changed(*(m for m in kept if m not in (first, second)))
        )

    return Choice(
        id=name,
        exercise=name,
        predict=True,
        title="Only the order",
        prompt="Every score $o$ is replaced by its square root. Which of these "
        "change: the "
        "ROC area, the accuracy at ½, the cross-entropy, the lowest cost over all "
        "thresholds?",
        options=(
            Option(
                "All of them",
                "area and lowest cost know nothing but the order, and that stays",
                lambda: all(changed(area, lowest, accuracy, entropy)),
            ),
            Option(
                "The area and the lowest cost",
                "these two know nothing but the order: the threshold moves along",
                lambda: these(area, lowest),
            ),
            Option(
                "The accuracy at ½ and the cross-entropy",
                "They take the number at its word.",
                lambda: these(accuracy, entropy),
            ),
            Option(
                "The cross-entropy alone",
                "the accuracy at ½ asks on which side of ½ a score lies",
                lambda: not these(accuracy, entropy),
            ),
        ),
        answer=2,
    )


@question("ex-class-delta")
def delta(name):
    net, o, t, L = symbols("net o t L", real=True)
    loss = -t * log(o) - (1 - t) * log(1 - o)
    return Formula(
        id=name,
        title="The slope of the cross-entropy",
        prompt="Let $L = -t \\log o - (1 - t) \\log(1 - o)$. Type "
        "$\\partial L/\\partial o$.",
        definitions={o: sigmoid(net), L: loss},
        asked=D(L, o),
        answer=(o - t) / (o * (1 - o)),
        over=(o, t),
        mistakes=(
            Mistake(
                o - t,
                "this is the slope by $net$, one factor further",
                "By $o$ alone: the sigmoid has no part in it yet.",
            ),
            Mistake(
                -t / o - (1 - t) / (1 - o),
                "the inner derivative of $\\log(1 - o)$ lost",
                "The slope of $\\log(1 - o)$ by $o$ is $-1/(1 - o)$.",
            ),
            Mistake(
                t / o - (1 - t) / (1 - o),
                "the sign",
                "The slope of $-t \\log o$ is $-t/o$.",
            ),
            Mistake(-t / o, "the second term left out"),
            Mistake((1 - t) / (1 - o), "the first term left out"),
        ),
        hint="The slope of $\\log o$ is $1/o$, that of $\\log(1 - o)$ is $-1/(1 - o)$.",
        right="It divides by just what the sigmoid's slope multiplies with.",
    )


@question("ex-class-squared")
def squared(name):
    net_1, net_2, o_1, o_2 = symbols("net_1 net_2 o_1 o_2", real=True)
    t_1, t_2, L = symbols("t_1 t_2 L", real=True)
    return Formula(
        id=name,
        exercise=name,
        title="Squared error behind two outputs that sum to 1",
        prompt="Let $o_1 = \\sigma(net_1 - net_2)$, $o_2 = 1 - o_1$ (the softmax of "
        "two) "
        "and $L = \\tfrac12 ((o_1 - t_1)^2 + (o_2 - t_2)^2)$. Type "
        "$\\partial L/\\partial net_1$.",
        definitions={
            o_1: sigmoid(net_1 - net_2),
            o_2: 1 - o_1,
            L: ((o_1 - t_1) ** 2 + (o_2 - t_2) ** 2) / 2,
        },
        asked=D(L, net_1),
        answer=product(o_1, o_2, total(o_1 - t_1, -(o_2 - t_2))),
        over=(o_1, o_2, t_1, t_2),
        mistakes=(
            Mistake(
                o_1 * (1 - o_1) * (o_1 - t_1),
                "the path through $o_2$ left out",
                "$net_1$ moves both outputs.",
            ),
            Mistake(
                o_1 * o_2 * (o_1 - t_1 + o_2 - t_2),
                "the sign of the path through $o_2$",
                "When $o_1$ rises, $o_2$ falls.",
            ),
            Mistake(o_1 - t_1, "this is the cross-entropy's error signal"),
            Mistake(
                o_1 - t_1 - (o_2 - t_2),
                "the slope of the outputs left out",
            ),
        ),
        hint="$net_1$ moves both outputs, in opposite directions.",
        right="A sure softmax is saturated, too: $o_1 o_2$ stands in front.",
    )


@question("ex-class-code")
def entropy_code(name):
    rng = np.random.default_rng(4)
    o, t = rng.uniform(0.05, 0.95, 12), (rng.uniform(size=12) > 0.5).astype(float)

    def right(o, t):
        return np.array(-np.mean(t * np.log(o) + (1 - t) * np.log(1 - o)))

    return Code(
        id=name,
        title="Write the cross-entropy",
        prompt="Write `loss(o, t)`: the mean cross-entropy of outputs `o` of one "
        "sigmoid "
        "neuron and targets `t` of 0 and 1.",
        verdict=on_numbers(
            right,
            {
                "the sign": lambda o, t: -right(o, t),
                "the sum in the place of the mean": lambda o, t: len(o) * right(o, t),
                "the term of the target 0 left out": lambda o, t: np.array(
                    -np.mean(t * np.log(o))
                ),
                "outputs and targets exchanged in the second term": lambda o, t: (
                    np.array(-np.mean(t * np.log(o) + (1 - o) * np.log(1 - o)))
                ),
            },
            o,
            t,
        ),
        solution=lambda: right,
        wrong={
            "the sign": lambda o, t: -right(o, t),
            "the sum in the place of the mean": lambda o, t: len(o) * right(o, t),
        },
        hint="Two terms: one where the target is 1, and one where it is 0.",
        right="Each example pays for what it gave to the wrong answer.",
    )
