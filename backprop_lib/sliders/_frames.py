"""Every frame of a figure as a small file."""

import hashlib
import io
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from PIL import Image

COLOURS = 64


def webp(pixels):
    """Return pixels as a lossless WebP file of at most 64 colours.

    Which 64 is chosen so that every pixel stays close to what it was; white
    stays white.
    """
    image = Image.fromarray(pixels)
    if image.getcolors(COLOURS) is None:
        method, dither = Image.Quantize.MAXCOVERAGE, Image.Dither.NONE
        image = image.quantize(COLOURS, method=method, dither=dither).convert("RGB")
    file = io.BytesIO()
    image.save(file, "webp", lossless=True, quality=75, method=4)
    return file.getvalue()


def encoded(pictures):
    """Yield each picture's file in order: one core packs while the other draws."""
    with ThreadPoolExecutor(2) as packers:
        waiting = deque()
        for picture in pictures:
            waiting.append(packers.submit(webp, picture))
            if len(waiting) > 4:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def write_frames(drawing, folder):
    """Draw the whole grid into a folder of its own, and return that one's name.

    The name is made from the files, so that the same figure gets the same name.
    """
    grid = drawing.grid
    drawing.picture(grid.start)  # the first to be drawn sets the layout of all
    files = list(encoded(drawing.picture(place) for place in grid))
    digest = hashlib.sha256()
    for file in files:
        digest.update(hashlib.sha256(file).digest())
    name = digest.hexdigest()[:16]
    target = Path(folder) / name
    target.mkdir(parents=True, exist_ok=True)
    for number, file in enumerate(files):
        (target / f"{number}.webp").write_bytes(file)
    return name
