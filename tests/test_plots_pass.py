"""A pass drawn step by step: what is said is so, and what is known stays in sight."""

import itertools
import re

import numpy as np
import pytest
from _networks import sigmoid_pass
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.text import Text

from backprop_lib import plots

FORWARD, GRADIENT = plots.PALETTE[:2]

ALL_SIZES = [(1, 1), (2, 2, 2), (2, 1, 2), (2, 2, 2, 1)]
each_size = pytest.mark.parametrize("sizes", ALL_SIZES)


def a_pass(sizes=(2, 2, 2), seed=0):
    """A pass through sigmoids with the squared error, by the sums themselves."""
    rng = np.random.default_rng(seed)
    forward = sigmoid_pass(sizes, rng)
    out, weights = forward["out"], forward["weights"]
    target = rng.uniform(size=sizes[-1])
    delta = [None] * len(sizes)
    blame = out[-1] - target
    for m in range(len(sizes) - 1, 0, -1):
        delta[m] = out[m] * (1 - out[m]) * blame
        blame = weights[m - 1] @ delta[m]
    return forward | {"delta": delta, "target": target}


def drawn(step, sizes=(2, 2, 2), height=5.0):
    figure, ax = plots.figure(height=height)
    drawing = plots.draw_pass(ax, step, **a_pass(sizes))
    FigureCanvasAgg(figure).draw()
    return figure, ax, drawing


def evaluated(text):
    """Read one side of a written equation as a number."""
    text = text.replace("\N{MINUS SIGN}", "-").replace("·", "*")
    assert re.fullmatch(r"[-+*().0-9 ]+", text), text
    return eval(text)


@each_size
def test_each_neuron_and_each_weight_has_its_step_in_the_order_of_a_pass(sizes):
    given = a_pass(sizes)
    places = [step.place for step in plots.pass_steps(**given)]
    assert places[0] is places[-1] is None
    neurons = [(m, j) for m, n in enumerate(sizes) for j in range(1, n + 1) if m]
    weights = {
        ("slope", m, i, j)
        for m, (a, b) in enumerate(itertools.pairwise(sizes))
        for i in range(a + 1)
        for j in range(1, b + 1)
    }
    there, back = places[1 : 1 + len(neurons)], places[1 + len(neurons) : -1]
    assert there == [("out", *neuron) for neuron in neurons]
    assert len(back) == len(set(back)) == len(neurons) + len(weights)
    assert set(back) == {("delta", *neuron) for neuron in neurons} | weights
    # an error signal comes after all those it is made of, a slope after its own
    at = {place: k for k, place in enumerate(back)}
    for kind, m, *rest in back:
        if kind == "slope":
            assert at[kind, m, *rest] > at["delta", m + 1, rest[1]]
        elif m < len(sizes) - 1:
            after = [at["delta", m + 1, k] for k in range(1, sizes[m + 1] + 1)]
            assert at[kind, m, *rest] > max(after)


@each_size
def test_what_the_numbers_say_is_so(sizes):
    given = a_pass(sizes)
    for step in plots.pass_steps(**given)[1:-1]:
        kind, m, *rest = step.place
        equations = step.numbers.split(",  ")
        left, right = equations[0].split(" = ")
        assert evaluated(left) == pytest.approx(evaluated(right), abs=3e-3)
        if kind == "out":
            value = given["net"][m][rest[0] - 1]
            assert f"{given['out'][m][rest[0] - 1]:.3f}" in equations[1]
        elif kind == "delta":
            value = given["delta"][m][rest[0] - 1]
        else:
            came_in = [1.0, *given["out"][m]][rest[0]]
            value = given["delta"][m + 1][rest[1] - 1] * came_in
        assert evaluated(right) == pytest.approx(value, abs=5.1e-4)


def test_a_long_sum_is_cut_in_letters_and_numbers_alike():
    step = plots.pass_steps(**a_pass((5, 1)))[1]
    assert r"w_{11}^{(0)} + \dots + o_5^{(0)} w_{51}^{(0)} + b_1" in step.letters
    assert step.numbers.count(" · ") == 2
    assert " + … + " in step.numbers


def test_what_is_known_stays_in_sight_in_its_colour_and_nothing_else_is():
    given = a_pass()
    steps = plots.pass_steps(**given)
    for k in range(len(steps)):
        texts = drawn(k)[2].texts
        done = {step.place for step in steps[: k + 1]}
        for m in (1, 2):
            for j in (1, 2):
                for name, lead in (("net", "out"), ("out", "out"), ("delta", "delta")):
                    text = texts[name, m, j]
                    known = (lead, m, j) in done
                    assert ("$" not in text.get_text()) == known
                    if known:
                        color = GRADIENT if name == "delta" else FORWARD
                        assert text.get_color() == color
        slopes = {key for key in texts if key[0] == "slope"}
        assert slopes == {place for place in done if place and place[0] == "slope"}
        assert all(texts[key].get_color() == GRADIENT for key in slopes)
        # all twelve weights, lit or not
        assert len([key for key in texts if key[0] == "weight"]) == 12


def test_the_last_frame_shows_every_gradient():
    given = a_pass()
    texts = drawn(21)[2].texts
    for m in (0, 1):
        rows = [np.ones(1), *given["out"][m][:, None]]
        for i, row in enumerate(rows):
            for j, d in enumerate(given["delta"][m + 1], start=1):
                text = texts["slope", m, i, j].get_text()
                read = float(text.replace("\N{MINUS SIGN}", "-"))
                assert read == pytest.approx((d * row).item(), rel=0.1, abs=5.1e-5)


