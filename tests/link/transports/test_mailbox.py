"""A bounded queue from any thread to the one that polls it."""

from __future__ import annotations

import select
import threading
from collections.abc import Iterator

import pytest

from semcom.link.transports.mailbox import Mailbox


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    mailbox = Mailbox(3)
    yield mailbox
    mailbox.close()


def waits(mailbox: Mailbox) -> bool:
    return bool(select.select([mailbox.fileno()], [], [], 0)[0])


def test_entries_come_in_order_and_wake_the_poller_until_they_are_taken(mailbox: Mailbox) -> None:
    assert not waits(mailbox) and mailbox.take_all() == []
    mailbox.put("a")
    mailbox.put("b")
    assert waits(mailbox) and len(mailbox) == 2
    assert mailbox.take_all() == ["a", "b"]
    assert not waits(mailbox) and len(mailbox) == 0


def test_what_does_not_fit_is_dropped_and_counted(mailbox: Mailbox) -> None:
    for entry in range(5):
        mailbox.put(entry)
    assert (len(mailbox), mailbox.dropped) == (3, 2)
    assert mailbox.take_all() == [0, 1, 2]
    mailbox.put(5)
    assert mailbox.take_all() == [5] and mailbox.dropped == 2


def test_a_full_wake_up_pipe_loses_no_entry() -> None:
    """More entries than the socket pair holds bytes: the poller is awake anyway."""
    mailbox, count = Mailbox(), 50_000
    for entry in range(count):
        mailbox.put(entry)
    assert waits(mailbox) and mailbox.take_all() == list(range(count))
    assert not waits(mailbox)
    mailbox.close()


def test_any_thread_may_put(mailbox: Mailbox) -> None:
    threads = [threading.Thread(target=mailbox.put, args=(number,)) for number in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(mailbox.take_all()) == [0, 1, 2]
