"""Exercises that answer, in a real browser: what is read, judged, said and kept."""

import gzip
import json
import random
import re
import statistics
from html import unescape

import pytest
from conftest import ROOT, build
from nbformat.v4 import new_code_cell, new_markdown_cell
from test_book import DESKTOP, PHONE, Visit, small_book
from test_exercises_reading import PIECES, letters_of

from backprop_lib.exercises.bank import find, ids
from backprop_lib.exercises.nodes import latex_of
from backprop_lib.exercises.page import as_html, page, payload
from backprop_lib.exercises.reading import read_formula
from backprop_lib.exercises.refusals import ADVICE, Refusal
from book_ext.forms import KEPT, LIST, SCRIPT, STYLE, forms_in, stripped

pytestmark = [pytest.mark.slow, pytest.mark.browser]

ASSETS = ROOT / "book_ext" / "assets"
LARGEST = 12 * 1024  # bytes of the script, as a web server sends it
TABLE = json.loads((ROOT / "tests/formula_cases.json").read_text("utf-8"))
ANSWERS = json.loads((ROOT / "tests/answer_cases.json").read_text("utf-8"))
JUDGED = [name for name in ids() if find(name).kind != "code"]
FORMULA, SECOND = "ex-neuron-input", "ex-neuron-tanh"
RIGHT, WRONG, ALSO_WRONG = "o(1-o)(o-t)w", "o(1-o)(o-t)x", "-o(1-o)(o-t)w"
KEY = "backprop-exercises"


def first_of(kind, predict=False):
    found = (find(name) for name in JUDGED)
    return next(q.id for q in found if (q.kind, q.predict) == (kind, predict))


CHOICE, NUMBER = first_of("choice"), first_of("number")


def lay_out(folder, names, change=lambda script: script):
    """Write a page with these questions, and no book around it; return its address."""
    script = stripped((ASSETS / SCRIPT).read_text("utf-8"))
    (folder / SCRIPT).write_text(change(script), "utf-8")
    (folder / STYLE).write_text((ASSETS / STYLE).read_text("utf-8"), "utf-8")
    forms = "\n".join(page(find(name)) for name in names)
    listed = json.dumps({"page.html": forms_in(forms), "other.html": {"ex-far": "0"}})
    (folder / LIST).write_text(f"globalThis.exercisePages = {listed}", "utf-8")
    (folder / "page.html").write_text(
        '<!DOCTYPE html><html lang="en"><meta charset="utf-8"><title>t</title>'
        f'<link rel="icon" href="data:,"><link rel="stylesheet" href="{STYLE}">'
        f'<script defer src="{LIST}"></script><script defer src="{SCRIPT}"></script>'
        f'<p class="ask-continue">Begin.</p>{forms}{KEPT}',
        "utf-8",
    )
    return (folder / "page.html").as_uri()


@pytest.fixture(scope="session")
def bare(tmp_path_factory):
    return lay_out(tmp_path_factory.mktemp("asked"), [FORMULA, SECOND, CHOICE, NUMBER])


@pytest.fixture
def visit(browser, bare):
    with Visit(browser, bare) as visit:
        yield visit
        assert visit.errors + visit.strays() == []


class Form:
    """A question on an open page."""

    def __init__(self, visit, name):
        self.page = visit.page
        self.form = visit.page.locator(f"#ask-{name}")
        self.field = self.form.locator("input[type=text]")
        self.reply = self.form.get_by_role("status")

    def type(self, text):
        self.field.fill(text)
        self.field.press("Enter")
        return self.verdict()

    def verdict(self):
        said = self.reply.locator(".ask-verdict")
        return said.get_attribute("data-verdict") if said.count() else None

    def terms(self):
        names = self.reply.locator("dt").all_inner_texts()
        return dict(zip(names, self.reply.locator("dd").all_inner_texts(), strict=True))


def kept(visit):
    return json.loads(visit.page.evaluate(f"localStorage.getItem('{KEY}')"))


# --- what is read -----------------------------------------------------------------

READ = """cases => cases.map(([text, letters]) => {
  const place = ([letter, shift]) =>
    shift ? letter + (shift > 0 ? "+" : "") + shift : letter;
  const show = ({kind, value, parts}) => {
    if (kind === "number" || kind === "letter") return value;
    if (kind === "pi") return kind;
    if (kind === "D") return `(D ${value.join(" ")})`;
    if (kind === "at") return `(at ${value[0]} ${value[1].map(place).join(" ")})`;
    const head = {neg: "-", sum: `sum ${value}`}[kind] ?? kind;
    return `(${head} ${parts.map(show).join(" ")})`;
  };
  try {
    const node = exercises.read(text, letters);
    return {read: show(node), latex: exercises.latex(node, letters)};
  } catch (refused) {
    return refused.code ? {error: [refused.code, refused.place]} : `${refused}`;
  }
})"""


