"""Imports point one way, and `import backprop_lib` brings in NumPy alone."""

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
LIBRARY = ROOT / "backprop_lib"

# What each module may import of the library; a package's own parts are free.
SIBLINGS = {
    "__init__": {
        "activations",
        "datasets",
        "gradcheck",
        "initial",
        "losses",
        "network",
        "optimizers",
        "recurrent",
        "training",
    },
    "_markup": set(),
    "_watched": set(),
    "_checks": {"activations", "initial", "losses"},
    "_explain": set(),
    "_fitting": set(),
    "_numerical": {"_checks"},
    "_packing": set(),
    "_pass": {"_packing", "_table", "activations", "losses"},
    "_reach": {"_pass", "_table", "_unrolled"},
    "_model": {"_checks", "losses"},
    "_sight": {"_packing", "activations"},
    "_stale": {"_packing", "_pass", "_unrolled"},
    "_table": {"_fitting"},
    "_time": {"_fitting", "_table", "activations"},
    "_unrolled": {"_pass", "_table", "_time", "activations"},
    "_verdict": {"_numerical", "_reach", "_sight", "_stale", "mistakes", "network"},
    "activations": set(),
    "autodiff": set(),
    "datasets": {"_checks"},
    "exercises": {
        "activations",
        "_markup",
        "_watched",
        "gradcheck",
        "network",
        "symbolic",
    },
    "initial": set(),
    "passes": set(),
    "gradcheck": {
        "_checks",
        "_packing",
        "_model",
        "_numerical",
        "_verdict",
    },
    "losses": {"activations"},
    "mistakes": {"_explain", "_pass", "_unrolled"},
    "network": {"_checks", "_model", "activations", "losses", "passes"},
    "optimizers": {"_checks"},
    "plots": set(),
    "recurrent": {"_checks", "_model", "activations", "losses"},
    "sliders": {"_markup", "_watched", "plots"},
    "symbolic": set(),
    "training": {"_checks", "_model", "optimizers"},
}
# What each may import from elsewhere, beside the standard library and NumPy: at its
# top, or only inside a function, where it is loaded at first use.
AT_THE_TOP = {
    "exercises": {"ipywidgets", "lark", "sympy"},
    "plots": {"matplotlib"},
    "sliders": {"matplotlib", "ipywidgets", "IPython", "PIL"},
    "symbolic": {"sympy", "mpmath"},
}
INSIDE = {
    "datasets": {"sklearn"},
    "plots": {"IPython", "sklearn"},
    "training": {"tqdm"},
}
WITHOUT_NUMPY = {"autodiff", "symbolic"}


def module_of(path):
    """Return the library's name for a file: that of its package, if it is in one."""
    parts = path.relative_to(LIBRARY).with_suffix("").parts
    return parts[0]


def imports(source, package):
    """Yield (module, whether at the top) for every import, relative ones resolved."""
    tree = ast.parse(source)
    inner = {
        id(node)
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        for node in ast.walk(function)
    }
    for node in ast.walk(tree):
        top = id(node) not in inner
        if isinstance(node, ast.Import):
            yield from ((alias.name, top) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package.split(".")[: len(package.split(".")) - node.level + 1]
            stem = ".".join(
                [*(base if node.level else []), *filter(None, [node.module])]
            )
            if stem == "backprop_lib":
                yield from ((f"{stem}.{alias.name}", top) for alias in node.names)
            else:
                yield stem, top
        elif isinstance(node, ast.Call) and _calls_import(node):
            named = node.args[0] if node.args else None
            constant = isinstance(named, ast.Constant)
            yield (named.value if constant else "?"), top


def _calls_import(node):
    name = getattr(node.func, "attr", getattr(node.func, "id", ""))
    return name in ("import_module", "__import__")


def violations(module, source, package="backprop_lib"):
    """Yield a sentence for each import that has no place in the module."""
    for name, top in imports(source, package):
        first, *rest = name.split(".")
        if first == "backprop_lib":
            sibling = rest[0] if rest else "__init__"
            if sibling != module and sibling not in SIBLINGS[module]:
                yield f"{module} imports its sibling {sibling}"
        elif first == "numpy":
            if module in WITHOUT_NUMPY and (top or module == "autodiff"):
                yield f"{module} imports numpy"
        elif first not in sys.stdlib_module_names:
            allowed = AT_THE_TOP.get(module, set())
            allowed = allowed if top else allowed | INSIDE.get(module, set())
            if first not in allowed:
                where = "at the top" if top else "in a function"
                yield f"{module} imports {first} {where}"


FILES = sorted(LIBRARY.rglob("*.py"))


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(LIBRARY)))
def test_a_module_imports_only_what_it_may(path):
    module = module_of(path)
    assert module in SIBLINGS, f"{module} is new: say above what it may import"
    package = ".".join(path.relative_to(ROOT).parent.parts)
    found = list(violations(module, path.read_text("utf-8"), package))
    if module == "__init__":
        # Its import by a name that is not written out is the lazy one, tested below.
        found = [sentence for sentence in found if sentence.split()[2] != "?"]
    assert found == []


