"""What is measured beside the races: memory, import, a stack, and growth."""

import statistics
import subprocess
import sys
import time
import tracemalloc
from dataclasses import replace

import numpy as np

import backprop_lib as bp
from benchmarks import workloads
from benchmarks.contestants import library

MEGABYTE = 1e6


def peak(function):
    """Return the most bytes held at once while a function runs, and what it returns."""
    tracemalloc.start()
    try:
        result = function()
        return tracemalloc.get_traced_memory()[1], result
    finally:
        tracemalloc.stop()


def memory_of_training(workload):
    """Return the most that `train` holds, data included, over what it must hold.

    That is the data, the parameters, one gradient, and one batch's net and out.
    """
    network = library.network_of(workload, workload)

    def train():
        x, t = workload.x.copy(), workload.t.copy()
        own = network.with_parameters(workload.start.copy())
        run_epochs(own, x, t, workload.batch_size, epochs=2)
        return own

    most, own = peak(train)
    trace = own.forward(workload.x[: workload.batch_size])
    arrays = [workload.x, workload.t, own.parameters, own.parameters]
    arrays += [*trace.net[1:], *trace.out[1:]]
    return most / sum(array.nbytes for array in arrays)


def memory_of_sweep(sweep):
    """Return the most megabytes that the sweep holds, one stack after the other."""

    def whole():
        for group in sweep.groups:
            one = replace(sweep, groups=(group,))
            library.Sweep(one).run(group)

    most, _ = peak(whole)
    return most / MEGABYTE


IMPORT = (
    "import sys, time; sys.path.insert(0, '.'); start = time.process_time(); "
    "import {name}; print(time.process_time() - start)"
)


def import_ratio(root, times):
    """Return quartiles of the library's import over NumPy's, each in a new process."""

    def took(name):
        command = [sys.executable, "-c", IMPORT.format(name=name)]
        done = subprocess.run(
            command, cwd=root, capture_output=True, text=True, check=True
        )
        return float(done.stdout)

    took("backprop_lib")  # compiled, and in the disk's cache
    return quartiles([took("backprop_lib") / took("numpy") for _ in range(times)])


def stack_time(times, networks=1000, epochs=100):
    """Return quartiles of the µs that `train` takes, a network of a stack and step."""
    xor = workloads.xor()
    network = stacked(networks)
    x, t = xor.x, xor.t
    took = [
        seconds(lambda: run_epochs(network, x, t, None, epochs)) for _ in range(times)
    ]
    return quartiles([1e6 * one / networks / epochs for one in took])


def stacked(networks):
    """Return a stack of the smallest networks."""
    rng = np.random.default_rng(0)
    return bp.Network((2, 3, 1), stack=(networks,), rng=rng)


def run_epochs(network, x, t, batch_size, epochs):
    """Train as the workloads do."""
    bp.train(
        network,
        x,
        t,
        optimizer=bp.GradientDescent(0.1),
        epochs=epochs,
        batch_size=batch_size,
        rng=np.random.default_rng(0),
    )


def seconds(call):
    """Return the CPU time of a call, in seconds."""
    start = time.process_time()
    call()
    return time.process_time() - start


def quartiles(numbers):
    """Return the lower quartile, the median and the upper quartile."""
    if len(numbers) < 2:
        return [numbers[0]] * 3
    return statistics.quantiles(numbers, n=4, method="inclusive")


# Growth: (what grows, its values, and a network and batch for a value)

GROWTH = {
    "width": ([8, 16, 32, 64, 128, 256, 512], lambda n: ((n,) * 4, 64, ())),
    "depth": ([2, 4, 8, 16, 32, 64], lambda n: ((32,) * (n + 1), 64, ())),
    "batch": ([1, 4, 16, 64, 256, 1024, 4096], lambda n: ((32,) * 4, n, ())),
    "stack": ([1, 4, 16, 64, 256, 1024, 4096], lambda n: ((2, 3, 1), 4, (n,))),
}


def growth(times):
    """Return, by what grows, its values, the µs of a gradient, and the exponent.

    A gradient is a forward and a backward pass into arrays that are used again.
    """
    found = {}
    for what, (values, make) in GROWTH.items():
        calls = [gradient_call(*make(value)) for value in values]
        took = [[] for _ in values]
        for _ in range(times):
            for at, (call, count) in enumerate(calls):
                took[at].append(seconds(lambda c=call, n=count: c(n)) / count)
        middle = [1e6 * statistics.median(one) for one in took]
        found[what] = {
            "values": values,
            "time": middle,
            "exponent": exponent(values, middle),
        }
    return found


def gradient_call(sizes, batch, stack):
    """Return a call that computes gradients, and how many to compute in a turn."""
    rng = np.random.default_rng(0)
    network = bp.Network(sizes, stack=stack, rng=rng)
    x, t = rng.random((batch, sizes[0])), rng.random((batch, sizes[-1]))
    trace = network.forward(x)
    gradient = network.backward(trace, t)

    def run(count):
        for _ in range(count):
            network.forward(x, trace)
            network.backward(trace, t, gradient)

    run(1)
    # about 5 ms a turn
    return run, max(1, round(0.005 / max(seconds(lambda: run(3)) / 3, 1e-6)))


def exponent(values, times):
    """Return the slope of log time over log value, through the last three of them."""
    return float(np.polyfit(np.log(values[-3:]), np.log(times[-3:]), 1)[0])
