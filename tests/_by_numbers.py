"""Identities over indices in numbers, every entry calculated at given widths.

Nothing of the provers is used, only how expressions are built. A derivative is taken of
the definitions themselves, by an imaginary nudge of what it is by; or it is asked of
`SymbolicNetwork`, if the definitions are a network's.
"""

import cmath
from functools import cache
from itertools import product as places_of
from math import prod

import numpy as np
from _indexed import Inner, Layer, N, Softmax, Two, m, n, q
from _written_out import environments
from sympy import Function, KroneckerDelta

from backprop_lib.symbolic import D, SymbolicNetwork
from backprop_lib.symbolic.entries import Entry, Whole
from backprop_lib.symbolic.scanning import free_indices

NUDGE = 1e-30


def sigmoid(z):
    return 1 / (1 + cmath.exp(-z))


KNOWN = {
    "sigmoid": (sigmoid, lambda z: sigmoid(z) * (1 - sigmoid(z))),
    "tanh": (cmath.tanh, lambda z: 1 - cmath.tanh(z) ** 2),
    "exp": (cmath.exp, cmath.exp),
    "log": (cmath.log, lambda z: 1 / z),
    # what stands for an unnamed f
    "f": (
        lambda z: cmath.sin(1.3 * z) + 0.4 * z**2,
        lambda z: 1.3 * cmath.cos(1.3 * z) + 0.8 * z,
    ),
}


