"""Chapter 16: whether probabilities are honest."""

import numpy as np
from sympy import log, symbols

from backprop_lib.symbolic import D, product

from ..questions import Choice, Formula, Mistake, Number, Option, Slip
from .register import question

q, o, e, s, L = symbols("q o epsilon s L", positive=True)


@question("ex-conf-gap")
def proper(name):
    return Formula(
        id=name,
        title="Where is the score lowest?",
        prompt="A case has $t = 1$ with probability $q$, and you say $o$. On average "
        "the cross-entropy is $L = -q \\log o - (1 - q) \\log (1 - o)$. Type "
        "$\\partial L/\\partial o$.",
        definitions={L: -q * log(o) - (1 - q) * log(1 - o)},
        asked=D(L, o),
        answer=product(o - q, 1 / (o * (1 - o))),
        over=(q, o),
        domain={q: (0, 1), o: (0, 1)},
        mistakes=(
            Mistake(
                -q / o - (1 - q) / (1 - o),
                "the inner derivative of $1 - o$ left out",
                "$\\log(1 - o)$ has the slope $-1/(1 - o)$.",
            ),
            Mistake(o - q, "this is $\\partial L/\\partial net$, the slope by the net"),
            Mistake(-q / o, "the term of $t = 0$ left out"),
        ),
        hint="Two logarithms, each with its inner derivative; then a common divisor.",
        right="It is 0 at $o = q$ alone.",
    )


@question("ex-conf-honest-size")
def honest(name):
    """What chance leaves of a single bin, n cases with q = ½."""

    def gap(n):
        return np.sqrt(2 / np.pi) * np.sqrt(0.25 / n)

    return Number(
        id=name,
        exercise="ex-conf-honest",
        title="One bin of an honest speaker",
        prompt="Somebody says ½ in each of 100 cases, and each comes true with "
        "probability ½. How large is the gap between ½ and the share that came true, "
        "on average? A normal number with deviation $d$ has the mean size "
        "$d \\sqrt{2/\\pi}$.",
        value=lambda: gap(100),
        tolerance=0.0015,
        mistakes=lambda: [
            Slip(np.sqrt(0.25 / 100), "the deviation, not the mean size"),
            Slip(gap(1), "not divided by the root of the number of cases"),
            Slip(gap(100**2), "divided by the number of cases, not by its root"),
            Slip(
                round(0.25 / 100 * np.sqrt(2 / np.pi), 6),
                "the variance taken for a deviation",
            ),
        ],
        hint="A share of $n$ cases has the variance $q(1 - q)/n$.",
        right="That much calibration error is left to someone who is never wrong "
        "about $q$.",
    )


@question("ex-conf-smooth-best")
def smooth(name):
    return Formula(
        id=name,
        exercise="ex-conf-smooth",
        title="The slope with smooth labels",
        prompt="Let $s = q(1 - \\varepsilon) + \\varepsilon/2$ and "
        "$L = -s \\log o - (1 - s) \\log (1 - o)$. Type $\\partial L/\\partial o$ in "
        "$q$, $\\varepsilon$ and $o$.",
        definitions={
            s: q * (1 - e) + e / 2,
            L: -s * log(o) - (1 - s) * log(1 - o),
        },
        asked=D(L, o),
        answer=product(o - (q * (1 - e) + e / 2), 1 / (o * (1 - o))),
        over=(q, e, o),
        domain={q: (0, 1), o: (0, 1), e: (0, 1)},
        mistakes=(
            Mistake(
                (o - q) / (o * (1 - o)), "as if the labels were not smooth: $q$ for $s$"
            ),
            Mistake(
                (o - q * (1 - e)) / (o * (1 - o)),
                "the half of $\\varepsilon$ that is added left out",
            ),
            Mistake(
                (o - (q * (1 - e) + e)) / (o * (1 - o)),
                "$\\varepsilon$ for $\\varepsilon/2$",
            ),
        ),
        hint="$q$ has become $s$; nothing else is new.",
        right="So the lowest loss is at $o = s$, nearer to ½ than $q$.",
    )


@question("ex-conf-order")
def order(name):
    nets = np.array([[2.0, 0.5, -1.0], [-3.0, 1.0, 0.0], [0.2, 0.1, 4.0]])

    def softmax(net):
        each = np.exp(net)
        return each / each.sum(axis=1, keepdims=True)

    def keeps_the_decisions():
        cooled = softmax(nets / 3)
        return (cooled.argmax(axis=1) == softmax(nets).argmax(axis=1)).all()

    def keeps_the_loss():
        return np.isclose(softmax(nets / 3)[0, 0], softmax(nets)[0, 0])

    return Choice(
        id=name,
        exercise=name,
        predict=True,
        title="What does a temperature change?",
        prompt="All nets of the last layer are divided by the same $T > 1$. What "
        "changes?",
        options=(
            Option(
                "Decisions and cross-entropy",
                "the largest net stays the largest, whatever $T > 0$",
                lambda: not keeps_the_decisions(),
            ),
            Option(
                "The cross-entropy, and no decision",
                "Every output comes nearer to the others, and none overtakes another.",
                lambda: keeps_the_decisions() and not keeps_the_loss(),
            ),
            Option(
                "Nothing: softmax does not mind a factor",
                "softmax does not mind what is *added* to all nets; a factor it does",
                keeps_the_loss,
            ),
        ),
        answer=1,
    )
