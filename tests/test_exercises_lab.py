"""Questions with a kernel: in a real JupyterLab, on this machine's own address."""

import pytest
import test_sliders_lab

pytestmark = [pytest.mark.slow, pytest.mark.browser]

lab = test_sliders_lab.lab
notebook = test_sliders_lab.notebook


@pytest.fixture
def asked(notebook):
    """The notebook of questions, and the boxes of its two."""
    opened = notebook("ask")
    boxes = opened.page.locator(".jp-OutputArea .widget-vbox")
    boxes.nth(1).wait_for()
    return opened, boxes.nth(0), boxes.nth(1)


def test_a_formula_is_judged_by_keyboard_alone(asked):
    opened, formula, _ = asked
    field = formula.get_by_role("textbox")
    field.focus()
    opened.page.keyboard.type("o(1-o)(o-t)x")
    opened.page.keyboard.press("Enter")
    opened.says(formula, "Not equal.")
    opened.says(formula, "this is the gradient by the weight")
    # typeset, so that a misreading is seen
    formula.get_by_role("status").locator(".MathJax, mjx-container").first.wait_for()
    field.fill("o(1-o)(t-o)w")
    opened.page.keyboard.press("Enter")
    opened.says(formula, "A hint")
    field.fill("w(o-t)(o-o²)")
    opened.page.keyboard.press("Enter")
    opened.says(formula, "Right, and proved.")
    assert opened.foreign == []


def test_what_is_typed_is_never_markup(asked):
    opened, formula, _ = asked
    field = formula.get_by_role("textbox")
    field.fill("<img src=x onerror=alert(1)>")
    opened.page.keyboard.press("Enter")
    opened.says(formula, "This cannot be read yet.")
    assert formula.locator("img").count() == 0
    assert field.input_value() == "<img src=x onerror=alert(1)>"


def test_a_choice_is_judged(asked):
    opened, _, choice = asked
    choice.get_by_role("radio").nth(2).check()
    choice.get_by_role("button", name="Check").click()
    opened.says(choice, "Right.")
