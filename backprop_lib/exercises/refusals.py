"""What is said when a text is no formula: a code, the place, and what to type."""

import re

ADVICE = {
    "empty": "Nothing is typed yet.",
    "long": "This is longer than 500 characters. Leave out what cancels.",
    "number": "This number cannot be read. Write it with one point, as 0.25.",
    "character": "“{}” is no part of a formula here. Type letters, numbers, + - * / ^ "
    "and brackets.",
    "equals": "Type the formula alone, without “{}” and what it stands for.",
    "unknown": "“{}” is no letter of this question. The letters are listed below the "
    "field; products of letters need no sign.",
    "derivative": "A derivative is typed as ∂L/∂w, or as dL/dw.",
    "index": "This index does not fit. Write it as in w_{ij}, with letters "
    "that are given or summed over.",
    "limits": "A sum is typed as Σ_j and then what is added up; its index must be one "
    "of the question, and used for nothing else.",
    "call": "“{}” needs its argument in brackets, as in exp(x).",
    "missing": "Here something is missing: a number, a letter or a bracket.",
    "close": "This closes no bracket that is open, or one of another kind. Before |x| "
    "a product needs its sign, as in 2*|x|.",
    "open": "This bracket is never closed.",
    "comma": "Write a decimal point, as 0.5. A comma only stands between the arguments "
    "of max and min.",
    "digits": "A number does not stand behind its factor: write 2x, x^2, or a sign "
    "between.",
    "ambiguous": "This can be read in two ways: put brackets, as in 1/(2x) or (1/2)x.",
    "deep": "This is nested too deep here, or has too many terms. Multiply some out.",
    "arguments": "“{}” needs another number of arguments: two or more for max and "
    "min, else one.",
    "tower": "A power in an exponent is not read. Write exp(...), or multiply the "
    "exponents.",
    "power": "An exponent above 64 is not read, nor powers of powers beyond that.",
    "zero": "This divides by zero.",
    "value": "This number does not exist, or is too large.",
}


_PIECE = re.compile(r"\\?[A-Za-z]+(?:_?[A-Za-z0-9]+|_\{[^}]*\})?|.", re.DOTALL)


class Refusal(ValueError):
    """A text that cannot be read as a formula.

    Parameters
    ----------
    code, place :
        As below.
    text : str, optional
        What was typed, so that the advice can quote what stands at the place.

    Attributes
    ----------
    code : str
        A key of `ADVICE`.
    place : int
        Where in the text, in characters from 0.
    advice : str
        What to type.
    """

    def __init__(self, code, place, text=""):
        self.code = code
        self.place = place
        piece = _PIECE.match(text, place)
        self.advice = ADVICE[code].replace("{}", piece[0] if piece else "…")
        super().__init__(f"at character {place + 1}: {self.advice}")
