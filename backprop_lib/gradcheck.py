"""Is a gradient right?  Numerical derivatives, a report, and a diagnosis.

The numerical derivatives know nothing of the backward pass: they call the loss and
nothing else.  That is what makes agreement with them evidence.
"""

from dataclasses import dataclass

import numpy as np

from backprop_lib import _checks
from backprop_lib._parameters import FlatParameters
from backprop_lib.mistakes import mistaken_gradients
from backprop_lib.network import Network

# An imaginary step has no cancellation to fear, and so may be this small.
_COMPLEX_STEP = 1e-200
_TOLERANCE = {"complex": 1e-10, "central": 1e-6}


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
        another shape or, for complex parameters, is real.

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
    if method not in _TOLERANCE:
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
        h = _step(method, step, values)
        if method == "complex":
            # ∂L/∂w = Im L(w + ih) / h
            work[place] = values + 1j * h
            result[place] = np.imag(function(work.copy())) / h
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


def _step(method, step, values):
    if step is not None:
        return step
    if method == "complex":
        return _COMPLEX_STEP
    # ∛ε balances the truncation error, ~h², against the rounding error, ~ε/h
    return np.cbrt(np.finfo(float).eps) * np.maximum(1.0, np.abs(values))


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


@dataclass(frozen=True)
class GradientReport:
    """What `check_gradient` found.

    Attributes
    ----------
    relative_error : tuple of float
        The worst of each layer's weights and biases (over the stack, too); index 0
        is of what leads out of layer 0 (and, in a recurrent network, of what leads
        from one step to the next).
    tolerance : float
    method : str
        How the numerical derivative was taken.
    verdict : str
        "correct", or the classic mistake that explains the gradient, or "unknown".
    """

    relative_error: tuple
    tolerance: float
    method: str
    verdict: str

    @property
    def ok(self):
        """Whether every layer is within the tolerance."""
        return all(error <= self.tolerance for error in self.relative_error)

    def __repr__(self):
        lines = [f"gradient against {self.method} differences", "layer  relative error"]
        for layer, error in enumerate(self.relative_error):
            # Errors near rounding differ from machine to machine; their size does not.
            within = error <= self.tolerance
            shown = f"below {self.tolerance:g}" if within else f"{error:.2g}"
            lines.append(f"{layer} → {layer + 1}  {shown}")
        return "\n".join([*lines, f"verdict: {self.verdict}"])


def check_gradient(network, x, t, gradient=None, *, method="complex", tolerance=None):
    """Compare a gradient with numerical derivatives of the loss, layer by layer.

    It takes one or two forward passes for each parameter: use few rows of data.

    Parameters
    ----------
    network : Network or RecurrentNetwork
    x : array, (batch, sizes[0]), or (*stack, batch, sizes[0])
    t : array, (batch, sizes[-1]), or (*stack, batch, sizes[-1])
        For a RecurrentNetwork, x and t as its `forward` and `backward` take them.
    gradient : Gradient, RecurrentGradient or array (*stack, P), optional
        What to check; by default ``network.backward``.  The mistake is named for a
        Network only.
    method : "complex" or "central"
        See `numerical_gradient`.
    tolerance : float, optional
        Relative error that passes: 1e-10 for complex, 1e-6 for central; 1e-4 for a
        float32 network, whose gradient has no more digits.

    Returns
    -------
    GradientReport

    Raises
    ------
    ValueError
        For bad data, a gradient of another shape, or another kind of network.

    Examples
    --------
    >>> import numpy as np
    >>> import backprop_lib as bp
    >>> x, t = bp.datasets.xor()
    >>> network = bp.Network([2, 3, 1], rng=np.random.default_rng(0))
    >>> bp.check_gradient(network, x, t)
    gradient against complex differences
    layer  relative error
    0 → 1  below 1e-10
    1 → 2  below 1e-10
    verdict: correct
    """
    _checks.instance("network", network, FlatParameters, "Network or RecurrentNetwork")
    if gradient is None:
        gradient = network.backward(network.forward(x), t)
    flat = _flat(network, gradient)
    if tolerance is None:
        single = network.dtype == np.float32
        tolerance = 1e-4 if single else _TOLERANCE.get(method)
    else:
        _checks.number("tolerance", tolerance, lambda n: 0 <= n < np.inf, "from 0 up")

    def loss(parameters):
        return network.with_parameters(parameters).loss(x, t)

    reference = numerical_gradient(loss, network.parameters, method)
    errors = tuple(float(np.max(e)) for e in _layer_errors(network, flat, reference))
    verdict = "unknown"
    if all(error <= tolerance for error in errors):
        verdict = "correct"
    elif isinstance(network, Network):
        named = diagnose(network, x, t, flat)
        verdict = named if named != "correct" else "unknown"
    return GradientReport(errors, tolerance, method, verdict)


def diagnose(network, x, t, gradient):
    """Name the classic mistake that reproduces a gradient.

    Parameters
    ----------
    network : Network
    x : array, (batch, sizes[0]), or (*stack, batch, sizes[0])
    t : array, (batch, sizes[-1]), or (*stack, batch, sizes[-1])
    gradient : Gradient or array (*stack, P)

    Returns
    -------
    str
        "correct"; a sentence such as "left out the activation's derivative in
        layer 1"; or "unknown".

    Raises
    ------
    ValueError
        For bad data, a gradient of another shape, or another kind of network.

    Examples
    --------
    >>> import numpy as np
    >>> import backprop_lib as bp
    >>> x, t = bp.datasets.xor()
    >>> network = bp.Network([2, 3, 1], rng=np.random.default_rng(0))
    >>> gradient = network.backward(network.forward(x), t)
    >>> diagnose(network, x, t, 4 * gradient.flat)
    'summed over the batch instead of averaging'
    """
    _checks.instance("network", network, Network)
    flat = _flat(network, gradient)
    given, tolerance = flat, 1e-4 if network.dtype == np.float32 else 1e-8
    for name, candidate in mistaken_gradients(network, x, t):
        if name != "correct":
            candidate, given = _without_noise(candidate, flat, network.dtype)
        errors = _layer_errors(network, given, candidate)
        if all(np.all(error <= tolerance) for error in errors):
            return name
    return "unknown"


def _layer_errors(network, flat, reference):
    """Yield the relative errors of each layer's block, one for each network."""
    for a, b in zip(network._split(flat), network._split(reference)):
        yield compare(a, b, axis=(-2, -1))


def _without_noise(candidate, flat, dtype):
    """Set to 0 what a mistake cancels but for rounding, which no two passes repeat."""
    floor = 64 * np.finfo(dtype).eps * np.abs(candidate).max(axis=-1, keepdims=True)
    return (np.where(np.abs(array) <= floor, 0.0, array) for array in (candidate, flat))


def _flat(network, gradient):
    # An array has a flat, too: an iterator.
    flat = getattr(gradient, "flat", None)
    flat = flat if isinstance(flat, np.ndarray) else np.asarray(gradient)
    if flat.shape != network.parameters.shape:
        raise ValueError(
            f"gradient has shape {flat.shape}; expected {network.parameters.shape}, "
            "one number for each parameter"
        )
    if flat.dtype.kind not in "uif":
        raise ValueError(f"gradient holds {flat.dtype}; expected real numbers")
    return flat
