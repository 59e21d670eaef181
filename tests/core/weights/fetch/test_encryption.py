"""A server with a certificate of the test's own."""

from __future__ import annotations

import pytest

from core.weights.fetch.errors import FetchError
from core.weights.published import hub_folder
from tests.core.weights.fetch.conftest import CONTENT, names, weights_at
from tests.helpers import file_server as manners
from tests.helpers.certificates import needs_openssl, own_certificate
from tests.helpers.file_server import file_server

pytestmark = needs_openssl


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    return own_certificate(tmp_path_factory.mktemp("certificate"))


@pytest.fixture
def encrypted(certificate):
    with file_server(CONTENT) as server:
        server.encrypt(certificate)
        yield server


def test_a_certificate_nobody_vouches_for_is_refused(get, encrypted):
    with pytest.raises(FetchError, match=r"certificate of .* cannot be trusted"):
        get(weights_at(encrypted.address))
    assert encrypted.requests == []
    assert names() == []


def test_the_trust_of_the_system_counts(get, encrypted, certificate, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    encrypted.manners = [manners.ending_after(100_000)]
    weights = weights_at(encrypted.address)
    get(weights)
    assert (hub_folder() / weights.filename).read_bytes() == CONTENT


def test_a_redirect_out_of_encryption_is_refused(get, encrypted, server, certificate, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    encrypted.always = manners.redirecting(f"{server.address}/plain")
    with pytest.raises(FetchError, match="not encrypted"):
        get(weights_at(encrypted.address))
    assert server.requests == []
