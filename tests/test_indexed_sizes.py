"""Every identity at every size up to 3 × 3 × 3 and two examples, in numbers.

The numbers know nothing of how anything is proved: derivatives are those of the
definitions by an imaginary nudge, or, of a network, those of `SymbolicNetwork`.
"""

from functools import cache
from itertools import product

import pytest
from _by_numbers import Numbers, drawn, is_network
from _indexed import CASES, N, Normal, T, early, m
from _seeded import INDEXED, UNSEEN, definitions_of
from _written_out import free_indices

# Sums of at most 54 terms, each a product of at most 12 doubles of about 1.
ROUNDING = 1e-12
NOTICED = 1e-6  # the least by which a false step differs at some size
NETWORKS = [name for name, case in CASES.items() if is_network(case.definitions)]
SEEDED = {
    name: (definitions_of(place), first_line, step)
    for name, (place, first_line, step, _) in (INDEXED | UNSEEN).items()
}
ALL = {id(case.definitions): case.definitions for case in CASES.values()}


def sizes_of(definitions):
    """Return every choice of widths; at one net, a normalisation has no value."""
    lowest = {m: 2} if definitions is Normal.definitions else {}
    letters = definitions.widths
    runs = (range(lowest.get(w, 1), 3 if w is N else 4) for w in letters)
    return [dict(zip(letters, sizes, strict=True)) for sizes in product(*runs)]


@cache
def instances(which, source):
    return [source(ALL[which], sizes) for sizes in sizes_of(ALL[which])]


def worst_by_size(definitions, one, other, source=Numbers):
    """Yield for each size by how much two sides differ at most."""
    places = {*free_indices(one), *free_indices(other)}
    for at in instances(id(definitions), source):
        differences = at.differences(one, other)
        # with one step there is none before the last
        assert differences or (early in places and at.sizes[T] == 1)
        yield max(differences, default=0.0)


@pytest.mark.parametrize("name", CASES)
def test_at_every_size_both_sides_are_one_number(name):
    case = CASES[name]
    found = worst_by_size(case.definitions, case.first_line, case.step)
    assert max(found) < ROUNDING


@pytest.mark.parametrize("name", NETWORKS)
def test_at_every_size_it_holds_for_the_gradients_of_symbolic_network(name):
    case = CASES[name]
    found = worst_by_size(case.definitions, case.first_line, case.step, drawn)
    assert max(found) < ROUNDING


@pytest.mark.parametrize("name", SEEDED)
def test_the_numbers_notice_an_identity_that_is_broken(name):
    definitions, first_line, step = SEEDED[name]
    for source in [Numbers] + [drawn] * is_network(definitions):
        found = worst_by_size(definitions, first_line, step, source)
        assert any(worst > NOTICED for worst in found)
