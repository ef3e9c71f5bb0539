"""Nobody is timed who computes something else."""

import numpy as np

TOLERANCE = 1e-12


def distance(found, expected):
    """Return how far arrays are apart, as a part of the largest number expected."""
    found, expected = np.asarray(found), np.asarray(expected)
    if found.shape != expected.shape:
        return np.inf
    apart = np.max(np.abs(found - expected)) / np.max(np.abs(expected))
    return float(apart) if np.isfinite(apart) else np.inf


def apart(answers, reference):
    """Return the largest distance of a contestant's answers from the library's.

    Raises
    ------
    ValueError
        When it has an answer that the library lacks, or none at all.
    """
    unknown = sorted(set(answers) - set(reference))
    if unknown or not answers:
        raise ValueError(f"answers are {sorted(answers)}; expected {sorted(reference)}")
    return max(distance(answers[name], reference[name]) for name in answers)
