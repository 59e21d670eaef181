"""Downloads from a server that does everything wrong that servers do, one after the other."""

from __future__ import annotations

import os
import shutil
import socket
import threading

import pytest

from core.cancel import CancelToken
from core.errors import Cancelled
from core.weights.fetch.download import download, forget
from core.weights.fetch.errors import FetchError, StoreError
from core.weights.fetch.options import FetchOptions
from core.weights.fetch.part import Part
from core.weights.published import hub_folder
from tests.core.weights.fetch.conftest import CONTENT, QUICK, names, run, weights_at
from tests.helpers import file_server as manners


def is_there(weights):
    """Whether the file is whole, and nothing else is in the cache."""
    return names() == [weights.filename] and (hub_folder() / weights.filename).read_bytes() == CONTENT


def test_a_file_comes_whole_and_tells_how_far_it_is(weights, get, server):
    found, told = get()
    assert is_there(weights)
    assert (found.path, found.notices) == (hub_folder() / weights.filename, ())
    assert found.source == server.address.removeprefix("http://")
    received = [one for one in told if one.stage == "receiving"]
    assert [one.done for one in received] == sorted(one.done for one in received)
    assert received[-1].done == received[-1].total == len(CONTENT)
    assert {one.stage for one in told} == {"connecting", "receiving", "checking"}
    assert server.requests[0][1]["User-Agent"].startswith("layerscope/")


def test_what_is_there_already_is_not_downloaded_again(get, server):
    get()
    found, _ = get()
    assert found.source == ""
    assert len(server.requests) == 1


def test_a_damaged_file_under_the_final_name_is_replaced(weights, get):
    hub_folder().mkdir(parents=True)
    (hub_folder() / weights.filename).write_bytes(b"damaged")
    found, _ = get()
    assert is_there(weights)
    assert "was not what was published" in found.notices[0]


@pytest.mark.parametrize("broken", [manners.ending_after(100_000), manners.stalling_after(100_000), manners.lying])
def test_a_broken_connection_goes_on_where_it_ended(weights, get, server, broken):
    server.manners = [broken]
    _, told = get()
    assert is_there(weights)
    second = server.requests[1][1]
    start = 300_000 if broken is manners.lying else 100_000
    assert second["Range"] == f"bytes={start}-"
    assert second["If-Range"] == server.etag
    waiting = [one for one in told if one.stage == "waiting"]
    assert waiting
    assert "Trying again" in waiting[0].text
    assert waiting[0].done == start


def test_a_file_that_changed_between_is_begun_again(get, server):
    other = bytes(reversed(CONTENT))
    weights = weights_at(server.address, other)

    def change(handler):
        manners.ending_after(100_000)(handler)
        server.content, server.etag = other, '"other"'

    server.manners = [change]
    get(weights)
    assert (hub_folder() / weights.filename).read_bytes() == other
    assert "Range" in server.requests[1][1]


def test_a_file_that_changed_unnoticed_is_begun_again(weights, get, server):
    """The half that is there is of another file, and the server knows no ETag: the hash tells."""
    hub_folder().mkdir(parents=True)
    (hub_folder() / f"{weights.filename}.part").write_bytes(b"\0" * 1000)
    get()
    assert is_there(weights)
    assert [headers.get("Range") for _, headers in server.requests] == ["bytes=1000-", None]


@pytest.mark.parametrize("odd", [manners.ignoring_range, manners.giving_another_range])
def test_servers_without_ranges(weights, get, server, odd):
    server.manners, server.always = [manners.ending_after(50_000)], odd
    get()
    assert is_there(weights)


def test_a_range_beyond_the_end_is_begun_again(weights, get, server):
    hub_folder().mkdir(parents=True)
    (hub_folder() / f"{weights.filename}.part").write_bytes(CONTENT + b"more")
    get()
    assert is_there(weights)
    assert len(server.requests) == 2


def test_what_was_received_whole_needs_no_server(weights, get, server):
    hub_folder().mkdir(parents=True)
    (hub_folder() / f"{weights.filename}.part").write_bytes(CONTENT)
    get()
    assert is_there(weights)
    assert server.requests == []


