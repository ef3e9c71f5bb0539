"""How well does `gradcheck.diagnose` tell mistakes apart?  Its confusion table.

    python -m benchmarks.bench_diagnose [--networks 500] [--share 0.1] [--each]

Networks are drawn, plain and recurrent: sizes, activations, losses, batches, stacks.
In each, a share of all single mistakes is made, and of all pairs of the ten commonest;
the last digits are shaken, and `diagnose` is asked.  A row of the table is one kind of
mistake in whatever layer; without ``--each``, of pairs it is all of them.
"""

import argparse
import re
from collections import Counter
from dataclasses import dataclass

import numpy as np

import backprop_lib as bp
from backprop_lib.gradcheck import diagnose
from backprop_lib.mistakes import single_mistakes, written_pass

# Beginnings of names
COMMONEST = {
    "plain": (
        "has the wrong sign",
        "summed over the batch",
        "is twice the gradient",
        "averaged over the outputs too",
        "left out the activation's derivative in layer",
        "left out the activation's derivative in every layer",
        "took the activation's derivative at out",
        "did not transpose the weights",
        "left the gradient of the biases",
        "sent the error back from",
    ),
    "recurrent": (
        "has the wrong sign",
        "summed over the batch",
        "is twice the gradient",
        "left out the activation's derivative in ",
        "did not transpose the weights",
        "used the state of the same step",
        "kept only the first step's share of the gradient of layer",
        "did not send the blame back",
        "left the gradient of the biases",
        "sent the error back from",
    ),
}
SMOOTH = "sigmoid", "tanh"
# The gradient is the same as with fewer of the mistakes, or with none.
SAME = "same"
# It differs, and the names are: the one; the one and others that give the same numbers;
# others that give the same numbers, by fewer mistakes; none; others.
COLUMNS = "alone", "among", "fewer", "unknown", "unseen", "WRONG"


@dataclass(frozen=True)
class Case:
    """A wrong gradient: its kind, the names of what was made, and how.

    ``choices`` are by line of the written pass, ``factors`` what multiplies it all.
    """

    names: tuple
    choices: dict
    factors: tuple

    def gradient(self, written):
        """Return its gradient."""
        factor = np.prod([written.factors[name] for name in self.factors])
        return factor * written.gradient(self.choices)


def draw(rng, kind):
    """Return a network with weights of normal size, and data for it."""
    loss = rng.choice(["squared_error", "binary_cross_entropy", "cross_entropy"])
    last = {"binary_cross_entropy": "sigmoid", "cross_entropy": "softmax"}.get(loss)
    hidden = ["sigmoid", "tanh", "relu", "leaky_relu", "identity"]
    last = last or rng.choice([*hidden, "softmax"])
    stack = [(), (), (), (2,), (2, 3)][rng.integers(5)]
    n_out = int(rng.integers(2 if last == "softmax" else 1, 5))
    wide = int(rng.integers(2, 5))
    settings = {"loss": str(loss), "stack": stack, "rng": rng}
    batch = int(rng.integers(2, 7))
    if kind == "recurrent":
        names = str(rng.choice(hidden)), str(last)
        sizes = [int(rng.integers(1, 4)), wide, n_out]
        cell, loss_at = (
            str(rng.choice(["simple", "gru"])),
            str(rng.choice(["last", "every"])),
        )
        network = bp.RecurrentNetwork(
            sizes, activation=names, cell=cell, loss_at=loss_at, **settings
        )
        steps = int(rng.integers(2, 6))
        shape = (steps, batch) if loss_at == "every" else (batch,)
        x = rng.normal(size=(steps, batch, sizes[0]))
    else:
        # Often of one width, where more mistakes can be made
        depth = int(rng.integers(0, 4))
        widths = [wide] * depth if rng.random() < 0.6 else rng.integers(1, 5, depth)
        sizes = [int(rng.integers(1, 5)), *(int(n) for n in widths), n_out]
        if rng.random() < 0.3:
            sizes[0] = wide
        names = [*(str(rng.choice(hidden)) for _ in widths), str(last)]
        network = bp.Network(sizes, activation=names, **settings)
        shape, x = (batch,), rng.normal(size=(batch, sizes[0]))
    network.parameters += 0.3 * rng.normal(size=network.parameters.shape)
    t = rng.uniform(size=(*shape, n_out))
    if loss == "cross_entropy":
        t = np.eye(n_out)[t.argmax(axis=-1)]
    elif loss == "binary_cross_entropy":
        t = np.round(t)
    return network, x, t


def cases(rng, kind, written, rate):
    """Return all single mistakes, and a pair for each two of the ten commonest."""
    single = [Case((name,), {}, (name,)) for name in written.factors]
    single += [
        Case((name,), chosen, ()) for name, chosen in single_mistakes(written, rate)
    ]
    common = []
    for start in COMMONEST[kind]:
        found = [case for case in single if case.names[0].startswith(start)]
        common += [found[rng.integers(len(found))]] if found else []
    pairs = [
        Case(a.names + b.names, a.choices | b.choices, a.factors + b.factors)
        for k, a in enumerate(common)
        for b in common[:k]
        if not a.choices.keys() & b.choices.keys()
    ]
    return single, pairs


