"""Which mistakes in a written pass give this gradient?

The lines are gone through in their order.  At each the right formula is tried, and
then the wrong ones, as many as there is room for; whenever a line's value is a part of
the gradient, it must be that of the gradient given.  So what comes first prunes what
comes after, and pairs of mistakes need not be made one by one.
"""

from dataclasses import dataclass
from itertools import combinations

import numpy as np


@dataclass(frozen=True)
class Explanation:
    """Mistakes that give a gradient: choices by line, and factors by name."""

    choices: tuple
    factors: tuple
    name: str

    def gradient(self, written):
        """Return the gradient that they give in this or another pass."""
        factor = np.prod([written.factors.get(name, 1.0) for name in self.factors])
        return factor * written.gradient(dict(self.choices))


def explanations(written, given, tolerance, count, reach=None):
    """Return the explanations by so many mistakes.

    Parameters
    ----------
    written : WrittenPass
    given : array, (*stack, P)
    tolerance : float
        Relative error that passes, of each layer.
    count : int
    reach : array, (*stack, P), optional
        How far kinks let right answers be apart; by default nowhere.

    Returns
    -------
    list of Explanation
        Empty if none is found, or if the gradient is right.
    """
    search = _Search(written, given, tolerance, reach)
    with np.errstate(all="ignore"):
        if any(search.from_line(0, 0, (), None)):
            return []
        return search.told(list(search.from_line(0, count, (), None)), count)


class _Search:
    def __init__(self, written, given, tolerance, reach):
        self.written, self.given = written, given
        self.reach = np.zeros(given.shape) if reach is None else reach
        self.lines = written.lines
        size = np.abs(given)
        # What a mistake cancels but for rounding no two passes repeat.
        floor = 64 * np.finfo(given.dtype).eps * size.max(axis=-1, keepdims=True)
        self.allowed = np.empty_like(size)
        for block in written.blocks:
            scale = size[..., block].max(axis=-1, keepdims=True)
            self.allowed[..., block] = tolerance * scale + floor
        self.near = 100 * tolerance
        self.factors = _factors(written.factors)
        self.fitting = {}
        for k, line in enumerate(self.lines):
            for choice in line.choices:
                self.fitting.setdefault(choice.kind, set()).add(k)

    def from_line(self, k, left, chosen, factor):
        """Yield (choices by line, factor) for all that explain the lines from k on."""
        if k == len(self.lines):
            yield chosen, factor
            return
        line = self.lines[k]
        used = {choice.kind for _, choice in chosen}
        tries = [(None, 0)]
        # The same mistake in one more line is none more, if it is made in all of them.
        tries += [(c, int(c.kind is None or c.kind not in used)) for c in line.choices]
        for choice, cost in tries:
            if cost > left:
                continue
            if choice is not None and choice.mistake.rated:
                # One rate for all lines, as the first of them tells it
                rates = [c.option for _, c in chosen if c.kind == choice.kind]
                rate = rates[0] if rates else self._rate(k, line, choice, factor)
                if rate is None:
                    continue
                choice = choice.at_rate(rate)
            value = line.value(choice)
            more = chosen if choice is None else (*chosen, (k, choice))
            for by, price in self._fits(line, value, factor, left - cost):
                line.put(value)
                yield from self.from_line(k + 1, left - cost - price, more, by)

    def _fits(self, line, value, factor, left):
        """Return the factors, with their costs, by which a value is the given part."""
        if line.part is None:
            return [(factor, 0)]
        value, given = self.written.row(value), self.given[..., line.part]
        allowed, reach = self.allowed[..., line.part], self.reach[..., line.part]
        if not np.isfinite(value).all():
            return []

        def explained(by):
            return _near(given, by * value, allowed + reach * max(1.0, abs(by)))

        if factor is not None:
            return [(factor, 0)] if explained(factor) else []
        clear = reach == 0
        if _near(value * clear, 0, allowed):
            return [(None, 0)] if _near(given * clear, 0, allowed) else []
        ratio = np.vdot(value * clear, given) / np.vdot(value * clear, value)
        return [
            (by, len(names[0]))
            for by, names in self.factors.items()
            if len(names[0]) <= left
            and abs(ratio - by) <= self.near * abs(by)
            and explained(by)
        ]

    def _rate(self, k, line, choice, factor):
        """Return the learning rate that explains the next part, or None.

        What follows is linear in the rate, so two values tell it all.
        """
        ends = []
        for rate in (0.0, 1.0):
            line.put(choice.at_rate(rate).formula(line.s))
            ends.append(self._next_part(k + 1))
        at_0, slope = ends[0], ends[1] - ends[0]
        part = [self.given[..., at].ravel() for at in self._next_slices(k + 1)]
        rest = np.concatenate(part) / (1.0 if factor is None else factor) - at_0
        if not np.isfinite(slope).all() or not slope.any():
            return None
        rate = np.vdot(slope, rest) / np.vdot(slope, slope)
        # Where the two point one way, any gradient along it would seem explained.
        across = at_0 - slope * np.vdot(slope, at_0) / np.vdot(slope, slope)
        told = np.linalg.norm(rest - rate * slope) <= 0.01 * np.linalg.norm(rest)
        clear = np.linalg.norm(across) > 1e-3 * np.linalg.norm(at_0)
        return float(rate) if rate > 0 and told and clear else None

    def _next_lines(self, k):
        """Yield the lines from k to the end of the next layer's parts."""
        seen = False
        for line in self.lines[k:]:
            if seen and line.part is None:
                return
            seen = line.part is not None
            yield line

    def _next_slices(self, k):
        return [line.part for line in self._next_lines(k) if line.part is not None]

    def _next_part(self, k):
        parts = []
        for line in self._next_lines(k):
            value = line.value()
            line.put(value)
            if line.part is not None:
                parts.append(self.written.row(value).ravel())
        return np.concatenate(parts)

    # How they are told

    def told(self, found, most):
        """Return an explanation for each way to say what was found, without repeats."""
        told = {}
        for chosen, factor in found:
            kinds = {}
            for k, choice in chosen:
                key = choice.kind or (k, choice.name)
                kinds.setdefault(key, {})[k] = choice
            words = self._names(kinds)
            for factors in self.factors[1.0 if factor is None else factor]:
                if len(words) + len(factors) <= most:
                    name = ", and ".join((*words, *factors))
                    told.setdefault(name, Explanation(chosen, factors, name))
        return list(told.values())

    def _names(self, kinds):
        """Return the names of mistakes; one for what is made wherever it can be."""
        names = []
        for kind, made in kinds.items():
            if len(made) > 1 and made.keys() == self.fitting.get(kind):
                names.append(next(iter(made.values())).everywhere)
            else:
                names += [choice.name for choice in made.values()]
        return names


def _near(one, other, allowed):
    return bool((np.abs(one - other) <= allowed).all())


def _factors(single):
    """Return what one or two factors make, and all sets of the fewest that make it."""
    found = {1.0: [()]}
    for names in (*combinations(single, 1), *combinations(single, 2)):
        value = float(np.prod([single[name] for name in names]))
        known = next((v for v in found if abs(v - value) <= 1e-12 * abs(v)), value)
        alike = found.setdefault(known, [])
        if not alike or len(alike[0]) == len(names):
            alike.append(names)
    return found
