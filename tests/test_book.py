"""The built book: that it builds, that a mistake stops it, and what a browser sees."""

import re
import shutil
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import unquote, urlsplit

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from bs4 import BeautifulSoup
from conftest import ROOT, build, notices, require_chromium
from nbformat import write
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from PIL import Image

from book_ext import shrink_pictures
from book_ext.exercises import for_the_page

pytestmark = [pytest.mark.slow, pytest.mark.browser]

PHONE = {"width": 390, "height": 844}
DESKTOP = {"width": 1280, "height": 900}
OWN_BYTES = 1_000_000
# What the theme gets wrong by itself, outside the content.
THEMES_OWN = {"label-content-name-mismatch", "region"}
# Asked for as a page loads, but not the book's own.
NOT_OWN = re.compile(
    r"/_static/(mathjax|styles|scripts|vendor|images|locales|webpack|design-|"
    r"sphinx_highlight|doctools|documentation_options|pygments|basic|language_data|"
    r"searchtools|togglebutton|clipboard|copybutton|copy-button|check-solid|"
    r"exercise|proof|sbt-webpack|sphinx-design|sphinx-book-theme|mystnb|plus|minus)"
)


# --- building ---------------------------------------------------------------------


def pages_of(site):
    """Return the pages of a built site that a reader can open."""
    pages = sorted(p for p in site.rglob("*.html") if "_static" not in p.parts)
    return [page for page in pages if page != site / "index.html"] or pages


def test_book_builds_without_warning(book):
    toc = (ROOT / "_toc.yml").read_text(encoding="utf-8")
    for name in re.findall(r"(?:root|file): (\S+)", toc):
        assert (book / f"{name}.html").exists()
    assert "chapters/index.html" in (book / "index.html").read_text(encoding="utf-8")


IN_PIECES = """\
import sys
for piece in ("one", " row", "\\n"):
    sys.stdout.write(piece)
    sys.stdout.flush()
"""
DRAWING = new_code_cell(
    "from backprop_lib import plots\n\nfigure, ax = plots.figure()\nfigure",
    metadata={"tags": ["drawing"], "mystnb": {"image": {"alt": "Empty axes."}}},
)
GOOD_PAGE = [
    new_markdown_cell(
        "# Does it build?\n\nYes: $o = \\sigma(net)$.\n\n$$a = b$$ (eq-good)\n\nSee"
        " {eq}`eq-good` and [[cauchy1847]](references.bib)."
    ),
    new_code_cell(IN_PIECES),
    DRAWING,
    new_markdown_cell("## Exercises"),
    new_markdown_cell("(ex-good)=\n### Exercise: A sum\n\nWhy?"),
    new_code_cell("print('asked')"),
    new_markdown_cell("#### Solution"),
    new_code_cell("print('answered')"),
    new_markdown_cell("So."),
    new_markdown_cell("(ex-next)=\n### Exercise\n\nAnd {ref}`that one <ex-good>`?"),
    new_markdown_cell("#### Solution"),
    new_markdown_cell("No."),
    new_markdown_cell("## What was shown\n\nThis."),
]
FALSE_STEP = """\
from sympy import symbols
from backprop_lib.symbolic import D, Definitions, Derivation
w, x, L = symbols("w x L", real=True)
Derivation(Definitions({L: w**2 * x}), D(L, w)).step(w * x, "the 2 is forgotten")
"""
BAD_PAGES = {
    "raises": ([new_code_cell("1 / 0")], "ZeroDivisionError"),
    "false_step": ([new_code_cell(FALSE_STEP)], "DerivationError"),
    "warns": (
        [new_code_cell("import warnings\nwarnings.warn('careful')")],
        "stderr was found",
    ),
    "refers": ([new_markdown_cell("See {eq}`nowhere`.")], "nowhere"),
    "leads": ([new_markdown_cell("See {doc}`nowhere_else`.")], "nowhere_else"),
    "links": ([new_markdown_cell("See [it](not_there.ipynb).")], "not_there"),
    "jumps": ([new_markdown_cell("#### Too deep")], "Non-consecutive header"),
}


