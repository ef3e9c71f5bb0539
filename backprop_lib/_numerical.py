"""Numerical derivatives, and how far two gradients are apart."""

import numpy as np

from backprop_lib import _checks

# An imaginary step has no cancellation to fear, and so may be this small.
COMPLEX_STEP = 1e-200


def numerical_gradient(function, parameters, method="central", step=None):
    """Differentiate a function by each of its parameters, numerically.

    Parameters
    ----------
    function : callable
        Takes an array of the shape of ``parameters`` and returns a number; or, for
        parameters (*stack, P), an array (*stack), whose entries each depend on their
        own row of parameters alone.  For ``method="complex"`` it must accept complex
        numbers, and be analytic.
    parameters : array
        Real; left as it is.
    method : "central" or "complex"
        central: (L(w + h) − L(w − h)) / 2h, with an error near 1e-10 of the value;
        complex: Im L(w + ih) / h [1]_, with an error of a few roundings.
    step : float, optional
        h; by default ∛ε · max(1, |w|) for central, 1e-200 for complex.

    Returns
    -------
    array of the shape of ``parameters``

    Raises
    ------
    ValueError
        For an unknown method, a step that is not positive or lost in rounding,
        parameters that are not real or not finite, or a function whose result has
        another shape or, for complex parameters, is real or as good as real: where a
        derivative comes out as exactly 0, real steps are asked too, and must not find
        the function rising evenly, as ``np.abs(w) + 0j`` does.  (0 is right on level
        ground, and one right answer at a kink.)  What only adds a term that is not
        analytic to others is not noticed.

    References
    ----------
    .. [1] W. Squire and G. Trapp, Using complex variables to estimate derivatives of
           real functions, SIAM Review 40 (1998), 110-112.

    Examples
    --------
    >>> import numpy as np
    >>> numerical_gradient(lambda w: (w**3).sum(), np.array([2.0]), method="complex")
    array([12.])
    """
    if method not in ("central", "complex"):
        raise ValueError(f"method is {method!r}; expected 'central' or 'complex'")
    if step is not None:
        _checks.number("step", step, lambda n: 0 < n < np.inf, "above 0")
    parameters = np.asarray(parameters)
    if np.iscomplexobj(parameters) or not np.isfinite(parameters.astype(float)).all():
        raise ValueError("parameters hold complex or not finite numbers; expected real")
    work = parameters.astype(complex if method == "complex" else float)
    value = np.asarray(function(work.copy()))
    if method == "complex" and not np.iscomplexobj(value):
        raise ValueError(
            f"function returned {value.dtype} for complex parameters; expected complex "
            "numbers from an analytic function; for any other use method='central'"
        )
    stack = value.shape
    if stack != work.shape[: len(stack)] or (stack and len(stack) >= work.ndim):
        raise ValueError(
            f"function returned shape {stack} for parameters of shape {work.shape}; "
            "expected a number, or one number for each network of a stack"
        )
    result = np.empty(work.shape)
    for place in np.ndindex(work.shape[len(stack) :]):
        place = (..., *place)
        values = work[place].copy()
        h = step_of(method, values) if step is None else step
        if method == "complex":
            # ∂L/∂w = Im L(w + ih) / h
            work[place] = values + 1j * h
            result[place] = np.imag(function(work.copy())) / h
            lost = _lost(function, work, place, value.real, result[place])
            if lost:
                raise ValueError(
                    "function has an imaginary part of 0 for a nudge of parameter "
                    f"{list(place[1:])}, along which its real part has a slope of "
                    f"{lost:.3g}; expected an analytic function, one that takes no "
                    "real part, absolute value or conjugate; for any other use "
                    "method='central'"
                )
        else:
            # ∂L/∂w = (L(w + h) − L(w − h)) / 2h
            work[place] = above = values + h
            upper = np.asarray(function(work.copy()))
            work[place] = below = values - h
            if np.any(above == below):
                raise ValueError(
                    f"step is {step!r}, which rounding swallows beside a parameter of "
                    f"{np.abs(values).max():.3g}; expected a larger one"
                )
            # The step that was taken, after rounding, is the one to divide by.
            result[place] = (upper - function(work.copy())) / (above - below)
        work[place] = values
    return result


def step_of(method, values):
    """Return the step by which values are moved, if no other is asked for."""
    if method == "complex":
        return COMPLEX_STEP
    # ∛ε balances the truncation error, ~h², against the rounding error, ~ε/h
    return np.cbrt(np.finfo(float).eps) * np.maximum(1.0, np.abs(values))


def _lost(function, work, place, here, slopes):
    """Return the slope by real steps where a complex one lost it, or 0.0.

    To be lost, both sides must rise alike, and twice as far over the double step; at a
    kink they do not.
    """
    level = slopes == 0
    if not np.any(level):
        return 0.0
    values = work[place].real.copy()
    h = step_of("central", values)

    def rise(steps):
        work[place] = values + steps * h
        return np.real(function(work.copy())) - here

    above = rise(1)
    lost = level & (abs(above) > 1e4 * np.finfo(float).eps * (abs(here) + abs(above)))
    # Below this the nudge itself is lost in underflow.
    lost &= abs(above) > h * np.finfo(float).tiny / COMPLEX_STEP
    if not np.any(lost):
        return 0.0
    lost &= (abs(above + rise(-1)) + abs(rise(2) - 2 * above)) < 0.01 * abs(above)
    return float((above / h)[lost][0]) if np.any(lost) else 0.0


def compare(gradient, reference, axis=None):
    """Return the relative error max|gradient − reference| / max(|both|).

    Parameters
    ----------
    gradient, reference : arrays of the same shape
    axis : int or tuple of int, optional
        Axes over which the maxima are taken; all by default.

    Returns
    -------
    float, or array over the axes that are left; 0 where both are 0 throughout, and
    infinite where one of them is not finite.

    Raises
    ------
    ValueError
        For different shapes.

    Examples
    --------
    >>> compare([1.0, 3.0], [1.0, 4.0])
    0.25
    """
    gradient, reference = np.asarray(gradient), np.asarray(reference)
    if gradient.shape != reference.shape:
        raise ValueError(
            f"gradient has shape {gradient.shape}; expected {reference.shape}"
        )
    finite = np.isfinite(gradient) & np.isfinite(reference)
    gradient, reference = (np.where(finite, a, 0.0) for a in (gradient, reference))
    difference = np.abs(gradient - reference).max(axis=axis)
    scale = np.maximum(np.abs(gradient), np.abs(reference)).max(axis=axis)
    error = difference / np.where(scale == 0, 1.0, scale)
    error = np.where(finite.all(axis=axis), error, np.inf)
    return error.item() if error.ndim == 0 else error