def test_the_page_reads_what_the_kernel_reads(visit):
    cases, contexts = TABLE["cases"], TABLE["contexts"]
    found = visit.page.evaluate(
        READ, [[c["in"], contexts[c["context"]]] for c in cases]
    )
    wanted = [{k: c[k] for k in ("read", "latex", "error") if k in c} for c in cases]
    wrong = [(c["in"], f, w) for c, f, w in zip(cases, found, wanted) if f != w]
    assert wrong == []
    assert len(cases) >= 300


MORE = (*PIECES, *"tp.:;'\\\"_δη", "𝑤", "\u200b", r"\mathit{net}", r"\delta", "_{i j}")


@pytest.mark.parametrize("context", TABLE["contexts"])
def test_the_page_reads_random_texts_as_the_kernel_does(visit, context):
    """Every accident, not only those somebody thought of."""
    letters, pick = letters_of(context), random.Random(f"page {context}")
    texts = [
        "".join(pick.choice(MORE) for _ in range(pick.randint(1, 9)))
        for _ in range(3000)
    ]
    wanted = []
    for text in texts:
        try:
            node = read_formula(text, letters)
        except Refusal as refused:
            wanted.append({"error": [refused.code, refused.place]})
        else:
            wanted.append({"read": str(node), "latex": latex_of(node, letters)})
    told = TABLE["contexts"][context]
    found = visit.page.evaluate(READ, [[text, told] for text in texts])
    assert [x for x in zip(texts, found, wanted) if x[1] != x[2]] == []


# --- what is judged ---------------------------------------------------------------

JUDGE = """asked => asked.map(([told, given]) => {
  try {
    const {verdict, mistake = "", read, left = "", why = ""} =
      exercises.judge(told, given);
    return {verdict, mistake, read, left, why};
  } catch (refused) {
    return refused.code ? {code: refused.code, place: refused.place} : `${refused}`;
  }
})"""


def judged_on_the_page(visit, asked):
    told = {name: payload(find(name)) for name, _ in asked}
    return visit.page.evaluate(JUDGE, [[told[name], given] for name, given in asked])


def with_dollars(html):
    return unescape(
        re.sub(r'<span class="math[^>]*>\\\((.*?)\\\)</span>', r"$\1$", html)
    )


def test_the_page_judges_the_answers(visit):
    found = judged_on_the_page(visit, [(c["question"], c["in"]) for c in ANSWERS])
    wrong = []
    for case, reply in zip(ANSWERS, found, strict=True):
        verdict = {"points": "right"}.get(reply["verdict"], reply["verdict"])
        named, mistake = case.get("mistake", ""), with_dollars(reply["mistake"])
        # the beginning is compared, and nothing begins everything
        fits = mistake.startswith(named) and bool(named) == bool(mistake)
        if verdict != case["verdict"] or not fits:
            wrong.append((case, reply))
    assert wrong == []
    assert len(ANSWERS) >= 100


def by_kernel(name, given):
    try:
        reply = find(name).judge(given)
    except Refusal as refusal:
        return {"code": refusal.code, "place": refusal.place}
    return {
        "verdict": reply.verdict,
        "mistake": as_html(reply.mistake),
        "read": reply.read or None,
        "left": reply.left,
        "why": as_html(reply.why),
    }


def test_numbers_and_choices_are_judged_as_by_the_kernel(visit):
    asked = []
    for name in JUDGED:
        question = find(name)
        if question.kind == "choice":
            asked += [(name, number) for number in range(len(question.options))]
        elif question.kind == "number":
            numbers = [question.truth, 12345.5, *(s.value for s in question.slips)]
            texts = [f"{number!r}" for number in numbers if number >= 0]
            # never as printed, so that both print alike
            asked += [(name, text) for text in texts if re.fullmatch(r"[\d.]+", text)]
            asked += [(name, "0.1+"), (name, "-2*3")]
    found = judged_on_the_page(visit, asked)
    for one in found:
        one.setdefault("read", None)
        if "code" in one:
            del one["read"]
    wrong = [
        (given, reply, kernel)
        for given, reply in zip(asked, found, strict=True)
        if reply != (kernel := by_kernel(*given))
    ]
    assert wrong == []
    assert {"right", "different", "other"} <= {r.get("verdict") for r in found}


