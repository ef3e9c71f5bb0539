"""Chapter 2: the chain rule on graphs."""

from sympy import symbols

from backprop_lib.symbolic import D, product, sigmoid, total

from ..questions import Choice, Formula, Mistake, Number, Option, Slip
from .register import question

a, b, p, q, x, y = symbols("a b p q x y", real=True)
HAND = {p: a * b, q: a + p, y: p * q}


@question("ex-chain-hand")
def by_hand(name):
    def at(p_at, q_at, b_at):
        return q_at * b_at + p_at * b_at + p_at

    return Number(
        id=name,
        exercise=name,
        title="Sweep back by hand",
        prompt="Let $a = 3$, $b = 2$ and $p = a\\,b$, $q = a + p$, $y = p\\,q$. What "
        "is $\\partial y/\\partial a$?",
        value=lambda: at(6, 9, 2),
        mistakes=lambda: [
            Slip(9 * 2 + 6, "$p$ handed on too early: it had not heard from $q$ yet"),
            Slip(
                9 * 2,
                "a path left out: the one straight to $p$, or those through $q$",
            ),
            Slip(9 * 3 + 6 * 3, "this is the slope by $b$"),
        ],
        hint="$p$ collects from $y$ and from $q$, before it hands on. And $a$ has two "
        "arrows of its own.",
        right="$p$ collects 9 from $y$ and 6 from $q$, times 2; and 6 comes straight "
        "from $q$.",
    )


@question("ex-chain-hand-letters")
def in_letters(name):
    return Formula(
        id=name,
        exercise="ex-chain-hand",
        title="All paths",
        prompt="Let $p = a\\,b$, $q = a + p$, $y = p\\,q$. Type "
        "$\\partial y/\\partial a$ in the letters $b$, $p$ and $q$.",
        definitions=HAND,
        asked=D(y, a),
        answer=total(product(q, b), product(p, b), p),
        over=(b, p, q),
        mistakes=(
            Mistake(
                q * b,
                "the path straight to $p$ left out, or those through $q$: here they "
                "are equal",
            ),
            Mistake(q * b + p, "the path by $q$ and $p$ left out"),
            Mistake(q * b + p * b, "the path straight to $q$ left out"),
        ),
        hint="There are three paths from $y$ to $a$.",
        right="Three paths, three terms.",
    )


@question("ex-chain-quotient")
def quotient(name):
    return Formula(
        id=name,
        exercise=name,
        title="The quotient rule",
        prompt="Let $p = x^2$, $q = 1 + x$ and $y = p/q$. Type "
        "$\\partial y/\\partial x$ in $p$, $q$ and $x$.",
        definitions={p: x**2, q: 1 + x, y: p / q},
        asked=D(y, x),
        answer=product(1 / q**2, product(q, 2, x) - p),
        over=(p, q, x),
        domain={x: (0, 3)},
        mistakes=(
            Mistake(
                (2 * x * q + p) / q**2,
                "the sign of the second path",
                "The slope of $p/q$ by $q$ is $-p/q^2$.",
            ),
            Mistake(
                (p - 2 * x * q) / q**2,
                "the two paths exchanged, and with them the sign",
                "The path through $p$ has the plus.",
            ),
            Mistake(
                (2 * x * q - p) / q,
                "the square of $q$ lost",
                "The slope of $1/q$ is $-1/q^2$.",
            ),
            Mistake(
                2 * x,
                "the slopes divided by each other",
                "The slope of a quotient is no quotient of slopes.",
            ),
            Mistake(2 * x / q, "the path through $q$ left out"),
            Mistake(-p / q**2, "the path through $p$ left out"),
        ),
        hint="Two paths: $y$ by $p$ is $1/q$, and $y$ by $q$ is $-p/q^2$.",
        right="Two paths over one denominator: this is the quotient rule.",
    )


@question("ex-chain-middle")
def from_the_middle(name):
    sizes = [100, 100, 1, 100, 100]

    def middle():
        first, second, third, fourth, fifth = sizes
        halves = first * second * third + third * fourth * fifth
        return halves + first * third * fifth

    def front():
        first, *rest = sizes
        return sum(first * m * n for m, n in zip(rest, rest[1:]))

    return Number(
        id=name,
        exercise=name,
        title="Start at the narrow place",
        prompt="A chain of four tables has the sizes 100-100-1-100-100. How many "
        "products does it take if both halves are multiplied first?",
        value=middle,
        mistakes=lambda: [
            Slip(front(), "this is the cost from either end"),
            Slip(middle() - 100 * 100, "the last product, column by row, forgotten"),
            Slip(2 * 100**3 + 100**2, "the 1 in the middle taken for a 100"),
        ],
        hint="A table of $l \\times m$ times one of $m \\times n$ costs $l m n$.",
        right="A column and a row come out of the halves.",
    )


@question("ex-chain-shared")
def shared(name):
    w, t, L = symbols("w t L", real=True)
    o_1, o_2, net_1, net_2 = symbols("o_1 o_2 net_1 net_2", real=True)
    late, early = o_1, product(w, o_1 * (1 - o_1), x)
    delta = product(o_2 * (1 - o_2), o_2 - t)
    return Formula(
        id=name,
        exercise=name,
        title="One weight, used twice",
        prompt="Let $o_1 = \\sigma(w x)$, $o_2 = \\sigma(w\\,o_1)$ and "
        "$L = \\tfrac12 (o_2 - t)^2$. Type $\\partial L/\\partial w$ in $o_1$, $o_2$, "
        "$t$, $w$ and $x$.",
        definitions={
            net_1: w * x,
            o_1: sigmoid(net_1),
            net_2: w * o_1,
            o_2: sigmoid(net_2),
            L: (o_2 - t) ** 2 / 2,
        },
        asked=D(L, w),
        answer=product(delta, late + early),
        over=(o_1, o_2, t, w, x),
        mistakes=(
            Mistake(product(delta, late), "the early path left out"),
            Mistake(product(delta, early), "the late path left out"),
            Mistake(
                product(delta, late, early),
                "the two paths multiplied, not added",
                "Along a path slopes multiply; over paths they add.",
            ),
            Mistake(
                product(delta, o_1 + o_1 * (1 - o_1) * x),
                "the factor $w$ missing on the early path",
                "On its way to $net_2$ the early one passes $w$.",
            ),
            Mistake(
                product(delta, o_1 + w * x),
                "the slope of the first sigmoid missing",
                "The early path goes through both sigmoids.",
            ),
        ),
        hint="The weight has two arrows: into the first net, and into the second.",
        right="A weight that is used in several places gets a slope from each.",
    )


@question("ex-chain-forward")
def sweeps(name):
    return Choice(
        id=name,
        exercise=name,
        title="How many sweeps?",
        prompt="A graph has $n$ inputs and one loss. You want the slopes of the "
        "loss by "
        "all the inputs. How many sweeps does it take?",
        options=(
            Option(
                "One, either way",
                "a forward sweep starts at one input, and finds the slopes by that one",
            ),
            Option(
                "$n$ with the arrows, one against them",
                "Forward, a sweep leaves the slope of everything by one input; back, "
                "the slope of the loss by everything.",
            ),
            Option(
                "One with the arrows, $n$ against them",
                "the two exchanged: a sweep back starts at the loss, and there is one "
                "loss",
            ),
            Option(
                "$n$, either way",
                "a sweep back hands the loss's slope to all inputs at once",
            ),
        ),
        answer=1,
        hint="Where does a sweep start, and what does it leave at each place?",
    )
