"""A question in plain text."""

import re
import textwrap

from .letters import GREEK

_WIDTH = 88
_GREEK = {name: letter for letter, name in reversed(GREEK.items())}
_FRACTIONS = {"12": "½", "13": "⅓", "14": "¼", "16": "1/6", "1d": "1/d"}
_COMMANDS = {
    "partial": "∂",
    "cdot": "· ",
    "times": "× ",
    "sqrt": "√",
    "left": "",
    "right": "",
}


def plain(text):
    r"""Return words with maths in them as plain text, in lines.

    >>> plain(r"Type $\partial L/\partial x$ in $\delta_1$, `C_h` and $\tfrac12$.")
    'Type ∂L/∂x in δ_1, C_h and ½.'
    """
    pieces = re.split(r"(\$[^$]+\$)", text)
    text = "".join(_maths(p[1:-1]) if p[:1] == "$" else p for p in pieces)
    return textwrap.fill(text.replace("`", ""), _WIDTH, break_on_hyphens=False)


def _maths(text):
    text = re.sub(r"\\tfrac\s?(\w\w)", lambda m: _FRACTIONS[m[1]], text)
    text = text.replace(r"\,", " ").replace("\\;", " ")
    text = re.sub(r"\\([A-Za-z]+)(?: (?![=+-])|)", _command, text)
    return re.sub(r"([\^_])\{(\w+)\}", r"\1\2", text).replace("-", "−")


def _command(match):
    name = match[1]
    if name in _GREEK:
        return _GREEK[name]
    # a function stands apart from what follows, unless that is a bracket
    return _COMMANDS.get(name, name + " " * match[0].endswith(" "))
