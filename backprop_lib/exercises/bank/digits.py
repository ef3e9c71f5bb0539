"""Chapter 10: handwritten digits."""

import numpy as np

from backprop_lib.network import Network

from ..questions import Choice, Number, Option, Slip
from .register import question


@question("ex-digits-before")
def before(name):
    return Number(
        id=name,
        exercise=name,
        title="Before the first step",
        prompt="A network that knows nothing gives each of ten digits the same "
        "probability. Which cross-entropy has it? Two digits will do.",
        value=lambda: -np.log(1 / 10),
        tolerance=0.01,
        mistakes=lambda: [
            Slip(np.log(2), "two classes in the place of ten"),
            Slip(0.1, "this is the probability, not its logarithm"),
            Slip(-np.log(10), "the sign: a loss is no negative number here"),
            Slip(1, "the logarithm to the base 10 in the place of the natural one"),
            Slip(10 * np.log(10), "summed over the classes: the target picks one"),
            Slip(0.9, "the share of wrong guesses, not the cross-entropy"),
        ],
        hint="$-\\log$ of the probability that the right digit got.",
        right="$\\log 10$: a first loss far from it points to the weights.",
    )


@question("ex-digits-parameters")
def parameters(name):
    def count():
        return Network([64, 64, 10], rng=np.random.default_rng(0)).parameters.size

    return Number(
        id=name,
        title="More parameters than images?",
        prompt="How many parameters has the network `[64, 64, 10]` for 8 × 8 pixels?",
        value=count,
        mistakes=lambda: [
            Slip(64 * 64 + 64 * 10, "the biases forgotten"),
            Slip(64 * 64 * 10, "the sizes multiplied through"),
            Slip(8 * 8 + 64 + 10, "these are the neurons"),
        ],
        hint="A layer of $m$ neurons behind one of $n$ has $(1 + n)\\,m$ parameters.",
        right="More than three times as many as there are training images.",
    )


@question("ex-digits-shuffle")
def shuffled(name):
    def same_net():
        rng = np.random.default_rng(0)
        x, w, order = rng.normal(size=(5, 64)), rng.normal(size=(64, 3)), None
        order = rng.permutation(64)
        return np.allclose(x @ w, x[:, order] @ w[order])

    return Choice(
        id=name,
        exercise=name,
        predict=True,
        title="The shuffled picture",
        prompt="The pixels of all images are shuffled in one and the same way. What "
        "becomes of the accuracy of a 64-64-10 network trained on these?",
        options=(
            Option(
                "It collapses to about 10 %",
                "you could not read them, but no neuron is told which pixels are "
                "neighbours",
                lambda: not same_net(),
            ),
            Option(
                "It falls by some per cent",
                "a weighted sum does not care in which order its terms stand",
                lambda: not same_net(),
            ),
            Option(
                "It stays as it was",
                "A weighted sum does not care in which order its terms stand.",
                same_net,
            ),
        ),
        answer=2,
    )


@question("ex-digits-unsure")
def unsure(name):
    return Choice(
        id=name,
        exercise=name,
        predict=True,
        title="I do not know",
        prompt="The network answers only where its largest output is at least 0.99, "
        "and "
        "passes otherwise. Are mistakes left?",
        options=(
            Option(
                "No: at 0.99 at most one answer in a hundred is wrong, and it says so",
                "an output is what the network believes, not how often it is right",
            ),
            Option(
                "Yes, some",
                "It is sure of some mistakes, and passes on many right answers.",
            ),
            Option(
                "As many as before",
                "most mistakes come with unsure outputs",
            ),
        ),
        answer=1,
    )
