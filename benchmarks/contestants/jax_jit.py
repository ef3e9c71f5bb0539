"""JAX: a whole step compiled, and the cutting of an epoch's batches."""

import jax
import jax.numpy as jnp
import numpy as np

from benchmarks.workloads import flat

jax.config.update("jax_enable_x64", True)

ACTIVATIONS = {"sigmoid": jax.nn.sigmoid, "tanh": jnp.tanh, "relu": jax.nn.relu}


def squared_error(net, t):
    return 0.5 * jnp.sum((jax.nn.sigmoid(net) - t) ** 2) / len(t)


def binary_cross_entropy(net, t):
    # t softplus(−net) + (1 − t) softplus(net)
    return jnp.sum(jax.nn.softplus(net) - t * net) / len(t)


def cross_entropy(net, t):
    return -jnp.sum(t * jax.nn.log_softmax(net)) / len(t)


LOSSES = {
    "squared_error": squared_error,
    "binary_cross_entropy": binary_cross_entropy,
    "cross_entropy": cross_entropy,
}


def loss_of(loss, name):
    """Return loss(parameters, x, t), of hidden layers that are of one kind."""
    f, end = ACTIVATIONS[name], LOSSES[loss]

    def value(parameters, x, t):
        *hidden, last = parameters
        for w, b in hidden:
            x = f(x @ w + b)
        w, b = last
        return end(x @ w + b, t)

    return value


class Gradient:
    """One compiled call for a gradient."""

    def __init__(self, workload):
        self.workload = workload
        self.x, self.t = jnp.asarray(workload.x), jnp.asarray(workload.t)
        value = jax.value_and_grad(loss_of(workload.loss, "sigmoid"))
        self.one = jax.jit(value)
        rate = workload.learning_rate

        def step(parameters, x, t):
            loss, gradient = value(parameters, x, t)
            moved = jax.tree.map(lambda p, g: p - rate * g, parameters, gradient)
            return moved, loss

        self.step = jax.jit(step)
        self.begin()

    def begin(self):
        pairs = self.workload.layers(self.workload.start)
        self.parameters = [(jnp.array(w), jnp.array(b)) for w, b in pairs]

    def run(self, count):
        found = None
        for _ in range(count):
            found = self.one(self.parameters, self.x, self.t)
        jax.block_until_ready(found)

    def answers(self):
        self.begin()
        rows = self.workload.batches[0]
        loss, gradient = self.one(self.parameters, self.x[rows], self.t[rows])
        return {"loss": float(loss), "gradient": in_one(gradient)}


def in_one(pairs):
    return flat([(np.asarray(w), np.asarray(b)) for w, b in pairs])


class Training(Gradient):
    """One compiled call for a step, and one an epoch for its batches."""

    def __init__(self, workload):
        super().__init__(workload)

        def cut(x, t, order):
            x, t = x[order], t[order]
            return [(x[rows], t[rows]) for rows in workload.batches]

        self.cut = jax.jit(cut)

    def run(self, epochs):
        self.begin()
        workload, rng = self.workload, np.random.default_rng(0)
        order, losses = np.arange(len(workload.x)), []
        parameters, batches, step = self.parameters, [(self.x, self.t)], self.step
        for _ in range(epochs):
            if workload.shuffled:
                rng.shuffle(order)
                # A copy, for what is handed over may be read later.
                batches = self.cut(self.x, self.t, order.copy())
            for x, t in batches:
                parameters, loss = step(parameters, x, t)
                losses.append(loss)
        jax.block_until_ready((parameters, losses))
        self.parameters, self.losses = parameters, losses

    def answers(self):
        first = Gradient.answers(self)
        self.run(2)
        shares = [len(self.x[rows]) / len(self.x) for rows in self.workload.batches]
        losses = np.reshape(np.array(self.losses), (2, -1)) @ shares
        return first | {"losses": losses, "parameters": in_one(self.parameters)}


class Sweep:
    """One compiled call for each depth and activation, over all its networks."""

    def __init__(self, workload):
        self.workload, self.pairs, self.norms = workload, {}, {}
        self.x, self.t = jnp.asarray(workload.x), jnp.asarray(workload.t)
        for group in workload.groups:
            starts = group.start.reshape(-1, group.start.shape[-1])
            self.pairs[group] = [
                (jnp.array(w), jnp.array(b)) for w, b in group.layers(starts)
            ]
            gradient = jax.grad(loss_of(workload.loss, group.activations[0]))

            def norms(parameters, x, t, gradient=gradient):
                pairs = gradient(parameters, x, t)
                return [jnp.sqrt(jnp.sum(w * w)) for w, _ in pairs]

            self.norms[group] = jax.jit(jax.vmap(norms, in_axes=(0, None, None)))

    def run(self, group):
        norms = self.norms[group](self.pairs[group], self.x, self.t)
        return jax.block_until_ready(norms)

    def answers(self):
        found = {}
        for i, group in enumerate(self.workload.groups):
            norms = np.array(self.run(group))
            found[f"group {i}"] = norms.reshape(-1, *group.start.shape[:-1])
        return found
