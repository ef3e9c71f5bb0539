"""The loop that a textbook prints: plain NumPy, a line for each formula."""

import numpy as np

from benchmarks.workloads import flat


def sigmoid(net):
    return 1 / (1 + np.exp(-net))


def softmax(net):
    e = np.exp(net - net.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def relu(net):
    return np.maximum(net, 0)


FUNCTIONS = {"sigmoid": sigmoid, "tanh": np.tanh, "relu": relu, "softmax": softmax}
SLOPES = {  # from the output
    "sigmoid": lambda o: o * (1 - o),
    "tanh": lambda o: 1 - o**2,
    "relu": lambda o: o > 0,
}


def squared_error(o, t):
    return 0.5 * np.sum((o - t) ** 2) / len(t)


def binary_cross_entropy(o, t):
    return -np.sum(t * np.log(o) + (1 - t) * np.log(1 - o)) / len(t)


def cross_entropy(o, t):
    return -np.sum(t * np.log(o)) / len(t)


LOSSES = {
    "squared_error": squared_error,
    "binary_cross_entropy": binary_cross_entropy,
    "cross_entropy": cross_entropy,
}


def forward(x, weights, biases, activations):
    outs = [x]
    for w, b, name in zip(weights, biases, activations):
        outs.append(FUNCTIONS[name](outs[-1] @ w + b))
    return outs


def backward(outs, t, weights, activations, loss):
    by_weights, by_biases = [], []
    delta = (outs[-1] - t) / len(t)
    if loss == "squared_error":
        delta = delta * SLOPES[activations[-1]](outs[-1])
    for l in range(len(weights) - 1, -1, -1):
        by_weights.insert(0, outs[l].T @ delta)
        by_biases.insert(0, delta.sum(axis=0))
        if l > 0:
            delta = (delta @ weights[l].T) * SLOPES[activations[l - 1]](outs[l])
    return by_weights, by_biases


class Gradient:
    """Forward and backward."""

    def __init__(self, workload):
        self.workload = workload
        self.x, self.t = (a[workload.batches[0]] for a in (workload.x, workload.t))
        self.begin()

    def begin(self):
        pairs = self.workload.layers(self.workload.start)
        self.weights = [w.copy() for w, _ in pairs]
        self.biases = [b.copy() for _, b in pairs]

    def one(self, x, t):
        names, loss = self.workload.activations, self.workload.loss
        outs = forward(x, self.weights, self.biases, names)
        return outs, *backward(outs, t, self.weights, names, loss)

    def run(self, count):
        for _ in range(count):
            self.one(self.x, self.t)

    def answers(self):
        self.begin()
        outs, *gradient = self.one(self.x, self.t)
        return {
            "loss": LOSSES[self.workload.loss](outs[-1], self.t),
            "gradient": flat(zip(*gradient)),
        }


class Training(Gradient):
    """Epochs over batches, which are cut out of the examples by shuffled places."""

    def run(self, epochs):
        self.begin()
        workload, rng = self.workload, np.random.default_rng(0)
        loss, rate = LOSSES[workload.loss], workload.learning_rate
        order, self.losses = np.arange(len(workload.x)), []
        for _ in range(epochs):
            if workload.shuffled:
                rng.shuffle(order)
            total = 0.0
            for rows in workload.batches:
                x, t = workload.x, workload.t
                if workload.shuffled:
                    x, t = x[order[rows]], t[order[rows]]
                outs, by_weights, by_biases = self.one(x, t)
                total += loss(outs[-1], t) * len(t)
                for w, b, by_w, by_b in zip(
                    self.weights, self.biases, by_weights, by_biases
                ):
                    w -= rate * by_w
                    b -= rate * by_b
            self.losses.append(total / len(order))

    def answers(self):
        first = Gradient.answers(self)
        self.run(2)
        trained = flat(zip(self.weights, self.biases))
        return first | {"losses": np.array(self.losses), "parameters": trained}


class Sweep:
    """One network after the other."""

    def __init__(self, workload):
        self.workload, self.pairs = workload, {}
        for group in workload.groups:
            starts = group.start.reshape(-1, group.start.shape[-1])
            self.pairs[group] = [
                tuple(zip(*((w.copy(), b.copy()) for w, b in group.layers(start))))
                for start in starts
            ]

    def run(self, group):
        x, t, names = self.workload.x, self.workload.t, group.activations
        norms = []
        for weights, biases in self.pairs[group]:
            outs = forward(x, weights, biases, names)
            by_weights, _ = backward(outs, t, weights, names, self.workload.loss)
            norms.append([np.linalg.norm(w) for w in by_weights])
        return norms

    def answers(self):
        found = {}
        for i, group in enumerate(self.workload.groups):
            norms = np.array(self.run(group)).T
            found[f"group {i}"] = norms.reshape(-1, *group.start.shape[:-1])
        return found
