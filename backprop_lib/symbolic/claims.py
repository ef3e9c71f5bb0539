"""What a first line claims over single symbols, and whether a step equals it."""

from functools import cached_property

from sympy import Symbol, nan

from .decimals import exact, rounded_hint
from .door import as_real, read
from .errors import DerivationError
from .instances import BOXES, Instance, differ
from .mistakes import named_mistake
from .numeric import numpy_function
from .points import Comparison, Points
from .proving import is_zero

_POINTS = 20  # at which a step is compared that cannot be proved
_FIRST_POINTS = 2  # at which it is compared before a proof is tried
_NO_VALUE = (ArithmeticError, TypeError, ValueError)  # what its calculation raises


class Claim:
    """A first line over single symbols, with the definitions that give it a meaning."""

    free = ()  # indices, of which there are none

    def __init__(self, definitions, first_line):
        self.definitions = definitions
        self.first_line = read(first_line, "the first line")
        definitions.known.check_first_line(self.first_line, "the first line")
        self._known = definitions.known.with_those_of(self.first_line)
        self._resolved = self._resolve(self.first_line)
        if self._resolved.has(nan) or self._resolved.is_infinite:
            raise ValueError(f"the first line has no finite value: {self._resolved}")
        base = [s for s in self._known.symbols if s not in definitions]
        self._points = Points(definitions, base, self._resolved)

    def read(self, expression, what):
        """Return a step's expression, or say what it is."""
        return read(expression, what)

    def check(self, expression, reason, number):
        """Return how a step was found to be equal, or raise."""
        self._known.check(expression, f"step {number}")
        resolved = self._resolve(expression)
        if resolved == self._resolved:
            return "proved"
        compared = Comparison(self._points, self._resolved, resolved)
        # A false step is found by numbers at once; a proof would be tried in vain.
        found = compared.run(_FIRST_POINTS)
        if not found and compared.equal:
            if is_zero(self._resolved - resolved, self.definitions.system):
                return "proved"
            found = compared.run(_POINTS)
        if found or not compared.equal:
            hint = rounded_hint(expression, self.first_line, *self.definitions.values())
            sides = self.first_line, expression
            mistake = named_mistake(self, expression) if found else ""
            raise DerivationError(
                number, reason, *sides, *(found or (None, ())), hint, mistake
            )
        return str(compared)

    def agrees(self, expression):
        """Say whether an expression has the first line's values where it was tried."""
        expression = as_real(exact(expression))
        compared = 0
        for instance, value in self._instances:
            try:
                other = instance.value(expression, {})
            except _NO_VALUE:
                continue
            if differ(value, other):
                return False
            compared += 1
        return compared > 0

    def check_matrix(self, matrix, reason, number):
        """Refuse a matrix line: there is nothing to be an element of."""
        raise TypeError("a matrix line needs definitions over indices")

    def to_numpy(self, result, arguments):
        """Return a line as a NumPy function; see `Derivation.to_numpy`."""
        arguments = arguments or self._points.symbols
        self._check_arguments(arguments)
        arguments = [as_real(symbol) for symbol in arguments]
        resolved = self._resolve(result)
        expression = self.definitions.system.substitute(resolved, keep=arguments)
        return numpy_function(expression, arguments)

    @cached_property
    def _instances(self):
        """Numbers for the base, each with the first line's value, if it has one."""
        first_line = as_real(exact(self.first_line))
        found = []
        for box in range(BOXES):
            instance = Instance(self.definitions, {}, {}, box)
            try:
                found.append((instance, instance.value(first_line, {})))
            except _NO_VALUE:
                continue
        return found

    def _resolve(self, expression):
        return self.definitions.system.resolve(exact(as_real(expression)))

    def _check_arguments(self, arguments):
        for symbol in arguments:
            if not isinstance(symbol, Symbol):
                kind = type(symbol).__name__
                raise TypeError(
                    f"to_numpy takes symbols, one by one, not {kind} ({symbol!r})"
                )
            self._known.check(symbol, "to_numpy")
        if len(set(arguments)) < len(arguments):
            names = ", ".join(map(str, arguments))
            raise ValueError(f"to_numpy takes each symbol once, not {names}")
