"""Downloads in processes of their own: killed in the middle, stopped from the keyboard, on a disk that is full."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from dataclasses import asdict

import pytest

from core.weights.fetch.download import download
from core.weights.published import hub_folder
from tests.core.weights.fetch.conftest import CONTENT, QUICK, names, run
from tests.helpers import file_server as manners
from tests.helpers.shared_data import ROOT

PROGRAM = """
import json, resource, sys
from core.types import PublishedWeights
from core.cli.weights import fetch
weights, most = PublishedWeights(**json.loads(sys.argv[1])), int(sys.argv[2])
if most:
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
sys.exit(fetch(weights))
"""

pytestmark = pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")


def begin(weights, most=0, stderr=subprocess.PIPE):
    command = [sys.executable, "-W", "error", "-c", PROGRAM, json.dumps(asdict(weights)), str(most)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=stderr, text=True)


def wait_for(server):
    assert server.reached.wait(120), "the program has not asked for the file"


def test_killed_in_the_middle_it_leaves_a_part_that_the_one_who_waits_goes_on_with(weights, server):
    server.manners = [manners.gated(100_000)]
    killed = begin(weights)
    wait_for(server)
    work = download(weights, options=QUICK)
    told = next(one for one in work if one.done == 100_000)
    assert told.stage == "waiting"
    killed.kill()
    killed.communicate(timeout=60)
    assert killed.returncode == -signal.SIGKILL
    assert names() == [f"{weights.filename}.part"]
    run(work)
    assert names() == [weights.filename]
    assert (hub_folder() / weights.filename).read_bytes() == CONTENT
    assert server.requests[1][1]["Range"] == "bytes=100000-"


@pytest.mark.slow
def test_stopped_from_the_keyboard_it_says_where_it_goes_on(weights, server):
    import pty

    server.manners = [manners.gated(100_000)]
    ours, theirs = pty.openpty()
    stopped = begin(weights, stderr=theirs)
    os.close(theirs)
    wait_for(server)
    seen = b""
    while not re.search(rb"[1-9]\d* KB of 293 KB", seen):  # the line of progress is on the terminal
        seen += os.read(ours, 4096)
    stopped.send_signal(signal.SIGINT)
    assert stopped.wait(60) == 130
    try:
        while chunk := os.read(ours, 4096):
            seen += chunk
    except OSError:
        pass  # what Linux says at the end of a terminal
    os.close(ours)
    stopped.stdout.close()
    words = seen.decode()
    assert "is kept as" in words
    assert "Traceback" not in words
    assert names() == [f"{weights.filename}.part"]


@pytest.mark.slow
def test_a_disk_that_becomes_full(weights, server):
    full = begin(weights, most=100_000)
    out, err = full.communicate(timeout=120)
    assert (full.returncode, out) == (1, "")
    assert "there is no space left" in err
    assert "Traceback" not in err
    assert names() == [f"{weights.filename}.part"]
    assert (hub_folder() / f"{weights.filename}.part").stat().st_size <= 100_000