class Numbers:
    """Definitions at given widths, with drawn numbers for all that is not defined.

    Parameters
    ----------
    definitions : Definitions
    sizes : dict from Width to int
    functions : dict from name to (function, slope), optional
        What stands for unnamed functions of one argument.
    values : dict from (name, places) to number, optional
        What is not drawn.
    """

    def __init__(self, definitions, sizes, functions=None, values=None):
        self.sizes = sizes
        self._functions = {**KNOWN, **(functions or {})}
        self._bodies = {
            name_of(lower): (getattr(lower, "places", ()), body)
            for lower, body in definitions.items()
        }
        given = getattr(definitions, "given", {})
        self._given = {(name, axis): value for (name, axis, _), value in given.items()}
        self._rng = np.random.default_rng([*sizes.values()])
        self._arrays = {}
        self._plain, self._nudged = dict(values or {}), {}

    def differences(self, one, other):
        """Return |one - other| / (1 + |one|) at every choice of free indices."""
        free = dict.fromkeys([*free_indices(one), *free_indices(other)])
        result = []
        for env in environments(free, self.sizes):
            first, second = self.value(one, env), self.value(other, env)
            result.append(abs(first - second) / (1 + abs(first)))
        return result

    def value(self, expression, env):
        """Return an expression's value, free indices as `env` says."""
        return self._value(expression, env, self._plain)

    def _value(self, part, env, known):
        if isinstance(part, Entry):
            places = self._places(part.places, env)
            return self._entry(part.quantity, places, known)
        if part in self.sizes:
            return self.sizes[part]
        if part.is_Symbol:
            return self._entry(part, (), known)
        if part.is_number and not part.has(Function):
            return float(part)
        if hasattr(part, "index"):
            return sum(
                self._value(part.body, {**env, part.index: place}, known)
                for (place,) in self._runs([(part.index.first, part.index.last)])
            )
        if isinstance(part, KroneckerDelta):
            return float(len(set(self._places(part.args[:2], env))) == 1)
        if isinstance(part, D):
            places = self._places(getattr(part.lower, "places", ()), env)
            assert known is self._plain, "a derivative of a derivative"
            return self.slope(part.upper, env, part.lower, places)
        if hasattr(part, "argument"):
            _, derived = self._functions[part.function.__name__]
            return derived(self._value(part.argument, env, known))
        if isinstance(part, Function):
            return self._called(part, env, known)
        values = [self._value(inner, env, known) for inner in part.args]
        if part.is_Pow:
            power = int(part.exp) if part.exp.is_Integer else values[1]
            return values[0] ** power
        return {"Add": sum, "_Total": sum, "Mul": prod, "_Product": prod}[
            type(part).__name__
        ](values)

    def _called(self, call, env, known):
        name = call.func.__name__
        if not call.has(Whole) and len(call.args) == 1:
            return self._functions[name][0](self._value(call.args[0], env, known))
        if call.has(Whole):
            (quantity,) = (part.quantity for part in call.args)
            values = [
                self._entry(quantity, places, known)
                for places in self._runs(quantity.axes)
            ]
        else:
            values = [self._value(inner, env, known) for inner in call.args]
        # sin(Σ a z) + Σ b z²: every argument counts, and each in its own way
        weights = np.random.default_rng([*name.encode()]).uniform(
            0.3, 1.5, (2, len(values))
        )
        pairs = list(zip(*weights.tolist(), values, strict=True))
        squares = sum(b * z**2 for _, b, z in pairs)
        return cmath.sin(sum(a * z for a, _, z in pairs)) + squares

    def slope(self, upper, env, lower, places):
        """Return ∂upper/∂lower, `lower` held as the independent variable."""
        held = (name_of(lower), places)
        if held not in self._nudged:
            quantity = getattr(lower, "quantity", lower)
            value = self._entry(quantity, places, self._plain)
            self._nudged[held] = {held: value + 1j * NUDGE}
        return complex(self._value(upper, env, self._nudged[held])).imag / NUDGE

    def _entry(self, thing, places, known):
        """Return an entry of a quantity, or a single symbol if there are no places."""
        if (thing.name, places) not in known:
            indices, body = self._bodies.get(thing.name, ((), None))
            holds = body is not None and all(
                place in range(*self._ends((index.first, index.last)))
                for index, place in zip(indices, places, strict=True)
            )
            if holds:
                env = dict(zip(indices, places, strict=True))
                value = self._value(body, env, known)
            else:
                value = self._drawn(thing, places)
            known[thing.name, places] = value
        return known[thing.name, places]

    def _drawn(self, thing, places):
        axes = getattr(thing, "axes", ())
        if thing.name not in self._arrays:
            ranges = [range(*self._ends(axis)) for axis in axes]
            array = self._rng.uniform(0.2, 1.5, tuple(map(len, ranges)))
            given = [axis for name, axis in self._given if name == thing.name]
            if given:
                (axis,) = given
                whole = float(self._given[thing.name, axis])
                array *= whole / array.sum(axis=axis, keepdims=True)
            else:
                array *= self._rng.choice([-1, 1], array.shape)
            self._arrays[thing.name] = array
        firsts = (self._ends(axis)[0] for axis in axes)
        at = tuple(place - first for place, first in zip(places, firsts, strict=True))
        return float(self._arrays[thing.name][at])

    def _places(self, places, env):
        known = {None: 0, **self.sizes, **env}
        return tuple(known[letter] + number for letter, number in map(apart, places))

    def _ends(self, axis):
        first, last = self._places(axis, {})
        return first, last + 1

    def _runs(self, axes):
        return places_of(*(range(*self._ends(axis)) for axis in axes))


@cache
def apart(place):
    """Return (letter or None, number) of a place such as k - 1, T or 2."""
    letter, *_ = [*place.free_symbols, None]
    return letter, int(place - letter if letter else place)


def name_of(thing):
    return getattr(thing, "quantity", thing).name


# Networks


