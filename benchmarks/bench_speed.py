"""How fast: the library and its peers, one core, in turns, and the goals.

    python -m benchmarks.bench_speed [--seconds 20] [--only W1 W6] [--out FILE]

Every contestant must first agree with the library in loss and gradient.  Then they take
turns of some milliseconds (where a call does more in one go, of one call), in an order
that changes from round to round; what counts is the median, over the rounds, of the
ratio of a contestant's CPU time to the library's in the same round.  The library
competes with itself, too: how far that ratio is from 1 is the noise.
"""

import argparse
import datetime
import json
import os
import platform
import random
import sys
import time
from importlib.metadata import version
from pathlib import Path

import numpy as np
import threadpoolctl

import backprop_lib as bp
from benchmarks import agreement, measures
from benchmarks.contestants import CONTESTANTS, enter
from benchmarks.workloads import BEYOND, GOALS, WORKLOADS

ROOT = Path(__file__).resolve().parents[1]
OUT = ROOT / "chapters" / "speed.json"
VERSIONS = ("numpy", "torch", "jax", "scikit-learn", "autograd", "mygrad")
# What may be set for older builds of OpenBLAS, and slows this one down.
CLEARED = ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE")
ONE_THREAD = {
    name: "1" for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
}
LEAST_ROUNDS = 5


def start_afresh():
    """Run this again in an environment for timing, on one core, unless it is so."""
    wanted = {k: v for k, v in os.environ.items() if k not in CLEARED} | ONE_THREAD
    if wanted != dict(os.environ):
        command = [sys.executable, "-m", "benchmarks.bench_speed", *sys.argv[1:]]
        os.execve(sys.executable, command, wanted)
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})


def race(key, seconds):
    """Let the contestants of a workload take turns; return its part of the results."""
    workload = WORKLOADS[key]()
    entries = {name: enter(name, workload) for name in contestants(key)}
    entries = {name: entry for name, entry in entries.items() if entry is not None}
    apart = agree(key, entries)
    rounds = take_turns(workload, entries, seconds)
    ratios = {name: rounds[name] / rounds["library"] for name in rounds}
    rows = []
    for name in rounds:
        ratio, goal = ratios[name], GOALS[key].get(name)
        if name == "products":
            ratio = 1 / ratio
        rows.append(
            {
                "contestant": name,
                "words": CONTESTANTS[name][1],
                "time": float(1e6 * np.median(rounds[name])),
                "ratio": measures.quartiles(list(map(float, ratio))),
                "apart": apart[name],
                **judged(float(np.median(ratio)), goal, name == "products"),
            }
        )
    return {
        "words": workload.words,
        "unit": workload.unit,
        "rounds": len(rounds["library"]),
        "rows": rows,
    }


def contestants(key):
    """Return who takes part: those with a goal, the library twice, and the tapes."""
    tapes = ("autograd", "mygrad") if key != "W5" else ()
    return [n for n in CONTESTANTS if n in ("library", "again", *GOALS[key], *tapes)]


def judged(value, goal, at_most):
    """Return the goal beside whether it is met, and by what factor it is missed."""
    if goal is None:
        return {"goal": None}
    factor = value / goal if at_most else goal / value
    return {
        "goal": goal,
        "at_most": at_most,
        "met": factor <= 1,
        "missed_by": max(1.0, factor),
    }


def agree(key, entries):
    """Return how far each is from the library; stop if one is too far."""
    reference = entries["library"].answers()
    apart = {}
    for name, entry in entries.items():
        apart[name] = agreement.apart(entry.answers(), reference)
        if not apart[name] <= agreement.TOLERANCE:
            sys.exit(f"{key}: {name} differs from the library by {apart[name]:.1e}")
    return apart


def share_of(entry):
    """Return which part of a turn a slow contestant takes."""
    return getattr(sys.modules[type(entry).__module__], "SHARE", 1)


def take_turns(workload, entries, seconds):
    """Return, by contestant, the seconds a unit took in each round."""
    order, shuffle = list(entries), random.Random(0).shuffle
    found = {name: [] for name in entries}
    one_round(workload, entries, order)
    end = time.monotonic() + seconds
    while time.monotonic() < end or len(found["library"]) < LEAST_ROUNDS:
        shuffle(order)
        for name, took in one_round(workload, entries, order).items():
            found[name].append(took)
    return {name: np.array(took) for name, took in found.items()}


