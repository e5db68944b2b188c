"""Results with models: the caption is there before the picture is made; which model made it, or why not, is told."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from semcom.apps.delivery.packet_items import items_of
from semcom.apps.services.models import model_results
from semcom.apps.services.models.model_process import QUEUE_LENGTH, Job, Made
from semcom.apps.services.models.model_results import ModelResults, make_pictures, missing_models
from semcom.apps.services.receiving.received_pictures import ReceivedPicture
from semcom.apps.services.receiving.retention import Keep
from semcom.link import Scope
from semcom.semantic import LayerKey, RequestError, encode

from ....stand_ins import stand_ins, street  # noqa: F401
from ...command_line import run

pytestmark = [pytest.mark.usefixtures("stand_ins"), pytest.mark.timeout(300)]


class Process:
    """In the place of `ModelProcess`: what waits is made when the test says so."""

    def __init__(self, work: object, models: str, seed: int, take: Callable[[Made], None]) -> None:
        self.take, self.jobs, self.room = take, [], QUEUE_LENGTH

    @property
    def num_waiting(self) -> int:
        return len(self.jobs)

    def submit(self, job: Job) -> bool:
        if len(self.jobs) < self.room:
            self.jobs.append(job)
        return job in self.jobs

    def make(self, value: int | None, *notes: str) -> None:
        number = self.jobs.pop(0).number
        picture = None if value is None else np.full((160, 240, 3), value, np.uint8)
        provenance = None if value is None else np.full((160, 240), 64, np.uint8)
        self.take(Made(number, picture, provenance, "ip-adapter", notes))

    def close(self) -> None:
        self.jobs.clear()


@pytest.fixture
def results(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ModelResults]:
    monkeypatch.setattr(model_results, "ModelProcess", Process)
    results = ModelResults(tmp_path / "out", Keep(10), "big", seed=3)
    yield results
    results.close()


def picture(number: int = 1, layers: int | None = None) -> ReceivedPicture:
    items = items_of(encode(street(240, 160)), 0, number)[:layers]
    payloads = {LayerKey(*item.key): item.payload for item in items}
    return ReceivedPicture(Scope(0, 0, number), payloads, complete=layers is None)


def told(results: ModelResults, number: int = 1) -> tuple[dict, np.ndarray]:
    (folder,) = results.folder.glob(f"*_0-0-{number}")
    return json.loads((folder / "result.json").read_text()), np.asarray(Image.open(folder / "reconstruction.png"))


def test_the_caption_is_there_before_the_picture_is_made(results: ModelResults) -> None:
    written = results.write(picture())
    assert written.caption.startswith("A red car") and results.is_finished(Scope(0, 0, 1))
    before, ours = told(results)
    assert "The models of big are making the picture; until then one of ours shows it." in before["notes"]
    assert results.counts()["waiting_for_models"] == 1 and ours.std() > 0
    results._process.make(77, "The picture was made by ip-adapter, seed 3, in 2.0 s.")
    after, made = told(results)
    assert (made == 77).all() and after["caption"] == before["caption"] and after["outcome"] == "complete"
    assert after["notes"] == ["The picture was made by ip-adapter, seed 3, in 2.0 s."]
    assert results.counts() == {
        "pictures": 1, "complete": 1, "generated": 1, "smaller": 0, "failed": 0, "models_full": 0,
        "waiting_for_models": 0, "bytes": results.counts()["bytes"],
    }  # fmt: skip


def test_a_smaller_one_and_a_failure_are_told_in_result_and_metrics(results: ModelResults) -> None:
    results.write(picture(1)), results.write(picture(2))
    results._process.make(5, "ip-adapter could not …: CUDA out of memory", "The picture was made by best, seed 3.")
    results._process.make(None, "The models failed, so one of ours made the picture: MemoryError")
    assert "CUDA out of memory" in told(results, 1)[0]["notes"][0] and (told(results, 1)[1] == 5).all()
    assert "MemoryError" in told(results, 2)[0]["notes"][0] and told(results, 2)[1].std() > 0
    assert results.counts()["smaller"] == results.counts()["failed"] == 1


def test_a_full_queue_leaves_it_to_ours(results: ModelResults) -> None:
    for number in range(1, QUEUE_LENGTH + 2):
        results.write(picture(number))
    assert told(results, QUEUE_LENGTH + 1)[0]["notes"] == [
        f"{QUEUE_LENGTH} pictures wait for the models, so one of ours made this one."
    ]
    assert results.counts()["models_full"] == 1 and not results._process.submit(Job(999, {}))


def test_what_was_made_of_fewer_layers_does_not_replace_more(results: ModelResults) -> None:
    results.write(picture(layers=3)), results.write(picture())
    results._process.make(7, "old")
    assert (told(results)[1] != 7).any() and results.counts()["generated"] == 0
    results._process.make(8, "new")
    assert (told(results)[1] == 8).all() and not results._jobs and not results._latest


def test_nothing_that_can_be_shown_costs_the_models_no_time(results: ModelResults) -> None:
    results.write(ReceivedPicture(Scope(0, 0, 4)))
    assert not results._process.jobs and results.counts()["models_full"] == 0


def test_an_unknown_preset_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RequestError, match="models must be one of"):
        ModelResults(tmp_path / "out", Keep(10), "huge")
    assert not (tmp_path / "out").exists()


def test_an_unknown_reconstructor_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RequestError, match=r"reconstructor must be one of .*got 'nobody,steps=2'"):
        ModelResults(tmp_path / "out", Keep(10), "big", reconstructor="nobody,steps=2")
    made = make_pictures("small", 3, "drawing")(Job(5, picture().payloads))
    assert made.made_by == "drawing" != make_pictures("small", 3)(Job(5, picture().payloads)).made_by


def test_what_the_process_does_where_no_model_is_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SEMCOM_MODELS", str(tmp_path))
    assert missing_models("big") == ["ip-adapter", "stable-diffusion"]
    made = make_pictures("big", 3)(Job(5, picture().payloads))
    assert made.number == 5 and made.picture.shape == (160, 240, 3)
    assert made.notes[0].startswith("stable-diffusion could not make the picture, so one of ours did: ")
    assert f"made by {made.made_by}, seed 3" in made.notes[-1] and made.made_by not in ("stable-diffusion", None)


def test_the_command_refuses_an_unknown_preset(tmp_path: Path) -> None:
    assert run("keygen", "--out", tmp_path / "keys", "--for", "tx,radio,rx").exit_code == 0
    result = run("host", "rx", "--keys", tmp_path / "keys/rx", "--out", tmp_path / "out", "--models", "huge")
    assert result.exit_code == 2 and "models must be one of small, big, big-permissive, got 'huge'" in result.output
    alone = ("--out", tmp_path / "out", "--reconstructor", "ip-adapter")
    result = run("host", "rx", "--keys", tmp_path / "keys/rx", *alone)
    assert result.exit_code == 2 and "reconstructor must come with models" in result.output


def test_a_real_process_writes_the_result_again(
    tmp_path: Path, repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(repository)
    from .working import grey

    written = threading.Event()
    results = ModelResults(tmp_path / "out", Keep(10), "big", 9, work=grey)
    take = results._process._take
    results._process._take = lambda made: (take(made), written.set())
    try:
        results.write(picture())
        assert written.wait(60)
        after, made = told(results)
        assert (made == 9).all() and after["notes"] == ["The picture was made by big, seed 9, in 0.0 s."]
    finally:
        results.close()
