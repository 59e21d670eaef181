"""The packaged program downloads: whole, resumed, encrypted, and with certificates where the system has none.

The published files are nowhere near, so that a person's code asks for one of the test's own, with the program's downloader.
Skipped where there is no program; `make test-frozen` builds it first.
"""

from __future__ import annotations

import hashlib

import numpy as np
import pytest

from tests.helpers import file_server as manners
from tests.helpers.certificates import needs_openssl, own_certificate
from tests.helpers.file_server import file_server
from tests.helpers.frozen import bare_environment, needs_program, run_program
from tests.helpers.frozen_code import told_by

pytestmark = [pytest.mark.slow, needs_program]

CONTENT = np.random.default_rng(0).bytes(300_000)
SHA256 = hashlib.sha256(CONTENT).hexdigest()

DOWNLOAD = """
import hashlib, json, os, pathlib
import torch
from core.errors import LayerscopeError
from core.types import PublishedWeights
from core.weights.fetch.download import download
from core.weights.fetch.http import trust

def fetched():
    sha256 = os.environ["SHA256"]
    name = f"{pathlib.Path(__file__).stem}-{sha256[:8]}.pth"
    weights = PublishedWeights("squeezenet1_1", "V1", "S.V1", f"{os.environ['ADDRESS']}/{name}", name, sha256[:8], 300_000)
    work = download(weights)
    try:
        while True:
            next(work)
    except StopIteration as end:
        return hashlib.sha256(end.value.path.read_bytes()).hexdigest()
    except LayerscopeError as error:
        return error.message.replace(name, "NAME")

def build_model():
    told = {"trusted": len(trust().get_ca_certs()), "told": fetched()}
    pathlib.Path(__file__).with_suffix(".json").write_text(json.dumps(told))
    return torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(3 * 224 * 224, 2)).eval()

categories = ["a", "b"]
"""


@pytest.fixture
def server():
    with file_server(CONTENT) as server:
        yield server


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    return own_certificate(tmp_path_factory.mktemp("certificate"))


def test_it_goes_on_after_a_broken_connection(server, tmp_path, home):
    server.manners = [manners.ending_after(100_000), manners.well] * 2
    for told in told_by(DOWNLOAD, tmp_path, home, ADDRESS=server.address, SHA256=SHA256):
        assert told["told"] == SHA256
    begun = [headers.get("Range") for _, headers in server.requests]
    assert begun == [None, "bytes=100000-"] * 2


@needs_openssl
def test_an_encrypted_one_from_a_server_that_is_vouched_for(server, certificate, tmp_path, home):
    server.encrypt(certificate)
    more = {"ADDRESS": server.address, "SHA256": SHA256, "SSL_CERT_FILE": str(certificate)}
    for told in told_by(DOWNLOAD, tmp_path, home, **more):
        assert told["told"] == SHA256


@needs_openssl
def test_without_certificates_of_the_system_it_trusts_those_it_brings(server, certificate, tmp_path, home):
    server.encrypt(certificate)
    nowhere = {"SSL_CERT_FILE": str(tmp_path / "none.pem"), "SSL_CERT_DIR": str(tmp_path / "none")}
    ours, theirs = told_by(DOWNLOAD, tmp_path, home, ADDRESS=server.address, SHA256=SHA256, **nowhere)
    assert ours["trusted"] == 0
    assert theirs["trusted"] > 100
    assert "cannot be trusted" in theirs["told"]
    assert server.requests == []


def test_a_mirror_with_an_address_is_asked_and_its_file_checked(server, tmp_path, home):
    environment = bare_environment(home, LAYERSCOPE_WEIGHTS_MIRROR=server.address, https_proxy="http://127.0.0.1:9")
    done = run_program("weights", "fetch", "squeezenet1_1", cwd=tmp_path, environment=environment)
    assert done.returncode == 1
    assert "b8a52dc0" in done.stderr
    assert "Traceback" not in done.stderr
    assert [path for path, _ in server.requests] == ["/squeezenet1_1-b8a52dc0.pth"]
    assert list(tmp_path.rglob("*.pth")) == []
