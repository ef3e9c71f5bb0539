"""Is a gradient right?  Numerical derivatives, a report, and a diagnosis.

The numerical derivatives know nothing of the backward pass: they call the loss and
nothing else.  That is what makes agreement with them evidence.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np

from backprop_lib import _checks, _packing, _sight
from backprop_lib._model import Model
from backprop_lib.mistakes import mistaken_gradients, reach_of_slopes
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
        from one step to the next).  A number on which the slope at a kink has a say
        counts by how far it goes beyond every right answer.
    tolerance : float
    method : str
        How the numerical derivative was taken.
    verdict : str
        "correct"; "nothing to see here: " and the reasons, where nothing is found wrong
        but some layer cannot be judged; for a wrong gradient the classic mistake that
        explains it, or "unknown".
    states : tuple of str
        Of each layer: "right", "wrong" or "unseen".
    """

    relative_error: tuple
    tolerance: float
    method: str
    verdict: str
    states: tuple

    @property
    def ok(self):
        """Whether every layer was seen to be right: the verdict is "correct"."""
        return all(state == "right" for state in self.states)

    def __repr__(self):
        lines = [f"gradient against {self.method} differences", "layer  relative error"]
        for layer, (error, state) in enumerate(zip(self.relative_error, self.states)):
            # Errors near rounding differ from machine to machine; their size does not.
            shown = {
                "right": f"below {self.tolerance:g}",
                "wrong": f"{error:.2g}",
                "unseen": "nothing to see",
            }[state]
            lines.append(f"{layer} -> {layer + 1}  {shown}")
        return "\n".join([*lines, f"verdict: {self.verdict}"])


def check_gradient(network, x, t, gradient=None, *, method="complex", tolerance=None):
    """Compare a gradient with numerical derivatives of the loss, layer by layer.

    It takes one or two forward passes for each parameter, and a few times as many where
    the gradient disagrees or an activation has a kink: use few rows of data.

    A comparison cannot tell right from wrong where the gradient of a layer is 0
    throughout; where it is smaller than the rounding in the reference; and at a kink
    (of relu and leaky_relu at net = 0), where every slope between the two sides' is a
    right answer.  It then says *nothing to see here*, and where; ``ok`` is False.  What
    is wrong beside it, or beyond every right answer (at the kinks of a `Network`), is
    still called wrong.

    Parameters
    ----------
    network : Network or RecurrentNetwork
    x : array, (batch, sizes[0]), or (*stack, batch, sizes[0])
    t : array, (batch, sizes[-1]), or (*stack, batch, sizes[-1])
        For a RecurrentNetwork, x and t as its `forward` and `backward` take them.
    gradient : Gradient, RecurrentGradient, array (*stack, P), or list, optional
        What to check; by default ``network.backward``.  A list holds the arrays of the
        weights and of the biases, in any order that their shapes tell: by turns, or the
        ones before the others; from the first layer or the last; each matrix
        (*stack, n_in, n_out) or transposed.  An array that is right but for its order
        is told so.  The mistake is named for a Network only.
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
        For bad data, a gradient of other shapes, or another kind of network.

    Examples
    --------
    >>> import numpy as np
    >>> import backprop_lib as bp
    >>> x, t = bp.datasets.xor()
    >>> network = bp.Network([2, 3, 1], rng=np.random.default_rng(0))
    >>> bp.check_gradient(network, x, t)
    gradient against complex differences
    layer  relative error
    0 -> 1  below 1e-10
    1 -> 2  below 1e-10
    verdict: correct
    >>> still = bp.Network([2, 3, 1], init=0.0, rng=np.random.default_rng(0))
    >>> bp.check_gradient(still, x, t).verdict
    'nothing to see here: in layers 0 -> 1 and 1 -> 2 the gradient is 0 throughout'
    """
    _checks.instance("network", network, Model, "Network or RecurrentNetwork")
    if gradient is None:
        gradient = network.backward(network.forward(x), t)
    readings = _packing.readings(network, gradient)
    if tolerance is None:
        single = network.dtype == np.float32
        tolerance = 1e-4 if single else _TOLERANCE.get(method)
    else:
        _checks.number("tolerance", tolerance, lambda n: 0 <= n < np.inf, "from 0 up")
    sight = _numerical_sight(network, x, t, method, tolerance)
    layers, verdict = _verdict(network, x, t, readings, sight)
    return GradientReport(
        tuple(layer.error for layer in layers),
        tolerance,
        method,
        verdict,
        tuple(layer.state for layer in layers),
    )


def diagnose(network, x, t, gradient):
    """Name the classic mistake that reproduces a gradient.

    Parameters
    ----------
    network : Network
    x : array, (batch, sizes[0]), or (*stack, batch, sizes[0])
    t : array, (batch, sizes[-1]), or (*stack, batch, sizes[-1])
    gradient : Gradient, array (*stack, P), or list of arrays
        As `check_gradient` takes it.

    Returns
    -------
    str
        "correct"; "nothing to see here: ...", as of `check_gradient`; a sentence such
        as "left out the activation's derivative in layer 1", or two of them, joined by
        "and" if both were made, by "or" if either gives this gradient; "is right, but
        packed ..."; or "unknown".

    Raises
    ------
    ValueError
        For bad data, a gradient of other shapes, or another kind of network.

    Examples
    --------
    >>> import numpy as np
    >>> import backprop_lib as bp
    >>> x, t = bp.datasets.xor()
    >>> network = bp.Network([2, 3, 1], rng=np.random.default_rng(0))
    >>> gradient = network.backward(network.forward(x), t)
    >>> diagnose(network, x, t, 4 * gradient.flat)
    'summed over the batch instead of averaging'
    >>> diagnose(network, x, t, -4 * gradient.flat)
    'has the wrong sign, and summed over the batch instead of averaging'
    >>> diagnose(network, x, t, [*gradient.weights, *gradient.biases])
    'correct'
    """
    _checks.instance("network", network, Network)
    readings = _packing.readings(network, gradient)
    return _verdict(network, x, t, readings, _plain_sight(network, x, t))[1]


