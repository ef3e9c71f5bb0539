"""How long a step of a derivation over indices takes, proved or refused.

    python benchmarks/bench_derivations.py

For each case of the tests, a derivation begun anew and its one step; in milliseconds of
processor time, the least of three.
"""

import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from _indexed import CASES, L  # noqa: E402
from _seeded import INDEXED, NEURON, SCALAR, UNSEEN, definitions_of, w_  # noqa: E402

from backprop_lib.symbolic import (  # noqa: E402
    D,
    Derivation,
    DerivationError,
    SymbolicNetwork,
    product,
)


def seconds(definitions, first_line, step):
    """Return the processor time of one step, accepted or refused."""
    times = []
    for _ in range(3):
        derivation = Derivation(definitions, first_line)
        start = time.process_time()
        try:
            derivation.step(step, "a step")
        except DerivationError:
            pass
        times.append(time.process_time() - start)
    return min(times)


def show(title, times):
    """Print the median and the three slowest."""
    ordered = sorted(times.items(), key=lambda pair: -pair[1])
    middle = ordered[len(ordered) // 2][1]
    slowest = ", ".join(f"{name} {1000 * t:.0f}" for name, t in ordered[:3])
    print(f"{title}: {len(ordered)}, median {1000 * middle:.0f} ms, most: {slowest}")


def main():
    """Time all cases."""
    show(
        "proved",
        {
            name: seconds(case.definitions, case.first_line, case.step)
            for name, case in CASES.items()
        },
    )
    refused = {}
    for name, (place, first_line, step, _) in (INDEXED | UNSEEN).items():
        refused[name] = seconds(definitions_of(place), first_line, step)
    show("refused and named, over indices", refused)
    show(
        "refused and named, single symbols",
        {name: seconds(NEURON, D(L, w_), step) for name, (step, _) in SCALAR.items()},
    )
    show("refused, drawn networks", dict(drawn_networks()))


def drawn_networks():
    """Yield (name, seconds) for a step that no one mistake explains, all tried."""
    softmax = ["sigmoid", "softmax"], "cross_entropy"
    for sizes, kind in (((2, 3, 3), softmax), ((2,) * 5, ()), ((1,) * 5, ())):
        network = SymbolicNetwork(sizes, *kind)
        weight = network.weights[0][0, 0]
        outs = (out for layer in network.out[1:] for out in layer)
        step = product(*network.x, *outs, weight)
        name = f"{network.activations[-1]} {list(sizes)}"
        yield name, seconds(network.definitions, D(network.loss, weight), step)


if __name__ == "__main__":
    main()
