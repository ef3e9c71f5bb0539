r"""LaTeX and plain text as the book writes them.

What differs from SymPy's own printers: a word such as `net` is set as one word,
sums start with a positive term and go from high degree to low (`w x + b`, `t - o`),
and the sigmoid is σ. A Kronecker delta is written `[i = j]`, 1 where that is so and
else 0: δ is the error signal, with indices of its own.

Names are read by one rule. A Greek letter's name is that letter. One letter, or a
Greek one, with an accent behind it has that accent: `xbar`, `ohat`, `etatilde`. All
else of two or more letters is a word, whatever it ends in: `local`, `netbar`. What
follows `_` or `^`, or digits at the end, are indices: `w_ij`, `net_1^(2)`. A name with
a brace or backslash is LaTeX already: `\hat{o}`, `o_{k-1}`.
"""

import re

from sympy.printing.conventions import split_super_sub
from sympy.printing.latex import (
    LatexPrinter,
    greek_letters_set,
    other_symbols,
    tex_greek_dictionary,
    translate,
)
from sympy.printing.str import StrPrinter

_WORD = re.compile(r"[^\W\d_]{2,}")
_GREEK = {
    *(name for letter in greek_letters_set for name in (letter, letter.capitalize())),
    *tex_greek_dictionary,
    *other_symbols,
}
_ACCENTED = re.compile("(.+?)(hat|bar|dot|ddot|tilde|vec)")
_SPECIAL = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "^": r"\textasciicircum{}",
    "~": r"\textasciitilde{}",
    **{character: "\\" + character for character in "_%#&"},
}


def _is_negative(term):
    return term.as_coeff_Mul()[0].is_extended_negative is True


def _degree(term):
    powers = (factor.as_base_exp() for factor in term.as_ordered_factors())
    return sum(
        exponent for base, exponent in powers if base.is_Symbol and exponent.is_Integer
    )


def ordered_terms(expression):
    """Return the terms of a sum: positive ones first, then by falling degree."""
    terms = expression.as_ordered_terms()
    return sorted(terms, key=lambda term: (_is_negative(term), -_degree(term)))


def ordered_symbols(expression):
    """Return the free symbols of an expression in the order in which it prints."""
    if not expression.args:
        return list(expression.free_symbols)
    parts = ordered_terms(expression) if expression.is_Add else expression.args
    if expression.is_Mul:
        parts = expression.as_ordered_factors()
    found = {symbol: None for part in parts for symbol in ordered_symbols(part)}
    return [symbol for symbol in found if symbol in expression.free_symbols]


def _is_letter(name):
    """Say whether a name is that of one letter, a Greek one or one with an accent."""
    accented = _ACCENTED.fullmatch(name)
    letter = accented.group(1) if accented else name
    return letter in _GREEK or len(letter) == 1


def _index(name):
    return translate(name) if _is_letter(name) else _escaped(name)


def _italic(word):
    return rf"\mathit{{{word}}}"


def _escaped(text):
    return "".join(_SPECIAL.get(character, character) for character in text)


class _BookOrder:
    """What both printers share."""

    def _as_ordered_terms(self, expr, order=None):
        return ordered_terms(expr)

    def apart(self, factors, level, signed):
        """Print factors, those in parentheses that would otherwise read wrongly."""
        for position, factor in enumerate(factors):
            text = self.parenthesize(factor, level, strict=True)
            goes_on = position + 1 < len(factors) and getattr(factor, "is_open", False)
            if goes_on or ((position or signed) and text.startswith("-")):
                text = self.bracket(text)
            yield text

    def _print_KroneckerDelta(self, expr, exp=None):
        sides = " = ".join(map(self._print, expr.args[:2]))
        text = self.square.format(sides)
        return text if exp is None else f"{text}^{{{exp}}}"


class BookLatexPrinter(_BookOrder, LatexPrinter):
    """SymPy's LaTeX printer with the book's names and orders."""

    dot, close = r"\cdot", " "
    square = r"\left[{}\right]"

    def _print_Symbol(self, expr, style="plain"):
        name = expr.name
        if "{" in name or "\\" in name:
            word = _WORD.match(name)
            return _italic(word.group()) + name[word.end() :] if word else name
        head, above, below = split_super_sub(name)
        above, below = (" ".join(map(_index, part)) for part in (above, below))
        word = _WORD.match(head)
        if word is None or _is_letter(head):
            text = _index(head)
        else:
            text = _italic(word.group()) + _escaped(head[word.end() :])
        return text + f"^{{{above}}}" * bool(above) + f"_{{{below}}}" * bool(below)

    def bracket(self, text):
        return rf"\left({text}\right)"


class BookTextPrinter(_BookOrder, StrPrinter):
    """SymPy's plain text with the book's orders."""

    dot, close = "·", "*"
    square = "[{}]"

    def _print_sigmoid(self, expr):
        return f"σ({self._print(expr.args[0])})"

    def _print_Derivative(self, expr):
        below = " ".join("∂" + self._print(symbol) for symbol in expr.variables)
        return f"∂{self._print(expr.expr)}/{below}"

    def _print_Subs(self, expr):
        pairs = zip(expr.variables, expr.point, strict=True)
        where = ", ".join(f"{self._print(a)} = {self._print(b)}" for a, b in pairs)
        return f"[{self._print(expr.expr)} at {where}]"

    def bracket(self, text):
        return f"({text})"


def to_latex(expression):
    """Return the LaTeX of an expression, without delimiters."""
    return BookLatexPrinter().doprint(expression)


def to_text(expression):
    """Return the plain text of an expression, on one line."""
    return BookTextPrinter().doprint(expression)


def latex_text(words):
    r"""Return LaTeX for a phrase; what stands between dollars is mathematics.

    >>> print(latex_text("50 % of $w_1$"))
    \text{50 \% of }w_1
    """
    pieces = words.split("$")
    if len(pieces) % 2 == 0:
        pieces = [words]
    return "".join(_piece(piece, position % 2) for position, piece in enumerate(pieces))


def _piece(piece, is_mathematics):
    if is_mathematics or not piece:
        return piece
    return r"\text{" + _escaped(piece).replace("$", r"\$") + "}"


def plain_words(words):
    """Return a phrase without the dollars that mark its mathematics."""
    return words.replace("$", "") if words.count("$") % 2 == 0 else words


def display(rows):
    """Return aligned display mathematics, which Jupyter and the book both set."""
    body = " \\\\[4pt]\n".join(rows)
    return f"$$\\begin{{aligned}}\n{body}\n\\end{{aligned}}$$"
