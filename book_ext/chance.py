"""Which seeds a cell's numbers may depend on, read from the code of its chapter.

A name is followed from the statement that draws, through those that use it, to those
that print. What cannot depend on a draw is left out; what may is counted.
"""

import ast

_DRAWS = {"default_rng", "RandomState", "seed"}
_KEYWORDS = {"random_state"}
_FILLS = {"append", "extend", "update"}
# Said of a seed that is a variable: one for each run, or for each case.
VARIES = "varied"


def seeds(cells):
    """Return for each code cell, by its id, the seeds that its numbers may depend on.

    >>> from nbformat.v4 import new_code_cell
    >>> draw = "rng = np.random.default_rng(3)\\nx = rng.normal(size=4)"
    >>> cells = [new_code_cell(draw, id="a"), new_code_cell("print(x)", id="b"),
    ...          new_code_cell("print(1)", id="c")]
    >>> seeds(cells)
    {'a': {3}, 'b': {3}, 'c': set()}
    """
    reaches, found = {}, {}
    for cell in cells:
        here = set()
        for statement in ast.parse(cell.source).body:
            here |= _follow(statement, reaches)
        found[cell.id] = here
    return found


def _follow(statement, reaches):
    names = [node for node in ast.walk(statement) if isinstance(node, ast.Name)]
    here = set().union(*(reaches.get(node.id, ()) for node in names if _read(node)))
    here |= {seed for node in ast.walk(statement) for seed in _drawn(node)}
    if isinstance(statement, (ast.FunctionDef, ast.ClassDef)):
        written = {statement.name}
    else:
        written = {node.id for node in names if not _read(node)}
        written |= _trained(statement) | _filled(statement)
    for name in written:
        reaches[name] = reaches.get(name, set()) | here
    return here


def _read(node):
    return isinstance(node.ctx, ast.Load)


def _drawn(node):
    """Yield the seeds that a call names."""
    if not isinstance(node, ast.Call):
        return
    called = getattr(node.func, "attr", getattr(node.func, "id", ""))
    named = node.args[:1] if called in _DRAWS else []
    named += [word.value for word in node.keywords if word.arg in _KEYWORDS]
    for value in named:
        constant = isinstance(value, ast.Constant) and isinstance(value.value, int)
        yield value.value if constant else VARIES


def _filled(statement):
    """Return the names of what a statement changes in part, by place or by append."""
    parts = [
        node.value
        for node in ast.walk(statement)
        if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store)
    ]
    parts += [
        node.func.value
        for node in ast.walk(statement)
        if isinstance(node, ast.Call) and getattr(node.func, "attr", "") in _FILLS
    ]
    return {part.id for part in parts if isinstance(part, ast.Name)}


def _trained(statement):
    """Return the names of what a statement trains, which changes without a new name."""
    return {
        argument.id
        for node in ast.walk(statement)
        if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "train"
        for argument in node.args[:1]
        if isinstance(argument, ast.Name)
    }
