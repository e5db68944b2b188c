"""Ctrl-C and SIGTERM ask for an end once, and end the program the second time."""

import os
import signal
import threading

import pytest

from semcom.apps.delivery.stopping import Stopping


@pytest.fixture(autouse=True)
def ordinary_handlers():
    """Whatever shell started the tests."""
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.parametrize(("number", "name"), [(signal.SIGINT, "Ctrl-C"), (signal.SIGTERM, "SIGTERM")])
def test_a_signal_asks_for_the_end_and_is_named(number, name):
    before = signal.getsignal(number)
    with Stopping() as stopping:
        assert not stopping
        os.kill(os.getpid(), number)
        assert stopping and stopping.by == name
        assert signal.getsignal(number) is before  # a second one does what it always did
    assert signal.getsignal(number) is before


def test_ctrl_c_twice_is_an_interrupt():
    with pytest.raises(KeyboardInterrupt), Stopping():
        for _ in range(2):
            os.kill(os.getpid(), signal.SIGINT)


def test_what_was_ignored_stays_ignored_and_threads_are_let_be():
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with Stopping() as stopping:
        os.kill(os.getpid(), signal.SIGINT)
        assert not stopping
    failures = []

    def elsewhere():
        try:
            with Stopping():
                pass
        except ValueError as error:
            failures.append(error)

    thread = threading.Thread(target=elsewhere)
    thread.start()
    thread.join()
    assert failures == []
