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
    "square": "□ ",
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
    text = re.sub(" {2,}", " ", text.replace("`", ""))
    return textwrap.fill(text, _WIDTH, break_on_hyphens=False)


def _maths(text):
    text = re.sub(r"\\tfrac\s?(\w\w)", lambda m: _FRACTIONS[m[1]], text)
    text = re.sub(r"\\mathit\{(\w+)\}", r"\1", text)
    text = re.sub(r"([\^_])\{(\w+)\}", r"\1\2", text)
    text = re.sub(r"\\frac\{([^{}]+)\}\{([^{}]+)\}", _over, text)
    text = text.replace(r"\,", " ")
    text = re.sub(r"\\([A-Za-z]+)(?: (?![=+-])|)", _command, text)
    return text.replace("-", "−")


def _over(match):
    halves = [re.sub(r"\\(?:left|right)", "", half) for half in match.groups()]
    several = [" " in half and not half.startswith(r"\partial") for half in halves]
    return "/".join(f"({h})" if s else h for h, s in zip(halves, several))


def _command(match):
    name = match[1]
    if name in _GREEK:
        return _GREEK[name]
    # a function stands apart from what follows, unless that is a bracket
    return _COMMANDS.get(name, name + " " * match[0].endswith(" "))