def small_book(folder, pages):
    """Lay out a book with this book's settings and the given pages."""
    (folder / "chapters").mkdir()
    shutil.copytree(ROOT / "book_ext", folder / "book_ext")
    shutil.copy(ROOT / "_config.yml", folder)
    shutil.copy(ROOT / "chapters" / "references.bib", folder / "chapters")
    index = "# Index\n\n{cite}`rumelhart1986`\n\n```{bibliography}\n```\n"
    (folder / "chapters" / "index.md").write_text(index)
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    for name, cells in pages.items():
        notebook = new_notebook(cells=cells, metadata={"kernelspec": kernel})
        write(notebook, folder / "chapters" / f"{name}.ipynb")
    listed = "".join(f"- file: chapters/{name}\n" for name in pages)
    toc = f"format: jb-book\nroot: chapters/index\nchapters:\n{listed}"
    (folder / "_toc.yml").write_text(toc)


@pytest.fixture(scope="session")
def good_book(tmp_path_factory):
    """A small book in which nothing is wrong."""
    folder = tmp_path_factory.mktemp("good")
    small_book(folder, {"good": GOOD_PAGE})
    code, log = build(folder, folder)
    assert code == 0, log[-6000:]
    assert notices(log) == []
    return folder / "_build" / "html"


def test_a_good_page_builds(good_book):
    assert (good_book / "chapters" / "good.html").exists()


def test_what_is_printed_in_pieces_is_shown_whole(good_book):
    page = (good_book / "chapters" / "good.html").read_text(encoding="utf-8")
    assert "one row\n" in page


FOLDED = "details.drawing"


def test_a_cell_that_only_draws_is_folded_under_its_length(good_book, browser):
    page = (good_book / "chapters" / "good.html").as_uri()
    for viewport, scheme in ((DESKTOP, "dark"), (PHONE, "light")):
        with Visit(browser, page, viewport=viewport, scheme=scheme) as visit:
            seen = visit.page
            # one of the page's four cells, and what it drew is not in it
            assert seen.locator("article div.cell_input").count() == 4
            assert seen.locator(FOLDED).count() == 1
            assert seen.locator(f"{FOLDED} summary").inner_text() == (
                "Drawing code (4 lines)"
            )
            assert not seen.get_by_text("plots.figure()").is_visible()
            assert seen.locator("article div.cell img").is_visible()
            assert seen.get_by_text("print('asked')").is_visible()
            seen.locator(f"{FOLDED} summary").focus()
            seen.keyboard.press("Enter")
            assert seen.get_by_text("plots.figure()").is_visible()
            assert visit.errors + visit.overflow() + visit.axe() == []


def test_folded_code_needs_no_script_and_prints_as_it_stands(good_book, browser):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto((good_book / "chapters" / "good.html").as_uri())
    page.emulate_media(media="print")
    assert page.get_by_text("Drawing code (4 lines)").is_visible()
    assert not page.get_by_text("plots.figure()").is_visible()
    page.locator(f"{FOLDED} summary").click()
    assert page.get_by_text("plots.figure()").is_visible()
    context.close()


def test_headings_become_exercises_and_closed_solutions(good_book):
    page = (good_book / "chapters" / "good.html").read_text(encoding="utf-8")
    tree = BeautifulSoup(page, "html.parser")
    titles = [" ".join(t.get_text().split()) for t in tree.select(".exercise > p")]
    assert titles == ["Exercise 1 (A sum)", "Exercise 2"]
    first, _ = tree.select(".exercise")
    assert "asked" in first.get_text()
    assert "answered" not in first.get_text()
    sums, noes = tree.select(".solution.dropdown")
    assert "answered" in sums.get_text()
    assert sums.select("p")[-1].get_text() == "So."
    assert noes.select("p")[-1].get_text() == "No."
    headings = [h.find(string=True) for h in tree.select("article :is(h2, h3, h4)")]
    assert headings == ["Exercises", "What was shown"]
    assert "cauchy1847" not in tree.select_one("article").get_text()


