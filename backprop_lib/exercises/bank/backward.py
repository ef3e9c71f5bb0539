"""Chapter 5: the recursion for the error signals."""

import numpy as np
from sympy import symbols

from backprop_lib.network import Network
from backprop_lib.symbolic import D, product, sigmoid, total

from ..functions import on_gradients
from ..questions import (
    Choice,
    Code,
    Formula,
    Lines,
    Mistake,
    Option,
    Order,
    with_a_gap,
)
from .register import question

x, t_1, t_2, L, o = symbols("x t_1 t_2 L o", real=True)
o_1, o_2, o_3 = symbols("o_1 o_2 o_3", real=True)
net, net_1, net_2, net_3 = symbols("net net_1 net_2 net_3", real=True)
w_1, w_2, w_12, w_13, w_23 = symbols("w_1 w_2 w_12 w_13 w_23", real=True)
delta, delta_1, delta_2, delta_3 = symbols("delta delta_1 delta_2 delta_3", real=True)

# One neuron that feeds two outputs
FORK = {
    o: sigmoid(net),
    net_1: o * w_1,
    net_2: o * w_2,
    o_1: sigmoid(net_1),
    o_2: sigmoid(net_2),
    L: (o_1 - t_1) ** 2 / 2 + (o_2 - t_2) ** 2 / 2,
    delta_1: D(L, net_1),
    delta_2: D(L, net_2),
}


@question("ex-backward-blame")
def blame(name):
    return Formula(
        id=name,
        title="Blame from two listeners",
        prompt="A neuron with the output $o$ feeds two others through $w_1$ and $w_2$. "
        "Their error signals are $\\delta_1$ and $\\delta_2$. Type "
        "$\\partial L/\\partial o$.",
        definitions=FORK,
        asked=D(L, o),
        answer=total(product(w_1, delta_1), product(w_2, delta_2)),
        over=(w_1, w_2, delta_1, delta_2),
        mistakes=(
            Mistake(
                w_1 * delta_2 + w_2 * delta_1,
                "the weights exchanged",
                "Each error signal comes back along its own arrow.",
            ),
            Mistake(
                delta_1 + delta_2,
                "the weights left out on the way back",
                "$net_1 = o\\,w_1$: how fast does it follow $o$?",
            ),
            Mistake(
                (w_1 + w_2) * (delta_1 + delta_2),
                "every weight with every error signal",
                "Each error signal comes back along its own arrow.",
            ),
            Mistake(
                (w_1 * delta_1 + w_2 * delta_2) / 2,
                "a mean over the listeners in the place of a sum",
                "Over paths slopes add.",
            ),
            Mistake(
                w_1 * delta_1 * w_2 * delta_2,
                "the paths multiplied",
                "Over paths slopes add.",
            ),
        ),
        hint="$o$ has two arrows. What comes back along each?",
        right="Each listener sends its error signal back through its weight.",
    )


@question("ex-backward-delta")
def hidden_delta(name):
    return Formula(
        id=name,
        title="The error signal of a hidden neuron",
        prompt="The same neuron, a sigmoid. Type its $\\delta = "
        "\\partial L/\\partial net$ in $o$, $w_1$, $w_2$, $\\delta_1$ and $\\delta_2$.",
        definitions=FORK,
        asked=D(L, net),
        chain=product(D(o, net), D(L, o)),
        answer=product(o * (1 - o), total(w_1 * delta_1, w_2 * delta_2)),
        over=(o, w_1, w_2, delta_1, delta_2),
        mistakes=(
            Mistake(
                w_1 * delta_1 + w_2 * delta_2,
                "the neuron's own slope left out: this is $\\partial L/\\partial o$",
                "From $o$ back to $net$ the way leads through the sigmoid.",
            ),
            Mistake(
                o * (1 - o) * (w_1 * delta_2 + w_2 * delta_1),
                "the weights exchanged",
                "Each error signal comes back along its own arrow.",
            ),
            Mistake(
                o * (1 - o) * w_1 * delta_1 + w_2 * delta_2,
                "the slope in front of one term only",
                "The slope stands in front of the whole sum: put it in brackets.",
            ),
            Mistake(
                o * (1 - o) * (delta_1 + delta_2),
                "the weights left out on the way back",
                "$net_1 = o\\,w_1$: how fast does it follow $o$?",
            ),
        ),
        hint="First collect the blame of $o$, then go through its own slope.",
        right="A slope in front, and a weighted sum of what comes back.",
    )


