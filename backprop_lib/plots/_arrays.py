"""What came in, as arrays of the right shape."""

import numpy as np


def vector(name, value, size=None):
    """Return `value` as floats (n,), or say what came instead."""
    array = numbers(name, value)
    if array.ndim != 1 or array.size == 0 or size not in (None, array.size):
        expected = "(n,) with n at least 1" if size is None else f"({size},)"
        raise ValueError(f"{name} has shape {array.shape}; expected {expected}")
    return array


def matrix(name, value, columns=None):
    """Return `value` as floats (n, columns), or say what came instead."""
    array = numbers(name, value)
    if array.ndim != 2 or array.size == 0 or columns not in (None, array.shape[1]):
        expected = f"(n, {columns or 'm'})"
        raise ValueError(f"{name} has shape {array.shape}; expected {expected}")
    return array


def numbers(name, value):
    """Return `value` as an array of floats, or say that it is none."""
    try:
        return np.asarray(value, dtype=float)
    except (TypeError, ValueError):
        raise ValueError(f"{name} is {value!r}; expected an array of numbers") from None


def finite(name, array):
    """Return `array` if all of it is finite, else say how much is not."""
    if not np.isfinite(array).all():
        bad = np.count_nonzero(~np.isfinite(array))
        raise ValueError(
            f"{name} holds {bad} of {array.size} that are not finite; expected none"
        )
    return array


def pair(name, value):
    """Return two increasing numbers, or None for None."""
    if value is None:
        return None
    low, high = finite(name, vector(name, value, 2))
    if not low < high:
        raise ValueError(f"{name} is {value}; expected (low, high) with low < high")
    return low, high