def test_an_exercise_at_the_very_end_is_refused():
    cells = [new_markdown_cell("(ex-a)=\n### Exercise\n\nWhy?")]
    with pytest.raises(ValueError, match="'ex-a' is the last thing"):
        for_the_page(cells)


def test_a_mistake_stops_the_build(tmp_path):
    title = new_markdown_cell("# Does it build?")
    pages = {name: [title, *cells] for name, (cells, _) in BAD_PAGES.items()}
    small_book(tmp_path, pages)
    code, log = build(tmp_path, tmp_path)
    assert code != 0
    for name, (_, reason) in BAD_PAGES.items():
        said = re.findall(rf".*/{name}\.ipynb.*(?:WARNING|ERROR).*", log)
        assert said, f"no warning names {name}:\n{log[-6000:]}"
        assert reason in log


def test_a_notice_in_the_log_is_found(tmp_path):
    small_book(tmp_path, {"good": GOOD_PAGE})
    config = tmp_path / "_config.yml"
    with_settings = config.read_text(encoding="utf-8")
    without = with_settings.replace("      - book_ext\n", "")
    assert without != with_settings
    config.write_text(without, encoding="utf-8")
    code, log = build(tmp_path, tmp_path)
    assert code == 0, log[-6000:]
    (found,) = notices(log)
    assert "Kernel is running over TCP without encryption" in found


# --- what the files say -----------------------------------------------------------


class Loads(HTMLParser):
    """The addresses that a page loads by itself; a plain link loads nothing."""

    ATTRIBUTES = ("src", "srcset", "data", "poster", "action", "background")
    LINKS = (
        "stylesheet",
        "preload",
        "modulepreload",
        "icon",
        "prefetch",
        "manifest",
        "preconnect",
        "dns-prefetch",
        "shortcut",
    )

    def __init__(self, text):
        super().__init__()
        self.addresses = []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        found = dict(attributes)
        self.addresses += [found[a] for a in self.ATTRIBUTES if found.get(a)]
        if tag == "link" and set((found.get("rel") or "").split()) & set(self.LINKS):
            self.addresses.append(found.get("href") or "")
        self.addresses += re.findall(r"url\(([^)]*)\)", found.get("style") or "")


def foreign(address):
    """Tell whether an address leaves the page's own origin."""
    address = address.strip(" '\"")
    return bool(re.match(r"(?:https?:|wss?:|ftp:)?//", address, re.IGNORECASE))


SCRIPT_LOADS = re.compile(
    r"""(?:\.src\s*=|import\s*\(|import\s+["']|\bfrom\s*["']
        |fetch\s*\(|importScripts\s*\()\s*["'`]?((?:https?:)?//[^"'`\s)]+)""",
    re.VERBOSE,
)


def foreign_references(path):
    """Return the addresses on other origins that a page, style or script loads."""
    text = path.read_text(encoding="utf-8", errors="replace")
    if path.suffix == ".html":
        addresses = Loads(text).addresses
        scripts = re.findall(r"<script[^>]*>(.*?)</script>", text, re.DOTALL)
        addresses += [a for script in scripts for a in SCRIPT_LOADS.findall(script)]
        styles = "".join(re.findall(r"<style[^>]*>(.*?)</style>", text, re.DOTALL))
        addresses += css_addresses(styles)
    elif path.suffix == ".css":
        addresses = css_addresses(text)
    else:
        addresses = SCRIPT_LOADS.findall(text)
    return sorted({address for address in addresses if foreign(address)})


def css_addresses(text):
    """Return what a style sheet loads."""
    text = re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)
    urls = re.findall(r"url\(([^)]*)\)", text)
    return urls + re.findall(r"@import\s+[\"']([^\"']+)", text)


