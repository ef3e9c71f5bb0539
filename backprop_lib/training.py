"""Training: an optimiser follows the gradient, and a `History` records the way.

Nothing is allocated in the inner loop: the examples are shuffled once an epoch
into a fixed array, each mini-batch is a view of it with a trace of its own, and the
loss of an epoch is computed once, from the outputs that its passes left behind.
"""

import warnings
from contextlib import contextmanager
from dataclasses import dataclass
from numbers import Integral

import numpy as np

from backprop_lib import _checks
from backprop_lib.network import Network, _ones_first
from backprop_lib.optimizers import Adam, GradientDescent

__all__ = ["Adam", "GradientDescent", "History", "train"]


@dataclass(frozen=True, eq=False)
class History:
    """The course of a training, an entry for each epoch.

    Attributes
    ----------
    loss : array, (epochs, *stack)
        Mean over the epoch's examples of the loss each had before the step that it
        took part in.  With the whole set as one batch, ``loss[0]`` is the loss before
        the first step.
    gradient_norm : array, (epochs, layers, *stack)
        Euclidean norm of the epoch's mean gradient, for the weights and biases that
        lead out of layer 0, 1, ...
    message : str
        Empty when the training ran to its end; else why it stopped.
    """

    loss: np.ndarray
    gradient_norm: np.ndarray
    message: str = ""

    @property
    def epochs(self):
        """Number of epochs that were completed."""
        return len(self.loss)


def train(
    network,
    x,
    t,
    *,
    optimizer,
    epochs,
    batch_size=None,
    rng=None,
    progress=False,
    callback=None,
):
    """Train the network in place, and return the course of it.

    Parameters
    ----------
    network : Network
        Its parameters are changed in place.
    x : array, (examples, sizes[0]), or (*stack, examples, sizes[0])
    t : array, (examples, sizes[-1]), or (*stack, examples, sizes[-1])
    optimizer : GradientDescent or Adam
        Or any other whose ``start(parameters)`` returns ``step(gradient)``.
    epochs : int
        Passes over all examples.
    batch_size : int, optional
        Examples for each step; None takes all of them.  A last, smaller batch takes
        what is left over.
    rng : numpy.random.Generator, optional
        Shuffles the examples before each epoch; needed with mini-batches.
    progress : bool
        Show a progress bar (tqdm) with the loss.
    callback : callable, optional
        ``callback(epoch, network)`` after each epoch, numbered from 0.

    Returns
    -------
    History
        If the loss or the parameters stop being finite (for a stack: those of every
        network), or on Ctrl-C, training stops, a RuntimeWarning says so, and the
        history so far is returned.  After divergence each network is left with the
        last parameters whose loss was finite, also when a callback raises an
        exception; what Ctrl-C finds not finite goes back to the start of its epoch.

    Raises
    ------
    ValueError
        For another kind of network, bad settings, or data that `Network.forward` and
        `backward` refuse.

    Examples
    --------
    >>> import numpy as np
    >>> import backprop_lib as bp
    >>> rng = np.random.default_rng(0)
    >>> x, t = bp.datasets.xor()
    >>> network = bp.Network([2, 3, 1], rng=rng)
    >>> optimizer = bp.GradientDescent(learning_rate=2.0, momentum=0.9)
    >>> history = bp.train(network, x, t, optimizer=optimizer, epochs=500)
    >>> history.loss.shape, history.gradient_norm.shape
    ((500,), (500, 2))
    >>> bool(history.loss[-1] < history.loss[0])
    True
    """
    _checks.instance("network", network, Network)
    x, t = network._checked_x(x), network._checked_t(t, np.shape(x))
    count = x.shape[-2]
    batch_size = _checked_settings(optimizer, epochs, batch_size, count, rng)
    _check_callback(callback)
    run = _Run(network, x, t, optimizer, batch_size, rng)
    course = _Course(run, epochs)
    try:
        with _bar(epochs, progress) as tell:
            course.follow(callback, tell)
    except KeyboardInterrupt:
        course.interrupt()
    finally:
        run.restore()
    message = course.message(optimizer)
    if message:
        warnings.warn(message, RuntimeWarning, stacklevel=2)
    done = course.done
    return History(course.losses[:done].copy(), course.norms[:done].copy(), message)