def test_a_step_lights_what_it_looks_at():
    steps = plots.pass_steps(**a_pass())
    lit = {step.place: step.lit for step in steps}
    assert lit["out", 1, 2] == {
        *((1, 2), (0, 0), (0, 1), (0, 2)),
        *((0, 0, 2), (0, 1, 2), (0, 2, 2)),
    }
    assert lit["delta", 1, 1] == {(1, 1), (2, 1), (2, 2), (1, 1, 1), (1, 1, 2)}
    assert lit["slope", 0, 2, 1] == {(0, 2, 1), (0, 2), (1, 1)}


def title_of(ax):
    [title] = ax.findobj(lambda a: isinstance(a, Text) and a.get_text() == said_by(ax))
    return title


def said_by(ax):
    return ax.get_title(loc="left")


@pytest.mark.parametrize(("step", "color"), [(0, FORWARD), (4, FORWARD), (5, GRADIENT)])
def test_the_title_says_the_step_in_the_colour_of_its_way(step, color):
    _, ax, _ = drawn(step)
    said = plots.pass_steps(**a_pass())[step]
    assert said_by(ax).split("\n") == [*(said.words, said.letters, said.numbers)]
    assert title_of(ax).get_color() == color


@pytest.mark.parametrize("sizes", [(2, 2, 2), (3, 2, 1), (1, 1, 1)])
def test_words_stand_apart_inside_and_large_enough(sizes):
    for step in (1, -2, -1):
        step %= len(plots.pass_steps(**a_pass(sizes)))
        figure, ax, _ = drawn(step, sizes)
        words = [*ax.texts, title_of(ax)]
        boxes = [Text.get_window_extent(text) for text in words]
        for text, box in zip(words, boxes, strict=True):
            assert box.x0 >= -1, text
            assert box.y0 >= -1, text
            assert box.x1 <= figure.bbox.width + 1, text
            assert box.y1 <= figure.bbox.height + 1, text
            assert text.get_fontsize() >= 8, text
        for a, b in itertools.combinations(range(len(words)), 2):
            across = min(boxes[a].x1, boxes[b].x1) - max(boxes[a].x0, boxes[b].x0)
            down = min(boxes[a].y1, boxes[b].y1) - max(boxes[a].y0, boxes[b].y0)
            assert min(across, down) <= 1, (words[a], words[b])


def test_redrawing_gathers_nothing():
    figure, _, _ = drawn(21)
    count = len(figure.findobj())
    plots.draw_pass(plots.panels(figure), 21, **a_pass())
    FigureCanvasAgg(figure).draw()
    assert len(figure.findobj()) == count


def replaced(**changes):
    return a_pass() | changes


WRONG = a_pass()
TANH = [WRONG["out"][0], np.tanh(WRONG["net"][1]), WRONG["out"][2]]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (
            replaced(net=[None, *(2 * n for n in WRONG["net"][1:])]),
            r"net\[2\] is .*as in a pass",
        ),
        (replaced(out=TANH), r"net\[2\] is .*as in a pass"),
        (replaced(target=1 - WRONG["target"]), r"delta\[2\] is .*as in a pass"),
        (replaced(delta=[None, -WRONG["delta"][1], WRONG["delta"][2]]), r"delta\[1\]"),
        (replaced(target=[1.0]), r"target has shape .* expected \(2,\)"),
        (replaced(target=[1.0, np.nan]), "target holds 1 of 2 that are not finite"),
        (replaced(weights=[[1.0, 2.0]]), r"weights have shapes"),
        (replaced(weights=[]), r"weights have shapes"),
        (replaced(biases=WRONG["biases"][:1]), "biases has 1 entries; expected 2"),
        (replaced(net=WRONG["net"][:2]), "net has 2 entries; expected .* one a layer"),
        (replaced(delta=[None, None, WRONG["delta"][2]]), r"delta\[1\] is missing"),
    ],
)
def test_a_pass_of_which_the_words_would_be_false_is_refused(given, said):
    with pytest.raises(ValueError, match=said):
        plots.pass_steps(**given)
    _, ax = plots.figure()
    with pytest.raises(ValueError, match=said):
        plots.draw_pass(ax, 1, **given)


@pytest.mark.parametrize("step", [-1, 22, 1.5])
def test_there_is_no_such_step(step):
    _, ax = plots.figure()
    with pytest.raises(ValueError, match="expected 0 to 21"):
        plots.draw_pass(ax, step, **a_pass())


def test_slopes_belong_to_weights_that_are_drawn():
    _, ax = plots.figure()
    given = a_pass()
    tables = {"by_weights": given["weights"], "by_biases": given["biases"]}
    with pytest.raises(ValueError, match="give the same of both"):
        plots.draw_network(ax, (2, 2, 2), **tables)
    with pytest.raises(ValueError, match="give the same of both"):
        plots.draw_network(ax, (2, 2, 2), weights=given["weights"], **tables)
    with pytest.raises(ValueError, match=r"by_weights\[0\] has .* expected \(2, 2\)"):
        plots.draw_network(
            ax, (2, 2, 2), weights=given["weights"], by_weights=[np.eye(3)] * 2
        )
    with pytest.raises(ValueError, match="give by_weights too"):
        plots.draw_network(ax, (2, 2, 2), by_biases=given["biases"])
