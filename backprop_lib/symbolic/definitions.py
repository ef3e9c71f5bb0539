r"""Systems of definitions, and total derivatives through them."""

from collections.abc import Mapping
from functools import cached_property

from sympy import Symbol

from .claims import Claim
from .decimals import exact
from .door import as_real, read
from .forms import D
from .known import Known, check_function_names, check_names, functions_of
from .printing import display, ordered_symbols, to_latex, to_text
from .scanning import has_indices
from .system import System


class Definitions(Mapping):
    r"""What each symbol stands for, in terms of the others.

    Parameters
    ----------
    definitions : mapping from Symbol to expression, or pairs of them
        In the order in which they are to be shown. A definition may use symbols
        that are defined before or after it, `D(...)`, and undefined functions.
        Symbols without the assumption of SymPy's ``real=True`` are taken as real
        numbers all the same. Or entries of quantities, ``net[j]``, each once for
        all places that its indices run over.
    given : mapping from a sum to a number, optional
        Over indices: what is known of entries that are not defined, such as
        ``{sum_over(j, t[j]): 1}`` of one-hot targets.

    Attributes
    ----------
    base : tuple of Symbol
        What is used but not defined, in the order of first use.
    symbols : tuple of Symbol
        Those defined, then the base.
    known : Known
        These symbols and the undefined functions, as the checks use them.
    system : System
        The same definitions with every symbol real and every number exact.

    Raises
    ------
    TypeError
        If a key is no symbol or a value no expression in single symbols: matrices
        and indexed symbols are not supported.
    ValueError
        If a symbol is defined twice or through itself, if two different symbols or
        functions have one name, or if a `D` within a definition names a symbol that
        occurs nowhere else.

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

    def __new__(cls, definitions, given=None):
        parts = [part for pair in pairs_of(definitions) for part in pair]
        if cls is Definitions and any(map(has_indices, parts)):
            from .indexed_definitions import IndexedDefinitions

            cls = IndexedDefinitions
        return super().__new__(cls)

    def __init__(self, definitions, given=None):
        if given:
            raise TypeError("sums that are given need indices to sum over")
        self._definitions = _checked(definitions)
        # Names differ from each other, so no two symbols have one real twin.
        self.known = _known(self._definitions)
        self.system = System(
            {as_real(symbol): exact(as_real(body)) for symbol, body in self.items()}
        )

    def __getitem__(self, symbol):
        return self._definitions[symbol]

    def __iter__(self):
        return iter(self._definitions)

    def __len__(self):
        return len(self._definitions)

    @property
    def symbols(self):
        """Every symbol of the system: those defined, then the base."""
        return self.known.symbols

    @cached_property
    def base(self):
        """What is used but not defined, in the order of first use."""
        return tuple(symbol for symbol in self.symbols if symbol not in self)

    def written(self, expression, known=None):
        """Return an expression of the system in the symbols of the definitions."""
        symbols = (known or self.known).symbols
        names = {as_real(symbol): symbol for symbol in symbols}
        return expression.xreplace({a: b for a, b in names.items() if a != b})

    def expand(self, expression):
        """Return the expression in base variables, derivatives evaluated.

        Raises
        ------
        TypeError
            If it is no expression in single symbols.
        ValueError
            If it uses a symbol that the definitions do not know, under the rules for
            the first line of a `Derivation`.
        """
        return self._worked_out(expression, "what is expanded", True)

    def resolve(self, expression):
        """Return the expression with its derivatives evaluated, no symbol replaced.

        Raises
        ------
        TypeError, ValueError
            As `expand` does.
        """
        return self._worked_out(expression, "what is resolved", False)

    def claim(self, first_line):
        """Return what a first line claims, for `Derivation`."""
        return Claim(self, first_line)

    def body(self, symbol):
        """Return what a defined symbol stands for, its derivatives evaluated."""
        return self.written(self.system.body(as_real(symbol)))

    def _worked_out(self, expression, what, replaced):
        expression = read(expression, what)
        self.known.check_first_line(expression, what)
        value = self.system.resolve(exact(as_real(expression)))
        value = self.system.substitute(value) if replaced else value
        return self.written(value, self.known.with_those_of(expression))

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
    checked = {}
    for symbol, body in pairs_of(definitions):
        if not isinstance(symbol, Symbol):
            kind = type(symbol).__name__
            raise TypeError(
                f"only symbols can be defined, not {kind} ({symbol}); "
                "use one symbol for each quantity"
            )
        read(symbol, "what is defined")
        if symbol in checked:
            raise ValueError(f"{symbol} is defined twice")
        checked[symbol] = read(body, _of(symbol))
    return checked


def pairs_of(definitions):
    """Return definitions as a list of pairs, or say that they are none."""
    if isinstance(definitions, Mapping):
        definitions = definitions.items()
    try:
        return [(symbol, body) for symbol, body in definitions]
    except (TypeError, ValueError):
        raise TypeError(
            "Definitions takes a mapping {symbol: expression}, "
            f"not {type(definitions).__name__}"
        ) from None


def _of(symbol):
    return f"the definition of {symbol}"


def _known(definitions):
    """Return what the definitions know, or say what is wrong with its use."""
    bodies = definitions.values()
    used = (symbol for body in bodies for symbol in ordered_symbols(body))
    everything = Known(
        tuple(dict.fromkeys([*definitions, *used])),
        frozenset().union(*map(functions_of, bodies)),
    )
    check_names(everything.symbols, bodies, "the definitions")
    check_function_names(everything.functions, "the definitions")
    outside = {*definitions}.union(*map(_outside_derivatives, bodies))
    settled = Known(tuple(s for s in everything.symbols if s in outside))
    for symbol, body in definitions.items():
        for derivative in sorted(body.atoms(D), key=str):
            settled.check_derivative(derivative, _of(symbol))
    return everything


def _outside_derivatives(expression):
    """Return the free symbols that stand elsewhere than in a `D`."""
    if isinstance(expression, D):
        return set()
    if not expression.has(D):
        return expression.free_symbols
    return set().union(*map(_outside_derivatives, expression.args))
