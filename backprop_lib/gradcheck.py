"""Is a gradient right?  Numerical derivatives, a report, and a diagnosis.

The numerical derivatives know nothing of the backward pass: they call the loss and
nothing else.  That is what makes agreement with them evidence.
"""

from dataclasses import dataclass

import numpy as np

from backprop_lib import _checks, _packing
from backprop_lib._model import Model
from backprop_lib._numerical import compare, numerical_gradient
from backprop_lib._verdict import numerical_sight, plain_sight, verdict

__all__ = [
    "GradientReport",
    "check_gradient",
    "compare",
    "diagnose",
    "numerical_gradient",
]

_TOLERANCE = {"complex": 1e-10, "central": 1e-6}


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
        is told so.
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
    sight = numerical_sight(network, x, t, method, tolerance)
    layers, said = verdict(network, x, t, readings, sight)
    return GradientReport(
        tuple(layer.error for layer in layers),
        tolerance,
        method,
        said,
        tuple(layer.state for layer in layers),
    )


def diagnose(network, x, t, gradient):
    """Name the classic mistake that reproduces a gradient.

    Parameters
    ----------
    network : Network or RecurrentNetwork
    x, t : arrays
        As its `forward` and `backward` take them.
    gradient : Gradient, RecurrentGradient, array (*stack, P), list, or callable
        As `check_gradient` takes it; or a function of yours that returns one of these:
        ``gradient(network, x, t)`` is called with copies.

    Returns
    -------
    str
        "correct"; "nothing to see here: ...", as of `check_gradient`; a sentence such
        as "left out the activation's derivative in layer 1", or two of them, joined by
        "and" if both were made, by "or" if either gives this gradient, and then what
        would tell them apart; "is right, but packed ..."; or "unknown".  Of a function
        that changes what it was given, this is told too.

    Raises
    ------
    ValueError
        For bad data, a gradient of other shapes, another kind of network, or a function
        that raises something.

    Notes
    -----
    The layers of a `RecurrentNetwork` are 1, the recurrent one, and 2, the last.  Two
    mistakes have a learning rate in them, which is fitted and told: an error sent back
    through weights already updated, and a gradient from before the last step.

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
    >>> def backward(network, x, t):
    ...     return network.backward(network.forward(x), t).flat / 2
    >>> diagnose(network, x, t, backward)
    'is half the gradient: a ½ too many'
    """
    _checks.instance("network", network, Model, "Network or RecurrentNetwork")
    changed = ()
    if callable(gradient):
        gradient, changed = _called(gradient, network, x, t)
    readings = _packing.readings(network, gradient)
    said = verdict(network, x, t, readings, plain_sight(network, x, t))[1]
    return "; ".join((said, *changed))


def _called(function, network, x, t):
    """Return what a backward pass returned, and what it changed."""
    network.loss(x, t)  # says what is wrong with x or t
    given = {
        "the network's parameters": network.parameters,
        "x": np.asarray(x, dtype=network.dtype),
        "t": np.asarray(t, dtype=network.dtype),
    }
    copies = {name: array.copy() for name, array in given.items()}
    of_network, x, t = copies.values()
    try:
        gradient = function(network.with_parameters(of_network), x, t)
    except Exception as error:
        raise ValueError(
            f"gradient(network, x, t) raised {type(error).__name__}: {error}; expected "
            "a function that returns a gradient"
        ) from error
    if gradient is None or callable(gradient):
        raise ValueError(
            f"gradient(network, x, t) returned {type(gradient).__name__}; expected "
            "a Gradient, one number for each parameter, or a list of arrays"
        )
    changed = [name for name in given if (given[name] != copies[name]).any()]
    return gradient, [f"the function changed {name}" for name in changed]