class _Course:
    """The epochs of a run, and what is recorded of them."""

    def __init__(self, run, epochs):
        stack, layers = run.network.stack, len(run.network.weights)
        self.run, self.epochs, self.done = run, epochs, 0
        self.losses = np.empty((epochs, *stack))
        self.norms = np.empty((epochs, layers, *stack))
        self.interrupted = ""

    def follow(self, callback, tell):
        """Take epoch after epoch, as long as one network of the stack is finite."""
        run, losses, norms, callers = self.run, self.losses, self.norms, np.geterr()
        with np.errstate(over="ignore", invalid="ignore"):
            for epoch in range(self.epochs):
                losses[epoch], norms[epoch] = run.epoch()
                if not run.keep_if_finite(losses[epoch]):
                    break
                self.done = epoch + 1
                if callback is not None:
                    with np.errstate(**callers):
                        callback(epoch, run.network)
                tell(losses[epoch])

    def interrupt(self):
        """Note that the training was broken off, perhaps in the middle of an epoch."""
        self.interrupted = f"interrupted after {self.done} of {self.epochs} epochs"
        self.run.give_up_what_is_not_finite()

    def message(self, optimizer):
        """Say why the training stopped, and what to do; "" if it ran to its end."""
        parts, diverged = [self.interrupted], self.run.diverged
        if diverged.any():
            advice = _advice(optimizer, diverged.ndim)
            parts.append(f"diverged: {self._what_diverged()}{advice}")
        return "; ".join(filter(None, parts))

    def _what_diverged(self):
        diverged, losses, done = self.run.diverged, self.losses, self.done
        if diverged.ndim:
            return (
                f"{diverged.sum()} of {diverged.size} networks had a loss or "
                "parameters that were not finite"
            )
        if self.interrupted:
            return f"in epoch {done} the parameters stopped being finite"
        value = f"{losses[done]:.3g}"
        if np.isfinite(losses[done]):
            value += ", but the parameters stopped being finite"
        before = f" after {losses[done - 1]:.3g} in the epoch before" if done else ""
        return f"in epoch {done} the loss was {value}{before}"


def _advice(optimizer, many):
    rates = _checks.reals(getattr(optimizer, "learning_rate", None))
    if rates is None or rates.size == 0:
        return ""
    what = "learning rates" if many else "a learning rate"
    return f"; try {what} below {np.max(rates):g}"


