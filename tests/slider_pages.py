"""Moves the sliders of an open page by their keys and says what goes wrong."""

import json
from pathlib import Path

from PIL import Image
from playwright.sync_api import TimeoutError as TooLate

WATCH_SHIFTS = """() => {
  window.shifts = [];
  new PerformanceObserver(list => {
    for (const entry of list.getEntries()) window.shifts.push(entry.value);
  }).observe({type: "layout-shift"});
}"""

# Where the controls stand, what is shown and said, and where it all lies on the page.
STATE = """figure => {
  const {controls} = JSON.parse(figure.querySelector("script").textContent);
  const {elements} = figure.querySelector("form");
  const image = figure.querySelector("img");
  const parts = [...figure.querySelectorAll("img, form, output, figcaption")];
  return {
    at: controls.map(({name}) => +elements[name].value),
    source: image.getAttribute("src"),
    alt: image.alt,
    said: figure.querySelector("[role=status]").textContent,
    written: controls.map(({name}) => elements[name].type === "range"
      ? [elements[name].getAttribute("aria-valuetext"),
         elements[name].closest("div").querySelector("output").textContent]
      : []),
    boxes: parts.map(part => part.getBoundingClientRect())
      .map(box => [box.left + scrollX, box.top + scrollY, box.width, box.height]),
  };
}"""
FOCUS = """(figure, name) => {
  const found = figure.querySelector("form").elements[name];
  const one = found instanceof RadioNodeList
    ? [...found].find(button => button.checked) : found;
  one.focus();
  return one.type;
}"""
SHOWN = """figure => {
  const image = figure.querySelector("img");
  return image.complete && image.naturalWidth > 0;
}"""
SAID = """figure =>
  figure.querySelector("[role=status]").textContent
  === figure.querySelector("img").alt"""
ATTRIBUTES = "image => image.getAttributeNames()"
KEYS = {
    "range": ["Home", "ArrowRight", "End", "ArrowLeft"],
    "select-one": ["Home", "ArrowDown", "End"],
    "radio": ["ArrowRight"] * 3,
}


class Slider:
    """A figure with controls on an open page."""

    def __init__(self, visit, at, patience=5000):
        self.page, self.patience = visit.page, patience
        self.figure = visit.page.locator("figure.explore").nth(at)
        self.picture = self.figure.locator("img")
        data = json.loads(self.figure.locator("script").text_content())
        self.controls, self.alts = data["controls"], data["alts"]
        self.frames = data["frames"]

    def state(self):
        return self.figure.evaluate(STATE)

    def number(self, state):
        steps = [control["stride"] for control in self.controls]
        return sum(i * step for i, step in zip(state["at"], steps, strict=True))

    def complaints(self):
        """Return what went wrong on the way of each control through its keys."""
        self.figure.scroll_into_view_if_needed()
        found = []
        if not {"width", "height"} <= set(self.picture.evaluate(ATTRIBUTES)):
            found.append("the picture claims no room before it comes")
        for control in self.controls:
            name = control["name"]
            found += [f"{name}: {what}" for what in self._move(name)]
        return found

    def _move(self, name):
        found, state = [], self.state()
        seen = {self.number(state): self.picture.screenshot()}
        for key in KEYS[self.figure.evaluate(FOCUS, name)]:
            self.page.keyboard.press(key)
            before, state = state, self.state()
            if state["at"] == before["at"]:
                continue
            found += self._wait(SHOWN, "the picture did not come")
            state = self.state()
            found += self._unlike(state)
            seen[self.number(state)] = self.picture.screenshot()
            if state["boxes"] != before["boxes"]:
                found.append(f"{key} moved something on the page")
        if len(seen) == 1:
            found.append("no key moves it")
        elif len(set(seen.values())) == 1:
            found.append("the picture does not change")
        return found + self._wait(SAID, "the picture was not announced")

    def _wait(self, what, otherwise):
        figure = self.figure.element_handle()
        try:
            self.page.wait_for_function(what, arg=figure, timeout=self.patience)
        except TooLate:
            return [otherwise]
        return []

    def _unlike(self, state):
        found, number = [], self.number(state)
        if state["source"] != f"{self.frames}{number}.webp":
            found.append(f"{state['source']} is shown for frame {number}")
        if state["alt"] != self.alts[number]:
            found.append(f"the words for frame {number} are {state['alt']!r}")
        for control, i, written in zip(
            self.controls, state["at"], state["written"], strict=True
        ):
            if set(written) - {control["texts"][i]}:
                found.append(f"{written} is written for {control['texts'][i]}")
        return found


def sliders(visit, **options):
    """Return the figures with controls of an open page."""
    count = visit.page.locator("figure.explore").count()
    return [Slider(visit, at, **options) for at in range(count)]


def complaints(visit, **options):
    """Move all sliders of an open page; return what is wrong with them."""
    visit.page.evaluate(WATCH_SHIFTS)
    found = []
    for at, slider in enumerate(sliders(visit, **options)):
        found += [f"figure {at}, {what}" for what in slider.complaints()]
    shifts = visit.page.evaluate("shifts")
    found += [f"layout shifts by {shift:.4f}" for shift in shifts]
    return found + visit.errors + visit.strays()


def frame_files(path, slider):
    """Return the files of a slider's frames, each of which opens."""
    folder = Path(path).parent / slider.frames
    files = [folder / f"{number}.webp" for number in range(len(slider.alts))]
    for file in files:
        with Image.open(file) as image:
            image.load()
    return files
