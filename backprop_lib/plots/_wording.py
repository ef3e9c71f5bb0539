"""Numbers written as a reader reads them, and sums and products written out."""

import numpy as np

MINUS = "\N{MINUS SIGN}"
_MOST = 2  # terms that are written; of more, the first, three dots and the last


def short(value, sign=False):
    """Write a number in two or three digits, with a true minus.

    >>> short(0.1234), short(-0.00312), short(12.34), short(0.0), short(2e-7)
    ('0.12', '\N{MINUS SIGN}0.0031', '12.3', '0', '2e\N{MINUS SIGN}7')
    """
    size = abs(value)
    if size == 0 or not np.isfinite(size):
        text = f"{size:g}"
    elif 0.001 <= size < 1000:
        digits = int(np.clip(1 - np.floor(np.log10(size)), 0, 4))
        text = f"{size:.{min(max(digits, 1), 4) if size < 100 else 0}f}"
        text = f"{size:.2f}" if 0.1 <= size < 10 else text
    else:
        mantissa, exponent = f"{size:.0e}".split("e")
        text = f"{mantissa}e{int(exponent)}".replace("-", MINUS)
    minus = MINUS if value < 0 else "+" if sign and value > 0 else ""
    return minus + text


def say(value, digits=3, *, bare=False):
    """Write a number as a factor: with a true minus, and then in brackets.

    >>> say(0.5), say(-1.5), say(-1.5, bare=True)
    ('0.500', '(\N{MINUS SIGN}1.500)', '\N{MINUS SIGN}1.500')
    """
    return _bracketed(f"{value:.{digits}f}", bare)


def plain(value, *, bare=False):
    """Write a number that was chosen: no zeros at its end.

    >>> plain(0.5), plain(-2.0)
    ('0.5', '(\N{MINUS SIGN}2)')
    """
    return _bracketed(f"{value:.3f}".rstrip("0").rstrip("."), bare)


def added(value):
    """Write a number as what is added to a sum: its sign, then its size.

    >>> added(0.5), added(-1.0)
    ('+ 0.5', '\N{MINUS SIGN} 1')
    """
    return f"{MINUS if value < 0 else '+'} {plain(abs(value))}"


def _bracketed(text, bare):
    minus = text.startswith("-")
    text = text.replace("-", MINUS)
    return f"({text})" if minus and not bare else text


def sum_of(terms):
    """Join terms; of many, say that there are more.

    >>> sum_of(["a", "b"]), sum_of(["a", "b", "c", "d"])
    ('a + b', 'a + … + d')
    """
    shown = terms if len(terms) <= _MOST else [terms[0], "…", terms[-1]]
    return " + ".join(shown)


def letters_of_sum(terms):
    r"""Join terms in TeX; of many, say that there are more.

    >>> letters_of_sum(["a", "b", "c", "d"])
    'a + \\dots + d'
    """
    return sum_of(terms).replace("…", r"\dots")
