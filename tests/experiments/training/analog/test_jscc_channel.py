"""The differentiable channel is the reference code, and passes gradients to what lies before it."""

from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="torch is needed: scripts/setup models")

from semcom.experiments.training.analog.jscc_channel import AnalogChannel  # noqa: E402
from semcom.semantic.coding import linear_analog as code  # noqa: E402

from ....stand_ins import street  # noqa: E402

SNR_DB = 40.0


def as_tensor(image):
    return torch.from_numpy(image).permute(2, 0, 1)[None].float() / 127.5 - 1


def test_without_noise_it_is_the_linear_code():
    image = street(96, 64)
    count = round(image.size / 12)
    through = AnalogChannel()(
        as_tensor(image), np.array([1 / 12]), np.array([90.0]), np.array([SNR_DB]), torch.Generator()
    )
    described, symbols = code.encode(image, count, int(SNR_DB))
    reference = code.decode(described, symbols, np.full(count, 1e-9, np.float32))
    ours = 127.5 * (through[0].permute(1, 2, 0).numpy() + 1)
    assert np.sqrt(np.mean((ours - reference) ** 2)) < 0.3


def test_noise_has_its_effect_and_gradients_pass():
    picture = as_tensor(street(96, 64)).requires_grad_()
    errors = []
    for snr_db in (0.0, 10.0):
        known = np.array([1 / 6]), np.array([snr_db]), np.array([snr_db])
        received = AnalogChannel()(picture, *known, torch.Generator().manual_seed(1))
        errors.append(float(((received - picture) ** 2).mean().detach()))
    assert errors[0] > 2 * errors[1]
    received.sum().backward()
    assert torch.isfinite(picture.grad).all() and picture.grad.abs().sum() > 0
