"""The classic mistakes in a backward pass: made on purpose, and found again.

The passes are written plainly, apart from the networks' own: the right lines, and
beside each the wrong ones, stand in `_table`, and those through time in `_time`.  A
mistake puts one of these in the place of its line, in one layer or in all.
"""

import numpy as np

from backprop_lib._explain import explanations
from backprop_lib._pass import plain_pass
from backprop_lib._unrolled import unrolled_pass

# Where between the slopes of its two sides the slope at a kink may have been taken
_AT_KINK = (0.0, 1.0, 0.5)


def written_pass(network, x, t, at_kink=None, way_back=None):
    """Return the pass over a network's data, as a list of lines.

    Parameters
    ----------
    network : Network or RecurrentNetwork
    x, t : arrays
        As its `forward` and `backward` take them.
    at_kink : (dict, float), optional
        What `_sight.find_kinks` found on a kink, and where between its two sides' the
        slope there is, from 0 to 1.
    way_back : network, optional
        Of other parameters, through whose weights the error is sent back.

    Returns
    -------
    WrittenPass

    Raises
    ------
    ValueError
        For bad data.
    """
    write = unrolled_pass if hasattr(network, "cell") else plain_pass
    return write(network, x, t, at_kink, way_back)


def mistaken_gradients(network, x, t, rate=None):
    """Yield ("correct", gradient), then a (name, gradient) for each mistake.

    Parameters
    ----------
    network : Network or RecurrentNetwork
    x, t : arrays
        As its `forward` and `backward` take them.
    rate : float, optional
        A learning rate: with it, those mistakes too that depend on one.

    Yields
    ------
    name : str
    gradient : array, (*stack, P)

    Raises
    ------
    ValueError
        For bad data.

    Examples
    --------
    >>> import numpy as np
    >>> import backprop_lib as bp
    >>> x, t = bp.datasets.xor()
    >>> network = bp.Network([2, 3, 1], rng=np.random.default_rng(0))
    >>> [name for name, gradient in mistaken_gradients(network, x, t)][:2]
    ['correct', 'has the wrong sign']
    """
    written = written_pass(network, x, t)
    # The mistakes are in what the examples say; beside it the weight decay is right.
    correct, decay = written.gradient(), network.decay()
    yield "correct", correct + decay
    for name, factor in written.factors.items():
        yield name, factor * correct + decay
    for name, chosen in single_mistakes(written, rate):
        yield name, written.gradient(chosen) + decay
    if network.weight_decay:
        yield "left out the weight decay", correct


def single_mistakes(written, rate=None):
    """Yield (name, choices by line) for each mistake, in each line and in all.

    Parameters
    ----------
    written : WrittenPass
    rate : float, optional
        As `mistaken_gradients` takes it.
    """
    kinds = {}
    for k, line in enumerate(written.lines):
        for choice in line.choices:
            if choice.mistake.rated:
                if rate is None:
                    continue
                choice = choice.at_rate(rate)
            kinds.setdefault(choice.kind or (k, choice.name), {})[k] = choice
    for made in kinds.values():
        for k, choice in sorted(made.items(), reverse=True):
            yield choice.name, {k: choice}
        if len(made) > 1:
            yield next(iter(made.values())).everywhere, made


def explain(network, x, t, gradient, tolerance, count, kinks=None, reach=None):
    """Return a sentence on which mistakes give a gradient, or "" if none is found.

    Parameters
    ----------
    network : Network or RecurrentNetwork
    x, t : arrays
        As its `forward` and `backward` take them.
    gradient : array, (*stack, P)
    tolerance : float
        Relative error that passes, of each layer.
    count : int
        How many mistakes.
    kinks : dict, optional
        What `_sight.find_kinks` found on a kink, if anything.
    reach : array, (*stack, P), optional
        How far they let right answers be apart.

    Examples
    --------
    >>> import numpy as np
    >>> import backprop_lib as bp
    >>> x, t = bp.datasets.xor()
    >>> network = bp.Network([2, 3, 1], rng=np.random.default_rng(0))
    >>> wrong = -network.backward(network.forward(x), t).flat
    >>> explain(network, x, t, wrong, 1e-8, 1)
    'has the wrong sign'
    """
    # One slope at all kinks, or whichever they allow
    tries = [*((share, None) for share in _AT_KINK), (0.0, reach)]
    for share, slack in tries if kinks else tries[:1]:
        written = written_pass(network, x, t, (kinks or {}, share))
        found = explanations(written, gradient, tolerance, count, slack)
        if found:
            names = " or ".join(one.name for one in found)
            return names + _told_apart(network, x, t, found)
    return ""


def _told_apart(network, x, t, found):
    """Return what would tell the explanations apart, if there is more than one."""
    if len(found) == 1:
        return ""
    for words, other, inputs, targets in _other_data(network, x, t):
        written = written_pass(other, inputs, targets)
        with np.errstate(all="ignore"):
            made = [one.gradient(written) for one in found]
        scale = max(np.abs(one).max() for one in made)
        apart = [np.abs(a - b).max() for k, a in enumerate(made) for b in made[:k]]
        if min(apart) > 1e-6 * scale:
            return f"; {words} would tell them apart"
    return "; no data tells them apart in a network of these sizes"


def _other_data(network, x, t):
    """Yield (words, network, x, t): other inputs, more rows or steps, other weights."""
    x, t = (np.asarray(a, dtype=network.dtype) for a in (x, t))
    through_time = hasattr(network, "cell")
    every = through_time and network.loss_at == "every"
    yield "other data", network, _others(x), _mixed(t)
    longer, more_t = _longer(x, -2), _longer(t, -2)
    yield "another number of rows", network, _others(longer), _mixed(more_t)
    if through_time:
        longer, more_t = _longer(longer, -3), _longer(more_t, -3) if every else more_t
        yield "another number of steps", network, _others(longer), _mixed(more_t)
    drawn = 0.5 * np.cos(np.arange(network.parameters.shape[-1]) ** 2.0)
    other = network.with_parameters(network.parameters + drawn.astype(network.dtype))
    yield "other weights", other, _others(longer), _mixed(more_t)


def _longer(array, axis):
    last = np.take(array, [-1], axis=axis)
    return np.concatenate([array, last], axis=axis)


def _others(x):
    """Return inputs of the same size that have nothing to do with each other."""
    return np.cos(np.arange(1, 1 + x.size) ** 2.0).reshape(x.shape).astype(x.dtype)


def _mixed(t):
    """Return targets as fit for the loss, each row between its own and the others'."""
    share = 0.5 + 0.4 * np.cos(np.arange(1, 1 + t.shape[-2]) ** 2.0)[:, None]
    flat = np.full_like(t, 1.0 / t.shape[-1])
    mixed = share * t + (1 - share) * (0.7 * np.roll(t, 1, axis=-2) + 0.3 * flat)
    return mixed.astype(t.dtype)
