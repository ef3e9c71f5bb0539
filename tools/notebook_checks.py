"""What is asked of a committed notebook.

Each check takes a notebook and returns its complaints; an empty list is praise.
"""

import re
from pathlib import Path

import yaml

from book_ext.drawing import TAG
from book_ext.exercises import EXERCISE, HEADING, SOLUTION
from tools import prose_numbers
from tools.refresh_notebooks import FOLDED, KERNEL

LONGEST_CELL = 20
WIDEST_LINE = 78
_SHOWS_PICTURE = re.compile(r"<(Figure size |IPython\.core\.display\.(Image|SVG) )")
_FORBIDDEN = {
    r"^\s*[%!]": "a shell or magic line",
    # A warning that is recorded is there to be shown.
    r"\bfilterwarnings\b|\bsimplefilter\b|\bcatch_warnings\((?!record=True\))": (
        "warnings silenced"
    ),
    r"\brcParams\b|\bstyle\.(use|context)\b|\brc\(|\brc_context\b": "a style set",
    r"\b(matplotlib|mpl)\.use\(|\bset_matplotlib_formats\b": "a backend set",
}
_FENCED = re.compile(r"^(`{3,}|~{3,}).*?^\1`*$", re.DOTALL | re.MULTILINE)
# What a notebook shows raw, or as something that was not found.
_PAGE_ONLY = {
    r"^[`:]{3,}\{(?:exercise|solution)[\w-]*\}": "a heading goes in its place",
    r"\{doc\}`[^`]*`": "write [words](file.ipynb), a link that opens there too",
    r"\{cite[\w:]*\}`[^`]*`": "write [[key]](references.bib)",
    r"\{(?:numref|ref)\}`[^`<]*`": "a notebook has no numbers, so give it words",
}
_EQUATION = re.compile(r"\{eq\}`([^`<]+)`")
_LABEL = re.compile(r"^\$\$ *\(([\w-]+)\)", re.MULTILINE)
_LOCAL = re.compile(r"0x[0-9a-f]{6,}|/(?:home|root|tmp|Users|work)/\S+|[A-Z]:\\\\")


def _code(notebook):
    """Yield each code cell with its place among the code cells, from 1."""
    cells = (cell for cell in notebook.cells if cell.cell_type == "code")
    return enumerate(cells, start=1)


def _outputs(notebook):
    for number, cell in _code(notebook):
        for output in cell.outputs:
            yield number, output


def _texts(output):
    yield output.get("text", "")
    yield from (str(value) for value in output.get("data", {}).values())


def counts_run_from_one(notebook):
    """A cell without a count is a cell whose output nothing compares."""
    counts = [cell.execution_count for _, cell in _code(notebook)]
    if counts == list(range(1, len(counts) + 1)):
        return []
    return [f"execution counts are {counts}"]


def outputs_are_text(notebook):
    """Images and widgets are made afresh; only text can be compared."""
    complaints = []
    if "widgets" in notebook.metadata:
        complaints.append("widget state in the notebook's metadata")
    for number, output in _outputs(notebook):
        mimes = [m for m in output.get("data", {}) if not m.startswith("text/")]
        complaints += [f"cell [{number}] holds {mime}" for mime in mimes]
    for index, cell in enumerate(notebook.cells):
        if cell.get("attachments"):
            complaints.append(f"cell {index} has attachments")
    return complaints


def outputs_are_clean(notebook):
    """No warning, no unannounced error, no address or path of one machine."""
    complaints = []
    for number, output in _outputs(notebook):
        if output.get("name") == "stderr":
            complaints.append(f"cell [{number}] wrote to stderr")
        if output.output_type == "error":
            complaints.append(f"cell [{number}] raised {output.ename}")
        for text in _texts(output):
            complaints += [
                f"cell [{number}] shows {found}" for found in _LOCAL.findall(text)
            ]
    return complaints


def kernel_is_everyones(notebook):
    """A local kernel's name opens nowhere else."""
    kernel = dict(notebook.metadata.get("kernelspec", {}))
    language = dict(notebook.metadata.get("language_info", {}))
    complaints = []
    if kernel != KERNEL:
        complaints.append(f"kernelspec is {kernel}, expected {KERNEL}")
    if language.get("name") != "python" or "version" in language:
        complaints.append(f"language_info is {language}")
    return complaints


