r"""Systems of definitions, and total derivatives through them."""

from collections.abc import Mapping
from functools import cached_property
from graphlib import CycleError, TopologicalSorter

from sympy import Add, Float, Mul, Rational, S, Symbol
from sympy.core.function import AppliedUndef

from .forms import D, _Form, _Product, _Total, to_expression
from .printing import display, ordered_symbols, to_latex, to_text


def exact(expression):
    """Return the expression with each float as the decimal fraction it prints as."""
    floats = expression.atoms(Float)
    return expression.xreplace({number: Rational(str(number)) for number in floats})


class Definitions(Mapping):
    r"""What each symbol stands for, in terms of the others.

    Parameters
    ----------
    definitions : mapping from Symbol to expression, or pairs of them
        In the order in which they are to be shown. A definition may use symbols
        that are defined before or after it, `D(...)`, and undefined functions.
        Symbols without the assumption of SymPy's ``real=True`` are taken as real
        numbers all the same.

    Attributes
    ----------
    base : tuple of Symbol
        What is used but not defined, in the order of first use.

    Raises
    ------
    TypeError
        If a key is no symbol or a value no expression.
    ValueError
        If a symbol is defined twice or through itself, or if two different symbols
        have one name.

    Examples
    --------
    >>> from sympy import symbols
    >>> from backprop_lib.symbolic import D, Definitions, sigmoid
    >>> w, x, b, t, net, o, L = symbols("w x b t net o L", real=True)
    >>> neuron = Definitions({net: w*x + b, o: sigmoid(net), L: (t - o)**2 / 2})
    >>> neuron
    net = w*x + b
    o   = σ(net)
    L   = (t - o)**2/2
    >>> neuron.base
    (w, x, b, t)
    >>> neuron.expand(D(L, o) + o)
    -t + 2*sigmoid(b + w*x)
    """

    def __init__(self, definitions):
        self._definitions = _checked(definitions)
        _check_names(self.symbols)
        self._order = _sorted(self._definitions)
        self._bodies = {}
        for symbol in self._order:
            body = exact(self._definitions[symbol])
            self._bodies[symbol] = self.resolve(body)

    def __getitem__(self, symbol):
        return self._definitions[symbol]

    def __iter__(self):
        return iter(self._definitions)

    def __len__(self):
        return len(self._definitions)

    @cached_property
    def base(self):
        """What is used but not defined, in the order of first use."""
        used = {
            symbol: None
            for body in self._definitions.values()
            for symbol in ordered_symbols(body)
        }
        return tuple(symbol for symbol in used if symbol not in self)

    @cached_property
    def symbols(self):
        """Every symbol of the system: those defined, then the base."""
        return (*self, *self.base)

    @cached_property
    def functions(self):
        """The undefined functions that the definitions use, as a set."""
        bodies = self._bodies.values()
        return {call.func for body in bodies for call in body.atoms(AppliedUndef)}

    def expand(self, expression):
        """Return the expression in base variables, derivatives evaluated.

        Raises
        ------
        TypeError
            If it is no expression.
        ValueError
            If it differentiates by a symbol that neither it nor the system uses.
        """
        expression = to_expression(expression, "what is expanded")
        return self.substitute(self.resolve(exact(expression)))

    def resolve(self, expression):
        """Return the expression with its forms evaluated, but no symbol replaced."""
        if not expression.has(_Form):
            return expression
        parts = [self.resolve(part) for part in expression.args]
        if isinstance(expression, D):
            return self._derivative(parts[0], expression.lower)
        if isinstance(expression, _Product):
            return Mul(*parts)
        if isinstance(expression, _Total):
            return Add(*parts)
        return expression.func(*parts)

    def substitute(self, expression, keep=()):
        """Return a resolved expression with all symbols but `keep` replaced."""
        for symbol in reversed(self._order):
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
        for symbol in reversed(self._order):
            if symbol in wanted:
                wanted |= self._bodies[symbol].free_symbols
        return [symbol for symbol in self._order if symbol in wanted]

    def body(self, symbol):
        """Return what a defined symbol stands for, its derivatives evaluated."""
        return self._bodies[symbol]

    def _derivative(self, upper, lower):
        if lower not in upper.free_symbols and lower not in self.symbols:
            raise ValueError(
                f"there is no {lower} among the definitions to differentiate by; "
                f"they know {_names(self.symbols)}"
            )
        return self.slopes(upper, (lower,))[lower]

    def _reached(self, lower):
        """Return the symbols that depend on those in `lower`, and these."""
        reached = set(lower)
        for symbol, body in self._bodies.items():
            if symbol not in reached and reached & body.free_symbols:
                reached.add(symbol)
        return reached

    def __repr__(self):
        if not self:
            return "Definitions({})"
        names = [to_text(symbol) for symbol in self]
        width = max(map(len, names))
        bodies = map(to_text, self.values())
        lines = zip(names, bodies, strict=True)
        return "\n".join(f"{name:{width}} = {body}" for name, body in lines)

    def _repr_latex_(self):
        if not self:
            return None
        return display(
            f"{to_latex(symbol)} &= {to_latex(body)}" for symbol, body in self.items()
        )


def _checked(definitions):
    """Return {symbol: expression}, or say what is wrong with the input."""
    if isinstance(definitions, Mapping):
        definitions = definitions.items()
    try:
        pairs = [(symbol, body) for symbol, body in definitions]
    except (TypeError, ValueError):
        raise TypeError(
            "Definitions takes a mapping {symbol: expression}, "
            f"not {type(definitions).__name__}"
        ) from None
    checked = {}
    for symbol, body in pairs:
        if not isinstance(symbol, Symbol):
            kind = type(symbol).__name__
            raise TypeError(f"only symbols can be defined, not {kind} ({symbol})")
        if symbol in checked:
            raise ValueError(f"{symbol} is defined twice")
        checked[symbol] = to_expression(body, f"the definition of {symbol}")
    return checked


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


def _check_names(symbols):
    named = {}
    for symbol in symbols:
        if named.setdefault(symbol.name, symbol) != symbol:
            raise ValueError(
                f"two different symbols are called {symbol.name}: their assumptions "
                "differ; declare it once and use that symbol throughout"
            )


def _names(symbols):
    return ", ".join(str(symbol) for symbol in symbols) or "none"
