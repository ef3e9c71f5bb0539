"""What is timed: six workloads, each with its data and its start, and the goals.

All numbers are float64.  A step is forward, loss, backward and update.  Every
contestant starts from the same parameters and meets the examples in the same order.
"""

from dataclasses import dataclass

import numpy as np

import backprop_lib as bp


@dataclass(frozen=True, eq=False)
class Training:
    """A training by gradient descent, or (``epochs=0``) a single gradient.

    Attributes
    ----------
    sizes, loss
        As `backprop_lib.Network` takes them; hidden layers are sigmoids.
    x, t : arrays, (examples, sizes[0]) and (examples, sizes[-1])
    batch_size : int
        The whole set is a batch, or batches are shuffled before each epoch.
    epochs : int
        Of the whole workload.
    timed : int
        Epochs, or gradients, that a contestant runs before it is another's turn.
    start : array, (P,)
        The parameters, in the order of ``Network.parameters``.
    """

    words: str
    unit: str
    sizes: tuple
    loss: str
    x: np.ndarray
    t: np.ndarray
    batch_size: int
    epochs: int
    timed: int
    learning_rate: float
    start: np.ndarray

    @property
    def activations(self):
        """Name of each layer's activation, from the first after the input."""
        last = "softmax" if self.loss == "cross_entropy" else "sigmoid"
        return ("sigmoid",) * (len(self.sizes) - 2) + (last,)

    @property
    def steps(self):
        """Steps of an epoch."""
        return -(-len(self.x) // self.batch_size)

    @property
    def batches(self):
        """The slices of an epoch's examples."""
        starts = range(0, len(self.x), self.batch_size)
        return [slice(start, start + self.batch_size) for start in starts]

    @property
    def parts(self):
        """What `run` is called with, one after the other, in a round."""
        return [self.timed]

    @property
    def shuffled(self):
        """Whether there is anything to shuffle."""
        return self.batch_size < len(self.x)

    def layers(self, flat):
        """Return (weights, biases) of each layer: views of a flat array."""
        return layers(self.sizes, flat)

    def units(self, part):
        """Return of how many units a call of `run` consists."""
        return part * self.steps


@dataclass(frozen=True, eq=False)
class Group:
    """Networks of one depth and one activation, differing in gain and seed."""

    sizes: tuple
    activations: tuple
    start: np.ndarray  # (gains, seeds, P)

    def layers(self, flat):
        """Return (weights, biases) of each layer: views of a flat array."""
        return layers(self.sizes, flat)


@dataclass(frozen=True, eq=False)
class Sweep:
    """Norms of the gradient, layer by layer, of many networks at their start."""

    words: str
    unit: str
    x: np.ndarray
    t: np.ndarray
    groups: tuple

    loss = "binary_cross_entropy"

    @property
    def parts(self):
        """What `run` is called with, one after the other, in a round."""
        return self.groups

    def units(self, part):
        """Return of how many units a call of `run` consists."""
        return part.start[..., 0].size


def layers(sizes, flat):
    """Cut a flat array (..., P) into (weights, biases) for each layer: views."""
    pairs, start = [], 0
    for n_in, n_out in zip(sizes, sizes[1:]):
        stop = start + (1 + n_in) * n_out
        block = flat[..., start:stop].reshape(*flat.shape[:-1], 1 + n_in, n_out)
        pairs.append((block[..., 1:, :], block[..., 0, :]))
        start = stop
    return pairs


def flat(pairs):
    """Return the one array of which `layers` makes these pairs."""
    return np.concatenate([np.vstack([b, w]).ravel() for w, b in pairs])


def _training(words, sizes, x, t, loss, **settings):
    defaults = dict(unit="step", batch_size=len(x), timed=settings["epochs"])
    start = _start(sizes, loss)
    settings = defaults | settings
    return Training(
        words=words, sizes=sizes, x=x, t=t, loss=loss, start=start, **settings
    )


def _start(sizes, loss):
    last = "softmax" if loss == "cross_entropy" else "sigmoid"
    names = ["sigmoid"] * (len(sizes) - 2) + [last]
    rng = np.random.default_rng(1)
    return bp.Network(sizes, activation=names, loss=loss, rng=rng).parameters


def xor():
    """W1: the smallest network, a step of which is nothing but calls."""
    x, t = bp.datasets.xor()
    return _training(
        "XOR, 2-3-1, squared error, full batch",
        (2, 3, 1),
        *(x, t, "squared_error"),
        epochs=10_000,
        timed=2_000,
        learning_rate=2.0,
    )


def moons():
    """W2: two small hidden layers, in mini-batches."""
    x, t = bp.datasets.moons(1000, rng=np.random.default_rng(0))
    return _training(
        "moons, 2-16-16-1, binary cross-entropy, batches of 32",
        (2, 16, 16, 1),
        *(x, t, "binary_cross_entropy"),
        batch_size=32,
        epochs=50,
        learning_rate=0.5,
    )


def digits():
    """W3: the handwritten digits of chapter 10."""
    data = bp.datasets.digits()
    return _training(
        "digits, 64-64-10, cross-entropy, batches of 32",
        (64, 64, 10),
        *(data.x_train, data.t_train, "cross_entropy"),
        batch_size=32,
        epochs=20,
        learning_rate=0.5,
    )


def wide():
    """W4: as wide as the networks for MNIST, where the products take the time."""
    rng = np.random.default_rng(0)
    x, t = rng.random((1280, 784)), np.eye(10)[rng.integers(10, size=1280)]
    return _training(
        "784-256-256-10, cross-entropy, batches of 128",
        (784, 256, 256, 10),
        *(x, t, "cross_entropy"),
        batch_size=128,
        epochs=20,
        timed=5,
        learning_rate=0.125,
    )


def sweep(depths=range(2, 21), gains=9, seeds=5):
    """W5: where the gradient goes in 2,565 deep networks, as in chapter 13."""
    rng = np.random.default_rng(0)
    x = rng.standard_normal((64, 32))
    gains = np.geomspace(0.25, 1.6, gains)
    init = np.repeat(gains[:, None], seeds, axis=1) / np.sqrt(x.shape[1])
    groups = []
    for depth in depths:
        sizes = (x.shape[1],) * depth + (1,)
        for name in ("sigmoid", "tanh", "relu"):
            names = (name,) * (depth - 1) + ("sigmoid",)
            network = bp.Network(
                sizes,
                activation=names,
                loss=Sweep.loss,
                init=init,
                stack=init.shape,
                rng=rng,
            )
            groups.append(Group(sizes, names, network.parameters))
    t = (x[:, :1] > 0).astype(float)
    words = "gradient norms of 2,565 networks of width 32, depths 2 to 20"
    return Sweep(words, "network", x, t, tuple(groups))


def gradient():
    """W6: one gradient of the smallest network, into arrays that are there."""
    x, t = bp.datasets.xor()
    return _training(
        "one gradient of 2-3-1, arrays reused",
        (2, 3, 1),
        *(x, t, "squared_error"),
        unit="gradient",
        epochs=0,
        timed=1_000,
        learning_rate=2.0,
    )


WORKLOADS = {
    "W1": xor,
    "W2": moons,
    "W3": digits,
    "W4": wide,
    "W5": sweep,
    "W6": gradient,
}

# How many times as long as the library a contestant takes, at least; for the bare
# products: how many times as long as they the library takes, at most.
GOALS = {
    "W1": {"textbook": 2.4, "pytorch": 7.3, "jax": 1.6, "products": 4.8},
    "W2": {"textbook": 2.2, "pytorch": 5.6, "jax": 1.95, "sklearn": 6, "products": 4.1},
    "W3": {
        "textbook": 1.4,
        "pytorch": 3.3,
        "jax": 1.45,
        "sklearn": 3.3,
        "products": 2.8,
    },
    "W4": {
        "textbook": 1.55,
        "pytorch": 1.4,
        "jax": 1.0,
        "sklearn": 1.45,
        "products": 1.25,
    },
    "W5": {"textbook": 1.25, "pytorch": 1.7, "jax": 3.9, "products": 1.9},
    "W6": {"textbook": 1.75, "pytorch": 5.4, "jax": 1.8, "products": 5.8},
}
# Beyond the table: at most, each in the unit that its name says.
BEYOND = {
    "XOR stack of 1,000, µs a network and step": 0.5,
    "memory of W4, times its arrays": 1.5,
    "memory of W5, MB": 200,
    "import backprop_lib, times import numpy": 1.2,
}