@pytest.mark.parametrize(
    ("factor", "verdict"), [("1.00000001", "different"), ("1.0000000001", "points")]
)
def test_nine_digits_are_compared(visit, factor, verdict):
    assert Form(visit, FORMULA).type(f"{RIGHT}·{factor}") == verdict


def test_a_known_mistake_is_told_from_one_nearby(visit):
    near, far = judged_on_the_page(
        visit, [(FORMULA, f"{WRONG}·1.0000001"), (FORMULA, f"{WRONG}·1.0001")]
    )
    assert near["mistake"]
    assert not far["mistake"]


@pytest.mark.parametrize(
    ("left", "verdict"),
    [(["p", "q"], "right"), (["q", "r"], "disorder"), (["q"], "disorder")],
)
def test_a_line_leads_on_if_it_only_works_out(visit, left, verdict):
    """Each line holds derivatives of the one before, and fewer of them."""
    lines = [{"latex": "x", "words": "", "left": held} for held in (left, ["p"], [])]
    told = {"kind": "order", "lines": lines}
    (reply,) = visit.page.evaluate(JUDGE, [[told, "1,2,3"]])
    assert reply["verdict"] == verdict


def test_orders_are_judged_as_by_the_kernel(visit):
    asked, wanted = [], []
    for name in (name for name in JUDGED if find(name).kind == "order"):
        question = find(name)
        count = len(question.lines)
        true = [n for n, (_, words) in enumerate(question.lines) if not words]
        whole = sorted(true, key=lambda n: -len(question.left_in(n)))
        orders = [whole, whole[::-1], whole[:-1], whole[1:], [whole[0], *whole[2:]]]
        orders += [[*whole, n] for n in range(count) if n not in whole] + [[whole[-1]]]
        for order in orders:
            places = [order.index(n) + 1 if n in order else "" for n in range(count)]
            asked.append((name, ",".join(map(str, places))))
            reply = question.judge(order)
            wanted.append((reply.verdict, reply.mistake))
    found = judged_on_the_page(visit, asked)
    assert [(r["verdict"], with_dollars(r["mistake"])) for r in found] == wanted
    assert {"right", "disorder", "other"} == {verdict for verdict, _ in wanted}


# --- what is said -----------------------------------------------------------------


def test_a_reply_has_four_parts(visit):
    form = Form(visit, FORMULA)
    assert form.type(WRONG) == "different"
    terms = form.terms()
    assert list(terms) == ["I read", "Verdict", "Mistake", "Where they differ"]
    assert terms["Verdict"] == "Not equal."
    assert "this is the gradient by the weight" in terms["Mistake"]
    assert re.search(
        r"w = 1.*, .*x = 2.*: yours is −0\.09.*right one −0\.04",
        terms["Where they differ"],
    )
    assert form.type(RIGHT) == "points"
    assert list(form.terms()) == ["I read", "Verdict", "Why"]
    assert form.type("dL/do do/dnet w") == "unfinished"
    assert re.search(r"still holds \\\(\\frac.*\.$", form.terms()["Verdict"])
    assert form.type("17 + o") == "different"
    assert form.terms()["Mistake"] == "It is no mistake that is known here."
    assert form.type("ln(-o²-1)") == "nowhere"


def test_what_cannot_be_read_stays_and_is_pointed_at(visit):
    form = Form(visit, FORMULA)
    assert form.type("o(1-o)q") == "syntax"
    assert form.field.input_value() == "o(1-o)q"
    assert form.field.get_attribute("aria-invalid") == "true"
    assert form.reply.locator("mark").inner_text() == "q"
    assert form.reply.locator(".ask-caret").inner_text() == "o(1-o)q"
    assert form.reply.inner_text().startswith("“q” is no letter of this question.")
    form.field.press("Backspace")
    assert form.field.get_attribute("aria-invalid") is None
    assert form.type("o(1-") == "syntax"
    assert form.reply.locator("mark").inner_text() == "\u00a0"
    assert form.type("") == "syntax"
    assert kept(visit)["answers"][FORMULA]["wrong"] == 0


@pytest.mark.parametrize("code", sorted(set(ADVICE)))
def test_all_advice_is_the_kernels(visit, code):
    told = payload(find(FORMULA))["advice"]
    assert told[code] == ADVICE[code]


def test_advice_quotes_what_the_kernel_quotes(visit):
    form = Form(visit, FORMULA)
    for text in ("o + qu_{1 2}", "o$", "o = w", "exp x", "𝐪o", "o\\nonsense", "o☃🙂"):
        with pytest.raises(Refusal) as refused:
            find(FORMULA).judge(text)
        assert form.type(text) == "syntax"
        assert form.reply.locator("p").first.inner_text() == refused.value.advice


