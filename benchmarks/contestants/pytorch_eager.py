"""PyTorch, eager: fused functions, autograd.grad, and an update for all in one call."""

import numpy as np
import torch
from torch.nn import functional

from benchmarks.workloads import flat

ACTIVATIONS = {"sigmoid": torch.sigmoid, "tanh": torch.tanh, "relu": torch.relu}


def squared_error(net, t):
    return functional.mse_loss(torch.sigmoid(net), t, reduction="sum") * (0.5 / len(t))


LOSSES = {
    "squared_error": squared_error,
    "binary_cross_entropy": functional.binary_cross_entropy_with_logits,
    "cross_entropy": functional.cross_entropy,
}


class Gradient:
    """autograd.grad of the loss."""

    def __init__(self, workload):
        self.workload = workload
        t = workload.t
        if workload.loss == "cross_entropy":
            t = t.argmax(axis=1)
        self.x, self.t = torch.from_numpy(workload.x), torch.from_numpy(t)
        self.loss = LOSSES[workload.loss]
        self.begin()

    def begin(self):
        pairs = self.workload.layers(self.workload.start)
        tensors = [[torch.tensor(a) for a in pair] for pair in pairs]
        self.pairs = [(w.requires_grad_(), b.requires_grad_()) for w, b in tensors]
        self.parameters = [one for pair in self.pairs for one in pair]

    def one(self, x, t):
        for w, b in self.pairs[:-1]:
            x = torch.sigmoid(torch.addmm(b, x, w))
        w, b = self.pairs[-1]
        loss = self.loss(torch.addmm(b, x, w), t)
        return loss, torch.autograd.grad(loss, self.parameters)

    def run(self, count):
        for _ in range(count):
            self.one(self.x, self.t)

    def answers(self):
        self.begin()
        rows = self.workload.batches[0]
        loss, gradient = self.one(self.x[rows], self.t[rows])
        return {"loss": loss.item(), "gradient": in_one(gradient)}


def in_one(tensors):
    arrays = [tensor.detach().numpy() for tensor in tensors]
    return flat(zip(arrays[::2], arrays[1::2]))


class Training(Gradient):
    """Examples gathered once an epoch; batches are views of them."""

    def run(self, epochs):
        self.begin()
        workload, rng = self.workload, np.random.default_rng(0)
        order = np.arange(len(self.x))
        x, t, rate = [self.x], [self.t], workload.learning_rate
        losses = []
        for _ in range(epochs):
            if workload.shuffled:
                rng.shuffle(order)
                places = torch.from_numpy(order)
                x = self.x[places].split(workload.batch_size)
                t = self.t[places].split(workload.batch_size)
            for one_x, one_t in zip(x, t):
                loss, gradient = self.one(one_x, one_t)
                losses.append(loss.detach())
                with torch.no_grad():
                    torch._foreach_add_(self.parameters, gradient, alpha=-rate)
        self.losses = torch.stack(losses).reshape(epochs, -1)

    def answers(self):
        first = Gradient.answers(self)
        self.run(2)
        shares = [len(self.x[rows]) / len(self.x) for rows in self.workload.batches]
        losses = (self.losses @ torch.tensor(shares, dtype=torch.float64)).numpy()
        return first | {"losses": losses, "parameters": in_one(self.parameters)}


class Sweep:
    """One stack for each depth and activation."""

    def __init__(self, workload):
        self.workload, self.pairs = workload, {}
        self.x, self.t = torch.from_numpy(workload.x), torch.from_numpy(workload.t)
        for group in workload.groups:
            starts = group.start.reshape(-1, group.start.shape[-1])
            self.pairs[group] = [
                (
                    torch.tensor(w).requires_grad_(),
                    torch.tensor(b[:, None]).requires_grad_(),
                )
                for w, b in group.layers(starts)
            ]

    def run(self, group):
        pairs, f = self.pairs[group], ACTIVATIONS[group.activations[0]]
        count = len(pairs[0][0])
        x, t = (a.expand(count, *a.shape) for a in (self.x, self.t))
        for w, b in pairs[:-1]:
            x = f(torch.baddbmm(b, x, w))
        w, b = pairs[-1]
        loss = functional.binary_cross_entropy_with_logits(
            torch.baddbmm(b, x, w), t, reduction="sum"
        ) / len(self.x)
        gradient = torch.autograd.grad(loss, [w for w, _ in pairs])
        return [torch.linalg.vector_norm(g, dim=(1, 2)) for g in gradient]

    def answers(self):
        found = {}
        for i, group in enumerate(self.workload.groups):
            norms = torch.stack(self.run(group)).numpy()
            found[f"group {i}"] = norms.reshape(-1, *group.start.shape[:-1])
        return found
