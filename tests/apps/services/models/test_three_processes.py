"""The papers' models across three processes: host tx, radio, host rx, each model loaded by the end that needs it.

Tiny random checkpoints of the published classes lie where a user's models lie, and `--models big` finds them by name.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from semcom.apps.report.result_folder import write_file_whole
from semcom.experiments.services.service_processes import ServiceTrio, wait_until
from semcom.semantic import SemanticPacket, decode, registry
from semcom.semantic.backends.catalogue import ENVIRONMENT
from semcom.semantic.layers import LayerKind

from ....semantic.backends.conftest import libraries, tiny_models  # noqa: F401
from ....stand_ins import street

pytest.importorskip("gnuradio", reason="GNU Radio is needed: apt-get install gnuradio")
pytestmark = pytest.mark.timeout(900)
SEED, QUICK = 7, "ip-adapter,steps=1"
LOADING_S = 280.0
"""Two processes import and load transformers and diffusers."""


@pytest.fixture
def trio(tmp_path: Path, tiny_models: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ServiceTrio]:  # noqa: F811
    monkeypatch.setenv(ENVIRONMENT, str(tiny_models))
    registry.clear_cache()
    options = ("--system", "multi-sc", "--models", "big")
    trio = ServiceTrio(
        tmp_path, tx_options=options, rx_options=("--models", "big", "--seed", str(SEED), "--reconstructor", QUICK)
    )
    yield trio
    trio.close()
    registry.clear_cache()


def test_captions_of_a_model_arrive_and_the_receiver_s_models_make_the_picture(trio: ServiceTrio) -> None:
    photo = trio.folder / "street.png"
    Image.fromarray(street(96, 64)).save(photo)
    trio.start()
    for name in trio.processes:
        wait_until(lambda name=name: trio.is_up(name), f"{name} is up; {trio.log(name)}", LOADING_S)
    write_file_whole(trio.photos / "street.png", photo.read_bytes())
    found = wait_until(
        lambda: list(trio.results.glob("*_0-1-1/result.json")),
        f"a first result; {trio.log('tx')} {trio.log('rx')}",
        LOADING_S,
    )
    result = found[0]
    first = json.loads(result.read_text())
    assert first["complete"] and first["system"] == "multi-sc" and first["caption"]

    def made() -> list[str]:
        return [note for note in json.loads(result.read_text())["notes"] if "was made by ip-adapter" in note]

    (note,) = wait_until(made, f"the picture of the models; {result.read_text()} {trio.log('rx')}", LOADING_S)
    assert f"seed {SEED}" in note
    wait_until(lambda: trio.status("rx").get("results", {}).get("generated") == 1, trio.log("rx"))
    packet = SemanticPacket.from_bytes((result.parent / "packet.sem").read_bytes())
    assert len(packet.of_kind(LayerKind.REGION_CAPTION)) == 4
    shown = np.asarray(Image.open(result.parent / "reconstruction.png"))
    here = decode(packet, QUICK, seed=SEED)
    assert here.reconstructor == "ip-adapter"
    assert np.abs(shown.astype(int) - here.picture).max() <= 1  # the same seed, the same picture, in another process
    assert json.loads(result.read_text())["caption"] == first["caption"]
    wait_until(lambda: trio.status("tx")["account"]["complete"] == 1, trio.log("tx"))
    assert [trio.stop(name) for name in ("tx", "radio", "rx")] == [0, 0, 0]