def cells_are_short(notebook):
    """A cell can be read aloud."""
    complaints = []
    for number, cell in _code(notebook):
        lines = cell.source.splitlines()
        if len(lines) > LONGEST_CELL:
            complaints.append(f"cell [{number}] has {len(lines)} lines")
        complaints += [
            f"cell [{number}] line {at} has {len(line)} columns"
            for at, line in enumerate(lines, start=1)
            if len(line) > WIDEST_LINE
        ]
        if not cell.source.strip():
            complaints.append(f"cell [{number}] is empty")
    return complaints


def figures_have_words(notebook):
    """A caption that concludes, words for those who cannot see, a name to refer to."""
    complaints, names = [], []
    for number, cell in _code(notebook):
        shown = [
            output
            for output in cell.outputs
            if _SHOWS_PICTURE.search(output.get("data", {}).get("text/plain", ""))
        ]
        words = cell.metadata.get("mystnb", {})
        alt = str(words.get("image", {}).get("alt") or "").strip()
        caption = str(words.get("figure", {}).get("caption") or "").strip()
        name = str(words.get("figure", {}).get("name") or "").strip()
        names += [name] if name else []
        if not shown:
            continue
        if len(shown) > 1:
            complaints.append(f"cell [{number}] shows {len(shown)} figures")
        if len(caption.split()) < 3:
            complaints.append(f"cell [{number}]: no caption, or too short: {caption!r}")
        if len(alt.split()) < 5 or re.search(r"\.(png|svg|jpe?g|webp)$", alt):
            complaints.append(
                f"cell [{number}]: alternative text missing or says nothing: {alt!r}"
            )
        if alt and alt == caption:
            complaints.append(f"cell [{number}]: alternative text repeats the caption")
        if not name:
            complaints.append(f"cell [{number}]: the figure has no name")
    repeated = {name for name in names if names.count(name) > 1}
    return complaints + [f"two figures are named {name!r}" for name in repeated]


def pictures_in_text_have_words(notebook):
    """An image in Markdown says what it shows too."""
    return [
        f"cell {index}: an image without alternative text"
        for index, cell in enumerate(notebook.cells)
        if cell.cell_type == "markdown"
        and re.search(r"!\[\s*\]|<img(?![^>]*\balt=\"[^\"]+\")", cell.source)
    ]


def opens_with_question_closes_with_answer(notebook):
    """One title, which asks; a last section that says what was shown."""
    text = "\n\n".join(c.source for c in notebook.cells if c.cell_type == "markdown")
    headings = re.findall(r"^(#+) +(.*?) *$", _FENCED.sub("", text), re.MULTILINE)
    titles = [title for marks, title in headings if marks == "#"]
    sections = [title for marks, title in headings if marks == "##"]
    complaints = []
    first = notebook.cells[0] if notebook.cells else None
    opens = first and first.cell_type == "markdown" and first.source.startswith("# ")
    if not opens or len(titles) != 1:
        complaints.append(f"one title at the top is expected, found {titles}")
    elif not titles[0].endswith("?"):
        complaints.append(f"the title asks nothing: {titles[0]!r}")
    if not sections or sections[-1] != "What was shown":
        last = sections[-1] if sections else None
        complaints.append(f"the last section is {last!r}, expected 'What was shown'")
    return complaints


def exercises_have_solutions(notebook):
    """Each exercise has one folded solution, and each ends where a heading stands."""
    asked, solved, within, complaints = [], [], None, []
    for index, cell in enumerate(notebook.cells):
        if cell.cell_type != "markdown":
            continue
        exercise = EXERCISE.match(cell.source)
        opens = cell.source.strip() == SOLUTION
        if HEADING.match(cell.source):
            within = None
        rest = cell.source[exercise.end() :] if exercise else cell.source
        inside = within or exercise
        if inside and not opens and HEADING.search(_FENCED.sub("", rest)):
            complaints.append(f"cell {index}: a heading belongs at a cell's beginning")
        if exercise:
            asked.append(exercise[1])
            within = "exercise"
        elif opens:
            solved.append(asked[-1] if asked else None)
            within = "solution"
        if bool(cell.metadata.get(FOLDED)) != opens:
            complaints.append(f"cell {index}: a solution is folded, and nothing else")
    if asked != solved:
        complaints.append(f"exercises {asked}, but solutions to {solved}")
    if within:
        complaints.append(f"no heading ends the last {within}")
    return complaints


