"""Every frame of a figure as a small file."""

import hashlib
import io
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from PIL import Image

from .drawing import FINE

LARGEST = 35_000  # bytes of a file; a figure with more to show is drawn less finely
FINENESS = (FINE, 160, 130)  # dots per inch, as far as that takes
FEW, MANY = (64, 24), (256, 128)  # colours of a file; the commonest, kept to the bit
SHADE = 1 / 2000  # a colour on more of the picture fills an area, and is no edge
SHADES = 40  # more of them than a map of contours has: then many colours


def webp(pixels):
    """Return pixels as a lossless WebP file of at most 64 colours.

    The commonest 24 stay to the bit, so that white is white and the shades of a
    map are the same in every frame. The rest, which smooth the edges, stay close.
    A picture with more shades than 40 has up to 256 colours, and keeps 128 of them:
    else a pale green would be shown as the nearest grey or blue.
    """
    file = io.BytesIO()
    image = Image.fromarray(_fewer(pixels))
    image.save(file, "webp", lossless=True, quality=75, method=4)
    return file.getvalue()


def _fewer(pixels):
    """Return pixels, each colour replaced by the nearest of the palette if need be."""
    codes = pixels.astype(np.int64) @ [1 << 16, 1 << 8, 1]
    codes, where, counts = np.unique(codes, return_inverse=True, return_counts=True)
    shades = np.count_nonzero(counts > SHADE * counts.sum())
    most, kept = FEW if shades <= SHADES else MANY
    if len(codes) <= most:
        return pixels
    colours = codes[:, None] >> [16, 8, 0] & 255
    palette = _palette(colours[np.argsort(-counts, kind="stable")], most, kept)
    # |c - p|² = |c|² - 2 c · p + |p|², and |c|² is the same for every p
    nearest = np.argmin((palette**2).sum(axis=1) - 2 * colours @ palette.T, axis=1)
    return palette[nearest][where].reshape(pixels.shape).astype(np.uint8)


def _palette(colours, most, kept):
    """Return `most` of the colours, commonest first: those kept, and some between."""
    rest = Image.fromarray(colours[None, kept:].astype(np.uint8))
    method = Image.Quantize.MAXCOVERAGE
    between = rest.quantize(most - kept, method=method).getpalette()
    return np.concatenate([colours[:kept], np.reshape(between, (-1, 3))])


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
    for dpi in FINENESS:
        files = list(encoded(drawing.picture(place, dpi) for place in grid))
        if max(map(len, files)) <= LARGEST:
            break
    digest = hashlib.sha256()
    for file in files:
        digest.update(hashlib.sha256(file).digest())
    name = digest.hexdigest()[:16]
    target = Path(folder) / name
    target.mkdir(parents=True, exist_ok=True)
    for number, file in enumerate(files):
        (target / f"{number}.webp").write_bytes(file)
    return name
