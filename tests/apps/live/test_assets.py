"""Colours that mean something are told apart by those who see fewer of them."""

from __future__ import annotations

import re

import numpy as np
import pytest
from skimage.color import deltaE_ciede2000, rgb2lab

from semcom.apps.live.assets import assets

SEEN = {
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.01182, 0.04294, 0.968881]],
    "tritanopia": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.3039]],
}
"""Of linear RGB, severity 1 [Machado, Oliveira, Fernandes 2009, IEEE TVCG 15 (6), table 1]."""
LEAST_DIFFERENCE = 30.0
"""CIEDE2000; 2 is just seen."""


def schemes() -> list[dict[str, np.ndarray]]:
    """Linear RGB of the style sheet's colours: light, dark."""
    css = assets()["/live.css"][0].decode()
    found = [dict(re.findall(r"--(\w+): (#\w{6})", block)) for block in re.findall(r":root \{([^}]*)\}", css)]
    return [{name: linear(np.frombuffer(bytes.fromhex(code[1:]), np.uint8)) for name, code in s.items()} for s in found]


def linear(rgb: np.ndarray) -> np.ndarray:
    """sRGB 0 .. 255 without its transfer function [IEC 61966-2-1]."""
    return np.where(rgb <= 10, rgb / 255 / 12.92, ((rgb / 255 + 0.055) / 1.055) ** 2.4)


def lab(rgb: np.ndarray) -> np.ndarray:
    rgb = rgb.clip(0, 1)
    return rgb2lab(np.where(rgb <= 0.0031308, 12.92 * rgb, 1.055 * rgb ** (1 / 2.4) - 0.055))


@pytest.mark.parametrize("seen", SEEN)
def test_good_and_bad_differ_from_each_other_and_from_the_card(seen):
    assert len(schemes()) == 2
    for scheme in schemes():
        good, bad, card = (lab(np.array(SEEN[seen]) @ scheme[name]) for name in ("good", "bad", "card"))
        differences = [deltaE_ciede2000(first, second) for first, second in ((good, bad), (good, card), (bad, card))]
        assert min(differences) > LEAST_DIFFERENCE, differences
