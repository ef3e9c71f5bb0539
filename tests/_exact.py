"""Exact values for the numeric tests: inputs that hurt, and errors in ulp (mpmath)."""

import mpmath
import numpy as np

# Where doubles (and, in the second row, singles) round, underflow or overflow.
_EDGES = [16.64, 18.02, 36.74, 354.89, 372.57, 708.4, 709.78, 744.44, 745.13, 746.0]
_EDGES += [8.32, 17.33, 43.67, 51.98, 87.34, 88.72, 103.28, 103.97]


def inputs(dtype):
    """Return increasing numbers from -800 to 800: dense near 0 and at the edges."""
    rng = np.random.default_rng(20)
    points = [
        np.array([-800.0, 0.0, 800.0]),
        rng.uniform(-800, 800, 600),
        rng.uniform(-110, 110, 300),
        rng.uniform(-40, 40, 300),
        rng.uniform(-1, 1, 300),
        rng.uniform(-1, 1, 200) * 10.0 ** rng.uniform(-320, 0, 200),
        *(
            side * edge + rng.uniform(-0.05, 0.05, 30)
            for edge in _EDGES
            for side in (1, -1)
        ),
        *(side * rng.uniform(700, 750, 200) for side in (1, -1)),
    ]
    return np.unique(np.clip(np.concatenate(points), -800, 800).astype(dtype))


def exactly(function, values):
    """Evaluate an mpmath function of the stored numbers, to 60 digits."""
    with mpmath.workdps(60):
        return [function(mpmath.mpf(float(v))) for v in values]


def ulp(value, dtype):
    """Return the spacing of this dtype's numbers at an exact value."""
    info = np.finfo(dtype)
    smallest = mpmath.mpf(float(info.smallest_subnormal))
    if value == 0:
        return smallest
    exponent = int(mpmath.floor(mpmath.log(abs(value), 2)))
    return max(mpmath.ldexp(1, exponent - info.nmant), smallest)


def worst_ulp(computed, exact):
    """Return the largest error, in units in the last place of the array's dtype."""
    with mpmath.workdps(60):
        return max(
            float(abs(mpmath.mpf(float(c)) - e) / ulp(e, computed.dtype))
            for c, e in zip(np.ravel(computed), exact, strict=True)
        )


def sigmoid(v):
    return 1 / (1 + mpmath.exp(-v))


def softplus(v):
    return mpmath.log1p(mpmath.exp(v))
