import asyncio
import threading

import pytest

from semcom.apps.live.hub import LOOK_ANEW, MOST_VIEWERS, MOST_WAITING, EventHub, TooManyViewersError

LIMIT_S = 60.0


def picture(number):
    return {"type": "picture", "picture": {"number": number}}


async def waiting(viewer, number):
    events = viewer.events()
    return [await asyncio.wait_for(anext(events), LIMIT_S) for _ in range(number)]


def test_every_viewer_gets_every_event_from_any_thread_in_order():
    async def scenario():
        hub = EventHub()
        viewers = [hub.join() for _ in range(3)]
        thread = threading.Thread(target=lambda: [hub.publish(picture(number)) for number in range(5)])
        thread.start()
        came = [await waiting(viewer, 5) for viewer in viewers]
        thread.join()
        hub.leave(viewers[0])
        assert len(hub) == 2
        return came

    assert asyncio.run(scenario()) == [[picture(number) for number in range(5)]] * 3


def test_a_slow_viewer_loses_measurements_first_and_no_picture():
    async def scenario():
        hub = EventHub()
        viewer = hub.join()
        for number in range(MOST_WAITING):
            hub.publish({"type": "burst", "burst": number} if number % 2 else picture(number))
        hub.publish(picture(9999))
        return viewer.dropped, await waiting(viewer, MOST_WAITING // 2 + 1)

    dropped, came = asyncio.run(scenario())
    assert dropped == MOST_WAITING // 2
    assert came == [picture(number) for number in range(0, MOST_WAITING, 2)] + [picture(9999)]


def test_one_that_does_not_read_at_all_is_told_to_look_anew_and_costs_no_more():
    async def scenario():
        hub = EventHub()
        viewer = hub.join()
        for number in range(10 * MOST_WAITING):
            hub.publish(picture(number))
            assert len(viewer._waiting) <= MOST_WAITING
        return await waiting(viewer, 2)

    first, second = asyncio.run(scenario())
    assert first == LOOK_ANEW and second["picture"]["number"] > 8 * MOST_WAITING


def test_viewers_are_counted():
    async def scenario():
        hub = EventHub()
        for _ in range(MOST_VIEWERS):
            hub.join()
        with pytest.raises(TooManyViewersError, match=f"viewers must be at most {MOST_VIEWERS}"):
            hub.join()

    asyncio.run(scenario())
