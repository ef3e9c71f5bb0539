"""The page of the claims, made from `claims.yml` and from what the cells print.

An entry's figure holds no number. It says `{name}` where one belongs, and `printed`
says for each name how to find it in what the cell prints: a regular expression with
one group, which must fit in exactly one place. So a figure is what the cell says now,
or the build stops.
"""

import re
from collections import Counter
from pathlib import Path

import yaml

from book_ext import cells, printed

FILE = "claims.yml"
PARTS = {"backpropagation": "Backpropagation", "sigmoid": "The sigmoid"}
# Each verdict with what it says of a sentence.
VERDICTS = {
    "holds": "as it stands",
    "holds when": "under the condition that is named",
    "does not hold": "and why not",
    "open": "not decided yet",
}
PLACE = re.compile(r"\{([\w-]+)\}")


def read(folder):
    """Return the entries of the ledger in a folder."""
    return yaml.safe_load((Path(folder) / FILE).read_text(encoding="utf-8"))


def figure(entry, folder):
    """Return an entry's figure, with what its cell prints in its places.

    Raises
    ------
    ValueError
        If the chapter, the cell or a place is missing, or does not fit once.
    """
    shown = printed.text(deciding_cell(entry, folder))
    patterns = dict(entry.get("printed") or {})
    names = PLACE.findall(entry["figure"])
    if sorted(set(names)) != sorted(patterns):
        raise ValueError(f"the figure names {names}, printed has {[*patterns]}")
    found = {name: _once(name, patterns[name], shown) for name in patterns}
    return PLACE.sub(lambda match: found[match[1]], entry["figure"])


def deciding_cell(entry, folder):
    """Return the code cell that an entry names."""
    path = Path(folder) / f"{entry['chapter']}.ipynb"
    if not path.exists():
        raise ValueError(f"there is no chapter {entry['chapter']}")
    code = printed.code_cells(path)
    if entry["cell"] not in code:
        raise ValueError(f"{entry['chapter']} has no code cell {entry['cell']}")
    return code[entry["cell"]]


def _once(name, pattern, shown):
    found = re.findall(pattern, shown, re.MULTILINE)
    if re.compile(pattern).groups != 1 or len(found) != 1:
        raise ValueError(f"{name}: {pattern!r} fits {len(found)} times, not once")
    return re.sub(r"(?<!\w)-(?=\d)", "−", found[0].strip())


def page(app):
    """Return the body of the page: a summary, then each sentence with its verdict."""
    folder = Path(app.srcdir) / "chapters"
    entries = read(folder)
    app.env.note_dependency(str(folder / FILE))
    sections = [summary(entries)]
    for part, title in PARTS.items():
        blocks = [block(e, folder) for e in entries if e["part"] == part]
        sections.append("\n\n".join([f"(claims-{part})=\n## {title}", *blocks]))
    return "\n\n".join(sections)


def summary(entries):
    """Return the table of how many sentences came to which verdict."""
    counts = Counter((entry["verdict"], entry["part"]) for entry in entries)
    ways = [f"{{ref}}`{title} <claims-{part}>`" for part, title in PARTS.items()]
    rows = [
        f"| Verdict | {' | '.join(ways)} | Together |",
        "|---|" + "--:|" * (len(PARTS) + 1),
    ]
    for verdict, meaning in VERDICTS.items():
        row = [counts[verdict, part] for part in PARTS]
        if sum(row):
            said = f"**{verdict}**, {meaning}"
            rows.append(f"| {said} | {' | '.join(map(str, [*row, sum(row)]))} |")
    total = [sum(e["part"] == part for e in entries) for part in PARTS]
    rows.append(f"| all | {' | '.join(map(str, [*total, len(entries)]))} |")
    return "\n".join(rows)


def block(entry, folder):
    """Return a sentence, its verdict, and the figure with a link to its cell."""
    verdict = entry["verdict"].capitalize()
    said = " ".join([f"**{verdict}.**", *(entry.get("condition") or "").split()])
    lines = [f"{' '.join(entry['claim'].split())}", f": {said}"]
    if entry["verdict"] != "open":
        number = re.match(r"\d+", entry["chapter"])
        where = f"chapter {int(number[0])}" if number else entry["chapter"]
        words = " ".join(figure(entry, folder).split())
        way = cells.link(f"the cell of {where}", entry["chapter"], entry["cell"])
        lines += ["", f"  *Figure:* {words} ({way})."]
    return "\n".join(lines)