def test_the_second_wrong_try_gets_a_hint(visit):
    form = Form(visit, FORMULA)
    form.type(WRONG)
    form.type(WRONG)  # the same twice counts once
    assert "Hint" not in form.terms()
    form.type(ALSO_WRONG)
    assert form.terms()["Hint"].startswith("Go through the slopes one by one")
    form.type(WRONG)
    assert form.terms()["Hint"].startswith("Hold ")
    assert kept(visit)["answers"][FORMULA]["wrong"] == 3


@pytest.mark.parametrize("kind", ["number", "choice"])
def test_a_prediction_is_never_wrong(browser, tmp_path, kind):
    found = [find(n) for n in JUDGED if find(n).predict and find(n).kind == kind]
    if not found:
        pytest.skip(f"no question asks to predict a {kind}")
    question = found[0]
    with Visit(browser, lay_out(tmp_path, [question.id])) as visit:
        form = Form(visit, question.id)
        if kind == "number":
            form.type("123456789")
            form.type("987654321")
        else:
            at = (question.answer + 1) % len(question.options)
            form.form.get_by_role("radio").nth(at).check()
            form.form.get_by_role("button").press("Enter")
        assert form.verdict() == "predicted"
        assert form.terms()["Verdict"] == "Not what will be seen."
        assert "It is" in form.terms()
        assert "Read on: the reason is below." in form.reply.inner_text()
        answer = kept(visit)["answers"][question.id]
        assert (answer["state"], answer["wrong"]) == ("predicted", 0)
        assert answer["first"] == ("123456789" if kind == "number" else str(at))


def test_a_derivation_grows_line_by_line(browser, tmp_path):
    texts = [
        "∂L/∂b",  # the first line itself
        "∂o/∂net ∂L/∂o ∂net/∂b",
        "∂L/∂o ∂o/∂net ∂net/∂b",  # only sorted otherwise
        "o(1-o)(t-o) ∂net/∂b",
        "(o-o²)(o-t)∂net/∂b",
        "o(1-o)(o-t)",
    ]
    with Visit(browser, lay_out(tmp_path, ["ex-neuron-lines"])) as visit:
        form = Form(visit, "ex-neuron-lines")
        lines = form.form.locator(".ask-lines li")
        said = [(form.type(text), lines.count()) for text in texts]
        assert said == [
            *(("same", 1), ("forward", 2), ("same", 2), ("different", 2)),
            *(("forward", 3), ("points", 4)),
        ]
        answer = kept(visit)["answers"]["ex-neuron-lines"]
        assert answer["lines"] == [texts[1], texts[4], texts[5]]
        assert answer["state"] == "done"
        before = lines.all_text_contents()
        visit.page.reload()
        assert lines.all_text_contents() == before
        assert form.verdict() == "points"
        assert visit.errors == []


def test_lines_are_put_in_order(browser, tmp_path):
    question = find("ex-neuron-order")
    true = [n for n, (_, words) in enumerate(question.lines) if not words]
    whole = sorted(true, key=lambda n: -len(question.left_in(n)))
    with Visit(browser, lay_out(tmp_path, [question.id])) as visit:
        form = Form(visit, question.id)
        check = form.form.get_by_role("button", name="Check")
        places = form.form.get_by_role("combobox")
        check.press("Enter")
        assert form.verdict() == "syntax"
        for place, number in enumerate(whole, start=1):
            places.nth(number).select_option(str(place))
            check.press("Enter")
            last = place == len(whole)
            assert form.verdict() == ("right" if last else "disorder")
        visit.page.reload()
        assert places.nth(whole[1]).input_value() == "2"
        assert form.verdict() == "right"
        assert visit.errors == []


