"""The figure in words, as plain text."""


def in_words(grid, alt, caption=""):
    """Return what the controls are, what is to be seen at first, and the caption."""
    several = "controls" if len(grid.controls) > 1 else "a slider"
    if len(grid.controls) == 1 and grid.controls[0].kind != "slider":
        several = "a choice"
    ranges = "; ".join(map(_range, grid.controls))
    lines = [f"Figure with {several}: {ranges}.", f"At {grid.say(grid.start)}: {alt}"]
    return "\n".join([*lines, caption] if caption else lines)


def _range(control):
    if control.kind != "slider":
        return f"{control.label}, one of {', '.join(control.texts)}"
    first, last = control.texts[0], control.texts[-1]
    return f"{control.label}, {len(control.texts)} values from {first} to {last}"
