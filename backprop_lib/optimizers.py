"""Optimisers: how a gradient moves the parameters.

An optimiser holds settings only.  ``start(parameters)`` gives the function that
takes one step with a gradient, in place; all memory between the steps (velocity,
moments) lives in that function, so one optimiser can serve many trainings.
"""

from dataclasses import dataclass
from numbers import Real

import numpy as np

from backprop_lib import _checks


@dataclass(frozen=True, eq=False)
class GradientDescent:
    """Step against the gradient, with momentum [1]_.

    ``velocity = momentum · velocity − learning_rate · gradient``;
    ``parameters += velocity``.

    Parameters
    ----------
    learning_rate : float, or array over the stack
    momentum : float in [0, 1)

    Raises
    ------
    ValueError
        For a learning rate that is not positive, or a momentum outside [0, 1).

    References
    ----------
    .. [1] B. T. Polyak, Some methods of speeding up the convergence of iteration
           methods, USSR Computational Mathematics and Mathematical Physics 4 (1964).

    Examples
    --------
    >>> import numpy as np
    >>> parameters = np.array([1.0])
    >>> step = GradientDescent(learning_rate=0.5).start(parameters)
    >>> step(np.array([1.0]))
    >>> parameters
    array([0.5])
    """

    learning_rate: float
    momentum: float = 0.0

    def __post_init__(self):
        _keep_rate(self)
        _check_fraction("momentum", self.momentum)

    def start(self, parameters):
        """Return ``step(gradient)``, which moves ``parameters`` in place."""
        _check_parameters(parameters)
        rate = _over_parameters(self.learning_rate, parameters)
        # A plain float takes on the arrays' dtype; NumPy's own may not.
        momentum, change = float(self.momentum), np.empty_like(parameters)
        if momentum == 0:

            def step(gradient):
                # parameters −= learning_rate · gradient
                np.multiply(gradient, rate, out=change)
                np.subtract(parameters, change, out=parameters)

            return _guarded(step, parameters)
        velocity = np.zeros_like(parameters)

        def step_with_momentum(gradient):
            # velocity = momentum · velocity − learning_rate · gradient
            np.multiply(gradient, rate, out=change)
            np.multiply(velocity, momentum, out=velocity)
            np.subtract(velocity, change, out=velocity)
            # parameters += velocity
            np.add(parameters, velocity, out=parameters)

        return _guarded(step_with_momentum, parameters)


@dataclass(frozen=True, eq=False)
class Adam:
    """Step by the ratio of the gradient's running mean and its running size [1]_.

    Parameters
    ----------
    learning_rate : float, or array over the stack
    beta1, beta2 : float in [0, 1)
        Memory of the running means of the gradient and of its square.
    epsilon : float
        Keeps the ratio finite, and above 0 in the parameters' dtype.

    Raises
    ------
    ValueError
        For a value outside its range.

    Notes
    -----
    Where the square of a gradient overflows (a gradient above 1e154; in float32 above
    1e19) its running size stays infinite, and the parameter no longer moves.

    References
    ----------
    .. [1] D. P. Kingma and J. Ba, Adam: a method for stochastic optimization,
           ICLR 2015, algorithm 1.

    Examples
    --------
    The first step is as long as the learning rate, for a gradient of any size far
    above epsilon whose square does not overflow:

    >>> import numpy as np
    >>> parameters = np.array([1.0])
    >>> step = Adam(learning_rate=0.1).start(parameters)
    >>> step(np.array([1000.0]))
    >>> parameters.round(6)
    array([0.9])
    """

    learning_rate: float = 0.001
    beta1: float = 0.9
    beta2: float = 0.999
    epsilon: float = 1e-8

    def __post_init__(self):
        _keep_rate(self)
        _check_fraction("beta1", self.beta1)
        _check_fraction("beta2", self.beta2)
        _checks.number("epsilon", self.epsilon, lambda n: 0 < n < np.inf, "above 0")

    def start(self, parameters):
        """Return ``step(gradient)``, which moves ``parameters`` in place."""
        _check_parameters(parameters)
        rate = _over_parameters(self.learning_rate, parameters)
        _in_dtype("epsilon", self.epsilon, parameters)
        mean, square = np.zeros_like(parameters), np.zeros_like(parameters)
        change, scale = np.empty_like(parameters), np.empty_like(parameters)
        count, beta1, beta2 = 0, float(self.beta1), float(self.beta2)
        epsilon = float(self.epsilon)

        def step(gradient):
            nonlocal count
            count += 1
            # mean = β1 · mean + (1 − β1) · gradient
            np.multiply(mean, beta1, out=mean)
            np.multiply(gradient, 1 - beta1, out=change)
            np.add(mean, change, out=mean)
            # square = β2 · square + (1 − β2) · gradient²
            np.multiply(square, beta2, out=square)
            np.multiply(gradient, gradient, out=change)
            np.multiply(change, 1 - beta2, out=change)
            np.add(square, change, out=square)
            # Both start at 0; dividing by 1 − β^count takes that bias out.
            np.divide(square, 1 - beta2**count, out=scale)
            np.sqrt(scale, out=scale)
            np.add(scale, epsilon, out=scale)
            np.divide(mean, 1 - beta1**count, out=change)
            # parameters −= learning_rate · mean / (√square + ε)
            np.divide(change, scale, out=change)
            np.multiply(change, rate, out=change)
            np.subtract(parameters, change, out=parameters)

        return _guarded(step, parameters)


