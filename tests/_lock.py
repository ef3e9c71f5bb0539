"""A file of pins, as `uv pip compile` writes it, and what may be wrong with one."""

import re
from typing import NamedTuple

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name


class Pin(NamedTuple):
    """One package: what pip reads, the digests of its files, and who asks for it."""

    requirement: Requirement
    hashes: list
    via: list

    @property
    def version(self):
        return str(self.requirement.specifier).removeprefix("==")


def named(lines):
    """Return the requirements that lines state, by name; a name stands once."""
    stated = [Requirement(s) for line in lines if (s := line.partition("#")[0].strip())]
    by_name = {canonicalize_name(r.name): r for r in stated}
    assert len(by_name) == len(stated), f"a name stands twice: {lines}"
    return by_name


def read(text):
    """Return the pins of a file by name."""
    # An entry begins at the margin; its digests and its origin stand indented below.
    entries = re.findall(r"^(?!#)(\S.*)\n((?:[ ].*\n)*)", text, re.MULTILINE)
    stated = named(line.rstrip(" \\") for line, _ in entries)
    pins = {}
    for (name, requirement), (_, below) in zip(stated.items(), entries):
        hashes = re.findall(r"^ +--hash=(\S+)(?: \\)?$", below, re.MULTILINE)
        origins = re.findall(r"^ +# (?:via ?|  )(.*)$", below, re.MULTILINE)
        pins[name] = Pin(requirement, hashes, [via for via in origins if via])
    return pins


def constraints(pins):
    """Return the pins as constraints for pip, which takes none with digests."""
    return "".join(f"{pin.requirement}\n" for pin in pins.values())


def flaws(pins, sources):
    """Yield a sentence for each way in which pins do not follow from their sources.

    `sources` holds, by the name that the file of pins gives each of them, the
    requirements that it states.
    """
    for source, stated in sources.items():
        for name, requirement in stated.items():
            if name not in pins:
                yield f"{name} is not pinned"
            elif pins[name].version not in requirement.specifier:
                yield f"{name} is pinned to {pins[name].version}, not {requirement}"
            elif source not in pins[name].via:
                yield f"{name} does not know that {source} asks for it"
    for name, pin in pins.items():
        if not re.fullmatch(r"==[^*=,]+", str(pin.requirement.specifier)):
            yield f"{name} is not pinned to one version: {pin.requirement}"
        if not pin.hashes or not all(
            re.fullmatch("sha256:[0-9a-f]{64}", h) for h in pin.hashes
        ):
            yield f"{name} has no digests, or one that is none: {pin.hashes}"
        for source in pin.via:
            if name not in sources.get(source, {}) and source not in pins:
                yield f"{name} is asked for by {source}, which does not"
    reached, asked = set(), set(sources)
    while asked:
        asked = {n for n, p in pins.items() if not asked.isdisjoint(p.via)} - reached
        reached |= asked
    alone = sorted(pins.keys() - reached)
    yield from (f"nothing asks for {name}" for name in alone)
