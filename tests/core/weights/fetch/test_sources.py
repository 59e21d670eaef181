"""Mirrors, proxies and redirects."""

from __future__ import annotations

import io
import urllib.request

import pytest

from core.weights.fetch.errors import FetchError
from core.weights.fetch.http import DowngradeError, _Redirects, trust
from core.weights.published import hub_folder
from tests.core.weights.fetch.conftest import CONTENT, names, weights_at
from tests.helpers import file_server as manners
from tests.helpers.file_server import file_server


def test_a_mirror_is_tried_first(get, server, weights):
    with file_server(CONTENT) as mirror:
        found, _ = get(mirror=f"{mirror.address}/files/")
        assert mirror.requests[0][0] == f"/files/{weights.filename}"
        assert found.source == f"the mirror {mirror.address}/files/"
    assert server.requests == []
    assert names() == [weights.filename]


@pytest.mark.parametrize(
    ("manner", "words"),
    [(manners.refusing(404), "does not have the file"), (manners.sending(bytes(300_000)), "not what was published"),
     (manners.refusing(503), "HTTP 503"), (manners.web_page, "web page")],
)  # fmt: skip
def test_a_mirror_that_fails_is_said_and_passed_over(get, server, weights, manner, words):
    with file_server(CONTENT) as mirror:
        mirror.always = manner
        found, _ = get(mirror=mirror.address)
    assert len(found.notices) == 1
    assert found.notices[0].startswith(f"The mirror {mirror.address}") or "What the mirror" in found.notices[0]
    assert words in found.notices[0]
    assert found.notices[0].endswith(f"So {server.address.removeprefix('http://')} was used.")
    assert (hub_folder() / weights.filename).read_bytes() == CONTENT


def test_half_from_the_mirror_and_half_from_the_publisher(get, server, weights):
    with file_server(CONTENT) as mirror:
        mirror.manners, mirror.always = [manners.ending_after(100_000)], manners.refusing(404)
        get(mirror=mirror.address)
    assert server.requests[0][1]["Range"] == "bytes=100000-"
    assert "If-Range" not in server.requests[0][1]
    assert (hub_folder() / weights.filename).read_bytes() == CONTENT


def test_both_reasons_are_said(get, server):
    server.always = manners.refusing(403)
    with file_server(CONTENT) as mirror:
        mirror.always = manners.refusing(404)
        with pytest.raises(FetchError) as caught:
            get(mirror=mirror.address)
    assert "HTTP 404" in caught.value.message
    assert "HTTP 403" in caught.value.message


@pytest.mark.parametrize("as_address", [False, True])
def test_a_folder_as_a_mirror(get, server, weights, tmp_path, as_address):
    folder = tmp_path / "ü mirror #1"
    folder.mkdir()
    (folder / weights.filename).write_bytes(CONTENT)
    found, told = get(mirror=folder.as_uri() if as_address else str(folder))
    assert found.source == f"the mirror {folder}"
    assert server.requests == []
    assert names() == [weights.filename]
    assert told[-1].stage == "checking"


@pytest.mark.parametrize(
    ("content", "words"),
    [(None, "There is no file"), (b"<html>", "too small"), (bytes(300_000), "not what was published")],
)
def test_a_folder_with_a_wrong_file(get, weights, tmp_path, content, words):
    if content is not None:
        (tmp_path / weights.filename).write_bytes(content)
    found, _ = get(mirror=str(tmp_path))
    assert words in found.notices[0]
    assert (hub_folder() / weights.filename).read_bytes() == CONTENT


@pytest.mark.parametrize("mirror", ["ftp://mirror.invalid", "http://[bad", "s3://bucket/weights"])
def test_addresses_that_are_none_are_said_and_passed_over(get, mirror):
    found, _ = get(mirror=mirror)
    assert mirror in found.notices[0]
    assert "cannot be asked for the file" in found.notices[0]


def test_a_folder_goes_on_from_a_part(get, weights, tmp_path):
    (tmp_path / weights.filename).write_bytes(CONTENT)
    hub_folder().mkdir(parents=True)
    (hub_folder() / f"{weights.filename}.part").write_bytes(CONTENT[:70_000])
    _, told = get(mirror=str(tmp_path))
    assert next(one for one in told if one.stage == "receiving").done == 70_000


def test_the_proxy_of_the_environment_is_used(get, monkeypatch):
    with file_server(CONTENT) as proxy:
        monkeypatch.setenv("http_proxy", proxy.address)
        get(weights_at("http://weights.invalid"))
        assert proxy.requests[0][0].startswith("http://weights.invalid/models/")


def test_encryption_is_not_left_behind():
    request = urllib.request.Request("https://weights.invalid/one")
    with pytest.raises(DowngradeError):
        _Redirects().redirect_request(request, io.BytesIO(), 302, "Found", {}, "http://weights.invalid/one")
    followed = _Redirects().redirect_request(request, io.BytesIO(), 302, "Found", {}, "https://other.invalid/one")
    assert followed is not None
    assert followed.full_url == "https://other.invalid/one"


def test_certificates_are_checked(get, server):
    import ssl

    assert trust().verify_mode == ssl.CERT_REQUIRED
    assert trust().check_hostname
    # A server that does not speak TLS at all is no reason to go without.
    with pytest.raises(FetchError):
        get(weights_at(server.address.replace("http:", "https:")))
    assert server.requests == []