@question("ex-backward-weight")
def by_weight(name):
    return Formula(
        id=name,
        title="The gradient by a weight",
        prompt="The same neuron again. Type $\\partial L/\\partial w_2$ by the "
        "error signals.",
        definitions=FORK,
        asked=D(L, w_2),
        answer=product(o, delta_2),
        over=(o, delta_1, delta_2, w_1, w_2),
        mistakes=(
            Mistake(
                o_2 * delta_2,
                "the output behind the weight in the place of the one before it",
                "A weight is multiplied by what comes in.",
            ),
            Mistake(
                w_2 * delta_2,
                "this is what goes back to $o$, not what the weight gets",
                "Which of the two in $o\\,w_2$ is held, and which moves?",
            ),
            Mistake(o * delta_1, "the error signal of the other neuron"),
            Mistake(
                o * (1 - o) * delta_2,
                "the slope of the neuron before, through which this way does not lead",
                "The weight lies behind that sigmoid.",
            ),
        ),
        hint="The weight has one arrow, into $net_2$.",
        right="What comes in, times the error signal of where it leads.",
    )


@question("ex-backward-input")
def by_input(name):
    definitions = {
        net_1: x * w_1,
        net_2: x * w_2,
        o_1: sigmoid(net_1),
        o_2: sigmoid(net_2),
        L: (o_1 - t_1) ** 2 / 2 + (o_2 - t_2) ** 2 / 2,
        delta_1: D(L, net_1),
        delta_2: D(L, net_2),
    }
    return Formula(
        id=name,
        exercise=name,
        title="One layer further",
        prompt="The input $x$ feeds two neurons through $w_1$ and $w_2$. Type "
        "$\\partial L/\\partial x$ by their error signals.",
        definitions=definitions,
        asked=D(L, x),
        answer=total(product(w_1, delta_1), product(w_2, delta_2)),
        over=(x, w_1, w_2, delta_1, delta_2),
        mistakes=(
            Mistake(
                x * (1 - x) * (w_1 * delta_1 + w_2 * delta_2),
                "a slope in front, as if the input had an activation",
                "Nothing stands between $x$ and the weights.",
            ),
            Mistake(
                x * (w_1 * delta_1 + w_2 * delta_2),
                "the factor $x$ too much",
                "Hold the weights, and move $x$.",
            ),
            Mistake(
                x * (delta_1 + delta_2),
                "the gradients by the two weights, added",
                "Hold the weights, and move $x$.",
            ),
            Mistake(delta_1 + delta_2, "the weights left out on the way back"),
            Mistake(w_1 * delta_2 + w_2 * delta_1, "the weights exchanged"),
        ),
        hint="An input is a neuron without an activation.",
        right="The same sum, without a slope in front.",
    )


@question("ex-backward-skip")
def skip(name):
    definitions = {
        net_2: o_1 * w_12,
        o_2: sigmoid(net_2),
        net_3: o_2 * w_23 + o_1 * w_13,
        o_3: sigmoid(net_3),
        L: (o_3 - t_1) ** 2 / 2,
        delta_2: D(L, net_2),
        delta_3: D(L, net_3),
    }
    return Formula(
        id=name,
        exercise=name,
        title="A short cut",
        prompt="Let $net_2 = o_1 w_{12}$ and $net_3 = o_2 w_{23} + o_1 w_{13}$. Type "
        "$\\partial L/\\partial o_1$ by the weights and the error signals.",
        definitions=definitions,
        asked=D(L, o_1),
        answer=total(product(w_12, delta_2), product(w_13, delta_3)),
        over=(w_12, w_13, w_23, delta_2, delta_3, o_2),
        mistakes=(
            Mistake(
                w_12 * delta_2,
                "the short cut left out",
                "The induction asked that all ways lead through the next layer.",
            ),
            Mistake(w_13 * delta_3, "the way through neuron 2 left out"),
            Mistake(
                w_12 * delta_2 + w_13 * delta_3 + w_12 * w_23 * delta_3,
                "the way through neuron 2 counted twice, once without its slope",
                "$\\delta_2$ has heard from neuron 3 already.",
            ),
            Mistake(
                w_12 * delta_2 + (w_13 + w_23) * delta_3,
                "the weight $w_{23}$, which does not leave neuron 1",
                "Sum over the arrows that leave neuron 1.",
            ),
            Mistake(w_12 * delta_3 + w_13 * delta_2, "the error signals exchanged"),
        ),
        hint="Sum over all the neurons that neuron 1 feeds, in whichever layer.",
        right="The sum runs over all listeners. Only the order of work needs care.",
    )