def test_no_import_goes_around_in_a_circle():
    done = {}
    for _ in SIBLINGS:
        done |= {m: s for m, s in SIBLINGS.items() if s <= done.keys()}
    assert done.keys() == SIBLINGS.keys()


@pytest.mark.parametrize(
    ("module", "source", "sentence"),
    [
        ("losses", "from backprop_lib import network", "its sibling network"),
        ("losses", "import backprop_lib.network as n", "its sibling network"),
        ("losses", "from backprop_lib.network import Network", "its sibling network"),
        ("losses", "from . import network", "its sibling network"),
        ("losses", "from .network import Network", "its sibling network"),
        ("losses", "import backprop_lib", "its sibling __init__"),
        ("losses", "def f():\n    from .network import Network", "its sibling network"),
        ("symbolic", "from backprop_lib import activations", "sibling activations"),
        ("symbolic", "import numpy", "imports numpy"),
        ("autodiff", "def f():\n    import numpy as np", "imports numpy"),
        ("autodiff", "import backprop_lib.losses", "its sibling losses"),
        ("network", "import sympy", "imports sympy at the top"),
        ("network", "import scipy.special", "imports scipy at the top"),
        ("network", "def f():\n    import sympy", "imports sympy in a function"),
        ("network", "class C:\n    import sympy", "imports sympy at the top"),
        ("network", "f = lambda: __import__('sympy')", "sympy in a function"),
        ("network", "import_module('sympy')", "sympy at the top"),
        ("network", "def f(n):\n    importlib.import_module(n)", "imports ?"),
        ("plots", "import ipywidgets", "imports ipywidgets at the top"),
        ("datasets", "from sklearn.datasets import load_digits", "sklearn at the top"),
        ("training", "from tqdm.auto import tqdm", "imports tqdm at the top"),
    ],
)
def test_an_import_out_of_place_is_found(module, source, sentence):
    assert any(sentence in found for found in violations(module, source))


def test_relative_imports_are_those_of_their_package():
    inside = "from .forms import Product\nfrom . import forms\nfrom .. import losses"
    found = list(violations("symbolic", inside, "backprop_lib.symbolic"))
    assert found == ["symbolic imports its sibling losses"]


# Names that begin with an underscore stay in the folder that they are written in

OUTSIDE = ["benchmarks", "book_ext", "tests", "tools"]
ALL = [
    *FILES,
    *(path for name in OUTSIDE for path in sorted((ROOT / name).rglob("*.py"))),
]


def private(name):
    """Return whether a name is one's own: `_x`, but not `__x__` nor `_repr_html_`."""
    return name.startswith("_") and not name.endswith("_")


