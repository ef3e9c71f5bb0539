"""The algebra of definitions: what stands for what, and slopes along all paths."""

from graphlib import CycleError, TopologicalSorter

from sympy import Add, Mul, S

from .forms import D, _Form, _Product, _Total
from .printing import ordered_symbols


class System:
    """Definitions whose symbols are all taken as real and whose numbers are exact.

    Parameters
    ----------
    definitions : dict from Symbol to expression
        In any order.

    Raises
    ------
    ValueError
        If a symbol is defined through itself.
    """

    def __init__(self, definitions):
        self._bodies = {}
        for symbol in _sorted(definitions):
            self._bodies[symbol] = self.resolve(definitions[symbol])

    def __contains__(self, symbol):
        return symbol in self._bodies

    def body(self, symbol):
        """Return what a defined symbol stands for, its derivatives evaluated."""
        return self._bodies[symbol]

    def resolve(self, expression):
        """Return the expression with its forms evaluated, but no symbol replaced."""
        if not expression.has(_Form):
            return expression
        parts = [self.resolve(part) for part in expression.args]
        if isinstance(expression, D):
            return self.slopes(parts[0], (expression.lower,))[expression.lower]
        if isinstance(expression, _Product):
            return Mul(*parts)
        if isinstance(expression, _Total):
            return Add(*parts)
        return expression.func(*parts)

    def substitute(self, expression, keep=()):
        """Return a resolved expression with all symbols but `keep` replaced."""
        for symbol in reversed(self._bodies):
            if symbol not in keep:
                expression = expression.subs(symbol, self._bodies[symbol])
        return expression

    def slopes(self, upper, lower, name=lambda symbol, slope: slope):
        """Return {symbol: ∂upper/∂symbol} for the symbols in `lower`.

        The sum over all paths, collected from `upper` backwards: each symbol's
        derivative is complete before it is handed on, so nothing is done twice.
        `name` may put a shorter expression in the place of a finished derivative.
        """
        reached = self._reached(lower)
        slopes = {symbol: upper.diff(symbol) for symbol in ordered_symbols(upper)}
        for symbol in reversed(self._bodies):
            if symbol not in reached or symbol not in slopes:
                continue
            slope = name(symbol, slopes[symbol])
            body = self._bodies[symbol]
            for used in ordered_symbols(body):
                if used in reached:
                    # ∂upper/∂used gains ∂upper/∂symbol · ∂symbol/∂used
                    gain = slope * body.diff(used)
                    slopes[used] = slopes.get(used, S.Zero) + gain
        return {symbol: slopes.get(symbol, S.Zero) for symbol in lower}

    def needed(self, expression):
        """Return the defined symbols that an expression rests on, in working order."""
        wanted = set(expression.free_symbols)
        for symbol in reversed(self._bodies):
            if symbol in wanted:
                wanted |= self._bodies[symbol].free_symbols
        return [symbol for symbol in self._bodies if symbol in wanted]

    def _reached(self, lower):
        """Return the symbols that depend on those in `lower`, and these."""
        reached = set(lower)
        for symbol, body in self._bodies.items():
            if symbol not in reached and reached & body.free_symbols:
                reached.add(symbol)
        return reached


def _sorted(definitions):
    """Return the defined symbols, each after those that it is defined by."""
    graph = {
        symbol: [used for used in ordered_symbols(body) if used in definitions]
        for symbol, body in definitions.items()
    }
    try:
        return tuple(TopologicalSorter(graph).static_order())
    except CycleError as error:
        circle = " -> ".join(str(symbol) for symbol in reversed(error.args[1]))
        raise ValueError(f"the definitions go round in a circle: {circle}") from None
