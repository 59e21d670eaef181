"""One slot per kind of request, the newest wins; ordered kinds are all answered; a closed mailbox wakes who waits."""

from __future__ import annotations

import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.types import ActivationRequest, DiscoverRequest, LoadRequest, StripRequest, WeightsRequest
from gui.threads.mailbox import Mailbox

KINDS = (StripRequest, WeightsRequest)


def strip(number: int) -> StripRequest:
    return StripRequest(number, ())


def drain(mailbox: Mailbox) -> list[object]:
    taken = []
    while (request := mailbox.take(wait=False)) is not None:
        taken.append(request)
    return taken


@given(st.lists(st.tuples(st.sampled_from(["strip", "weights", "discover"]), st.integers(0, 9))))
def test_newest_of_each_kind_and_all_of_the_ordered_come_out_most_urgent_first(puts):
    mailbox = Mailbox(KINDS, ordered=(DiscoverRequest,))
    made = {
        "strip": strip,
        "weights": lambda number: WeightsRequest(number, "x"),
        "discover": lambda number: DiscoverRequest(number, ()),
    }
    for kind, number in puts:
        mailbox.put(made[kind](number))
    expected: list[object] = [DiscoverRequest(number, ()) for kind, number in puts if kind == "discover"]
    for kind in ("strip", "weights"):
        expected += [made[kind](number) for name, number in puts if name == kind][-1:]
    assert drain(mailbox) == expected


def test_200_puts_while_nobody_takes_leave_one_request():
    mailbox = Mailbox(KINDS)
    for number in range(200):
        mailbox.put(strip(number))
    assert mailbox.holds(StripRequest)
    assert drain(mailbox) == [strip(199)]
    assert not mailbox.holds(StripRequest)


def test_closing_wakes_the_one_who_waits_and_drops_what_waits():
    mailbox = Mailbox(KINDS)
    taken: list[object] = []
    thread = threading.Thread(target=lambda: taken.append(mailbox.take()))
    thread.start()
    mailbox.close()
    thread.join(20)
    assert not thread.is_alive()
    assert taken == [None]
    mailbox.put(strip(1))
    assert mailbox.take(wait=False) is None


def test_waiting_ends_with_the_first_request():
    mailbox = Mailbox(KINDS)
    taken: list[object] = []
    thread = threading.Thread(target=lambda: taken.append(mailbox.take()))
    thread.start()
    mailbox.put(strip(5))
    thread.join(20)
    assert taken == [strip(5)]


@pytest.mark.parametrize("request_", [LoadRequest, ActivationRequest])
def test_a_kind_that_nobody_answers_is_refused(request_):
    with pytest.raises(TypeError):
        Mailbox(KINDS).put(request_.__new__(request_))


def test_a_look_at_whether_anything_waits():
    box = Mailbox((str, int), (float,))
    assert not box.waits()
    box.put("a")
    box.put(1.5)
    assert box.waits()
    box.take()
    assert box.waits()
    box.take()
    assert not box.waits()
    box.close()
    assert box.waits(), "long work has to end"
