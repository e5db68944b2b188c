"""Presets name parts and models that exist, each end its own; `big` fits a card of 8 GB."""

from __future__ import annotations

import pytest

from semcom.semantic import EncodeRequest, registry
from semcom.semantic.api import check_request
from semcom.semantic.backends.catalogue import catalogue
from semcom.semantic.backends.memory import needed_bytes
from semcom.semantic.backends.presets import models_preset, preset_names
from semcom.semantic.errors import RequestError
from semcom.semantic.parts import make_system

SYSTEMS = ("es-isc", "multi-sc", "single-text", "vlm-csc")


@pytest.mark.parametrize("system", SYSTEMS)
@pytest.mark.parametrize("name", preset_names())
def test_they_name_what_there_is(name: str, system: str) -> None:
    preset = models_preset(name, system)
    assert set(preset.parts) <= set(make_system(system).parts)
    for kind, part in preset.parts.items():
        assert part in registry.own_names(f"{kind}s")
    assert preset.reconstructor in registry.own_names("reconstructors")
    assert {*preset.sender, *preset.receiver} <= set(catalogue())
    if name == "big-permissive":
        assert all(catalogue()[one].commercial for one in (*preset.sender, *preset.receiver))
    if name != "small":
        for end in (preset.sender, preset.receiver):
            entries = [catalogue()[one] for one in end]
            needed = sum(one.num_bytes() for one in entries) + max(needed_bytes(0, one.role, "cuda") for one in entries)
            assert 0 < needed < 8e9


def test_multi_sc_takes_a_vlm_and_the_adapter() -> None:
    big = models_preset("big", "multi-sc")
    assert big.parts["captioner"] == "llava-interleave" and big.reconstructor == "ip-adapter"
    assert models_preset("big", "es-isc").parts["captioner"] == "blip"
    assert models_preset(None, "es-isc").parts == models_preset("small", "es-isc").parts == {}


def test_an_unknown_preset_and_a_system_without_parts_are_refused() -> None:
    with pytest.raises(RequestError, match="models must be one of small, big, big-permissive, got 'huge'"):
        check_request(EncodeRequest(models="huge"))
    with pytest.raises(RequestError, match="system avif cannot honour models, got 'big'"):
        check_request(EncodeRequest(system="avif", models="big"))
