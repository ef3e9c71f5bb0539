"""Chapter 4: what a network computes."""

from math import factorial

import numpy as np
from sympy import symbols

from backprop_lib.activations import sigmoid as sigma
from backprop_lib.network import Network
from backprop_lib.symbolic import sigmoid

from ..functions import on_numbers
from ..questions import Choice, Code, Formula, Mistake, Number, Option, Slip
from .register import question


def _trace():
    rng = np.random.default_rng(0)
    network = Network([4, 7, 3], rng=rng)
    return network, network.forward(rng.normal(size=(5, 4)))


@question("ex-forward-shapes")
def shape(name):
    def is_net(candidate):
        return _trace()[1].net[1].shape == candidate

    return Choice(
        id=name,
        exercise=name,
        title="The shape of a net",
        prompt="A batch of 5 goes through a network `[4, 7, 3]`. Which shape has "
        "`net[1]`?",
        options=(
            Option(
                "(4, 7)", "that is the shape of `weights[0]`", lambda: is_net((4, 7))
            ),
            Option("(5, 4)", "that is `out[0]`, the inputs", lambda: is_net((5, 4))),
            Option(
                "(7, 5)",
                "examples are rows, neurons are columns",
                lambda: is_net((7, 5)),
            ),
            Option(
                "(5, 7)",
                "A row for each example, a column for each neuron of layer 1.",
                lambda: is_net((5, 7)),
            ),
        ),
        answer=3,
        hint="`out[0] @ weights[0]` is (5, 4) times (4, 7).",
    )


@question("ex-forward-count")
def count(name):
    return Number(
        id=name,
        exercise="ex-forward-shapes",
        title="Count the parameters",
        prompt="How many parameters has the network `[4, 7, 3]`?",
        value=lambda: _trace()[0].parameters.size,
        mistakes=lambda: [
            Slip(4 * 7 + 7 * 3, "the biases forgotten"),
            Slip(4 * 7 * 3, "the sizes multiplied through"),
            Slip(5 * 7 + 8 * 3 + 4, "the inputs counted as if they had biases"),
        ],
        hint="A layer of $m$ neurons behind one of $n$ has $(1 + n)\\,m$ parameters.",
        right="A bias is one more weight for each neuron that something leads to.",
    )


@question("ex-forward-turn")
def turned(name):
    net, u = symbols("net u", real=True)
    return Formula(
        id=name,
        exercise="ex-forward-swap",
        title="A neuron turned round",
        prompt="All weights into a neuron and its bias change sign, so that it now "
        "says "
        "$u = \\sigma(-net)$. Type what it said before, $\\sigma(net)$, in $u$.",
        definitions={u: sigmoid(-net)},
        asked=sigmoid(net),
        answer=1 - u,
        over=(u,),
        mistakes=(
            Mistake(
                -u,
                "the sign alone: the sigmoid's centre is ½, not 0",
                "At $net = 0$ both say ½.",
            ),
            Mistake(1 / u, "turned upside down", "Both lie between 0 and 1."),
            Mistake(u, "as if nothing had changed", "Try a large net."),
        ),
        hint="What do the two add up to? Try $net = 0$, and a large net.",
        right="So the next layer can undo the turn: with the weight's sign and its own "
        "bias.",
    )


@question("ex-forward-swap")
def orders(name):
    return Number(
        id=name,
        exercise=name,
        title="How many solutions?",
        prompt="Three hidden sigmoid neurons can be exchanged, and each can be turned "
        "round. How many parameter vectors, in general, compute the same function?",
        value=lambda: factorial(3) * 2**3,
        mistakes=lambda: [
            Slip(factorial(3), "the turns left out"),
            Slip(2**3, "the exchanges left out"),
            Slip(factorial(3) + 2**3, "added: but every order goes with every turn"),
            Slip(3 * 2**3, "three neurons stand in more than three orders"),
            Slip(3**2 * 2**3, "orders counted as if a place could be taken twice"),
        ],
        hint="In how many orders can three stand, and which of them are turned?",
        right="$3! = 6$ orders, $2^3 = 8$ ways round: a solution is one of many.",
    )


@question("ex-forward-corner")
def corner(name):
    def at_corner():
        # two neurons undecided, one sure, and a last one that wants three times yes
        return float(sigma(np.array(10 * (0.5 + 0.5 + 1) - 25.0)))

    return Choice(
        id=name,
        exercise=name,
        predict=True,
        title="At a corner",
        prompt="What does the network of the triangle say exactly at a corner, where "
        "two hidden neurons are undecided?",
        options=(
            Option(
                "About ½",
                "that is the middle of a side, where one neuron is undecided",
                lambda: abs(at_corner() - 0.5) < 0.1,
            ),
            Option(
                "About ¼",
                "the last neuron adds what it hears, and multiplies nothing",
                lambda: abs(at_corner() - 0.25) < 0.1,
            ),
            Option(
                "Nearly 0",
                "Two halves and a whole make two times yes, not three.",
                lambda: at_corner() < 0.1,
            ),
        ),
        answer=2,
    )


@question("ex-forward-layer")
def layer_code(name):
    rng = np.random.default_rng(1)
    out, w, b = rng.normal(size=(5, 4)), rng.normal(size=(4, 4)), rng.normal(size=4)

    def right(out, w, b):
        return sigma(out @ w + b)

    return Code(
        id=name,
        title="Write a layer",
        prompt="Write `layer(out, w, b)`: the outputs of a layer of sigmoid neurons "
        "for "
        "a batch `out` in rows.",
        verdict=on_numbers(
            right,
            {
                "the bias left out": lambda out, w, b: right(out, w, 0 * b),
                "the weights transposed": lambda out, w, b: right(out, w.T, b),
                "the sigmoid left out": lambda out, w, b: out @ w + b,
                "the sign of net": lambda out, w, b: right(-out, w, -b),
                "the bias added behind the sigmoid": lambda out, w, b: (
                    right(out, w, 0 * b) + b
                ),
            },
            out,
            w,
            b,
        ),
        solution=lambda: right,
        wrong={
            "the bias left out": lambda out, w, b: right(out, w, 0 * b),
            "the weights transposed": lambda out, w, b: right(out, w.T, b),
            "the sigmoid left out": lambda out, w, b: out @ w + b,
        },
        hint="First net, then out.",
        right="A product of matrices, a bias, and the sigmoid on each entry.",
    )