def test_no_file_loads_from_another_origin(book):
    files = [p for p in book.rglob("*") if p.suffix in (".html", ".css", ".js")]
    files = [p for p in files if "mathjax" not in p.parts]
    assert len(files) > 10
    found = {str(p.relative_to(book)): foreign_references(p) for p in files}
    assert {name: urls for name, urls in found.items() if urls} == {}


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.html", '<script src="https://cdn.example/x.js"></script>'),
        ("a.html", '<link rel="stylesheet" href="//cdn.example/x.css">'),
        ("a.html", '<img src="http://cdn.example/x.png">'),
        ("a.html", "<script>s.src = 'https://cdn.example/x.js'</script>"),
        ("a.html", "<style>p {background: url(https://cdn.example/x.png)}</style>"),
        ("a.html", '<p style="background: url(https://cdn.example/x.png)">'),
        ("a.css", "@import 'https://cdn.example/x.css';"),
        ("a.css", "@font-face {src: url('//cdn.example/x.woff2')}"),
        ("a.js", "import('https://cdn.example/x.js')"),
        ("a.js", 'fetch("https://cdn.example/x.json")'),
    ],
)
def test_a_foreign_reference_is_found(tmp_path, name, text):
    (tmp_path / name).write_text(text)
    assert foreign_references(tmp_path / name)


def test_a_plain_link_and_a_comment_are_not_references(tmp_path):
    (tmp_path / "a.html").write_text(
        '<a href="https://doi.org/1">x</a><img src="a.png"><link rel="canonical" '
        'href="https://book.example">'
    )
    (tmp_path / "a.css").write_text("/* url(https://example.org) */ p {color: red}")
    assert foreign_references(tmp_path / "a.html") == []
    assert foreign_references(tmp_path / "a.css") == []


# --- what a browser sees ----------------------------------------------------------


class Visit:
    """One page, open in a browser, with all that it asked for and complained of."""

    def __init__(self, browser, url, *, viewport=DESKTOP, scheme="light", settle=True):
        self.origin = url
        self.requests, self.errors = [], []
        self.context = browser.new_context(viewport=viewport, color_scheme=scheme)
        self.page = self.context.new_page()
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("requestfailed", self._failed)
        self.page.on("response", self._answered)
        self.page.on("console", self._said)
        self.page.on("pageerror", lambda error: self.errors.append(f"error: {error}"))
        self.page.goto(url, wait_until="load")
        if settle:
            self.page.evaluate(SETTLED)

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.context.close()

    def _failed(self, request):
        self.errors.append(f"failed: {request.url}")

    def _answered(self, response):
        if response.status >= 400:
            self.errors.append(f"{response.status}: {response.url}")

    def _said(self, message):
        if message.type in ("error", "warning"):
            self.errors.append(f"console: {message.text}")

    def strays(self):
        """Return the requests that left the page's origin."""
        here = urlsplit(self.origin)
        return [
            url
            for url in self.requests
            if urlsplit(url).scheme not in ("data", "blob", "about")
            and urlsplit(url)[:2] != here[:2]
        ]

    def raw_tex(self):
        """Return TeX that a reader would see as source, and formulas that failed."""
        text = self.page.evaluate(VISIBLE_TEXT)
        source = r".{0,30}(?:\\[()[\]]|\$\$|\\begin\{|\\frac\b).{0,30}"
        return re.findall(source, text) + self.page.evaluate(FAILED_TEX)

    def unrendered(self):
        """Return how many formulas the page has that MathJax did not set."""
        return self.page.evaluate(
            "[...document.querySelectorAll('.math')]"
            ".filter(node => !node.querySelector('mjx-container mjx-math')).length"
        )

    def axe(self):
        """Return what axe finds wrong in the content, one line a finding."""
        self.page.evaluate(AXE_SCRIPT)
        # A colour that is still fading in has a contrast of its own.
        self.page.evaluate(END_TRANSITIONS)
        # Without `preload`, axe does not fetch the style sheets a second time.
        options = "{resultTypes: ['violations'], preload: false}"
        results = self.page.evaluate(f"axe.run(document, {options})")
        return [
            f"{violation['id']}: {node['html'][:160]}"
            for violation in results["violations"]
            if violation["id"] not in THEMES_OWN
            for node in violation["nodes"]
        ]

    def overflow(self):
        """Return what is wider than the window, where the page scrolls sideways."""
        return self.page.evaluate(OVERFLOW)

    def cut_formulas(self):
        """Return the displayed formulas that are wider than their place."""
        return self.page.evaluate(CUT_FORMULAS)

    def images(self):
        """Return [source, alternative text, whether captioned] for each picture."""
        return self.page.evaluate(
            "[...document.querySelectorAll('article img')].map(image => [image.src,"
            " image.alt, !!image.closest('figure')?.querySelector('figcaption')])"
        )

    def own_bytes(self, site):
        """Return the bytes of the book's own that the page asked for."""
        paths = {unquote(urlsplit(url).path) for url in self.requests}
        root = unquote(urlsplit(self.origin).path)
        names = [p for p in paths if not NOT_OWN.search(p)]
        files = [Path(n) if str(site) in root else site / n.lstrip("/") for n in names]
        return sum(file.stat().st_size for file in files if file.is_file())


