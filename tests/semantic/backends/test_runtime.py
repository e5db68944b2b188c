"""The libraries come offline; what is missing is told with the command; a device that is not there is refused."""

from __future__ import annotations

import sys

import pytest

from semcom.semantic.backends import runtime
from semcom.semantic.backends.runtime import check_device, library, number_format
from semcom.semantic.errors import ModelError


@pytest.mark.usefixtures("libraries")
def test_libraries_are_offline_before_they_are_used() -> None:
    import os

    assert library("transformers").__name__ == "transformers"
    from huggingface_hub import constants

    assert constants.HF_HUB_OFFLINE is True and os.environ["HF_HUB_OFFLINE"] == "1"
    assert "torchvision" not in sys.modules


def test_a_missing_package_is_told_with_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "diffusers", raising=False)
    monkeypatch.setattr(runtime, "find_spec", lambda name: None)
    with pytest.raises(ModelError, match=r'package diffusers, not installed: pip install "gr-semcom\[pretrained\]"'):
        library("diffusers")


def test_devices() -> None:
    import torch

    assert check_device("cpu") == "cpu" and number_format("cpu") is torch.float32
    assert number_format("cuda:1") is torch.float16
    with pytest.raises(ModelError, match="device must be cpu or cuda, got 'quantum'"):
        check_device("quantum")
    if not torch.cuda.is_available():
        with pytest.raises(ModelError, match=r"device cuda is asked for, and torch .* sees no CUDA device"):
            check_device("cuda")
