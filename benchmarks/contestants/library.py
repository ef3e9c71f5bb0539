"""This library, through its public face."""

import numpy as np

import backprop_lib as bp


def network_of(workload, part, stack=()):
    """Return a network of the workload's kind, to be given its parameters."""
    return bp.Network(
        part.sizes,
        activation=part.activations,
        loss=workload.loss,
        stack=stack,
        rng=np.random.default_rng(0),
    )


class Gradient:
    """Forward and backward, into a trace and a gradient that are used again."""

    def __init__(self, workload):
        self.workload = workload
        self.x, self.t = (a[workload.batches[0]] for a in (workload.x, workload.t))
        self.network = network_of(workload, workload)
        self.network.parameters = workload.start
        self.trace = self.network.forward(self.x)
        self.gradient = self.network.backward(self.trace, self.t)

    def run(self, count):
        for _ in range(count):
            self.network.forward(self.x, self.trace)
            self.network.backward(self.trace, self.t, self.gradient)

    def answers(self):
        self.network.parameters = self.workload.start
        Gradient.run(self, 1)
        trace, gradient = self.trace, self.gradient
        return {
            "loss": self.network.loss(self.x, self.t),
            "gradient": gradient.flat.copy(),
            "net": np.hstack(trace.net[1:]),
            "blame": np.hstack(gradient.out[1:-1]),
        }


class Training(Gradient):
    """`train`, history and gradient norms recorded."""

    def run(self, epochs):
        workload = self.workload
        self.network.parameters = workload.start
        self.history = bp.train(
            self.network,
            workload.x,
            workload.t,
            optimizer=bp.GradientDescent(workload.learning_rate),
            epochs=epochs,
            batch_size=workload.batch_size,
            rng=np.random.default_rng(0),
        )

    def answers(self):
        first = Gradient.answers(self)
        self.run(2)
        trained = self.network.parameters.copy()
        return first | {"losses": self.history.loss, "parameters": trained}


class Sweep:
    """One stack for each depth and activation, as in chapter 13."""

    def __init__(self, workload):
        self.workload, self.networks = workload, {}
        for group in workload.groups:
            stack = group.start.shape[:-1]
            self.networks[group] = network_of(workload, group, stack)
            self.networks[group].parameters = group.start

    def run(self, group):
        network, workload = self.networks[group], self.workload
        gradient = network.backward(network.forward(workload.x), workload.t)
        return [np.linalg.norm(w, axis=(-2, -1)) for w in gradient.weights]

    def answers(self):
        found = {}
        for i, group in enumerate(self.workload.groups):
            norms = np.stack(self.run(group))
            found |= {f"group {i}": norms, f"first of {i}": norms[:, 0, 0]}
        return found