SETTLED = """async () => {
  if (window.MathJax?.startup?.promise) await MathJax.startup.promise;
  await document.fonts.ready;
}"""

END_TRANSITIONS = """() => document.getAnimations().forEach(animation => {
  if (animation instanceof CSSTransition) animation.finish();
})"""

# Solutions are opened first: what is folded away has no width.
CUT_FORMULAS = """() => {
  document.querySelectorAll('button.toggle-button-hidden').forEach(b => b.click());
  return [...document.querySelectorAll('mjx-container[display]')]
    .filter(node => node.clientWidth && node.scrollWidth > node.clientWidth + 1)
    .map(node => `${node.scrollWidth} px in ${node.clientWidth}: `
      + node.querySelector('mjx-assistive-mml')?.textContent.trim().slice(0, 60));
}"""

# A macro that MathJax does not know is set in red, as it was typed.
FAILED_TEX = """() => [
  ...[...document.querySelectorAll('mjx-merror')].map(node =>
    node.getAttribute('title') || node.textContent),
  ...[...document.querySelectorAll('mjx-assistive-mml mtext')]
    .map(node => node.textContent).filter(text => text.startsWith('\\\\')),
]"""

# The text of the page as it is shown, without code, which may well hold TeX.
VISIBLE_TEXT = """() => {
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const hidden = 'pre, code, script, style, noscript, mjx-assistive-mml, template';
  const parts = [];
  while (walker.nextNode()) {
    const parent = walker.currentNode.parentElement;
    if (!parent.closest(hidden)) parts.push(walker.currentNode.data);
  }
  return parts.join('\\n');
}"""

OVERFLOW = """() => {
  const root = document.documentElement;
  if (root.scrollWidth <= root.clientWidth) return [];
  const scrolls = node => {
    for (let at = node.parentElement; at; at = at.parentElement)
      if (['auto', 'scroll', 'hidden', 'clip'].includes(getComputedStyle(at).overflowX)
          && at !== document.body && at !== root) return true;
    return false;
  };
  const wide = [...document.querySelectorAll('main *')].filter(node =>
    node.getBoundingClientRect().right > root.clientWidth + 1 && !scrolls(node));
  const said = wide.slice(0, 5).map(node => node.outerHTML.slice(0, 120));
  return [`${root.scrollWidth} px`, ...said];
}"""


def complaints(found):
    """Keep the pages with something to say."""
    return {page: what for page, what in found.items() if what}


def test_pages_in_a_browser(book, browser):
    """Every page from its file: maths set, nothing asked elsewhere, nothing amiss."""
    found, formulas = {}, 0
    for path in pages_of(book):
        with Visit(browser, path.as_uri()) as visit:
            name = str(path.relative_to(book))
            formulas += visit.page.locator("mjx-container").count()
            found[name] = visit.errors + visit.strays() + visit.raw_tex()
            if visit.unrendered():
                found[name].append(f"{visit.unrendered()} formulas not set")
            size = visit.own_bytes(book)
            if not 0 < size <= OWN_BYTES:
                found[name].append(f"{size} bytes before the first touch")
            found[name] += visit.axe() + visit.overflow()
            found[name] += [
                f"picture without words or caption: {source}"
                for source, alt, captioned in visit.images()
                if not captioned or len(alt.split()) < 5 or alt.endswith(".png")
            ]
    assert complaints(found) == {}
    assert formulas > 0


