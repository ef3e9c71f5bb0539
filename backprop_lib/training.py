"""Training: an optimiser follows the gradient, and a `History` records the way.

Little is allocated in the inner loop: the examples are fetched in an order drawn once
an epoch, each mini-batch is a view of what was fetched with a trace of its own, and
the loss of an epoch is computed from the outputs that its passes left behind.
"""

import warnings
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np

from backprop_lib import _checks
from backprop_lib._model import Model
from backprop_lib.optimizers import Adam, GradientDescent

__all__ = ["Adam", "GradientDescent", "History", "train"]

# Epochs laid aside at most, and numbers of them.
_MOST_ASIDE, _ROOM = 256, 2**20
# Numbers fetched at once, for mini-batches.
_PIECE = 2**15


@dataclass(frozen=True, eq=False)
class History:
    """The course of a training, an entry for each epoch.

    Attributes
    ----------
    loss : array, (epochs, *stack)
        Mean over the epoch's examples of the loss each had before the step that it
        took part in.  With the whole set as one batch, ``loss[0]`` is the loss before
        the first step.  The term of a ``weight_decay`` is not in it, since it is no
        example's; ``network.loss`` has it.
    gradient_norm : array, (epochs, layers, *stack)
        Euclidean norm of the epoch's mean gradient, for the weights and biases that
        lead out of layer 0, 1, ...; of a RecurrentNetwork, for its recurrent layer and
        its last one.
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
    network : Network or RecurrentNetwork
        Its parameters are changed in place.
    x : array, (examples, sizes[0]), or (*stack, examples, sizes[0])
    t : array, (examples, sizes[-1]), or (*stack, examples, sizes[-1])
        Leave both as they are while the training lasts: mini-batches are fetched from
        them, and no copy is made.  Of a RecurrentNetwork, x and t have the steps
        before the examples, as its `forward` and `backward` take them.
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
        For another kind of network, bad settings, or data that the network's `forward`
        and `backward` refuse.

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
    _checks.instance("network", network, Model, "Network or RecurrentNetwork")
    x = network.checked_x(x)
    t = network.checked_t(t, x.shape)
    batch_size = _checked_settings(optimizer, epochs, batch_size, x.shape[-2], rng)
    _check_callback(callback)
    run = _Run(network, x, t, optimizer, batch_size, rng)
    # An epoch of many steps is looked at at once, and so is one that is told of.
    at_once = run.rng is not None or progress or callback is not None
    most = 1 if at_once else epochs
    course = _Course(run, epochs, most)
    try:
        with _bar(epochs, progress) as tell:
            course.follow(callback, tell)
    except KeyboardInterrupt:
        course.interrupt()
    finally:
        course.restore()
    message = course.message(optimizer)
    if message:
        warnings.warn(message, RuntimeWarning, stacklevel=2)
    done = course.done
    return History(course.losses[:done].copy(), course.norms[:done].copy(), message)


class _Run:
    """The fixed arrays of one training, and the way through an epoch.

    Mini-batches are views of a piece that the processor's cache holds, into which the
    next examples of the epoch's order are fetched, some batches at once.
    """

    def __init__(self, network, x, t, optimizer, batch_size, rng):
        self.network, self.x, self.t = network, x, t
        self.step = _started(optimizer, network.parameters)
        count = x.shape[-2]
        self.rng = rng if batch_size < count else None
        self.order, fitting = np.arange(count), count
        if self.rng is not None:
            each = x.size // count * batch_size
            fitting = min(count, max(1, _PIECE // each) * batch_size)
        self.inputs = network.inputs(x[..., :fitting, :])
        self.held = network.examples(self.inputs)
        self.targets = _by_columns(t)
        # What is fetched lands in one piece, which np.take asks for.
        self.fetched, self.drawn = np.empty_like(x[..., :fitting, :]), np.empty_like(t)
        # net and out of the last layer, of all examples
        self.last = network.new_last(x)
        self.pieces = self._cut(batch_size, fitting, count)
        if self.rng is None:
            self.last = self.pieces[0][1][0][0].last
        self.full_batches = count / batch_size

    def _cut(self, batch_size, fitting, count):
        """Return the rows of each piece, with its batches.

        A batch is its trace, targets, gradient, place in last, and its share of a full
        batch.
        """
        network, of_size, traces, pieces = self.network, {}, {}, []
        for first in range(0, count, fitting):
            stop, batches = min(first + fitting, count), []
            for start in range(first, stop, batch_size):
                size = min(batch_size, stop - start)
                at = slice(start - first, start - first + size)
                if (at.start, size) not in traces:
                    # All of one size share their scratch, and the gradient.
                    trace, gradient = of_size.get(size, (None, None))
                    trace = network.new_trace(self.inputs[..., at, :], scratch=trace)
                    gradient = gradient or network.new_gradient(trace)
                    traces[at.start, size] = of_size[size] = trace, gradient
                trace, gradient = traces[at.start, size]
                rows = slice(start, start + size)
                t, last = (a[..., rows, :] for a in (self.targets, self.last))
                t, share = network.columns(t), size / batch_size
                batches.append((trace, t, gradient, last, share))
            pieces.append((slice(first, stop), batches))
        return pieces

    def epoch(self, mean):
        """Take the steps of one epoch, and write its mean gradient."""
        network = self.network
        if self.rng is not None:
            self.rng.shuffle(self.order)
            _fetch(self.t, self.order, self.drawn, self.targets)
            mean.fill(0.0)
        for rows, batches in self.pieces:
            if self.rng is not None:
                _fetch(self.x, self.order[rows], self.fetched, self.held)
            for trace, t, gradient, last, share in batches:
                network.forward_into(trace)
                network.backward_into(trace, t, gradient)
                flat = gradient.flat
                self.step(flat)
                if self.rng is None:
                    np.copyto(mean, flat)
                    return
                np.copyto(last, trace.last)
                # Each batch counts as one of full size does, and a smaller one for
                # less; flat is free now, since the next batch fills it again.
                if share < 1.0:
                    np.multiply(flat, share, out=flat)
                np.add(mean, flat, out=mean)
        np.divide(mean, self.full_batches, out=mean)


def _fetch(array, rows, landing, place):
    """Copy these rows of an array into the first rows of a place."""
    landing = landing[..., : len(rows), :]
    # mode="clip" writes straight into the array; "raise" takes a detour.
    np.take(array, rows, axis=-2, out=landing, mode="clip")
    np.copyto(place[..., : len(rows), :], landing)


def _by_columns(t):
    """Return a copy of t that keeps each example's numbers in a column."""
    return t.swapaxes(-1, -2).copy().swapaxes(-1, -2)