def differ(written, one, other):
    """Return whether two gradients differ by more than rounding, in some layer."""
    # What cancels but for rounding is 0.
    floor = 1e-12 * max(np.abs(one).max(), np.abs(other).max())
    for block in written.blocks:
        a, b = one[..., block], other[..., block]
        size = np.maximum(np.abs(a), np.abs(b)).max(axis=-1, keepdims=True)
        if (np.abs(a - b) > 1e-8 * size + floor).any():
            return True
    return False


def judge(network, x, t, written, made, case, rng):
    """Return the column of a case; ``made`` holds the gradients of single mistakes."""
    wrong, right = case.gradient(written), made["correct"]
    parts = [right, *(made[name] for name in case.names if len(case.names) > 1)]
    if not np.isfinite(wrong).all() or not all(
        differ(written, wrong, part) for part in parts
    ):
        return SAME
    shaken = wrong * (1 + 1e-14 * rng.normal(size=wrong.shape))
    verdict = diagnose(network, x, t, shaken)
    if verdict.startswith(("correct", "nothing to see")):
        return "unseen"
    if verdict == "unknown":
        return "unknown"
    told = [
        frozenset(without_rate(name).split(", and "))
        for name in verdict.partition("; ")[0].split(" or ")
    ]
    truth = frozenset(map(without_rate, case.names))
    if truth in told:
        return "alone" if len(told) == 1 else "among"
    # Fewer mistakes that give these very numbers
    for names in told:
        if len(names) == 1 < len(truth) and names <= made.keys():
            if not differ(written, made[next(iter(names))], wrong):
                return "fewer"
    return "WRONG"


def without_rate(name):
    """Return a name without the learning rate that was fitted."""
    return re.sub(r"learning rate [^)]*", "learning rate", name)


def confusion(networks, share, rng):
    """Return counts by (kind of network, kind of case) and column, and the accused."""
    table, accused = {}, Counter()
    for k in range(networks):
        kind = ("plain", "recurrent")[k % 2]
        network, x, t = draw(rng, kind)
        right = network.backward(network.forward(x), t)
        accused[kind, said(network, x, t, right)] += 1
        accused[f"{kind}, at kinks", at_kinks(rng, network, x, t)] += 1
        written = written_pass(network, x, t)
        rate = float(rng.uniform(0.05, 1.0))
        single, pairs = cases(rng, kind, written, rate)
        made = {"correct": written.gradient()}
        made |= {case.names[0]: case.gradient(written) for case in single}
        for case in (*single, *pairs):
            if rng.random() >= share:
                continue
            column = judge(network, x, t, written, made, case, rng)
            row = kind, " + ".join(map(general, case.names))
            table.setdefault(row, Counter()).update([column, "all"])
    return table, accused


def said(network, x, t, gradient):
    """Return the verdict, without its reasons."""
    return diagnose(network, x, t, gradient).partition(":")[0]


def at_kinks(rng, network, x, t):
    """Return what is said of a right gradient, the slope at its kinks drawn."""
    x = x.copy()
    x[..., 0, :] = 0.0
    network = network.copy()
    for biases in network.biases:
        biases[...] = 0.0
    trace, on = network.forward(x), {}
    for name in ("net", "last_net"):
        nets = enumerate(getattr(trace, name, ()))
        on |= {f"{name}[{k}]": net == 0 for k, net in nets if net is not None}
    if getattr(network, "cell", None) == "gru":
        # Of its three parts the candidate alone can have a kink.
        wide = network.sizes[1]
        on = {k: net[..., -wide:] if k[0] == "n" else net for k, net in on.items()}
    share = rng.choice([0.0, 0.3, 1.0])
    gradient = written_pass(network, x, t, (on, share)).gradient()
    return said(network, x, t, gradient)


def general(name):
    """Return a name without its layer and numbers."""
    name = re.sub(r"last \d+", "last", without_rate(name))
    return re.sub(r"(?:every )?layer(?: \d+)?", "layer", name)


def show(table, accused, each):
    """Print the table."""
    print(f"{'':9}" + "".join(f"{c:>8}" for c in ("cases", SAME, *COLUMNS)))
    total = Counter()
    rows = {}
    for (kind, name), counts in sorted(table.items()):
        pair = " + " in name
        label = kind, (name if each or not pair else "pairs of the ten commonest")
        rows.setdefault(label, Counter()).update(counts)
        total.update({(kind, pair, c): n for c, n in counts.items()})
    for (kind, name), counts in rows.items():
        print(f"{kind:9}" + cells(counts) + f"  {name}")
    print()
    for kind in ("plain", "recurrent"):
        for pair in (False, True):
            counts = {c: total[kind, pair, c] for c in ("all", SAME, *COLUMNS)}
            seen = counts["all"] - counts[SAME]
            named = counts["alone"] + counts["among"]
            print(
                f"{kind:9}" + cells(counts),
                f" {'pairs' if pair else 'single mistakes'}: named rightly "
                f"{named / max(1, seen):.2%} of {seen}",
            )
    for (kind, verdict), count in sorted(accused.items()):
        print(f"{count} right gradients, {kind}: {verdict}")


def cells(counts):
    return "".join(f"{counts.get(c, 0):8}" for c in ("all", SAME, *COLUMNS))


def main():
    """Draw, ask and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--networks", type=int, default=500)
    parser.add_argument("--share", type=float, default=0.1)
    parser.add_argument("--each", action="store_true")
    given = parser.parse_args()
    rng = np.random.default_rng(0)
    show(*confusion(given.networks, given.share, rng), given.each)


if __name__ == "__main__":
    main()
