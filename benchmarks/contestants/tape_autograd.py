"""autograd: NumPy, each operation of which is recorded on a tape."""

import autograd.numpy as np
import numpy
from autograd import value_and_grad

from benchmarks.workloads import flat

SHARE = 20  # of the epochs of a turn, it takes this part: it is slow


def sigmoid(net):
    return 1 / (1 + np.exp(-net))


def squared_error(net, t):
    return 0.5 * np.sum((sigmoid(net) - t) ** 2) / len(t)


def binary_cross_entropy(net, t):
    return np.sum(np.logaddexp(0, net) - t * net) / len(t)


def cross_entropy(net, t):
    e = np.exp(net)
    return np.sum(np.log(np.sum(e, axis=1)) - np.sum(t * net, axis=1)) / len(t)


LOSSES = {
    "squared_error": squared_error,
    "binary_cross_entropy": binary_cross_entropy,
    "cross_entropy": cross_entropy,
}


class Gradient:
    """value_and_grad of the loss."""

    def __init__(self, workload):
        self.workload = workload
        self.x, self.t = (a[workload.batches[0]] for a in (workload.x, workload.t))
        end = LOSSES[workload.loss]

        def loss(pairs, x, t):
            *hidden, last = pairs
            for w, b in hidden:
                x = sigmoid(np.dot(x, w) + b)
            w, b = last
            return end(np.dot(x, w) + b, t)

        self.one = value_and_grad(loss)
        self.begin()

    def begin(self):
        pairs = self.workload.layers(self.workload.start)
        self.pairs = [(w.copy(), b.copy()) for w, b in pairs]

    def run(self, count):
        for _ in range(count):
            self.one(self.pairs, self.x, self.t)

    def answers(self):
        self.begin()
        loss, gradient = self.one(self.pairs, self.x, self.t)
        return {"loss": loss, "gradient": flat(gradient)}


class Training(Gradient):
    """Examples gathered once an epoch; batches are views of them."""

    def run(self, epochs):
        self.begin()
        workload, rng = self.workload, numpy.random.default_rng(0)
        order, rate = numpy.arange(len(workload.x)), workload.learning_rate
        x, t, self.losses = workload.x, workload.t, []
        for _ in range(epochs):
            if workload.shuffled:
                rng.shuffle(order)
                x, t = workload.x[order], workload.t[order]
            total = 0.0
            for rows in workload.batches:
                loss, gradient = self.one(self.pairs, x[rows], t[rows])
                total += loss * len(x[rows])
                for (w, b), (by_w, by_b) in zip(self.pairs, gradient):
                    w -= rate * by_w
                    b -= rate * by_b
            self.losses.append(total / len(x))

    def answers(self):
        first = Gradient.answers(self)
        self.run(2)
        trained = flat(self.pairs)
        return first | {"losses": numpy.array(self.losses), "parameters": trained}
