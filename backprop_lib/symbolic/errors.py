"""What is said of a step that does not hold."""

from sympy import N

from .printing import to_text


class DerivationError(ArithmeticError):
    """A step of a derivation is false, or has no value at any point tried.

    Attributes
    ----------
    step : int
        The number of the step, counted from 1.
    reason : str
    first_line, expression : expressions
        The two sides, as they were written.
    point : dict
        {base symbol: number} where the two sides differ; empty if no point was found
        where both have a value.
    values : tuple
        The two sides at that point.
    mistake : str
        What went wrong, where one known mistake explains the step; else empty.
    """

    def __init__(
        self,
        step,
        reason,
        first_line,
        expression,
        point=None,
        values=(),
        hint="",
        mistake="",
    ):
        self.step = step
        self.reason = reason
        self.first_line = first_line
        self.expression = expression
        self.point = dict(point.base) if point else {}
        self.values = tuple(values)
        self.mistake = mistake
        if point is not None:
            said = self._false(point)
        else:
            said = self._unreadable() if mistake else self._undefined()
        super().__init__(f"{said}\n{hint}" if hint else said)

    def _false(self, point):
        return (
            f"step {self.step} is false: {self.reason}\n"
            f"{self._written()}\n"
            f"{self._cause()}\n"
            f"They differ at {point}:\n"
            f"{self._sides(_told_apart(*self.values))}"
        )

    def _cause(self):
        if self.mistake:
            return f"The mistake: {self.mistake}."
        return "No one mistake that is known explains it."

    def _unreadable(self):
        return (
            f"step {self.step} is no equal of the first line: {self.reason}\n"
            f"{self._written()}\n"
            f"{self._cause()}"
        )

    def _undefined(self):
        return (
            f"step {self.step} cannot be checked: {self.reason}\n"
            f"{self._written()}\n"
            "At no point that was tried do both have a finite real value."
        )

    def _written(self):
        return self._sides([to_text(self.first_line), to_text(self.expression)])

    def _sides(self, sides):
        heads = ["first line:", f"step {self.step}:"]
        width = max(map(len, heads))
        return "\n".join(
            f"    {head:{width}}  {side}" for head, side in zip(heads, sides)
        )


def _told_apart(first, second):
    """Return two values with as many digits as it takes to see that they differ."""
    for digits in (6, 15, 50, 80):
        shown = [str(N(value, digits)) for value in (first, second)]
        if shown[0] != shown[1]:
            break
    return shown