def reached_for(source, package):
    """Yield each private name or module that is imported from another folder."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            whole = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = package.split(".")[: len(package.split(".")) - node.level + 1]
            stem = [*(base if node.level else []), *filter(None, [node.module])]
            whole = [".".join([*stem, alias.name]) for alias in node.names]
        else:
            continue
        for name in whole:
            parts = name.split(".")
            for at, part in enumerate(parts):
                inside = ROOT.joinpath(*parts[:at]).is_dir()
                home = parts[:at] if inside else parts[: at - 1]
                outside = package.split(".")[: len(home)] != home
                if private(part) and outside:
                    yield name


@pytest.mark.parametrize("path", ALL, ids=lambda p: str(p.relative_to(ROOT)))
def test_no_private_name_is_reached_for(path):
    package = ".".join(path.relative_to(ROOT).parent.parts)
    assert list(reached_for(path.read_text("utf-8"), package)) == []


@pytest.mark.parametrize(
    ("source", "package", "found"),
    [
        ("from backprop_lib.plots._style import x", "backprop_lib.sliders", True),
        ("from ..plots import _style", "backprop_lib.sliders", True),
        ("import backprop_lib.sliders._explore", "book_ext", True),
        ("from backprop_lib.network import _layers", "tests", True),
        ("from ._style import INK", "backprop_lib.plots", False),
        ("from backprop_lib._checks import f", "backprop_lib.sliders", False),
        ("from backprop_lib import __version__", "tools", False),
        ("from backprop_lib.plots import INK", "book_ext", False),
    ],
)
def test_a_private_name_from_elsewhere_is_found(source, package, found):
    assert bool(list(reached_for(source, package))) == found


# SymPy asks of what prints itself that it print its parts so.
OFFERED = {"_print"}
BY_NAME = ("getattr", "setattr", "hasattr", "delattr")


def reached_into(source):
    """Yield each private name asked of an object of another file's making.

    A name is this file's own if something in it defines or assigns it, and a class
    may ask its bases for theirs.
    """
    nodes = list(ast.walk(ast.parse(source)))
    functions = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    own = OFFERED | {node.name for node in nodes if isinstance(node, functions)}
    for node in nodes:
        if isinstance(getattr(node, "ctx", None), ast.Store):
            own |= {getattr(node, "attr", None), getattr(node, "id", None)}
    for node in nodes:
        if isinstance(node, ast.Attribute) and not _is_itself(node.value):
            asked = [node.attr]
        elif isinstance(node, ast.Call) and _name_of(node.func) in BY_NAME:
            words = [a.value for a in node.args if isinstance(a, ast.Constant)]
            asked = [part for word in words for part in str(word).split(".")]
        else:
            continue
        yield from (name for name in asked if private(name) and name not in own)


def _name_of(node):
    return getattr(node, "attr", getattr(node, "id", ""))


def _is_itself(node):
    if isinstance(node, ast.Call):
        return _name_of(node.func) == "super"
    return isinstance(node, ast.Name) and node.id in ("self", "cls")


@pytest.mark.parametrize("path", ALL, ids=lambda p: str(p.relative_to(ROOT)))
def test_no_object_is_asked_for_a_private_name(path):
    assert list(reached_into(path.read_text("utf-8"))) == []


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("network._blocks", ["_blocks"]),
        ("ax._left_title.get_color()", ["_left_title"]),
        ("bp.network._blocks(g)", ["_blocks"]),
        ("getattr(ax, '_axes')", ["_axes"]),
        ("monkeypatch.setattr('backprop_lib.training._Run', x)", ["_Run"]),
        ("class A:\n    def f(self, other):\n        return other._x", ["_x"]),
        ("class A:\n    def f(self, o):\n        self._x = 1\n        o._x", []),
        ("class A(B):\n    def f(self):\n        self._x(super()._y)", []),
        ("data._repr_html_(), data.__dict__", []),
        ("import x\nx.name, getattr(x, 'name')", []),
    ],
)
def test_a_private_name_of_anothers_is_found(source, found):
    assert list(reached_into(source)) == found


# In a fresh process

AFTER = """
import json, sys
import numpy, numpy.random
before = set(sys.modules)
{statement}
print(json.dumps(sorted({{name.split(".")[0] for name in set(sys.modules) - before}})))
"""


def brought_in(statement):
    """Return the packages, not of the standard library, that a statement loads."""
    code = AFTER.format(statement=statement)
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return set(json.loads(done.stdout)) - sys.stdlib_module_names - {"numpy"}


def test_importing_the_library_brings_in_numpy_alone():
    assert brought_in("import backprop_lib") == {"backprop_lib"}


def test_training_and_checking_bring_in_nothing_more():
    code = (
        "import backprop_lib as bp, numpy as np\n"
        "x, t = bp.datasets.xor()\n"
        "network = bp.Network([2, 3, 1], rng=np.random.default_rng(0))\n"
        "bp.train(network, x, t, optimizer=bp.Adam(), epochs=2)\n"
        "bp.check_gradient(network, x, t)"
    )
    assert brought_in(code) == {"backprop_lib"}


@pytest.mark.parametrize(
    ("statement", "package"),
    [
        ("import backprop_lib as bp; bp.symbolic", "sympy"),
        ("import backprop_lib as bp; bp.datasets.digits()", "sklearn"),
    ],
)
def test_what_needs_more_is_loaded_at_first_use(statement, package):
    assert package in brought_in(statement)


def test_symbolic_and_autodiff_load_no_sibling():
    loaded = 'print(*(m for m in sys.modules if m.startswith("backprop_lib.")))'
    for module in ("symbolic", "autodiff"):
        if not list(LIBRARY.glob(f"{module}*")):
            continue
        # The package's own __init__ loads the library; a bare package does not.
        code = (
            "import sys, types\n"
            "package = types.ModuleType('backprop_lib')\n"
            f"package.__path__ = [{str(LIBRARY)!r}]\n"
            "sys.modules['backprop_lib'] = package\n"
            f"import backprop_lib.{module}\n{loaded}"
        )
        done = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True
        )
        mine = f"backprop_lib.{module}"
        names = done.stdout.split()
        assert mine in names
        assert all(n == mine or n.startswith(f"{mine}.") for n in names)


def test_the_library_offers_what_it_says():
    import backprop_lib as bp

    assert set(bp.__all__) <= set(dir(bp))
    assert {"plots", "symbolic"} <= set(dir(bp))
    # Each name once, also when a module that loads late has been loaded, and no tool.
    _ = bp.symbolic
    assert len(dir(bp)) == len(set(dir(bp)))
    assert {n for n in dir(bp) if not n.startswith("__")} == {
        *bp.__all__,
        "exercises",
        "plots",
        "sliders",
        "symbolic",
    }
    for name in bp.__all__:
        getattr(bp, name)
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        _ = bp.nonsense