@question("ex-backward-order")
def order(name):
    def changes(which):
        """Say whether updating on the spot changes the gradient of weights[which]."""
        rng = np.random.default_rng(0)
        network = Network([2, 3, 1], rng=rng)
        data, t = rng.normal(size=(4, 2)), rng.uniform(size=(4, 1))
        trace = network.forward(data)
        before = network.backward(trace, t)
        moved = network.weights[1] - 0.5 * before.weights[1]
        slope = trace.slope[1]
        wrong = [
            data.T @ (slope * (before.delta[2] @ moved.T)),
            before.weights[1],
        ]
        return not np.allclose(wrong[which], before.weights[which])

    return Choice(
        id=name,
        exercise=name,
        predict=True,
        title="Update on the spot?",
        prompt="`weights[1]` is updated as soon as its gradient is known, and only "
        "then "
        "the blame is handed back. What becomes of the gradient of `weights[0]`?",
        options=(
            Option(
                "It stays the same",
                "the blame goes back through `weights[1]`, and those have moved",
                lambda: not changes(0),
            ),
            Option(
                "It is wrong, by about the learning rate",
                "The way back must use the weights of the way forward.",
                lambda: changes(0) and not changes(1),
            ),
            Option(
                "It becomes 0",
                "new weights are other weights, but no zeros",
                lambda: False,
            ),
        ),
        answer=1,
    )


@question("ex-backward-equal")
def equal_start(name):
    def twins_stay():
        network = Network([2, 3, 1], rng=np.random.default_rng(0))
        network.parameters = np.full(network.parameters.shape, 0.5)
        data = np.array([[0.0, 0], [0, 1], [1, 0], [1, 1]])
        t = np.array([[0.0], [1], [1], [0]])
        deltas = network.backward(network.forward(data), t).delta[1]
        return np.allclose(deltas, deltas[:, :1]) and not np.allclose(deltas, 0)

    return Choice(
        id=name,
        exercise=name,
        predict=True,
        title="All equal at the start",
        prompt="A network `[2, 3, 1]` starts with all parameters equal to 0.5. What "
        "becomes of the three hidden neurons?",
        options=(
            Option(
                "They part in the first update",
                "equal outputs and equal weights get equal blame, and so equal updates",
                lambda: not twins_stay(),
            ),
            Option(
                "They stay alike for ever",
                "Equal outputs, equal blame, equal updates: three that are one.",
                twins_stay,
            ),
            Option(
                "They do not move at all",
                "the blame comes through the weights, and those are 0.5, not 0",
                lambda: not twins_stay(),
            ),
        ),
        answer=1,
    )


@question("ex-backward-mixed")
def mixed(name):
    return Choice(
        id=name,
        exercise=name,
        title="Which equations notice?",
        prompt="Each layer gets another activation, and the last one another loss. How "
        "many of the four equations of backpropagation change?",
        options=(
            Option("None", "two of them hold the slope of an activation"),
            Option(
                "The two with a slope in them",
                "The start, and the recursion for $\\delta$. The gradients by weights "
                "and biases only see $\\delta$.",
            ),
            Option(
                "All four", "a weight's gradient is $o_i \\delta_j$, whatever $f$ is"
            ),
            Option(
                "Only the first, where the loss stands",
                "the recursion holds the slope of each layer's own activation",
            ),
        ),
        answer=1,
        hint="In which of them does $f'$ or the loss stand?",
    )


