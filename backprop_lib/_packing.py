"""How a gradient came: as one vector, or as a list of arrays, in whichever order.

A network keeps its parameters layer by layer, the biases of a layer before its weights,
and each matrix as (n_in, n_out).  Others keep the same numbers otherwise.
"""

from dataclasses import dataclass
from itertools import product

import numpy as np

_OWN = "biases before weights"
_ORDERS = {
    _OWN: lambda layers: [part for b, w in layers for part in (b, w)],
    "weights before biases": lambda layers: [
        part for b, w in layers for part in (w, b)
    ],
    "all biases before all weights": lambda layers: [*_biases(layers), *_all(layers)],
    "all weights before all biases": lambda layers: [*_all(layers), *_biases(layers)],
}


def _biases(layers):
    return [biases for biases, _ in layers]


def _all(layers):
    return [weights for _, weights in layers]


@dataclass(frozen=True)
class _Packing:
    """An order of the parameters: what it is called, and which numbers each array has.

    ``arrays`` holds, for each array, the places of its entries in a network's own
    vector.
    """

    name: str
    arrays: tuple

    def unpack(self, packed):
        """Return the vectors (..., P) in the network's own order."""
        flat = np.empty_like(packed)
        flat[..., np.concatenate([places.ravel() for places in self.arrays])] = packed
        return flat


def blocks(network):
    """Return a slice of the flat vector for each layer: biases, then weights."""
    slices, start = [], 0
    for biases, weights in _layers(network):
        stop = start + biases.size + sum(places.size for places in weights)
        slices.append(slice(start, stop))
        start = stop
    return slices


def _layers(network):
    """Return the places of each layer's biases and weights in the flat vector."""
    # The recurrent layer has two matrices: from the input, and from its own state.
    extra = len(network.weights) - len(network.biases)
    groups = [
        network.weights[: 1 + extra],
        *([w] for w in network.weights[1 + extra :]),
    ]
    layers, start = [], 0
    for bias, matrices in zip(network.biases, groups):
        places = []
        for shape in (bias.shape[-1:], *(w.shape[-2:] for w in matrices)):
            stop = start + int(np.prod(shape))
            places.append(np.arange(start, stop).reshape(shape))
            start = stop
        layers.append((places[0], places[1:]))
    return layers


def _packings(network, likeliest):
    """Return every known packing, the likeliest order first."""
    layers, found = _layers(network), []
    orders = sorted(_ORDERS, key=lambda order: order != likeliest)
    # A recurrent layer has two matrices, which may come the other way round.
    swaps = (False, True) if len(layers[0][1]) > 1 else (False,)
    ways = product((False, True), (False, True), swaps, orders)
    for backwards, transposed, swapped, order in ways:
        turned = [(b, w[::-1]) for b, w in layers] if swapped else layers
        parts = _ORDERS[order](turned[::-1] if backwards else turned)
        arrays = [m for part in parts for m in (part if type(part) is list else [part])]
        plain = not (transposed or backwards or swapped)
        names = [order] if order != _OWN or plain else []
        if swapped:
            names.append("with the recurrent weights before those from the input")
        if transposed:
            arrays = [matrix.T for matrix in arrays]
            names.append("with each matrix transposed")
        if backwards:
            names.append("from the last layer to the first")
        found.append(_Packing(", ".join(names), tuple(arrays)))
    return found


def readings(network, gradient):
    """Return the ways to read a gradient, the likeliest first.

    Parameters
    ----------
    network : Network or RecurrentNetwork
    gradient : Gradient, RecurrentGradient, array (*stack, P), or list of arrays
        A list has one array for each of the weights, (*stack, n_in, n_out) or
        transposed, and the biases, (*stack, n_out), in an order that their shapes tell;
        lists of lists are taken as one.

    Returns
    -------
    list of (str, array (*stack, P))
        How it was packed, "" for the first; and the numbers, in the network's order.

    Raises
    ------
    ValueError
        For other shapes, or anything but real numbers.
    """
    packed = _vector(network, gradient)
    if packed is None:
        return _read_list(network, _arrays(gradient))
    _refuse_others(packed)
    if hasattr(gradient, "weights"):
        return [("", packed)]
    return _distinct(packed, _packings(network, _OWN))


def _distinct(packed, packings):
    """Return each packing's reading, without those that only repeat one."""
    found = {}
    places = np.arange(packed.shape[-1])
    for packing in packings:
        found.setdefault(packing.unpack(places).tobytes(), packing)
    first, *others = found.values()
    return [
        ("", first.unpack(packed)),
        *((packing.name, packing.unpack(packed)) for packing in others),
    ]


def _vector(network, gradient):
    """Return the flat array, or None if a list of arrays came."""
    # An array has a flat, too: an iterator.
    flat = getattr(gradient, "flat", None)
    if isinstance(flat, np.ndarray):
        gradient = flat
    expected = network.parameters.shape
    try:
        array = np.asarray(gradient)
    except ValueError:
        return None
    listed = isinstance(gradient, list | tuple)
    if listed and (array.dtype == object or array.shape != expected):
        numbers = array.ndim <= len(expected) and array.dtype != object
        if not numbers or any(isinstance(a, np.ndarray) for a in gradient):
            return None
    if array.shape != expected:
        raise ValueError(
            f"gradient has shape {array.shape}; expected {expected}, "
            "one number for each parameter, or a list of arrays"
        )
    return array


def _arrays(gradient):
    """Return the arrays of a list, or of the lists that it holds."""
    found = []
    for part in gradient:
        holds_arrays = isinstance(part, list | tuple) and any(
            isinstance(inner, np.ndarray) for inner in part
        )
        try:
            array = None if holds_arrays else np.asarray(part)
        except ValueError:
            array = None
        if array is None:
            found += _arrays(part)
        else:
            _refuse_others(array)
            found.append(array)
    return found


def _refuse_others(array):
    if array.dtype.kind not in "uif":
        raise ValueError(f"gradient holds {array.dtype}; expected real numbers")


def _read_list(network, arrays):
    stack = network.stack
    came = [array.shape for array in arrays]
    fitting = [
        packing
        for packing in _packings(network, "weights before biases")
        if len(came) == len(packing.arrays)
        and all(
            shape in _shapes(stack, places.shape)
            for shape, places in zip(came, packing.arrays)
        )
    ]
    if not fitting:
        kinds = "weights", "biases"
        expected = ", ".join(
            f"{kind} {' '.join(str(array.shape) for array in getattr(network, kind))}"
            for kind in kinds
        )
        raise ValueError(
            f"gradient is a list of arrays of shapes {' '.join(map(str, came))}; "
            f"expected those of the {expected}, layer by layer or the ones before the "
            "others, each matrix as it is or transposed"
        )
    rows = [array.reshape(*stack, -1) for array in arrays]
    return _distinct(np.concatenate(rows, axis=-1), fitting)


def _shapes(stack, shape):
    """Return the shapes in which an array of the parameters may come."""
    if len(shape) == 2:
        return [(*stack, *shape)]
    (n,) = shape
    return [(*stack, n), (*stack, 1, n), (*stack, n, 1)]
