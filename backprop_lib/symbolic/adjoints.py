r"""Derivatives through indexed definitions, collected backwards.

With U̅_q(s) for ∂U/∂q[s] along all paths,

    U̅_q(p) = ∂U/∂q[p] directly + Σ_r Σ_s U̅_r(s) · ∂body_r[s]/∂q[p] directly

where r runs over the quantities that q enters. In a recurrence this goes round in a
circle; there U̅ of one quantity, the *cut*, is left standing as ∂U/∂q[s].
"""

from fractions import Fraction

from .contraction import Contraction
from .letters import rename
from .normal import add, multiply, power_of, scaled, single, summed


class Adjoints:
    """Derivatives of forms by entries.

    Parameters
    ----------
    system : IndexedSystem
        It says what the bodies are, which quantities enter which, and the cut.
    slope : function
        From a call and the number of an argument to its derivative, a form.
    """

    def __init__(self, system, slope):
        self._system = system
        self._slope = slope
        self._known = {}

    def by(self, upper, name, places, unroll=False):
        """Return d upper / d name[places]; a recurrence's is left, or unrolled once."""
        if name in self._system.cut and not unroll:
            if self._system.reaches(name, upper):
                return single(("slope", upper, name, places))
        if (upper, name) not in self._known:
            self._known[upper, name] = self._collected(upper, name)
        letters, form = self._known[upper, name]
        return rename(form, dict(zip(letters, places, strict=True)))

    def _collected(self, upper, name):
        system = self._system
        letters, ranges = system.own_letters(name)
        at = tuple((letter, 0) for letter in letters)
        gains = [self.direct(upper, name, at)]
        for user in system.users(name):
            if not system.reaches(user, upper):
                continue
            own, ends, body = system.instance(user)
            places = tuple((letter, 0) for letter in own)
            gain = multiply(self.by(upper, user, places), self.direct(body, name, at))
            for letter, limits in zip(own, ends, strict=True):
                gain = summed(gain, letter, limits)
            gains.append(gain)
        known = {**system.ranges, **dict(zip(letters, ranges, strict=True))}
        return letters, Contraction(known, system).simplified(add(*gains))

    def direct(self, form, name, at):
        """Return the derivative of a form by an entry that it shows itself."""
        pairs = []
        for coefficient, (bounds, factors) in form:
            for number, (atom, power) in enumerate(factors):
                inner = self._of_atom(atom, name, at)
                if not inner:
                    continue
                others = factors[:number] + factors[number + 1 :]
                rest = ((coefficient * power, ((), (*others, (atom, power - 1)))),)
                rest = multiply(rest, inner)
                for letter, *ends in bounds:
                    rest = summed(rest, letter, ends)
                pairs.extend(rest)
        return add(pairs)

    def _of_atom(self, atom, name, at):
        kind = atom[0]
        if kind == "entry" and atom[1] == name:
            return multiply(
                *(single(("delta", *pair)) for pair in zip(atom[2], at, strict=True))
            )
        if kind == "call":
            return add(
                *(
                    multiply(self._slope(atom, number), inner)
                    for number, form in enumerate(atom[3])
                    if (inner := self.direct(form, name, at))
                )
            )
        if kind == "power":
            inner = self.direct(atom[1], name, at)
            lower = power_of(atom[1], atom[2] - Fraction(1))
            return multiply(scaled(lower, atom[2]), inner) if inner else ()
        if kind == "whole":
            return add(
                *(
                    single((*atom[:3], tuple(sorted((*atom[3], (number, at))))))
                    for number, quantity in enumerate(atom[2])
                    if quantity == name
                )
            )
        if kind == "slope":
            raise ValueError(
                "a derivative of a derivative is not supported over indices"
            )
        return ()