@pytest.mark.parametrize("status", [500, 502, 503, 429])
def test_a_busy_server_is_asked_again(weights, get, server, status):
    server.manners = [manners.refusing(status, Retry_After="1"), manners.refusing(status)]
    get()
    assert is_there(weights)
    assert len(server.requests) == 3


@pytest.mark.parametrize(
    ("manner", "words"),
    [
        (manners.refusing(404), "does not have the file"),
        (manners.refusing(410), "does not have the file"),
        (manners.refusing(403), "does not give the file to everybody"),
        (manners.refusing(418), "HTTP 418"),
        (manners.web_page, "sent a web page instead of the file"),
        (manners.web_page_in_disguise, "sent a web page instead of the file"),
        (manners.sending(b"tiny"), "too small to be squeezenet1_1 TEST_V1: 0 KB instead of 293 KB"),
        (manners.sending(CONTENT * 3), "too large"),
        (manners.without_length(CONTENT * 3), "sends more than the 293 KB"),
        (manners.without_length(b"tiny"), "too small"),
        (manners.sending(CONTENT, Content_Encoding="gzip"), "packed form"),
        (manners.in_a_circle, "without end"),
        (manners.redirecting("ftp://127.0.0.1/file"), "not followed"),
        (manners.redirecting("file:///etc/hostname"), "no web address"),
        (manners.sending(bytes(len(CONTENT))), "is not what was published: its SHA-256 does not begin with"),
    ],
)  # fmt: skip
def test_what_is_refused_at_once_leaves_nothing(weights, get, server, manner, words):
    server.always = manner
    with pytest.raises(FetchError) as caught:
        get()
    assert words in caught.value.message
    assert caught.value.kind == "network"
    assert weights.url in caught.value.message
    assert names() == []


def test_a_refusal_is_not_asked_again(get, server):
    server.always = manners.refusing(404)
    with pytest.raises(FetchError):
        get()
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("manner", "words"),
    [(manners.ending_after(0), "ended after"), (manners.silent, "sent nothing for"), (manners.refusing(503), "HTTP 503")],
)
def test_attempts_come_to_an_end(get, server, manner, words):
    server.always = manner
    with pytest.raises(FetchError, match="attempt 3") as caught:
        get()
    assert words in caught.value.message
    assert len(server.requests) == 3
    assert names() == []


def test_a_server_that_always_lies_comes_to_an_end_and_leaves_no_file(weights, get, server):
    # Within what the rounded size allows, so that nothing but the end of the connection tells.
    server.always = manners.sending(CONTENT[:-1000])
    with pytest.raises(FetchError, match="not what was published"):
        get()
    assert names() == []


def test_many_small_pieces_are_not_counted_as_failures(weights, get, server):
    server.manners = [manners.ending_after(40_000)] * 7
    get()
    assert is_there(weights)


def test_redirects_are_followed(weights, get, server):
    server.manners = [manners.redirecting(f"/{status}", status) for status in (301, 302, 303, 307, 308)]
    get()
    assert is_there(weights)
    assert server.requests[-1][0] == "/308"


def test_a_pause_keeps_the_part_and_goes_on_from_it(weights, get, server):
    server.manners = [manners.gated(100_000)]
    token = CancelToken()
    work = download(weights, token=token, options=QUICK)
    while next(work).done < 90_000:
        pass
    token.cancel()
    with pytest.raises(Cancelled):
        for _ in work:
            pass
    kept = (hub_folder() / f"{weights.filename}.part").stat().st_size
    assert names() == [f"{weights.filename}.part"]
    assert 90_000 <= kept <= 100_000
    get()
    assert is_there(weights)
    assert server.requests[1][1]["Range"] == f"bytes={kept}-"


def test_stopping_does_not_wait_for_a_silent_server(weights, server):
    server.always = manners.silent
    token = CancelToken()
    work = download(weights, token=token, options=FetchOptions(stall=1000.0))
    assert next(work).stage == "connecting"
    threading.Timer(0.1, token.cancel).start()
    with pytest.raises(Cancelled):
        next(work)