def _keep_rate(optimizer):
    """Check the learning rate; keep an array over the stack as a copy of its own."""
    rate = optimizer.learning_rate
    values = _checks.reals(rate)
    if values is None or values.size == 0 or not _all_above_0(values):
        raise ValueError(f"learning_rate is {rate!r}; expected finite numbers above 0")
    if not isinstance(rate, Real):
        values = np.array(rate)
        values.flags.writeable = False
        object.__setattr__(optimizer, "learning_rate", values)


def _all_above_0(values):
    return np.isfinite(values).all() and (values.real > 0).all()


def _check_fraction(name, value):
    _checks.number(name, value, lambda n: 0 <= n < 1, "from 0 to below 1")


def _check_parameters(parameters):
    """Refuse what no step could move in place."""
    array = isinstance(parameters, np.ndarray)
    if not array or parameters.dtype.kind not in "fc" or not parameters.flags.writeable:
        what = f"{parameters.dtype} array" if array else type(parameters).__name__
        if array and not parameters.flags.writeable:
            what = f"read-only {what}"
        raise ValueError(
            f"parameters is a {what}; expected a writeable array of floating-point "
            "numbers, such as network.parameters"
        )


def _guarded(step, parameters):
    """Return the step behind a check of the gradient's shape."""
    shape = parameters.shape

    def guarded(gradient):
        came = getattr(gradient, "shape", None)
        if came != shape:
            kind = type(gradient).__name__
            came = f"is a {kind}" if came is None else f"has shape {came}"
            raise ValueError(
                f"gradient {came}; expected an array of shape {shape}, that of the "
                "parameters, such as network.backward(trace, t).flat"
            )
        step(gradient)

    return guarded


def _in_dtype(name, value, parameters):
    """Return the value in the parameters' dtype, where it is finite and above 0."""
    with np.errstate(over="ignore", under="ignore"):
        value = np.asarray(value, parameters.dtype)
    if not _all_above_0(value):
        raise ValueError(
            f"{name} is {value} as {value.dtype}; expected finite numbers above 0"
        )
    return value


def _over_parameters(rate, parameters):
    """Return the rate in the parameters' dtype, one for each network of the stack."""
    rate = _in_dtype("learning_rate", rate, parameters)
    stack = parameters.shape[:-1]
    if rate.shape not in ((), stack):
        raise ValueError(
            f"learning_rate has shape {rate.shape}; expected a number"
            + (f" or an array over the stack, {stack}" if stack else "")
        )
    return rate[..., None] if rate.shape else rate
