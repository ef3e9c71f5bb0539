"""Find numbers in prose that no cell above them printed.

A number counts when it has a decimal point, an exponent or a percent sign, or is a
whole number of four digits or more that is not a year. It stands when

- a cell above printed it, to at least as many digits (0.9722 bears out 97 % and 0.97);
- or the code above, or of the next cell, says it in the same digits (a learning rate);
- or the same Markdown cell declares it: `<!-- given: 0.5, 1e-3 -->`. For the texts of a
  figure, the code cell's metadata do: `"given": ["0.5"]`.

Displayed maths, code, roles, links and version numbers (1.2.3) are not read.
"""

import math
import re
from dataclasses import dataclass

_MINUS = str.maketrans("−⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "--0123456789")
_NUMBER = re.compile(
    r"""(?<![\w.])(?:
        (?P<digits>\d{1,3}(?:,\d{3})+(?!\d)|\d+)(?P<fraction>\.\d*)?
        (?:[eE](?P<exponent>[-+]?\d+)
          |\s*(?:\\times|\\cdot|[×·])\s*10\s*\^?\s*\{?(?P<power>-?\d+)\}?)?
    )(?![\w]|\.\d)\s*(?P<percent>\\?%|per\ cent)?""",
    re.VERBOSE,
)
_POWER_OF_TEN = re.compile(r"(?<![\d.])(?<!times )(?<!cdot )10\s*\^\s*\{?(-?\d+)\}?")
_GIVEN = re.compile(r"<!--\s*given:(.*?)-->", re.DOTALL)
_NOT_PROSE = {"code", "code-block", "code-cell", "literalinclude", "math", "raw"}


@dataclass(frozen=True)
class Number:
    """A number as it was written: its text, its value, and its last digit's worth."""

    text: str
    value: float
    step: float
    counts: bool = True

    def borne_out_by(self, other):
        """Tell whether `other`, printed to at least as many digits, rounds to this."""
        scales = (1.0, 100.0) if self.text.endswith("%") else (1.0,)
        return any(
            other.step * scale <= self.step * (1 + 1e-9)
            and abs(abs(other.value) * scale - self.value) <= self.step / 2 * (1 + 1e-9)
            for scale in scales
        )

    def same_as(self, other):
        """Tell whether `other` has the same value, in whichever spelling."""
        scales = (1.0, 100.0) if self.text.endswith("%") else (1.0,)
        return any(
            math.isclose(other.value * scale, self.value, rel_tol=1e-12)
            for scale in scales
        )


def numbers(text):
    """Return every number in `text`, signs left aside."""
    text = _powers_written_out(text)
    return [_number(match) for match in _NUMBER.finditer(text)]


def _powers_written_out(text):
    # 10⁻³ -> 10^-3, and a bare 10^{-3} -> 1e-3.
    text = re.sub(
        r"(?<=10)[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+", lambda m: "^" + m[0].translate(_MINUS), text
    ).translate(_MINUS)
    text = re.sub(r"(?<=\d)(\\,|\u2009|\u202f)(?=\d{3})", ",", text)
    factor = re.compile(r"(?:\\times|\\cdot|[×·])\s*$")

    def written_out(match):
        if factor.search(text[: match.start()]):
            return match[0]
        return f"1e{match[1]}"

    return _POWER_OF_TEN.sub(written_out, text)


def _number(match):
    fraction = (match["fraction"] or "").rstrip(".")
    exponent = int(match["exponent"] or match["power"] or 0)
    plain = match["digits"].replace(",", "")
    value = float(f"{plain}{fraction}e{exponent}")
    step = 10.0 ** (exponent - max(len(fraction) - 1, 0))
    whole = not (fraction or match["exponent"] or match["power"] or match["percent"])
    year = "," not in match["digits"] and 1800 <= value < 2100
    counts = not whole or (value >= 1000 and not year)
    text = " ".join(match[0].split()).replace("\\%", "%").replace("per cent", "%")
    return Number(text, value, step, counts)


def prose(markdown):
    """Return what a reader reads as text in `markdown`."""
    text = re.sub(r"<!--.*?-->", "", markdown, flags=re.DOTALL)
    text = "\n".join(_outside_code(text.splitlines()))
    text = re.sub(r"\$\$.*?\$\$(\s*\([\w-]+\))?", " ", text, flags=re.DOTALL)
    text = re.sub(r"\\begin\{(\w+\*?)\}.*?\\end\{\1\}", " ", text, flags=re.DOTALL)
    text = re.sub(r"(\{[\w:.-]+\})?(`+)[^`].*?\2", " ", text, flags=re.DOTALL)
    text = re.sub(r"\]\([^)]*\)", "]", text)
    text = re.sub(r"<?https?://\S+", " ", text)
    text = re.sub(r"\d+(\.\d+){2,}", " ", text)
    return re.sub(r"^\s*\d+[.)]\s", " ", text, flags=re.MULTILINE)


def _outside_code(lines):
    closing = None
    for line in lines:
        fence = re.match(r"\s*(`{3,}|~{3,}|:{3,})\s*(?:\{([\w:-]+)\})?(.*)$", line)
        if closing is not None:
            if line.strip().startswith(closing) and not line.strip().strip(closing[0]):
                closing = None
        elif fence:
            directive, rest = fence[2], fence[3]
            if directive in _NOT_PROSE or (directive is None and rest.strip()):
                closing = fence[1]
            elif directive is not None:
                yield rest
        elif not re.match(r"\s*:[\w-]+:", line):
            yield line


def unsupported(notebook):
    """Return a complaint for every number that nothing above it bears out."""
    complaints = []
    printed, coded = [], []
    cells = notebook.cells
    for index, cell in enumerate(cells):
        if cell.cell_type == "markdown":
            given = numbers(" ".join(_GIVEN.findall(cell.source)))
            following = next((c for c in cells[index:] if c.cell_type == "code"), None)
            beside = numbers(following.source) if following else []
            texts = prose(cell.source)
        elif cell.cell_type == "code":
            printed += [n for text in _outputs(cell) for n in numbers(text)]
            coded += numbers(cell.source)
            given = numbers(" ".join(map(str, cell.metadata.get("given", []))))
            beside, texts = [], _figure_texts(cell)
        else:
            continue
        wanted = [n for n in numbers(texts) if n.counts]
        complaints += _missing(index, wanted, printed, coded + beside, given)
    return complaints


def _missing(index, wanted, printed, coded, given):
    for number in wanted:
        if not (
            any(number.borne_out_by(other) for other in printed)
            or any(number.same_as(other) for other in [*coded, *given])
        ):
            yield f"cell {index}: no cell above prints {number.text}"
    for number in given:
        if not any(other.same_as(number) for other in wanted):
            yield f"cell {index}: {number.text} is given but not used"


def _outputs(cell):
    for output in cell.outputs:
        if "text" in output:
            yield output.text
        for mime, data in output.get("data", {}).items():
            if mime.startswith("text/"):
                yield re.sub(r"<[^>]+>", " ", data) if mime == "text/html" else data


def _figure_texts(cell):
    texts = cell.metadata.get("mystnb", {})
    caption = texts.get("figure", {}).get("caption", "")
    return f"{prose(str(caption))}\n{texts.get('image', {}).get('alt', '')}"