class _Course:
    """The epochs of a run, and what is recorded of them.

    What an epoch leaves is laid aside, and looked at when there are some hundred of it:
    that costs next to nothing, where an epoch is one step of a small network.
    """

    def __init__(self, run, epochs, most):
        network = run.network
        stack, layers = network.stack, network.layers(network.parameters)
        self.run, self.epochs, self.done = run, epochs, 0
        self.losses = np.empty((epochs, *stack))
        self.norms = np.empty((epochs, len(layers), *stack))
        stops = np.cumsum([block.shape[-2] * block.shape[-1] for block in layers])
        self.layers = [slice(*ends) for ends in zip([0, *stops[:-1]], stops)]
        self.interrupted, self.diverged = "", np.zeros(stack, bool)
        # Laid aside, an entry for each epoch: the parameters before it, its mean
        # gradient, and what the loss is computed from.
        size = 2 * network.parameters.size + run.last.size
        room = max(1, min(most, _MOST_ASIDE, _ROOM // size))
        shape, dtype = network.parameters.shape, network.dtype
        self.before = np.empty((room, *shape), dtype)
        self.gradients = np.empty((room, *shape), dtype)
        self.lasts = network.new_last(run.x, room)
        self.aside = 0
        self.good = network.parameters.copy()

    def follow(self, callback, tell):
        """Take epoch after epoch, as long as one network of the stack is finite."""
        run, callers, parameters = self.run, np.geterr(), self.run.network.parameters
        entries = list(zip(self.before, self.gradients, self.lasts))
        with np.errstate(over="ignore", invalid="ignore"):
            while self.done < self.epochs:
                for before, gradient, last in entries[: self.epochs - self.done]:
                    np.copyto(before, parameters)
                    run.epoch(gradient)
                    np.copyto(last, run.last)
                    self.aside += 1
                if not self.look():
                    break
                epoch = self.done - 1
                if callback is not None:
                    with np.errstate(**callers):
                        callback(epoch, run.network)
                tell(self.losses[epoch])

    def look(self):
        """Record what was laid aside; return False if all networks have diverged."""
        count = self.aside
        if not count:
            return True
        rows = slice(self.done, self.done + count)
        each = self.run.network.losses(self.lasts[:count], self.run.targets)
        self.losses[rows] = each.mean(axis=-1)
        for layer, columns in enumerate(self.layers):
            # In float64, or the squares of a vanishing float32 gradient would be 0.
            part = self.gradients[:count, ..., columns].astype(float, copy=False)
            squares = np.matmul(part[..., None, :], part[..., :, None])
            self.norms[rows, layer] = np.sqrt(squares[..., 0, 0])
        # The rule: all is well, at the price of one sum.
        parameters = self.run.network.parameters
        sums = np.sum(self.before[:count], axis=(0, -1)) + np.sum(parameters, axis=-1)
        if np.isfinite(self.losses[rows].sum(axis=0) + sums).all():
            self.done, self.aside = self.done + count, 0
            np.copyto(self.good, self.before[count - 1])
            return True
        return self._keep_what_is_finite(count)

    def _keep_what_is_finite(self, count):
        """Go through the epochs laid aside, one by one, as far as one is finite."""
        parameters, self.aside = self.run.network.parameters, 0
        after = [*self.before[1:count], parameters.copy()]
        for before, behind in zip(self.before[:count], after):
            self.diverged |= ~np.isfinite(self.losses[self.done])
            np.copyto(self.good, before, where=~self.diverged[..., None])
            # A step to infinity may keep a finite loss: a sigmoid's output there is 1.
            self.diverged |= ~np.isfinite(behind).all(axis=-1)
            if self.diverged.all():
                parameters[...] = behind
                return False
            self.done += 1
        return True

    def interrupt(self):
        """Note that the training was broken off, perhaps in the middle of an epoch."""
        parameters = self.run.network.parameters
        began = self.before[min(self.aside, len(self.before) - 1)].copy()
        with np.errstate(over="ignore", invalid="ignore"):
            self.look()
        self.interrupted = f"interrupted after {self.done} of {self.epochs} epochs"
        # What is not finite goes back to the start of its epoch.
        lost = ~np.isfinite(parameters).all(axis=-1) & ~self.diverged
        np.copyto(self.good, began, where=lost[..., None])
        self.diverged |= lost

    def restore(self):
        """Give the networks that diverged their last good parameters back."""
        diverged = self.diverged[..., None]
        np.copyto(self.run.network.parameters, self.good, where=diverged)

    def message(self, optimizer):
        """Say why the training stopped, and what to do; "" if it ran to its end."""
        parts, diverged = [self.interrupted], self.diverged
        if diverged.any():
            advice = _advice(optimizer, diverged.ndim)
            parts.append(f"diverged: {self._what_diverged()}{advice}")
        return "; ".join(filter(None, parts))

    def _what_diverged(self):
        diverged, losses, done = self.diverged, self.losses, self.done
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
    _checks.whole("epochs", epochs, 1)
    if rng is not None:
        _checks.rng(rng)
    if batch_size is None:
        return count
    if not _checks.is_whole(batch_size, 1) or batch_size > count:
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