def _numerical_sight(network, x, t, method, tolerance):
    parameters = network.parameters

    def loss(parameters):
        return network.with_parameters(parameters).loss(x, t)

    reference = numerical_gradient(loss, parameters, method)

    @cache
    def noise():
        # The same again, from beside, and with the double step.
        near = _sight.shifted(parameters.astype(float), network.dtype)
        again = numerical_gradient(lambda w: loss(near + 2 * (w - near)), near, method)
        return np.abs(again / 2 - reference) + _slope_noise(network, x, t)

    if method == "complex":
        # Below the smallest normal number the nudged loss has no digits.
        steps, floor = None, np.finfo(float).tiny / _COMPLEX_STEP
    else:
        steps = 2 * _step(method, None, parameters.astype(float))
        size = np.abs(loss(parameters.astype(float)))
        floor = 8 * np.finfo(float).eps * np.expand_dims(size, -1) / steps
    return _sight.Sight(
        reference,
        tolerance,
        np.broadcast_to(floor, parameters.shape),
        noise,
        *_reach(network, x, t, steps),
        f"{method} differences",
    )


def _plain_sight(network, x, t):
    def gradient(network):
        return next(mistaken_gradients(network, x, t))[1]

    reference = gradient(network)

    @cache
    def noise():
        near = _sight.shifted(network.parameters, network.dtype)
        moved = np.abs(gradient(network.with_parameters(near)) - reference)
        return moved + _slope_noise(network, x, t)

    return _sight.Sight(
        reference,
        1e-4 if network.dtype == np.float32 else 1e-8,
        np.zeros(reference.shape),
        noise,
        *_reach(network, x, t),
        "rounding",
    )


def _slope_noise(network, x, t):
    """Return what rounding an output makes of the slopes, σ(1 − σ) say, (*stack, P)."""
    if not isinstance(network, Network):
        return 0.0
    rounding = dict.fromkeys(range(1, len(network.sizes)), np.finfo(network.dtype).eps)
    return reach_of_slopes(network, x, t, rounding)


def _reach(network, x, t, steps=None):
    """Return how far kinks let right answers be apart, (*stack, P), and their place."""
    double = network.with_parameters(network.parameters.astype(float))
    touched, on, place = _sight.find_kinks(double, x, network.dtype, steps)
    if not place:
        return np.zeros(touched.shape), ""
    reach = np.inf
    if isinstance(network, Network):
        layers = range(1, len(network.sizes))
        on = {layer: on[f"net[{layer}]"] for layer in layers if f"net[{layer}]" in on}
        reach = reach_of_slopes(double, x, t, on)
    return np.where(touched, reach, 0.0), place


def _verdict(network, x, t, readings, sight):
    """Return how the likeliest reading compares, layer by layer, and the verdict."""
    (_, flat), *others = readings
    layers = sight.compare(network, flat)
    if any(layer.state == "wrong" for layer in layers):
        known = isinstance(network, Network)
        names = _mistakes_alike(network, x, t, flat, 1) if known else []
        names = names or _packed_otherwise(network, others, sight)
        names = names or (_mistakes_alike(network, x, t, flat, 2) if known else [])
        return layers, " or ".join(names) or "unknown"
    reasons = {}
    for k, layer in enumerate(layers):
        if layer.state == "unseen":
            reasons.setdefault(layer.reason, []).append(f"{k} -> {k + 1}")
    if not reasons:
        return layers, "correct"
    said = "; ".join(f"in {_listed(at)} {reason}" for reason, at in reasons.items())
    return layers, f"nothing to see here: {said}"


def _listed(layers):
    *first, last = layers
    return f"layers {', '.join(first)} and {last}" if first else f"layer {last}"


def _packed_otherwise(network, readings, sight):
    """Return, at most once, how a gradient is packed that is right but for that."""
    for packing, flat in readings:
        if all(layer.state != "wrong" for layer in sight.compare(network, flat)):
            return [f"is right, but packed {packing}"]
    return []


def _mistakes_alike(network, x, t, flat, at_once):
    """Return the names of all mistakes, or pairs of them, that give this gradient."""
    (_, correct), *mistakes = mistaken_gradients(network, x, t, at_once)
    return [
        name
        for name, wrong in mistakes
        # A mistake that changes nothing here explains nothing.
        if not _alike(network, correct, wrong)
        and _alike(network, *_without_noise(network, flat, wrong))
    ]


def _without_noise(network, flat, wrong):
    """Set to 0 what a mistake cancels but for rounding, which no two passes repeat."""
    floor = 64 * np.finfo(network.dtype).eps * np.abs(wrong).max(-1, keepdims=True)
    return [np.where(np.abs(array) <= floor, 0.0, array) for array in (flat, wrong)]


def _alike(network, one, other):
    tolerance = 1e-4 if network.dtype == np.float32 else 1e-8
    return compare(one, other) <= tolerance and all(
        np.all(compare(one[..., block], other[..., block], axis=-1) <= tolerance)
        for block in _packing.blocks(network)
    )