@question("ex-backward-code")
def backward_code(name):
    rng = np.random.default_rng(3)
    network = Network([2, 3, 3, 2], rng=rng)
    data, targets = rng.normal(size=(5, 2)), rng.uniform(size=(5, 2))

    def backward(network, trace, t, slope=None, transposed=True, mean=True):
        slope = slope or (lambda out: out * (1 - out))
        out, gradient = trace.out, []
        blame = (out[-1] - t) / (len(t) if mean else 1)
        for layer in reversed(range(len(network.weights))):
            delta = slope(out[layer + 1]) * blame
            gradient[:0] = [delta.sum(axis=0), out[layer].T @ delta]
            w = network.weights[layer]
            blame = delta @ (w.T if transposed or w.shape[0] != w.shape[1] else w)
        by_weights, by_biases = gradient[1::2], gradient[::2]
        return [*by_weights, *by_biases]

    return Code(
        id=name,
        title="Write the backward pass",
        prompt="Write `backward(network, trace, t)`: the gradient of the mean squared "
        "error of a sigmoid network, as a list of all weights' and then all biases' "
        "gradients.",
        verdict=on_gradients(network, data, targets),
        solution=lambda: backward,
        wrong={
            "summed over the batch instead of averaging": lambda *given: backward(
                *given, mean=False
            ),
            "did not transpose the weights on the way to layer 1": lambda *given: (
                backward(*given, transposed=False)
            ),
            "has the wrong sign": lambda *given: [-g for g in backward(*given)],
        },
        hint="Start with $o - t$, over the number of examples.",
        right="Each layer's part, and the blame handed back through its weights.",
    )


def _hidden(name):
    return Lines(
        id=name,
        title="A weight of the first layer, line by line",
        prompt="A chain of two neurons: $net_1 = x\\,w_1$, $net_2 = o_1 w_{12}$, "
        "with the "
        "error signal $\\delta_2$. Derive $\\partial L/\\partial w_1$ line by line, "
        "until "
        "no $\\partial$ is left.",
        definitions={
            net_1: x * w_1,
            o_1: sigmoid(net_1),
            net_2: o_1 * w_12,
            o_2: sigmoid(net_2),
            L: (o_2 - t_1) ** 2 / 2,
            delta_2: D(L, net_2),
        },
        asked=D(L, w_1),
        chain=product(D(o_1, net_1), D(net_2, o_1), D(L, net_2), D(net_1, w_1)),
        steps=(
            product(D(o_1, net_1), D(L, o_1), D(net_1, w_1)),
            product(D(o_1, net_1), D(L, o_1), x),
            product(o_1 * (1 - o_1), D(L, o_1), x),
        ),
        answer=product(o_1 * (1 - o_1), w_12, delta_2, x),
        over=(o_1, w_12, delta_2, x),
        hint="Three factors again: its own slope, the blame, and what comes in.",
        right="The blame came back through $w_{12}$.",
    )


@question("ex-backward-lines")
def hidden_lines(name):
    return _hidden(name)


@question("ex-backward-lines-order")
def hidden_order(name):
    return Order(
        id=name,
        title="Put the lines in order",
        prompt="Lines of the same derivation, of $\\partial L/\\partial w_1$, and "
        "false ones "
        "among them. Number the true ones, so that each leads on.",
        source=_hidden("ex-backward-lines"),
        false=(
            Mistake(
                product(o_1 * (1 - o_1), delta_2, x),
                "the weight left out on the way back",
            ),
            Mistake(
                product(D(o_1, net_1), D(L, o_1), w_1),
                "$w_1$ in the place of $x$: what does the weight stand beside?",
            ),
            Mistake(
                product(o_2 * (1 - o_2), D(L, o_1), x),
                "the slope of the neuron behind, in the place of its own",
            ),
        ),
        hint="First the chain rule. Then each line works out one more derivative.",
        right="Which factor is worked out first is left to you.",
    )


@question("ex-backward-gap")
def hidden_gap(name):
    return with_a_gap(
        _hidden("ex-backward-lines"),
        2,
        D(L, o_1),
        name=name,
        answer=product(w_12, delta_2),
        over=(w_12, delta_2),
    )