def test_pages_from_a_server(book, browser, serve):
    found = {}
    address = serve(book)
    for path in pages_of(book):
        name = path.relative_to(book).as_posix()
        with Visit(browser, f"{address}/{name}") as visit:
            found[name] = visit.errors + visit.strays() + visit.raw_tex()
    assert complaints(found) == {}


@pytest.mark.parametrize(
    ("viewport", "scheme"),
    [(DESKTOP, "dark"), (PHONE, "light")],
    ids=["desktop-dark", "phone-light"],
)
def test_pages_are_accessible_and_fit(book, browser, viewport, scheme):
    found = {}
    for path in pages_of(book):
        with Visit(browser, path.as_uri(), viewport=viewport, scheme=scheme) as visit:
            theme = visit.page.evaluate("document.documentElement.dataset.theme")
            assert theme == scheme
            name = str(path.relative_to(book))
            found[name] = visit.axe() + visit.overflow() + visit.cut_formulas()
    assert complaints(found) == {}


def test_a_link_into_a_folded_solution_opens_it(book, browser):
    address = (book / "chapters" / "11_sigmoid.html").as_uri()
    with Visit(browser, f"{address}#cell-claim-sum") as visit:
        cell = visit.page.locator("#cell-claim-sum")
        assert cell.evaluate("node => node.closest('.solution') !== null")
        box = cell.bounding_box()
        assert box["height"] > 20
        assert 0 <= box["y"] < DESKTOP["height"]
        folded = visit.page.locator(".solution:has(#cell-claim-sum)")
        assert folded.locator(".toggle-button-hidden").count() == 0


def test_front_page_leads_into_the_book(book, browser):
    with Visit(browser, (book / "index.html").as_uri(), settle=False) as visit:
        visit.page.wait_for_url("**/chapters/index.html")
        assert visit.errors + visit.strays() == []


def test_pages_say_what_they_are(book):
    descriptions = []
    for path in pages_of(book):
        text = path.read_text(encoding="utf-8")
        assert '<html lang="en"' in text
        descriptions += re.findall(r'<meta name="description" content="([^"]+)"', text)
    assert len(descriptions) == len(pages_of(book))


def test_figures_are_saved_with_a_palette(book):
    pictures = list((book / "_images").glob("*.png"))
    assert pictures
    for path in pictures:
        with Image.open(path) as picture:
            assert picture.mode == "P"


# --- and each of these can fail ---------------------------------------------------


@pytest.mark.parametrize(
    ("ci", "outcome"), [("true", pytest.fail.Exception), ("", pytest.skip.Exception)]
)
def test_no_chromium_fails_in_ci_and_skips_elsewhere(monkeypatch, ci, outcome):
    monkeypatch.setenv("CI", ci)
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(outcome, match="apt-get install chromium"):
        require_chromium()


def test_shrinking_keeps_the_picture_and_its_colours(tmp_path):
    (tmp_path / "_images").mkdir()
    path = tmp_path / "_images" / "a.png"
    before = Image.new("RGBA", (60, 40), "white")
    for column, colour in enumerate(("#0072b2", "#d55e00", "#009e73")):
        before.paste(colour, (20 * column, 5, 20 * column + 15, 35))
    before.save(path)
    builder = SimpleNamespace(format="html")
    shrink_pictures(SimpleNamespace(outdir=tmp_path, builder=builder), None)
    with Image.open(path) as after:
        assert after.mode == "P"
        assert after.convert("RGBA").tobytes() == before.tobytes()


