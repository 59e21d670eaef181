"""A file that is published on a server of the test's own, and a patient-enough way to get it."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest

from core.types import PublishedWeights
from core.weights.fetch.download import download
from core.weights.fetch.options import FetchOptions
from core.weights.published import hub_folder
from tests.helpers.file_server import file_server

QUICK = FetchOptions(connect=2.0, stall=0.3, tries=3, pause=0.01, longest_pause=0.05, chunk=16 * 1024, spare=0, report=0.0)
CONTENT = np.random.default_rng(0).bytes(300_000)


@pytest.fixture(autouse=True)
def no_proxies(monkeypatch):
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.fixture
def server():
    with file_server(CONTENT) as server:
        yield server


def weights_at(address: str, content: bytes = CONTENT) -> PublishedWeights:
    prefix = hashlib.sha256(content).hexdigest()[:8]
    return PublishedWeights(
        "squeezenet1_1", "TEST_V1", "SqueezeNet1_1_Weights.TEST_V1", f"{address}/models/squeezenet1_1-{prefix}.pth",
        f"squeezenet1_1-{prefix}.pth", prefix, len(content),
    )  # fmt: skip


@pytest.fixture
def weights(server):
    return weights_at(server.address)


def run(work):
    """Run a download to its end; return its answer, and all the progress it told."""
    told = []
    while True:
        try:
            told.append(next(work))
        except StopIteration as end:
            return end.value, told


@pytest.fixture
def get(weights):
    def get(what=weights, **named):
        return run(download(what, options=named.pop("options", QUICK), **named))

    return get


def names():
    """What is in the cache."""
    folder = hub_folder()
    return sorted(path.name for path in folder.iterdir()) if folder.exists() else []
