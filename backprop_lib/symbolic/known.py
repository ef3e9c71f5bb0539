"""Which symbols and functions an expression may use, and what is said of others."""

from dataclasses import dataclass

from sympy import Dummy, Symbol
from sympy.core.function import AppliedUndef

from .door import ASSUMPTIONS_DIFFER
from .forms import D


@dataclass(frozen=True)
class Known:
    """The symbols of some definitions, and their undefined functions with arity."""

    symbols: tuple = ()
    functions: frozenset = frozenset()

    def with_those_of(self, expression):
        """Return the same with an expression's symbols and functions added."""
        own = sorted(expression.free_symbols - set(self.symbols), key=str)
        symbols = (*self.symbols, *own)
        return Known(symbols, self.functions | functions_of(expression))

    def check(self, expression, what):
        """Raise a ValueError if the expression uses what is not known."""
        self._check_symbols(expression, what)
        check_names(self.symbols, [expression], what)
        functions = functions_of(expression)
        check_function_names(self.functions | functions, what)
        for function, _ in sorted(functions - self.functions, key=str):
            raise ValueError(
                f"{what} uses the function {function}, which "
                "the definitions do not know"
            )

    def check_first_line(self, expression, what):
        """Raise a ValueError if a first line uses what is not known.

        Beside known symbols it may use letters of its own, as independent variables,
        but not within a `D`: the derivative of what nothing defines would be zero.
        Where nothing is defined, all its letters are its own.
        """
        for derivative in sorted(expression.atoms(D), key=str):
            self._check_lower(derivative)
            if self.symbols:
                self._check_symbols(derivative, what)
        used = expression.free_symbols
        if self.symbols and not used & set(self.symbols):
            self._check_symbols(expression, what)
        check_names(self.symbols, [expression], what)
        check_function_names(self.functions | functions_of(expression), what)

    def check_derivative(self, derivative, what):
        """Raise a ValueError if a derivative is zero because it uses the unknown."""
        self._check_lower(derivative)
        if derivative.lower not in derivative.upper.free_symbols:
            self._check_symbols(derivative, what)

    def _check_symbols(self, expression, what):
        names = {known.name for known in self.symbols}
        for symbol in sorted(expression.free_symbols - set(self.symbols), key=str):
            hint = ASSUMPTIONS_DIFFER if symbol.name in names else ""
            raise ValueError(
                f"{what} uses {symbol}, which the definitions do not know{hint}"
            )

    def _check_lower(self, derivative):
        lower = derivative.lower
        if lower in derivative.upper.free_symbols or lower in self.symbols:
            return
        names = [symbol.name for symbol in self.symbols]
        hint = f"; they know {', '.join(names) or 'none'}"
        if lower.name in names:
            hint = ASSUMPTIONS_DIFFER
        raise ValueError(
            f"there is no {lower} among the definitions to differentiate by{hint}"
        )


def functions_of(expression):
    """Return the undefined functions in an expression as (function, arity)."""
    calls = expression.atoms(AppliedUndef)
    return frozenset((call.func, len(call.args)) for call in calls)


def check_names(symbols, expressions, what):
    """Raise a ValueError if two different symbols have one name.

    Bound variables count too, but not those that SymPy itself makes.
    """
    named = {}
    inner = (s for e in expressions for s in sorted(e.atoms(Symbol), key=str))
    own = (s for s in inner if not isinstance(s, Dummy) or s in symbols)
    for symbol in (*symbols, *own):
        if named.setdefault(symbol.name, symbol) != symbol:
            raise ValueError(
                f"in {what}, two different symbols are called {symbol.name}: as a rule "
                "their assumptions differ; declare it once and use it throughout"
            )


def check_function_names(functions, what):
    """Raise a ValueError if two different functions have one name."""
    named = {}
    for pair in sorted(functions, key=str):
        function, arity = pair
        other = named.setdefault(function.__name__, pair)
        if other != pair:
            differ = (
                f"one takes {other[1]} and one takes {arity} arguments"
                if other[1] != arity
                else "their assumptions differ"
            )
            raise ValueError(
                f"in {what}, two different functions are called {function}: {differ}"
            )
