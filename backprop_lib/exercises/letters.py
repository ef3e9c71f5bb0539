"""The words of the formula language, and what a question adds to them."""

from dataclasses import dataclass, field

_GREEK = """
α alpha β beta γ gamma δ delta ε epsilon ϵ epsilon ζ zeta η eta θ theta ϑ theta ι iota
κ kappa λ lambda μ mu ν nu ξ xi ο omicron π pi ρ rho σ sigma τ tau υ upsilon φ phi ϕ phi
χ chi ψ psi ω omega ℓ ell Γ Gamma Δ Delta Θ Theta Λ Lambda Ξ Xi Π Pi Φ Phi Ψ Psi Ω Omega
""".split()
GREEK = dict(zip(_GREEK[::2], _GREEK[1::2], strict=True))
GREEK_WORDS = {**{name: name for name in GREEK.values()}, "varepsilon": "epsilon"}
FUNCTIONS = {
    **dict.fromkeys(("sigma", "sigmoid", "logistic"), "sigma"),
    **dict.fromkeys(("ln", "log"), "log"),
    **dict.fromkeys(("max", "Max"), "max"),
    **dict.fromkeys(("min", "Min"), "min"),
    **dict.fromkeys(("abs", "Abs"), "abs"),
    **{name: name for name in ("exp", "sqrt", "tanh", "sin", "cos")},
}
SPACES = frozenset(
    " \t\n\r\f\v\u00a0\u1680\u2028\u2029\u202f\u205f\u3000\ufeff\u2061\u2062\u2063"
    + "".join(map(chr, range(0x2000, 0x200C)))
)
OPERATORS = {
    **dict.fromkeys("+", "+"),
    **dict.fromkeys("-−–", "-"),
    **dict.fromkeys("*·⋅×∗•", "*"),
    **dict.fromkeys("/÷∕", "/"),
    "^": "^",
}
FRACTIONS = {
    "½": (1, 2),
    "⅓": (1, 3),
    "⅔": (2, 3),
    "¼": (1, 4),
    "¾": (3, 4),
    "⅛": (1, 8),
}
SUPERSCRIPTS = dict(zip("⁺⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "+-0123456789", strict=True))
SUBSCRIPTS = dict(zip("₀₁₂₃₄₅₆₇₈₉ᵢⱼₖₗₘₙₐ", "0123456789ijklmna", strict=True))
BRACKETS = {"(": ")", "[": "]", "{": "}"}


@dataclass(frozen=True)
class Letters:
    """What a question lets a reader type.

    Attributes
    ----------
    names : dict
        Canonical name (``o``, ``net``, ``w_11``, ``delta``) to its LaTeX.
    derivatives : dict
        ``∂L/∂o`` to its LaTeX, where that is not made of the two letters'.
    index : dict
        Index letter to the name of the width it runs over.
    quantity : dict
        Name of an indexed quantity to the widths of its places.
    free : tuple of str
        Index letters that no sum binds.
    """

    names: dict
    derivatives: dict = field(default_factory=dict)
    index: dict = field(default_factory=dict)
    quantity: dict = field(default_factory=dict)
    free: tuple = ()

    @property
    def has_sums(self):
        """Whether the question has indices at all."""
        return bool(self.index)

    def knows(self, name):
        """Say whether a word is a letter of the question."""
        return name in self.names and name not in self.quantity

    def latex(self, name):
        """Return the LaTeX of a letter or a derivative."""
        return self.derivatives.get(name) or self.names[name]
