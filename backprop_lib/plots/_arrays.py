"""What came in, as arrays of the right shape; and numbers written short."""

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


def short(value, sign=False):
    """Write a number in two or three digits, with a true minus.

    >>> short(0.1234), short(-0.00312), short(12.34), short(0.0), short(2e-7)
    ('0.12', '\N{MINUS SIGN}0.0031', '12.3', '0', '2e\N{MINUS SIGN}7')
    """
    size = abs(value)
    if size == 0 or not np.isfinite(size):
        text = f"{size:g}"
    elif 0.001 <= size < 1000:
        digits = int(np.clip(1 - np.floor(np.log10(size)), 0, 4))
        text = f"{size:.{min(max(digits, 1), 4) if size < 100 else 0}f}"
        text = f"{size:.2f}" if 0.1 <= size < 10 else text
    else:
        mantissa, exponent = f"{size:.0e}".split("e")
        text = f"{mantissa}e{int(exponent)}".replace("-", "\N{MINUS SIGN}")
    minus = "\N{MINUS SIGN}" if value < 0 else "+" if sign and value > 0 else ""
    return minus + text
