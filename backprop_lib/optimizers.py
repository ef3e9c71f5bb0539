"""Optimisers: how a gradient moves the parameters.

An optimiser holds settings only.  ``start(parameters)`` gives the function that
takes one step with a gradient, in place; all memory between the steps (velocity,
moments) lives in that function, so one optimiser can serve many trainings.
"""

from dataclasses import dataclass

import numpy as np

from backprop_lib import _checks


@dataclass(frozen=True)
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
        _check_rate(self.learning_rate)
        _check_fraction("momentum", self.momentum)

    def start(self, parameters):
        """Return ``step(gradient)``, which moves ``parameters`` in place."""
        rate = _over_parameters(self.learning_rate, parameters)
        momentum, change = self.momentum, np.empty_like(parameters)
        if momentum == 0:

            def step(gradient):
                # parameters −= learning_rate · gradient
                np.multiply(gradient, rate, out=change)
                np.subtract(parameters, change, out=parameters)

            return step
        velocity = np.zeros_like(parameters)

        def step_with_momentum(gradient):
            # velocity = momentum · velocity − learning_rate · gradient
            np.multiply(gradient, rate, out=change)
            np.multiply(velocity, momentum, out=velocity)
            np.subtract(velocity, change, out=velocity)
            # parameters += velocity
            np.add(parameters, velocity, out=parameters)

        return step_with_momentum


@dataclass(frozen=True)
class Adam:
    """Step by the ratio of the gradient's running mean and its running size [1]_.

    Parameters
    ----------
    learning_rate : float, or array over the stack
    beta1, beta2 : float in [0, 1)
        Memory of the running means of the gradient and of its square.
    epsilon : float
        Keeps the ratio finite.

    Raises
    ------
    ValueError
        For a value outside its range.

    References
    ----------
    .. [1] D. P. Kingma and J. Ba, Adam: a method for stochastic optimization,
           ICLR 2015, algorithm 1.

    Examples
    --------
    The first step is as long as the learning rate, whatever the gradient's size:

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
        _check_rate(self.learning_rate)
        _check_fraction("beta1", self.beta1)
        _check_fraction("beta2", self.beta2)
        _checks.number("epsilon", self.epsilon, lambda n: 0 < n < np.inf, "above 0")

    def start(self, parameters):
        """Return ``step(gradient)``, which moves ``parameters`` in place."""
        rate = _over_parameters(self.learning_rate, parameters)
        mean, square = np.zeros_like(parameters), np.zeros_like(parameters)
        change, scale = np.empty_like(parameters), np.empty_like(parameters)
        count = 0

        def step(gradient):
            nonlocal count
            count += 1
            # mean = β1 · mean + (1 − β1) · gradient
            np.multiply(mean, self.beta1, out=mean)
            np.multiply(gradient, 1 - self.beta1, out=change)
            np.add(mean, change, out=mean)
            # square = β2 · square + (1 − β2) · gradient²
            np.multiply(square, self.beta2, out=square)
            np.multiply(gradient, gradient, out=change)
            np.multiply(change, 1 - self.beta2, out=change)
            np.add(square, change, out=square)
            # Both start at 0; dividing by 1 − β^count takes that bias out.
            np.divide(square, 1 - self.beta2**count, out=scale)
            np.sqrt(scale, out=scale)
            np.add(scale, self.epsilon, out=scale)
            np.divide(mean, 1 - self.beta1**count, out=change)
            # parameters −= learning_rate · mean / (√square + ε)
            np.divide(change, scale, out=change)
            np.multiply(change, rate, out=change)
            np.subtract(parameters, change, out=parameters)

        return step


def _check_rate(rate):
    try:
        values = np.asarray(rate, float)
    except (TypeError, ValueError):
        values = np.array(np.nan)
    if values.size == 0 or not np.isfinite(values).all() or (values <= 0).any():
        raise ValueError(f"learning_rate is {rate!r}; expected finite numbers above 0")


def _check_fraction(name, value):
    _checks.number(name, value, lambda n: 0 <= n < 1, "from 0 to below 1")


def _over_parameters(rate, parameters):
    """Return the rate in the parameters' dtype, one for each network of the stack."""
    with np.errstate(over="ignore"):
        rate = np.asarray(rate, parameters.dtype)
    if not np.isfinite(rate).all():
        raise ValueError(
            f"learning_rate is {rate} as {rate.dtype}; expected finite numbers"
        )
    stack = parameters.shape[:-1]
    if rate.shape not in ((), stack):
        raise ValueError(
            f"learning_rate has shape {rate.shape}; expected a number"
            + (f" or an array over the stack, {stack}" if stack else "")
        )
    return rate[..., None] if rate.shape else rate
