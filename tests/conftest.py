"""What all tests share."""

import fcntl
import functools
import http.server
import os
import re
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import pytest
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


# --- the built book, a browser and a server, one of each for all tests ------------

FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def build(source, output):
    """Build the book in `source` from an empty folder; return code and log."""
    command = [
        *(str(Path(sys.executable).with_name("jupyter-book")), "build", str(source)),
        *("-n", "-W", "--keep-going", "--path-output", str(output)),
    ]
    done = subprocess.run(
        command, capture_output=True, text=True, cwd=source, stdin=subprocess.DEVNULL
    )
    return done.returncode, done.stdout + done.stderr


def notices(log):
    """Return the lines of a build's log in which something is complained of."""
    said = re.compile(r"WARNING|ERROR|\[\w+App\]")
    return [line for line in log.splitlines() if said.search(line)]


@pytest.fixture(scope="session")
def book(tmp_path_factory, worker_id):
    """The folder of the book's pages, built once for all workers."""
    base = tmp_path_factory.getbasetemp()
    base = base if worker_id == "master" else base.parent
    output, said = base / "book", base / "book.log"
    with open(base / "book.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not said.exists():
            code, log = build(ROOT, output)
            said.write_text("" if code == 0 and not notices(log) else log)
    assert said.read_text() == "", said.read_text()[-6000:]
    return output / "_build" / "html"


def find_chromium():
    """Return the path of a Chromium, or None."""
    named = os.environ.get("CHROMIUM", "chromium")
    names = (named, "chromium", "chromium-browser", "google-chrome")
    return next((found for name in names if (found := shutil.which(name))), None)


def require_chromium():
    """Return the path of a Chromium; without one, skip, but fail in CI."""
    path = find_chromium()
    if path is None:
        reason = "no Chromium: apt-get install chromium, or set CHROMIUM to its path"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    return path


@pytest.fixture(scope="session")
def browser():
    path = require_chromium()
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *arguments):
        pass


@pytest.fixture(scope="session")
def serve():
    """Return a function that serves a folder and gives its address."""
    servers = []

    def start(folder):
        handler = functools.partial(Quiet, directory=str(folder))
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
        return f"http://127.0.0.1:{server.server_port}"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()