def test_stopping_between_two_attempts(weights, server):
    server.always = manners.refusing(503)
    token = CancelToken()
    work = download(weights, token=token, options=FetchOptions(pause=1000.0, longest_pause=1000.0))
    assert "(2 of 6): " in next(one for one in work if one.stage == "waiting").text
    token.cancel()
    with pytest.raises(Cancelled):
        next(work)


def test_a_part_is_forgotten(weights, server):
    hub_folder().mkdir(parents=True)
    (hub_folder() / f"{weights.filename}.part").write_bytes(b"half")
    assert forget(weights)
    assert names() == []
    assert forget(weights)


def test_two_at_the_same_time_share_one_download(weights, get, server):
    server.manners = [manners.gated(100_000)]
    first = download(weights, options=FetchOptions(spare=0, chunk=16 * 1024, report=0.0))
    while next(first).done < 90_000:
        pass
    second = download(weights, options=QUICK)
    waiting = next(second)
    assert (waiting.stage, waiting.text) == ("waiting", "Another program is downloading this file")
    assert waiting.done >= 90_000
    assert not forget(weights)
    server.gate.set()
    run(first)
    found, _ = run(second)
    assert found.source == ""
    assert is_there(weights)
    assert len(server.requests) == 1


def test_the_second_takes_over_when_the_first_gives_up(weights, server):
    server.manners = [manners.gated(100_000)]
    first = download(weights, options=QUICK)
    while next(first).done < 90_000:
        pass
    second = download(weights, options=QUICK)
    assert next(second).stage == "waiting"
    first.close()
    run(second)
    assert is_there(weights)
    assert "Range" in server.requests[1][1]


def test_no_network_is_said_at_once_with_what_works_without(weights, get):
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))  # bound, but not listening: a connection is refused
        address = f"http://127.0.0.1:{nobody.getsockname()[1]}"
        with pytest.raises(FetchError) as caught:
            get(weights_at(address))
    for words in ("cannot be reached", "built-in model", "random weights", "LAYERSCOPE_WEIGHTS_MIRROR"):
        assert words in caught.value.message
    assert names() == []


def test_a_network_that_swallows_everything_is_given_up(get):
    with socket.create_server(("127.0.0.1", 0), backlog=0) as deaf:
        address = f"http://127.0.0.1:{deaf.getsockname()[1]}"
        fillers = [socket.socket() for _ in range(4)]
        for filler in fillers:  # the queue of the socket is full then: further knocks get no answer at all
            filler.setblocking(False)
            filler.connect_ex(deaf.getsockname())
        try:
            with pytest.raises(FetchError, match="nobody answered within"):
                get(weights_at(address), options=FetchOptions(connect=0.3))
        finally:
            for filler in fillers:
                filler.close()


def test_no_space_is_said_before(get, weights, server):
    from dataclasses import replace

    free = shutil.disk_usage(hub_folder().parents[2]).free
    with pytest.raises(StoreError, match="not enough space") as caught:
        get(options=replace(QUICK, spare=free))
    assert caught.value.kind == "unwritable"
    assert "TORCH_HOME" in caught.value.message


def test_a_cache_folder_that_cannot_be_made(get, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "file"))
    with pytest.raises(StoreError, match=r"cannot be written into the cache folder .*: Not a directory"):
        get()


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="the superuser may write everywhere")
def test_a_cache_folder_that_cannot_be_written(get):
    hub_folder().mkdir(parents=True)
    hub_folder().chmod(0o500)
    with pytest.raises(StoreError, match="Permission denied"):
        get()


def test_something_in_the_way_of_the_final_name(weights, get):
    (hub_folder() / weights.filename / "inside").mkdir(parents=True)
    with pytest.raises(StoreError):
        get()


def test_an_empty_part_is_not_left(weights):
    part = Part(hub_folder() / weights.filename)
    assert part.try_to_open()
    part.close()
    assert names() == []