HOSTILE = [
    "<img src=x onerror=alert(1)>",
    "o</code><script>alert(1)</script>",
    "&lt;b&gt;<b>o</b>",
    "\\(o\\)<i>",
    "o\\text{<img>}",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_what_is_typed_is_never_html(visit, text):
    asked = []
    visit.page.on("dialog", lambda dialog: (asked.append(dialog), dialog.dismiss()))
    form = Form(visit, FORMULA)
    allowed = {"P", "CODE", "MARK"}
    tags = "node => [...node.querySelectorAll('*')].map(one => one.tagName)"
    assert form.type(text) == "syntax"
    assert set(form.reply.evaluate(tags)) <= allowed
    assert form.reply.locator(".ask-caret").text_content().replace("\u00a0", "") == text
    visit.page.reload()
    assert form.field.input_value() == text
    assert set(form.reply.evaluate(tags)) <= allowed
    assert asked == []


# --- by keyboard, and heard -------------------------------------------------------

FOCUSED = "document.activeElement.outerHTML.slice(0, 60)"


def test_by_keyboard_alone(visit):
    keys, seen = visit.page.keyboard, visit.page
    keys.press("Tab")
    assert "ask-ex-neuron-input-answer" in seen.evaluate(FOCUSED)
    keys.type(WRONG)
    keys.press("Enter")
    form = Form(visit, FORMULA)
    assert form.verdict() == "different"
    # the place is kept, and what was typed can be changed there
    assert "ask-ex-neuron-input-answer" in seen.evaluate(FOCUSED)
    keys.press("Backspace")
    keys.type("w")
    keys.press("Tab")
    assert "submit" in seen.evaluate(FOCUSED)
    keys.press("Space")
    assert form.verdict() == "points"
    for _ in range(3):
        keys.press("Tab")
    choice = Form(visit, CHOICE)
    assert "radio" in seen.evaluate(FOCUSED)
    for _ in find(CHOICE).options[find(CHOICE).answer + 1 :]:
        keys.press("ArrowUp")
    keys.press("Space")
    chosen = choice.form.locator("input:checked").get_attribute("value")
    keys.press("Enter")
    assert (choice.verdict() == "right") == (int(chosen) == find(CHOICE).answer)


def test_nothing_chosen_is_no_try(visit):
    choice = Form(visit, CHOICE)
    choice.form.get_by_role("button").press("Enter")
    assert choice.verdict() == "syntax"
    assert choice.reply.inner_text() == "Choose one of them first."


def test_a_reply_is_announced_anew_and_a_restored_one_is_not(visit):
    form = Form(visit, FORMULA)
    form.type(WRONG)
    first = form.reply.locator(".ask-verdict").element_handle()
    form.type(WRONG)
    assert not first.evaluate("node => node.isConnected")
    assert form.reply.get_attribute("aria-live") is None
    visit.page.reload()
    assert form.reply.inner_text() == "Not equal."
    assert form.reply.get_attribute("aria-live") == "off"


# --- what is kept -----------------------------------------------------------------


def test_state_stays_over_a_reload_until_it_is_forgotten(visit):
    form, other = Form(visit, FORMULA), Form(visit, SECOND)
    choice = Form(visit, CHOICE)
    assert form.type(RIGHT) == "points"
    other.field.fill("half a li")
    choice.form.get_by_role("radio").nth(1).check()
    choice.form.get_by_role("button").press("Enter")
    verdict = choice.verdict()
    visit.page.reload()
    assert (form.field.input_value(), form.verdict()) == (RIGHT, "points")
    assert (other.field.input_value(), other.verdict()) == ("half a li", None)
    assert choice.form.get_by_role("radio").nth(1).is_checked()
    assert choice.verdict() == verdict
    # done is done, whatever is tried afterwards
    form.type(WRONG)
    assert kept(visit)["answers"][FORMULA]["state"] == "done"
    assert kept(visit)["at"] == {"page": "page.html", "id": f"ask-{FORMULA}"}
    link = visit.page.get_by_role("link", name="Continue where you were")
    assert link.get_attribute("href").endswith(f"/page.html#ask-{CHOICE}")
    visit.page.reload()
    assert link.get_attribute("href").endswith(f"/page.html#ask-{FORMULA}")

    visit.page.evaluate("localStorage.setItem('of-another', 'kept')")
    visit.page.once("dialog", lambda dialog: dialog.dismiss())
    visit.page.get_by_role("button", name="Forget all").press("Enter")
    assert form.field.input_value() == WRONG
    visit.page.once("dialog", lambda dialog: dialog.accept())
    visit.page.get_by_role("button", name="Forget all").press("Enter")
    assert (form.field.input_value(), form.verdict()) == ("", None)
    assert not choice.form.get_by_role("radio").nth(1).is_checked()
    visit.page.reload()
    assert (form.field.input_value(), form.verdict()) == ("", None)
    assert visit.page.evaluate("localStorage.getItem('of-another')") == "kept"


def test_a_changed_question_is_checked_again(visit):
    form = Form(visit, FORMULA)
    form.type(RIGHT)
    visit.page.evaluate(
        f"localStorage.setItem('{KEY}', localStorage.getItem('{KEY}')"
        f".replace({payload(find(FORMULA))['version']!r}, '00000000'))"
    )
    visit.page.reload()
    assert form.field.input_value() == RIGHT
    assert form.verdict() is None
    assert "changed since: check again" in form.reply.inner_text()
    assert form.type(RIGHT) == "points"


def answers(**more):
    base = {"format": "backprop-answers", "version": 1, "answers": {}}
    return json.dumps(base | more)


NOT_READ = {
    "text": (b"o(1-o)", "it is not JSON"),
    "bytes": (b"\xff\xfe\x00", "it is not JSON"),
    "list": (b"[]", "no file of answers"),
    "null": (b"null", "no file of answers"),
    "other": (answers(format="other").encode(), "no file of answers"),
    "no answers": (answers(answers=[]).encode(), "no file of answers"),
    "newer": (answers(version=2).encode(), "a newer book"),
    "no version": (answers(version="x").encode(), "a newer book"),
    "large": (b" " * 1_000_001, "too large"),
}


def hand_over(visit, content):
    with visit.page.expect_file_chooser() as chooser:
        visit.page.get_by_role("button", name="Read from a file").press("Enter")
    file = {"name": "a.json", "mimeType": "application/json", "buffer": content}
    chooser.value.set_files(file)
    said = visit.page.locator(".ask-kept [role=status]:not(:empty)")
    return said.inner_text()


@pytest.mark.parametrize("name", NOT_READ)
def test_a_refused_file_changes_nothing(visit, name):
    content, reason = NOT_READ[name]
    form = Form(visit, FORMULA)
    form.type(RIGHT)
    before = kept(visit)
    said = hand_over(visit, content)
    assert reason in said
    assert said.endswith("Nothing was changed.")
    assert kept(visit) == before
    assert (form.field.input_value(), form.verdict()) == (RIGHT, "points")


def test_a_saved_file_is_read_elsewhere(visit, browser, bare):
    Form(visit, FORMULA).type(RIGHT)
    with visit.page.expect_download() as download:
        visit.page.get_by_role("button", name="Save to a file").press("Enter")
    assert download.value.suggested_filename == "backprop-answers.json"
    saved = json.loads(download.value.path().read_text("utf-8"))
    assert saved == kept(visit)
    assert set(saved) == {"format", "version", "answers", "at"}

    saved["answers"]["ex-far"] = {"question": "1", "text": "kept", "state": "tried"}
    saved["answers"]["ex-bad"] = "no answer"
    saved["answers"][SECOND] = {"question": "x", "text": "theirs", "state": "tried"}
    with Visit(browser, bare) as other:
        form, second = Form(other, FORMULA), Form(other, SECOND)
        form.type(WRONG)
        assert second.type("1-o²") is not None
        said = hand_over(other, json.dumps(saved).encode())
        assert said.startswith("Read: 3.")
        assert said.endswith(": 2.")
        assert (form.field.input_value(), form.verdict()) == (RIGHT, "points")
        found = kept(other)["answers"]
        assert found["ex-far"] == saved["answers"]["ex-far"]
        assert "ex-bad" not in found


def test_what_is_done_here_is_not_undone_by_a_file(visit):
    form = Form(visit, FORMULA)
    form.type(RIGHT)
    theirs = {FORMULA: {"question": "x", "text": "theirs", "state": "tried"}}
    hand_over(visit, answers(answers=theirs).encode())
    assert (form.field.input_value(), form.verdict()) == (RIGHT, "points")


def test_answers_of_a_newer_book_are_not_written_over(visit):
    newer = answers(version=2, answers={FORMULA: {"text": "of the future"}})
    visit.page.evaluate(f"text => localStorage.setItem('{KEY}', text)", newer)
    visit.page.reload()
    assert Form(visit, FORMULA).type(RIGHT) == "points"
    assert visit.page.evaluate(f"localStorage.getItem('{KEY}')") == newer


BROKEN_STORAGE = {
    "throws": "get() { throw new Error('denied'); }",
    "absent": "value: undefined",
}


@pytest.mark.parametrize("how", BROKEN_STORAGE)
def test_without_storage_the_forms_work(visit, how):
    visit.page.add_init_script(
        f"Object.defineProperty(window, 'localStorage', {{{BROKEN_STORAGE[how]}}})"
    )
    visit.page.reload()
    form = Form(visit, FORMULA)
    assert form.type(WRONG) == "different"
    assert form.type(ALSO_WRONG) == "different"
    assert "Hint" in form.terms()
    assert form.type(RIGHT) == "points"


# --- how fast, and how large ------------------------------------------------------

TIMED = """([name, texts]) => {
  const form = document.getElementById(`ask-${name}`);
  return texts.map(text => {
    form.elements.answer.value = text;
    const start = performance.now();
    form.requestSubmit();
    const said = form.querySelector(".ask-verdict")?.dataset.verdict;
    return [said, performance.now() - start];
  });
}"""


def test_the_verdict_stands_when_the_key_returns(visit):
    """Nothing is waited for, and the longest text is soon refused or read."""
    long = "(" * 40 + "o" + ")" * 40
    texts = [RIGHT, WRONG, "o(1-", "+".join(["o(1-o)w"] * 60), long, "x" * 10_000]
    texts += ["x**9**9**9", "-" * 499 + "o", "1/0"]
    timed = visit.page.evaluate(TIMED, [FORMULA, texts * 5])
    wanted = ["points", "different", "syntax", "different", "different"]
    wanted += ["syntax", "syntax", "syntax", "syntax"]
    assert [said for said, _ in timed] == wanted * 5
    times = [time for _, time in timed]
    print(
        f"key to verdict: median {statistics.median(times):.1f} ms, "
        f"longest {max(times):.1f} ms"
    )


def test_the_script_is_small_and_evaluates_nothing():
    script = stripped((ASSETS / SCRIPT).read_text("utf-8"))
    assert len(gzip.compress(script.encode(), mtime=0)) <= LARGEST
    assert not re.search(
        r"\beval\b|\bFunction\(|import\(|https?:|document\.write", script
    )


# --- in the book ------------------------------------------------------------------

ASKED = [FORMULA, "ex-neuron-lines", "ex-neuron-order", CHOICE, NUMBER]


@pytest.fixture(scope="session")
def site(tmp_path_factory):
    """A small book with questions on one page, and none on another."""
    folder = tmp_path_factory.mktemp("exercises")
    title = new_markdown_cell("# Does it answer?\n\nHere is $w$.")
    first, *others = (new_code_cell(f'ask("{name}")') for name in ASKED)
    asking = [
        title,
        new_code_cell("from backprop_lib.exercises import ask"),
        new_markdown_cell("## Exercises"),
        new_markdown_cell(f"({FORMULA})=\n### Exercise: The input\n\nDerive it."),
        first,
        new_markdown_cell("#### Solution"),
        new_markdown_cell("It is this."),
        new_markdown_cell("## More questions"),
        *others,
        new_code_cell('ask("ex-neuron-slope")'),
        new_markdown_cell("## What was shown\n\nThis."),
    ]
    small_book(folder, {"asking": asking, "plain": [title]})
    code, log = build(folder, folder)
    assert code == 0, log[-6000:]
    return folder / "_build" / "html"


@pytest.fixture
def asking(site):
    return (site / "chapters" / "asking.html").as_uri()


def typeset(visit):
    """Wait until MathJax has set what was last put on the page."""
    visit.page.wait_for_function(
        "!document.querySelector('.ask [aria-busy=true]')"
        " && ![...document.querySelectorAll('.ask .math')]"
        ".some(node => !node.querySelector('mjx-container'))"
    )


def test_only_pages_with_questions_load_the_script(site):
    pages = {p.stem: p.read_text("utf-8") for p in site.glob("chapters/*.html")}
    loads = {name for name, text in pages.items() if f"{SCRIPT}?" in text}
    assert loads == {"asking", "index"}
    assert pages["asking"].count('class="ask-kept"') == 1
    assert pages["asking"].index("ask-kept") > pages["asking"].rindex("<form")
    assert pages["index"].index("ask-continue") < pages["index"].index("ask-kept")
    static = site / "_static"
    listed = (static / LIST).read_text("utf-8")
    pages = json.loads(listed.removeprefix("globalThis.exercisePages = ")[:-2])
    assert pages == {
        "chapters/asking.html": {n: payload(find(n))["version"] for n in ASKED}
    }
    script = (ASSETS / SCRIPT).read_text("utf-8")
    assert (static / SCRIPT).read_text("utf-8") == stripped(script)


def answer_all(visit):
    for name in ASKED:
        form, question = Form(visit, name), find(name)
        button = form.form.locator("button[type=submit]")
        if question.kind == "choice":
            form.form.get_by_role("radio").nth(question.answer).check()
            button.press("Enter")
        elif question.kind == "order":
            true = [n for n, (_, words) in enumerate(question.lines) if not words]
            true.sort(key=lambda n: -len(question.left_in(n)))
            for place, number in enumerate(true, start=1):
                form.form.locator("select").nth(number).select_option(str(place))
            button.press("Enter")
        else:
            texts = {"lines": "o(1-o)(o-t)", "formula": RIGHT}
            form.type(texts.get(question.kind) or repr(question.truth))
        assert form.verdict() in ("points", "right"), name


def test_success_opens_the_solution_and_ticks_the_chapter(site, asking, browser):
    with Visit(browser, asking) as visit:
        solution = visit.page.get_by_text("It is this.")
        assert not solution.is_visible()
        tick = visit.page.locator(".bd-sidebar-primary .ask-tick")
        assert tick.count() == 0
        answer_all(visit)
        assert solution.is_visible()
        typeset(visit)
        assert visit.raw_tex() == []
        assert tick.count() == 1
        link = visit.page.locator(".bd-sidebar-primary a:has(.ask-tick)")
        assert "done" in link.text_content()
        visit.page.goto((site / "chapters" / "index.html").as_uri())
        assert tick.count() == 1
        visit.page.get_by_role("link", name="Continue where you were").click()
        visit.page.wait_for_url(f"{asking}#ask-{ASKED[-1]}")
        assert visit.errors + visit.strays() == []


def test_the_solution_is_offered_after_two_wrong_tries(asking, browser):
    with Visit(browser, asking) as visit:
        form = Form(visit, FORMULA)
        show = form.form.get_by_role("button", name="Show the solution")
        form.type(WRONG)
        assert show.count() == 0
        form.type(ALSO_WRONG)
        assert not visit.page.get_by_text("It is this.").is_visible()
        show.press("Enter")
        assert visit.page.get_by_text("It is this.").is_visible()
        focused = "document.activeElement.classList.contains('solution')"
        assert visit.page.evaluate(focused)


SMALL = """() => [...document.querySelectorAll(
  "form.ask :is(button, select, input[type=text], fieldset > label),"
  + ".ask-kept button")].filter(one => {
    const box = one.getBoundingClientRect();
    return box.height < 44 || box.width < 44;
  }).map(one => one.outerHTML)"""


@pytest.mark.parametrize("viewport", [PHONE, DESKTOP], ids=["phone", "desktop"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_forms_fit_and_are_accessible(asking, browser, viewport, scheme):
    with Visit(browser, asking, viewport=viewport, scheme=scheme) as visit:
        shows = [lambda: None, lambda: answer_all(visit)]
        for text in (WRONG, ALSO_WRONG, "o(1-q)" * 40):
            shows.append(lambda text=text: Form(visit, FORMULA).type(text))
        for show in shows:
            show()
            typeset(visit)
            # the theme's own button fades in when the page is scrolled
            found = [what for what in visit.axe() if "pst-back-to-top" not in what]
            assert found + visit.overflow() + visit.page.evaluate(SMALL) == []
        assert visit.page.get_by_text("needs Python").is_visible()
        assert visit.page.get_by_text("import ask").is_visible()
        assert not visit.page.get_by_text('ask("ex-neuron-slope")').is_visible()
        assert visit.errors + visit.strays() == []


def test_what_comes_back_moves_nothing(asking, browser):
    with Visit(browser, asking) as visit:
        Form(visit, FORMULA).type(WRONG)
        typeset(visit)
        boxes = "[...document.querySelectorAll('form.ask')].map(f => f.offsetHeight)"
        visit.page.evaluate("localStorage.clear()")
        visit.page.reload()
        typeset(visit)
        empty = visit.page.evaluate(boxes)
        Form(visit, FORMULA).type(WRONG)
        visit.page.reload()
        typeset(visit)
        assert Form(visit, FORMULA).verdict() == "different"
        assert visit.page.evaluate(boxes) == empty


def test_focus_is_seen(asking, browser):
    with Visit(browser, asking) as visit:
        style = "getComputedStyle(document.activeElement).outlineWidth"
        Form(visit, FORMULA).field.focus()
        for _ in range(8):
            visit.page.keyboard.press("Tab")
            if visit.page.evaluate("!!document.activeElement.closest('form.ask')"):
                assert visit.page.evaluate(style) == "3px"


def test_from_a_server_as_from_a_file(site, browser, serve):
    with Visit(browser, f"{serve(site)}/chapters/asking.html") as visit:
        answer_all(visit)
        assert kept(visit)["at"]["page"] == "chapters/asking.html"
        assert visit.errors + visit.strays() == []


def test_without_scripts_the_question_and_a_note(asking, browser):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(asking)
    form = page.locator(f"#ask-{FORMULA}")
    assert form.get_by_text("needs JavaScript").is_visible()
    assert not form.locator("input").is_visible()
    assert not page.locator(".ask-kept").is_visible()
    context.close()
