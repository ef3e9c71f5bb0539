"""A formula as a tree, what it prints as, and its value at a point."""

import math
from dataclasses import dataclass, field

_PRECEDENCE = {"+": 1, "-": 1, "neg": 2, "*": 3, "sum": 3}


@dataclass(frozen=True)
class Node:
    """One operation, or a number, letter, derivative or entry.

    Attributes
    ----------
    kind : str
        ``number``, ``letter``, ``pi``, ``D``, ``at``, ``neg``, ``sum``, one of
        ``+ - * / ^``,
        or a function's name.
    parts : tuple of Node
    value : object
        A number's text, a letter's name, the two names of a derivative, the name and
        places of an entry, the index of a sum.
    place : int
        Where in the text it stands.
    """

    kind: str
    parts: tuple = ()
    value: object = None
    place: int = field(default=0, compare=False)

    def __str__(self):
        if self.kind in ("number", "letter"):
            return self.value
        if self.kind == "pi":
            return "pi"
        if self.kind == "D":
            return f"(D {' '.join(self.value)})"
        if self.kind == "at":
            name, places = self.value
            return f"(at {name} {' '.join(map(written_place, places))})"
        head = "-" if self.kind == "neg" else self.kind
        if self.kind == "sum":
            head = f"sum {self.value}"
        return f"({head} {' '.join(map(str, self.parts))})"

    def walk(self):
        """Yield this node and all below it, in reading order of their beginnings."""
        yield self
        for part in self.parts:
            yield from part.walk()

    @property
    def is_constant(self):
        """Whether it holds numbers alone."""
        return all(
            node.kind not in ("letter", "D", "at", "sum") for node in self.walk()
        )


def written_place(place):
    """Return a place of an entry as it is written: ``i``, ``k-1``, ``2``."""
    letter, shift = place
    return f"{letter}{shift:+d}" if shift else letter


def latex_of(node, letters):
    """Return a node's LaTeX, with no brackets around it.

    Parameters
    ----------
    node : Node
    letters : Letters
    """
    return _Latex(letters).write(node)


class _Latex:
    def __init__(self, letters):
        self.letters = letters

    def bound(self, node, level):
        text = self.write(node)
        if _PRECEDENCE.get(node.kind, 4) < level:
            return rf"\left({text}\right)"
        return text

    def write(self, node):
        kind, parts = node.kind, node.parts
        if kind == "number":
            head, _, power = node.value.lower().partition("e")
            if power:
                return rf"{head} \cdot 10^{{{power.lstrip('+')}}}"
            return head
        if kind == "letter":
            return self.letters.latex(node.value)
        if kind == "pi":
            return r"\pi"
        if kind == "D":
            return self.derivative(*node.value)
        if kind == "at":
            name, places = node.value
            below = " ".join(map(written_place, places))
            return f"{self.letters.names[name]}_{{{below}}}"
        if kind in "+-":
            return f"{self.write(parts[0])} {kind} {self.bound(parts[1], 3)}"
        if kind == "neg":
            return f"- {self.bound(parts[0], 3)}"
        if kind == "*":
            return rf"{self.bound(parts[0], 3)} \cdot {self.bound(parts[1], 4)}"
        if kind == "/":
            return rf"\frac{{{self.write(parts[0])}}}{{{self.write(parts[1])}}}"
        if kind == "^":
            return self.power(*parts)
        if kind == "sum":
            return rf"\sum_{{{node.value}}} {self.bound(parts[0], 3)}"
        if kind == "exp" and not self.letters.knows("e"):
            return f"e^{{{self.write(parts[0])}}}"
        return self.function(kind, ", ".join(map(self.write, parts)))

    def derivative(self, upper, lower):
        own = self.letters.derivatives.get(f"∂{upper}/∂{lower}")
        if own:
            return own
        above, below = map(self.letters.latex, (upper, lower))
        return rf"\frac{{\partial {above}}}{{\partial {below}}}"

    def power(self, base, exponent):
        text = self.write(base)
        plain = base.kind in ("letter", "pi") and "^" not in text
        plain |= base.kind == "number" and "e" not in base.value.lower()
        if not plain:
            text = rf"\left({text}\right)"
        return f"{text}^{{{self.write(exponent)}}}"

    def function(self, kind, inside):
        if kind == "sqrt":
            return rf"\sqrt{{{inside}}}"
        if kind == "abs":
            return rf"\left|{inside}\right|"
        name = rf"\{'ln' if kind == 'log' else kind}"
        if self.letters.knows(kind):
            name = r"\operatorname{sigmoid}"
        return rf"{name}\left({inside}\right)"


class NoValue(ArithmeticError):
    """A formula has no finite real value at a point."""


@dataclass(frozen=True)
class Point:
    """Numbers for letters, derivatives and entries, and the ranges of indices.

    Attributes
    ----------
    values : dict
        Letter or ``∂L/∂o`` to a number, quantity to nested lists.
    ranges : dict
        Index letter to the number of its values.
    free : dict
        Free index letter to its value, from 1.
    """

    values: dict
    ranges: dict = field(default_factory=dict)
    free: dict = field(default_factory=dict)


_NOWHERE = Point({})


def value_of(node, point=_NOWHERE):
    """Return a node's value at a point, in doubles.

    Raises
    ------
    NoValue
        If it or a part of it has no finite real value there.
    """
    return _value(node, point, point.free)


def _value(node, point, places):
    if node.kind == "number":
        return _finite(float(node.value))
    if node.kind == "pi":
        return math.pi
    if node.kind == "letter":
        return point.values[node.value]
    if node.kind == "D":
        upper, lower = node.value
        return point.values.get(f"∂{upper}/∂{lower}", float(upper == lower))
    if node.kind == "at":
        return _entry(*node.value, point, places)
    if node.kind == "sum":
        (body,) = node.parts
        terms = range(1, point.ranges[node.value] + 1)
        added = 0.0
        for number in terms:
            added += _value(body, point, {**places, node.value: number})
        return _finite(added)
    parts = [_value(part, point, places) for part in node.parts]
    try:
        return _finite(_OPERATIONS[node.kind](*parts))
    except (ValueError, OverflowError, ZeroDivisionError):
        raise NoValue from None


def _entry(name, entries, point, places):
    value = point.values[name]
    for letter, shift in entries:
        number = (int(letter) if letter.isdigit() else places[letter]) + shift
        if not 1 <= number <= len(value):
            raise NoValue
        value = value[number - 1]
    return value


def _finite(value):
    if not math.isfinite(value):
        raise NoValue
    return value


def _power(base, exponent):
    if base < 0 and exponent != int(exponent):
        raise NoValue
    return base**exponent


def _sigma(x):
    if x >= 0:
        return 1 / (1 + math.exp(-x))
    return math.exp(x) / (1 + math.exp(x))


_OPERATIONS = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: a / b,
    "^": _power,
    "neg": lambda a: -a,
    "sigma": _sigma,
    "exp": math.exp,
    "log": math.log,
    "sqrt": math.sqrt,
    "tanh": math.tanh,
    "sin": math.sin,
    "cos": math.cos,
    "abs": abs,
    "max": max,
    "min": min,
}
