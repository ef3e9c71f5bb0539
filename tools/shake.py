"""Run the chapters on other processors, as far as one can, and say what changes.

    python tools/shake.py [--workers N] [--settings NAME,...] [CHAPTER ...]

Each setting runs every chapter in fresh kernels and compares what its cells print
with what is committed.  The settings belong to these kernels alone:

    starts-1, -2, -3    every start of every network is off by a relative 1e-13
    openblas-Haswell... matrix products by another kernel of OpenBLAS
    no-avx512, no-avx2  NumPy's own loops without these instructions
    two-threads         matrix products on two threads

A kernel that this machine cannot run falls back to another one; the tool says which
one ran.  The exit code is 1 if a cell changed.
"""

import argparse
import difflib
import os
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from copy import deepcopy
from dataclasses import dataclass, field
from multiprocessing import get_context
from pathlib import Path

import numpy as np
from nbformat.v4 import new_code_cell, new_notebook

from tools.refresh_notebooks import (
    RefreshError,
    execute,
    find,
    normalise,
    read,
)

DISTURB = Path(__file__).with_name("disturb.py")
KERNELS = ("Haswell", "Zen", "SkylakeX", "Sandybridge", "Nehalem", "Prescott")

# What a machine's own settings could change; each setting starts without them.
CLEARED = ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE", "NPY_DISABLE_CPU_FEATURES")
ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}

PROBE = """
import numpy as np, threadpoolctl
blas = threadpoolctl.threadpool_info()[0]
dispatched = np.show_config(mode="dicts")["SIMD Extensions"].get("found", [])
has = np._core._multiarray_umath.__cpu_features__
left = [name for name in dispatched if has[name]]
print(f"{blas['architecture']}, {blas['num_threads']} thread(s), "
      f"NumPy with {' '.join(left) or 'its baseline'}")
"""


@dataclass(frozen=True)
class Setting:
    """What a run of the chapters differs in from the committed one.

    Attributes
    ----------
    name : str
    environment : dict
        Variables set for the kernel, beside one thread and no choice of kernel.
    disturb : int or None
        The seed by which starts are disturbed.
    """

    name: str
    environment: dict = field(default_factory=dict)
    disturb: int | None = None

    def run(self, notebook, folder):
        """Execute `notebook` in place, in a kernel that has this setting."""
        environment = {k: v for k, v in os.environ.items() if k not in CLEARED}
        environment |= ONE_THREAD | self.environment
        arguments = []
        if self.disturb is not None:
            environment["BACKPROP_DISTURB"] = str(self.disturb)
            arguments = [f"--InteractiveShellApp.exec_files={DISTURB}"]
        execute(notebook, folder, environment=environment, arguments=arguments)


def disturbed(seed):
    """Return the setting in which every start is off by a relative 1e-13."""
    return Setting(f"starts-{seed}", disturb=seed)


def all_settings():
    """Return every setting that this machine's NumPy knows."""
    features = np.show_config(mode="dicts")["SIMD Extensions"].get("found", [])
    without_512 = [f for f in features if "AVX512" in f or f == "X86_V4"]
    blas = [
        Setting(f"openblas-{kernel}", {"OPENBLAS_CORETYPE": kernel})
        for kernel in KERNELS
    ]
    simd = [
        Setting(name, {"NPY_DISABLE_CPU_FEATURES": " ".join(off)})
        for name, off in (("no-avx512", without_512), ("no-avx2", features))
        if off
    ]
    threads = {name: "2" for name in ONE_THREAD}
    starts = [disturbed(seed) for seed in (1, 2, 3)]
    return [*starts, *blas, *simd, Setting("two-threads", threads)]


def probe(setting):
    """Return in words which kernel of BLAS and which loops of NumPy ran."""
    notebook = new_notebook(cells=[new_code_cell(PROBE)])
    setting.run(notebook, ".")
    return notebook.cells[0].outputs[0].text.strip()


def texts(cell):
    """Return what a code cell shows, as nbval compares it, in lines."""
    return [
        line
        for output in cell.outputs
        for _, text in [
            *([("", output.text)] if "text" in output else []),
            *sorted(output.get("data", {}).items()),
        ]
        for line in text.splitlines()
    ]


def changes(path, setting):
    """Run a chapter under a setting and return a description of each changed cell."""
    committed = read(path)
    again = deepcopy(committed)
    try:
        setting.run(again, path.parent)
        again = normalise(again)
    except RefreshError as error:
        return [f"{path.stem}: {error}"]
    found = []
    pairs = zip(committed.cells, again.cells, strict=True)
    code = [pair for pair in pairs if pair[0].cell_type == "code"]
    for count, (before, after) in enumerate(code, 1):
        if texts(before) != texts(after):
            lines = difflib.ndiff(texts(before), texts(after))
            shown = "".join(f"\n    {line}" for line in lines if line[0] in "+-")
            found.append(f"{path.stem}: cell [{count}], id {before.id}{shown}")
    return found


def shake(paths, settings, workers=2):
    """Print what changes under each setting; return how many cells did."""
    total = 0
    # Kernels are children of workers that have imported nothing of what they set.
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        for setting in settings:
            began = time.monotonic()
            ran = pool.submit(probe, setting)
            jobs = [pool.submit(changes, path, setting) for path in paths]
            found = [line for job in jobs for line in job.result()]
            total += len(found)
            seconds = time.monotonic() - began
            print(
                f"{setting.name}: {len(found)} cells changed "
                f"({ran.result()}; {seconds:.0f} s)",
                *found,
                sep="\n  ",
                flush=True,
            )
    print(f"{total} cells changed, {len(paths)} chapters, {len(settings)} settings")
    return total


def chosen(names):
    """Return the settings that these begin with; all for none."""
    settings = all_settings()
    found = [s for s in settings if not names or s.name.startswith(tuple(names))]
    if not found:
        known = ", ".join(s.name for s in settings)
        raise RefreshError(f"no setting begins with {names}; expected one of {known}")
    return found


def main(argv=None):
    """Shake the chapters; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--settings", default="", help="beginnings of names, by comma")
    parser.add_argument("chapters", nargs="*", metavar="CHAPTER")
    arguments = parser.parse_args(argv)
    try:
        paths = find(arguments.chapters)
        settings = chosen([name for name in arguments.settings.split(",") if name])
    except RefreshError as error:
        print(error, file=sys.stderr)
        return 2
    return int(shake(paths, settings, arguments.workers) > 0)


if __name__ == "__main__":
    sys.exit(main())