PLAIN_PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<link rel="icon" href="data:,">
<title>t</title>
</head>
<body><main><h1>t</h1>{body}</main></body>
</html>
"""


@pytest.fixture
def visit(browser, tmp_path):
    """Return a function that opens a page with the given body."""
    visits = []

    def open_page(body, **options):
        path = tmp_path / "page.html"
        path.write_text(PLAIN_PAGE.format(body=body))
        visits.append(Visit(browser, path.as_uri(), **options))
        return visits[-1]

    yield open_page
    for visited in visits:
        visited.context.close()


def test_nothing_is_found_on_a_plain_page(visit):
    seen = visit("<p>Plain <code>\\(x\\)</code>.</p>", viewport=PHONE)
    assert seen.errors + seen.strays() + seen.raw_tex() + seen.axe() == []
    assert seen.overflow() == []
    assert seen.unrendered() == 0


@pytest.mark.parametrize("text", [r"\(x\)", r"\[x\]", "$$x$$", r"\begin{align}x"])
def test_raw_tex_is_found(visit, text):
    assert visit(f"<p>{text}</p>").raw_tex()


def test_a_formula_that_is_not_set_is_found(visit):
    assert visit('<div class="math">x</div>').unrendered() == 1


def test_a_bad_formula_is_found(good_book, browser):
    page = good_book / "chapters" / "good.html"
    bad = page.with_name("bad_formula.html")
    text = page.read_text(encoding="utf-8")
    bad.write_text(text.replace(r"\sigma(net)", r"\sgima(net)"), encoding="utf-8")
    for path, expected in ((page, False), (bad, True)):
        with Visit(browser, path.as_uri()) as seen:
            assert seen.unrendered() == 0
            assert bool(seen.raw_tex()) is expected


def test_a_stray_request_and_its_error_are_found(visit):
    # The address is this machine's own, with no one listening.
    seen = visit('<script src="http://127.0.0.1:9/x.js"></script>')
    assert seen.strays() == ["http://127.0.0.1:9/x.js"]
    assert seen.errors


@pytest.mark.parametrize(
    "script", ["throw new Error('no')", "console.error('no')", "undefined.x"]
)
def test_a_script_error_is_found(visit, script):
    assert visit(f"<script>{script}</script>").errors


@pytest.mark.parametrize(
    "body",
    [
        '<img src="data:image/gif;base64,R0lGODlhAQABAAAAACwAAAAAAQABAAA=">',
        '<p style="color: #bbb; background: #fff">pale</p>',
        "<input type=range>",
    ],
)
def test_axe_finds(visit, body):
    assert visit(body).axe()


def test_overflow_is_found(visit):
    wide = '<div style="width: 900px">wide</div>'
    assert visit(wide, viewport=PHONE).overflow()
    boxed = f'<div style="overflow-x: auto" tabindex="0">{wide}</div>'
    assert visit(boxed, viewport=PHONE).overflow() == []


def test_a_colour_in_transition_is_judged_by_its_end(visit):
    fading = visit(
        "<style>p { color: #ddd; transition: color 60s } .end { color: #000 }</style>"
        "<p>Fading in.</p>"
    )
    fading.page.evaluate(
        "() => { const p = document.querySelector('p');"
        " getComputedStyle(p).color; p.className = 'end'; }"
    )
    assert fading.axe() == []


def test_a_cut_formula_is_found(visit):
    formula = (
        '<mjx-container display="true" style="display: block; overflow-x: auto; '
        '{}"><span style="display: block; width: 300px">x</span></mjx-container>'
    )
    assert visit(formula.format("width: 200px")).cut_formulas()
    assert visit(formula.format("width: 310px")).cut_formulas() == []


def test_own_bytes_are_counted(visit, tmp_path):
    (tmp_path / "big.js").write_text("/*" + "x" * OWN_BYTES + "*/")
    assert visit('<script src="big.js"></script>').own_bytes(tmp_path) > OWN_BYTES


def test_pictures_are_seen(visit):
    picture = "data:image/gif;base64,R0lGODlhAQABAAAAACwAAAAAAQABAAA="
    bare = f'<article><img src="{picture}"></article>'
    assert visit(bare).images() == [[picture, "", False]]
    worded = (
        f'<article><figure><img src="{picture}" alt="what is seen">'
        "<figcaption>c</figcaption></figure></article>"
    )
    assert visit(worded).images() == [[picture, "what is seen", True]]
