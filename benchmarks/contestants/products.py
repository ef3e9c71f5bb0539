"""The matrix products of a step and nothing else: no bias, no function, no update.

They are of the step's own matrices, taken from a pass of the library, so that what they
give is known.
"""

from itertools import chain

import numpy as np

from benchmarks.contestants.library import network_of
from benchmarks.workloads import flat


def products_of(trace, gradient, weights):
    """Return (a, b, out) of each product: forward, to the weights, and back."""

    def product(a, b):
        return a, b, np.empty((a.shape[0], b.shape[1]))

    outs, deltas = ([np.array(a) for a in arrays[1:]] for arrays in (trace, gradient))
    outs = [np.array(trace[0]), *outs]
    forth = [product(o, w) for o, w in zip(outs, weights)]
    here = [product(o.T, d) for o, d in zip(outs, deltas)]
    back = [product(d, w.T) for d, w in zip(deltas[1:], weights[1:])]
    return forth, here, back


class Gradient:
    """np.dot for each product of a step, into arrays that are there."""

    def __init__(self, workload):
        self.workload = workload
        network = network_of(workload, workload)
        network.parameters = workload.start
        self.steps = {}
        for rows in workload.batches[:: len(workload.batches) - 1 or 1]:
            x, t = workload.x[rows], workload.t[rows]
            if len(x) not in self.steps:
                trace = network.forward(x)
                deltas = network.backward(trace, t).delta
                weights = [w.copy() for w, _ in workload.layers(workload.start)]
                self.steps[len(x)] = products_of(trace.out, deltas, weights)
        self.first = self.steps[workload.batch_size]
        self.plain = {n: list(chain(*step)) for n, step in self.steps.items()}
        self.deltas = [b for _, b, _ in self.first[1]]

    def run(self, count):
        step = self.plain[self.workload.batch_size]
        for _ in range(count):
            for a, b, out in step:
                np.dot(a, b, out=out)

    def answers(self):
        Gradient.run(self, 1)
        forth, here, back = ([out for *_, out in part] for part in self.first)
        biases = [b for _, b in self.workload.layers(self.workload.start)]
        by_biases = [delta.sum(axis=0) for delta in self.deltas]
        return {
            "gradient": flat(zip(here, by_biases)),
            "net": np.hstack([net + b for net, b in zip(forth, biases)]),
            "blame": np.hstack(back),
        }


class Training(Gradient):
    """The same for each batch of an epoch."""

    def run(self, epochs):
        steps = [
            self.plain[len(self.workload.x[rows])] for rows in self.workload.batches
        ]
        for _ in range(epochs):
            for step in steps:
                for a, b, out in step:
                    np.dot(a, b, out=out)


class Sweep:
    """The products of a group's first network, once for each network of the group."""

    def __init__(self, workload):
        self.workload, self.steps, self.plain = workload, {}, {}
        for group in workload.groups:
            network = network_of(workload, group)
            network.parameters = group.start[0, 0]
            trace = network.forward(workload.x)
            deltas = network.backward(trace, workload.t).delta
            weights = [w.copy() for w in network.weights]
            self.steps[group] = products_of(trace.out, deltas, weights)
            self.plain[group] = list(chain(*self.steps[group]))

    def run(self, group):
        step = self.plain[group]
        for _ in range(self.workload.units(group)):
            for a, b, out in step:
                np.dot(a, b, out=out)

    def answers(self):
        found = {}
        for i, group in enumerate(self.workload.groups):
            self.run(group)
            here = self.steps[group][1]
            found[f"first of {i}"] = np.array([np.linalg.norm(w) for *_, w in here])
        return found