class Drawn(Numbers):
    """The same, with every number and derivative from a `SymbolicNetwork`.

    Parameters
    ----------
    network : SymbolicNetwork
    symbols : dict from quantity's name to function
        From places to (example, Symbol); the example is None for a parameter.
    mean : bool
        Whether the loss is the mean over the examples, or their sum.
    """

    def __init__(self, definitions, sizes, network, symbols, mean, functions):
        super().__init__(definitions, sizes, functions)
        self._network, self._symbols = network, symbols
        self._resolved = {}
        count = sizes.get(N, 1)
        self._share = 1 / count if mean else 1.0
        drawn = {(p.name, ()): self._rng.normal() for p in network.parameters}
        self._examples = [self._example(drawn) for _ in range(count)]

    def _example(self, parameters):
        network = self._network
        targets = self._rng.dirichlet(np.ones(len(network.t)))
        values = {(x.name, ()): self._rng.normal() for x in network.x}
        values |= {(t.name, ()): v for t, v in zip(network.t, targets, strict=True)}
        return Numbers(network.definitions, {}, values={**parameters, **values})

    def _entry(self, thing, places, known):
        if thing.name not in self._symbols:
            # δ, by its definition as a derivative
            return super()._entry(thing, places, known)
        example, symbol = self._symbols[thing.name](*places)
        return self._examples[example or 0].value(symbol, {})

    def slope(self, upper, env, lower, places):
        by, below = self._symbols[name_of(lower)](*places)
        if upper.name == self._network.loss.name:
            examples = range(len(self._examples)) if by is None else [by]
            slopes = (self._at(e, self._network.loss, below) for e in examples)
            return self._share * sum(slopes)
        of, above = self._symbols[name_of(upper)](*self._places(upper.places, env))
        return self._at(of, above, below) if by in (None, of) else 0.0

    def _at(self, example, above, below):
        if (above, below) not in self._resolved:
            derivative = self._network.definitions.resolve(D(above, below))
            self._resolved[above, below] = derivative
        return self._examples[example].value(self._resolved[above, below], {})


def by_example(symbols):
    return lambda e, j: (e - 1, symbols[j - 1])


def shared(symbols):
    return lambda j: (None, symbols[j - 1])


def between(weights):
    return lambda i, j: (None, weights[i - 1, j - 1])


def alone(symbols):
    return lambda j: (0, symbols[j - 1])


NETWORKS = [one.definitions for one in (Layer, Two, Inner, Softmax)] + [Layer.tanh]


def is_network(definitions):
    return any(definitions is network for network in NETWORKS)


def drawn(definitions, sizes):
    """Return definitions that are a network's in the numbers of `SymbolicNetwork`."""
    mean = True
    if definitions is Two.definitions:
        network = SymbolicNetwork([sizes[n], sizes[m], sizes[q]])
        symbols = {
            "w^(0)": between(network.weights[0]),
            "b^(0)": shared(network.biases[0]),
            "w^(1)": between(network.weights[1]),
            "b^(1)": shared(network.biases[1]),
            **{f"net^({k})": by_example(network.net[k]) for k in (1, 2)},
            **{f"o^({k})": by_example(network.out[k]) for k in (1, 2)},
        }
    elif definitions is Layer.definitions or definitions is Layer.tanh:
        named = "tanh" if definitions is Layer.tanh else "sigmoid"
        network, mean = SymbolicNetwork([sizes[n], sizes[m]], named), False
        symbols = {
            "w": between(network.weights[0]),
            "b": shared(network.biases[0]),
            "net": by_example(network.net[1]),
            "o": by_example(network.out[1]),
        }
    elif definitions is Inner.definitions:
        # what comes after stands for anything; what comes before draws the nets
        network = SymbolicNetwork([1, sizes[n], sizes[m]])
        symbols = {
            "w": between(network.weights[1]),
            "b": shared(network.biases[1]),
            "net": alone(network.net[1]),
            "o": alone(network.out[1]),
            "net^(2)": alone(network.net[2]),
        }
    else:
        network = SymbolicNetwork([1, sizes[m]], "softmax", "cross_entropy")
        symbols = {
            "net": by_example(network.net[1]),
            "o": by_example(network.out[1]),
        }
    symbols |= {"x": by_example(network.x), "t": by_example(network.t)}
    return Drawn(definitions, sizes, network, symbols, mean, {"f": KNOWN["sigmoid"]})
