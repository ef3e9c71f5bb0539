"""What all tests share."""

import os
from pathlib import Path

from hypothesis import HealthCheck, Phase, settings

ROOT = Path(__file__).resolve().parents[1]

# The same examples every time, and no clock: a test fails for what it checks.
settings.register_profile(
    "book",
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.differing_executors],
)
# For test_mutations.py: that there is a failure counts, not how small it can be made.
settings.register_profile(
    "mutations", settings.get_profile("book"), phases=[Phase.explicit, Phase.generate]
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "book"))


def pytest_collection_modifyitems(items):
    """Start with what takes longest: the built book, then the chapters."""
    first = {"test_book.py": 0, ".ipynb": 1}

    def place(item):
        name = Path(str(item.path)).name
        return next((at for end, at in first.items() if name.endswith(end)), 2)

    items.sort(key=place)
