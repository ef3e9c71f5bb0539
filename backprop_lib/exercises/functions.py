"""Judges of a reader's own functions: by their numbers, or by `diagnose`."""

import numpy as np

from backprop_lib.gradcheck import diagnose

_CLOSE = 1e-9


def on_numbers(right, wrong, *arguments, adapt=None, absolute=1e-14):
    """Return a judge that compares a function's values with those of others.

    Parameters
    ----------
    right : callable
    wrong : dict
        What is wrong, in words, to a function that does that.
    *arguments : array
        With which all are called.
    adapt : callable, optional
        Makes of the reader's function one that takes these arguments.
    absolute : float
        How far off a value may be that is near 0.
    """

    def verdict(function):
        found = _called(adapt(function) if adapt else function, arguments)
        if isinstance(found, str):
            return found
        expected = np.asarray(right(*arguments))
        if found.shape != expected.shape:
            return f"it returns the shape {found.shape}, not {expected.shape}"

        def same(values):
            return values.shape == found.shape and np.allclose(
                found, values, rtol=_CLOSE, atol=absolute, equal_nan=True
            )

        if same(expected):
            return "correct"
        named = (w for w, other in wrong.items() if same(np.asarray(other(*arguments))))
        return next(named, "unknown")

    return verdict


def on_gradients(network, x, t):
    """Return a judge of a backward pass, by the table of classic mistakes.

    The function takes the network, its trace and the targets, and returns the
    gradient as `check_gradient` takes it.
    """

    def verdict(function):
        trace = network.forward(x)
        try:
            gradient = function(network, trace, t)
            return diagnose(network, x, t, gradient)
        except Exception as error:
            return f"it stops with {type(error).__name__}: {error}"

    return verdict


def _called(function, arguments):
    """Return a function's value as an array, or in words why there is none."""
    try:
        found = function(*(np.copy(each) for each in arguments))
    except Exception as error:
        return f"it stops with {type(error).__name__}: {error}"
    try:
        return np.asarray(found, float)
    except (TypeError, ValueError):
        return f"it returns {type(found).__name__}, not an array of numbers"
