"""MyGrad: tensors that are NumPy arrays with a memory."""

import mygrad as mg
import numpy as np
from mygrad.nnet.activations import sigmoid
from mygrad.nnet.losses import softmax_crossentropy

from benchmarks.workloads import flat

SHARE = 20  # of the epochs of a turn, it takes this part: it is slow


def squared_error(net, t):
    return 0.5 * mg.sum((sigmoid(net) - t) ** 2) / len(t)


def binary_cross_entropy(net, t):
    return mg.sum(mg.logaddexp(0.0, net) - t * net) / len(t)


LOSSES = {
    "squared_error": squared_error,
    "binary_cross_entropy": binary_cross_entropy,
    "cross_entropy": softmax_crossentropy,
}


class Gradient:
    """loss.backward(), and the gradients that it leaves at the parameters."""

    def __init__(self, workload):
        self.workload = workload
        t = workload.t
        if workload.loss == "cross_entropy":
            t = t.argmax(axis=1)
        self.x, self.t, self.loss = workload.x, t, LOSSES[workload.loss]
        self.begin()

    def begin(self):
        pairs = self.workload.layers(self.workload.start)
        self.pairs = [(mg.tensor(w.copy()), mg.tensor(b.copy())) for w, b in pairs]

    def one(self, x, t):
        for w, b in self.pairs[:-1]:
            x = sigmoid(mg.matmul(x, w) + b)
        w, b = self.pairs[-1]
        loss = self.loss(mg.matmul(x, w) + b, t)
        loss.backward()
        return loss

    def run(self, count):
        for _ in range(count):
            self.one(self.x, self.t)

    def answers(self):
        self.begin()
        rows = self.workload.batches[0]
        loss = self.one(self.x[rows], self.t[rows])
        gradient = flat([(w.grad, b.grad) for w, b in self.pairs])
        return {"loss": loss.item(), "gradient": gradient}


class Training(Gradient):
    """Examples gathered once an epoch; batches are views of them."""

    def run(self, epochs):
        self.begin()
        workload, rng = self.workload, np.random.default_rng(0)
        order, rate = np.arange(len(self.x)), workload.learning_rate
        x, t, self.losses = self.x, self.t, []
        for _ in range(epochs):
            if workload.shuffled:
                rng.shuffle(order)
                x, t = self.x[order], self.t[order]
            total = 0.0
            for rows in workload.batches:
                loss = self.one(x[rows], t[rows])
                total += loss.item() * len(x[rows])
                for one in (one for pair in self.pairs for one in pair):
                    one.data -= rate * one.grad
            self.losses.append(total / len(x))

    def answers(self):
        first = Gradient.answers(self)
        self.run(2)
        trained = flat([(w.data, b.data) for w, b in self.pairs])
        return first | {"losses": np.array(self.losses), "parameters": trained}