class _Run:
    """The fixed arrays of one training, and the way through an epoch."""

    def __init__(self, network, x, t, optimizer, batch_size, rng):
        self.network = network
        self.step = _started(optimizer, network.parameters)
        # Copies: what the caller does to x and t meanwhile is not trained on.
        self.source = _ones_first(x, network.dtype), t.copy()
        count = x.shape[-2]
        self.rng = rng if batch_size < count else None
        # The arrays that the batches are views of: shuffled anew for each epoch.
        self.x, self.t = (
            (array if self.rng is None else array.copy()) for array in self.source
        )
        self.order = np.arange(count)
        width = network.sizes[-1]
        self.last = np.empty((2, *network.stack, count, width), network.dtype)
        self.batches = self._cut(batch_size, count)
        self.mean_gradient = np.zeros_like(network.parameters)
        # float64, or the squares of a vanishing float32 gradient would be 0
        self.squares = np.empty(network.parameters.shape)
        lengths = [(1 + a) * b for a, b in zip(network.sizes, network.sizes[1:])]
        self.starts = np.cumsum([0, *lengths[:-1]])
        self.before = network.parameters.copy()
        self.good = network.parameters.copy()
        self.diverged = np.zeros(network.stack, bool)

    def _cut(self, batch_size, count):
        batches, buffers = [], {}
        for start in range(0, count, batch_size):
            rows = slice(start, min(start + batch_size, count))
            size = rows.stop - rows.start
            if size not in buffers:
                buffers[size] = self.network._new_buffers(size)
            trace = self.network._new_trace(
                self.x[..., rows, :], self.last[..., rows, :], buffers[size]
            )
            gradient = batches[0][2] if batches and size == batch_size else None
            gradient = gradient or self.network._new_gradient(trace)
            batches.append((trace, self.t[..., rows, :], gradient, size / count))
        return batches

    def epoch(self):
        """Take the steps of one epoch; return its loss and its gradient norms."""
        np.copyto(self.before, self.network.parameters)
        if self.rng is not None:
            self.rng.shuffle(self.order)
            for array, source in zip((self.x, self.t), self.source):
                # mode="clip" writes straight into the array; "raise" takes a detour.
                np.take(source, self.order, axis=-2, out=array, mode="clip")
        self.mean_gradient.fill(0.0)
        for trace, t, gradient, share in self.batches:
            self.network._forward(trace)
            self.network._backward(trace, t, gradient)
            self.step(gradient.flat)
            # gradient.flat is free now: the next batch fills it again.
            np.multiply(gradient.flat, share, out=gradient.flat)
            np.add(self.mean_gradient, gradient.flat, out=self.mean_gradient)
        loss = self.network._loss.value(self.last[0], self.last[1], self.t)
        return loss.mean(axis=-1), self._norms()

    def _norms(self):
        mean = self.mean_gradient
        np.multiply(mean, mean, out=self.squares, dtype=self.squares.dtype)
        sums = np.add.reduceat(self.squares, self.starts, axis=-1)
        return np.moveaxis(np.sqrt(sums), -1, 0)

    def keep_if_finite(self, loss):
        """Remember the parameters before the epoch where its loss is finite.

        Return False if no network of the stack is left whose loss and parameters are.
        """
        # The rule: all is well, at the price of one sum.
        if np.isfinite(loss + np.add.reduce(self.network.parameters, axis=-1)).all():
            self.before, self.good = self.good, self.before
            return True
        self.diverged |= ~np.isfinite(loss)
        np.copyto(self.good, self.before, where=~self.diverged[..., None])
        # A step to infinity may keep a finite loss: a sigmoid's output there is 1.
        self.diverged |= ~np.isfinite(self.network.parameters).all(axis=-1)
        return not self.diverged.all()

    def give_up_what_is_not_finite(self):
        """Count what is not finite as diverged, good at the start of its epoch."""
        lost = ~np.isfinite(self.network.parameters).all(axis=-1) & ~self.diverged
        np.copyto(self.good, self.before, where=lost[..., None])
        self.diverged |= lost

    def restore(self):
        """Give the networks that diverged their last good parameters back."""
        diverged = self.diverged[..., None]
        np.copyto(self.network.parameters, self.good, where=diverged)


def _started(optimizer, parameters):
    step = optimizer.start(parameters)
    if not callable(step):
        raise ValueError(
            f"the optimizer's start returned {step!r}; expected a function "
            "step(gradient)"
        )
    return step


def _check_callback(callback):
    if callback is not None and not callable(callback):
        raise ValueError(
            f"callback is {callback!r}; expected None or a function of (epoch, network)"
        )


def _checked_settings(optimizer, epochs, batch_size, count, rng):
    """Return the number of examples for a step."""
    if isinstance(optimizer, type) or not hasattr(optimizer, "start"):
        raise ValueError(
            f"optimizer is {optimizer!r}; expected the likes of "
            "GradientDescent(learning_rate=0.1) or Adam()"
        )
    if isinstance(epochs, bool) or not isinstance(epochs, Integral) or epochs < 1:
        raise ValueError(f"epochs is {epochs!r}; expected a whole number from 1 up")
    if rng is not None:
        _checks.rng(rng)
    if batch_size is None:
        return count
    whole = isinstance(batch_size, Integral) and not isinstance(batch_size, bool)
    if not whole or not 1 <= batch_size <= count:
        raise ValueError(
            f"batch_size is {batch_size!r}; expected None or a whole number "
            f"from 1 to {count}, the number of examples"
        )
    if batch_size < count and rng is None:
        raise ValueError(
            "rng is None, but mini-batches are shuffled; "
            "expected rng=numpy.random.default_rng(0) or the like"
        )
    return int(batch_size)


@contextmanager
def _bar(epochs, shown):
    """Give the function that is told of each epoch's loss."""
    if not shown:
        yield lambda loss: None
        return
    from tqdm.auto import tqdm

    with tqdm(total=epochs, unit="epoch") as bar:

        def tell(loss):
            bar.set_postfix(loss=f"{np.mean(loss):.4g}", refresh=False)
            bar.update()

        yield tell