def one_round(workload, entries, order):
    """Return, by contestant, the seconds a unit took: each part in turns."""
    took, units = dict.fromkeys(order, 0.0), dict.fromkeys(order, 0)
    for part in workload.parts:
        for name in order:
            entry = entries[name]
            share = share_of(entry)
            own = part if share == 1 else max(1, part // share)
            run = entry.run
            start = time.process_time()
            run(own)
            took[name] += time.process_time() - start
            units[name] += workload.units(own)
    return {name: took[name] / units[name] for name in order}


def beyond(times):
    """Return the rows of what has a goal outside the table."""
    values = [
        measures.stack_time(times),
        [measures.memory_of_training(WORKLOADS["W4"]())] * 3,
        [measures.memory_of_sweep(WORKLOADS["W5"]())] * 3,
        measures.import_ratio(ROOT, times),
    ]
    return [
        {"words": name, "value": value, **judged(value[1], goal, at_most=True)}
        for (name, goal), value in zip(BEYOND.items(), values, strict=True)
    ]


def machine():
    """Return what it ran on."""
    found = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.exists():
        lines = info.read_text("utf-8").splitlines()
        names = [
            line.split(":", 1)[1].strip() for line in lines if "model name" in line
        ]
        found = next(iter(names), found)
    blas = [
        f"{pool['internal_api']} {pool['version']}, {pool.get('architecture', '?')}, "
        f"{pool['num_threads']} thread"
        for pool in threadpoolctl.threadpool_info()
        if pool["user_api"] == "blas" and "numpy" in pool["filepath"]
    ]
    return {
        "processor": found,
        "cores": os.cpu_count(),
        "system": platform.system(),
        "kernel": "; ".join(blas) or "not known",
        "python": platform.python_version(),
    }


def told(key, part):
    """Yield the lines of a workload's table."""
    yield f"{key}  {part['words']}, {part['rounds']} rounds"
    for row in part["rows"]:
        low, middle, high = row["ratio"]
        goal = told_goal(row)
        yield (
            f"    {row['words']:22} {row['time']:10.2f} µs a {part['unit']}"
            f"  ratio {middle:6.2f} ({low:.2f} to {high:.2f})  {goal}".rstrip()
        )


def told_goal(row):
    """Return a goal in words."""
    if row["goal"] is None:
        return ""
    sign = "≤" if row["at_most"] else "≥"
    missed = f"missed by a factor of {row['missed_by']:.2f}"
    return f"{sign} {row['goal']:g}: {'met' if row['met'] else missed}"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=35, help="for a workload")
    parser.add_argument(
        "--only", nargs="*", choices=list(WORKLOADS), help="no file then"
    )
    parser.add_argument("--out", type=Path, default=OUT)
    settings = parser.parse_args()
    start_afresh()
    on = machine()
    print(f"{on['processor']}, {on['kernel']}, Python {on['python']}", flush=True)
    parts = {}
    for key in settings.only or WORKLOADS:
        parts[key] = race(key, settings.seconds)
        print(*told(key, parts[key]), sep="\n", flush=True)
    if settings.only:
        return
    times = max(3, round(settings.seconds))
    results = {
        "date": datetime.date.today().isoformat(),
        "machine": on,
        "versions": {"backprop-lib": bp.__version__}
        | {name: version(name) for name in VERSIONS},
        "workloads": parts,
        "beyond": beyond(times),
        "growth": measures.growth(times),
    }
    for row in results["beyond"]:
        print(f"{row['words']:44} {row['value'][1]:8.3g}  {told_goal(row)}")
    for what, grown in results["growth"].items():
        print(f"time grows with the {what}'s power {grown['exponent']:.2f}")
    text = json.dumps(results, indent=1, ensure_ascii=False)
    settings.out.write_text(text + "\n", encoding="utf-8")
    print("now: make refresh CHAPTERS=speed")


if __name__ == "__main__":
    main()