def notebooks_show_what_pages_show(notebook):
    """Nothing is written in a form that only the built page can show."""
    texts = [c.source for c in notebook.cells if c.cell_type == "markdown"]
    here = _LABEL.findall("\n".join(texts))
    complaints = []
    for text in texts:
        complaints += [
            f"{found!r}: {advice}"
            for pattern, advice in _PAGE_ONLY.items()
            for found in re.findall(pattern, text, flags=re.MULTILINE)
        ]
        complaints += [
            f"the equation {label!r} is in another chapter, so give it words"
            for label in _EQUATION.findall(text)
            if label not in here
        ]
    return complaints


def tags_are_known(notebook):
    """One tag: `drawing`, for code that only draws. The page folds it."""
    complaints = []
    for index, cell in enumerate(notebook.cells):
        for tag in cell.metadata.get("tags", []):
            if tag != TAG:
                complaints.append(f"cell {index}: unknown tag {tag!r}")
            elif cell.cell_type != "code":
                complaints.append(f"cell {index}: {tag!r} on what is no code")
            elif any(output.output_type == "stream" for output in cell.outputs):
                complaints.append(f"cell {index} is folded, but prints: it teaches")
    return complaints


def chapters_only_teach(notebook):
    """Nothing is installed, silenced or styled in a chapter."""
    return [
        f"cell [{number}]: {what}"
        for number, cell in _code(notebook)
        for pattern, what in _FORBIDDEN.items()
        if re.search(pattern, cell.source, flags=re.MULTILINE)
    ]


def values_are_not_hushed(notebook):
    """A last `;` hides a value in Jupyter, but not from nbval: assign it instead."""
    return [
        f"cell [{number}] ends with ';'"
        for number, cell in _code(notebook)
        if cell.source.rstrip().endswith(";")
    ]


def numbers_were_printed(notebook):
    """A number in prose is one that a cell above it printed."""
    return prose_numbers.unsupported(notebook)


CHECKS = (
    counts_run_from_one,
    outputs_are_text,
    outputs_are_clean,
    kernel_is_everyones,
    cells_are_short,
    figures_have_words,
    pictures_in_text_have_words,
    opens_with_question_closes_with_answer,
    exercises_have_solutions,
    tags_are_known,
    notebooks_show_what_pages_show,
    chapters_only_teach,
    values_are_not_hushed,
    numbers_were_printed,
)


def contents_differ(root):
    """Say where `_toc.yml` and the notebooks in `chapters` part."""
    root = Path(root)
    toc = yaml.safe_load((root / "_toc.yml").read_text(encoding="utf-8"))
    files = list(_files(toc))
    known = {f for f in files if (root / f"{f}.ipynb").exists()}
    present = {
        p.relative_to(root).with_suffix("").as_posix()
        for p in (root / "chapters").glob("**/*.ipynb")
        if ".ipynb_checkpoints" not in p.parts
    }
    complaints = [f"{name} is not in _toc.yml" for name in sorted(present - known)]
    twice = {name for name in files if files.count(name) > 1}
    complaints += [f"{name} is listed twice" for name in sorted(twice)]
    complaints += [
        f"_toc.yml lists {name}, which does not exist"
        for name in files
        if not any((root / f"{name}{end}").exists() for end in (".ipynb", ".md"))
    ]
    return complaints


def _files(entry):
    if isinstance(entry, dict):
        for key, value in entry.items():
            if key in ("root", "file"):
                yield value
            else:
                yield from _files(value)
    elif isinstance(entry, list):
        for item in entry:
            yield from _files(item)
