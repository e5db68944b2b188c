"""The process of the models: a bounded queue, failures told, and a successor when it is taken down."""

from __future__ import annotations

import queue
from collections.abc import Iterator
from pathlib import Path

import pytest

from semcom.apps.services.models.model_process import QUEUE_LENGTH, Job, Made, ModelProcess
from semcom.semantic import LayerKey

from .working import grey

pytestmark = pytest.mark.timeout(300)
KEY = LayerKey(0, 0, 1, 1)


@pytest.fixture
def made() -> queue.Queue[Made]:
    return queue.Queue()


@pytest.fixture
def process(made: queue.Queue[Made], repository: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ModelProcess]:
    monkeypatch.syspath_prepend(repository)  # where the process finds `working`
    process = ModelProcess(grey, "big", 9, made.put)
    yield process
    process.close()


def test_what_it_makes_comes_back_and_the_queue_is_bounded(process: ModelProcess, made: queue.Queue[Made]) -> None:
    jobs = [Job(number, {KEY: b"picture"}) for number in range(QUEUE_LENGTH + 1)]
    assert all(process.submit(job) for job in jobs)
    assert process.num_waiting == QUEUE_LENGTH + 1 and not process.submit(Job(99, {}))
    found = [made.get(timeout=60) for _ in jobs]
    assert [one.number for one in found] == list(range(len(jobs)))
    assert found[0].picture.shape == (160, 240, 3) and found[0].picture.min() == 9 and found[0].made_by == "big"


def test_a_failure_is_told_and_the_next_picture_made(process: ModelProcess, made: queue.Queue[Made]) -> None:
    process.submit(Job(1, {KEY: b"fail"})), process.submit(Job(2, {KEY: b"picture"}))
    failed, good = made.get(timeout=60), made.get(timeout=60)
    assert failed.number == 1 and failed.picture is None
    assert failed.notes == ("The models failed, so one of ours made the picture: MemoryError: CUDA out of memory",)
    assert good.number == 2 and good.picture is not None


def test_a_process_that_ends_has_a_successor(process: ModelProcess, made: queue.Queue[Made]) -> None:
    process.submit(Job(1, {KEY: b"end"})), process.submit(Job(2, {KEY: b"picture"}))
    lost, good = made.get(timeout=60), made.get(timeout=60)
    assert lost.number == 1 and "ended with status 7, so one of ours made the picture" in lost.notes[0]
    assert good.number == 2 and good.picture is not None and process.num_waiting == 0
    process.submit(Job(3, {KEY: b"end"}))
    assert made.get(timeout=60).picture is None
    process.submit(Job(4, {KEY: b"picture"}))
    assert made.get(timeout=60).picture is not None
