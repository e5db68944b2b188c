"""The linear analog code and the AWGN channel as one differentiable function, for training what lies around them.

Transform, gains and LMMSE are those of `semantic.coding.linear_analog`, which stays the reference: a test compares.
Which coefficients are sent and their gains follow from each crop's bands, without gradient.
"""

from __future__ import annotations

import numpy as np
import torch

from semcom.semantic.coding import linear_analog as code

CODED_CBR = (1 / 6, 1 / 12, 1 / 24, 1 / 48)


class AnalogChannel:
    """Picture crops → symbols → noise → LMMSE → picture crops."""

    def __init__(self) -> None:
        transform = code.load_transform()
        self._basis = torch.from_numpy(transform.basis)
        self._mean = torch.from_numpy(transform.mean)
        self._photos = transform.variances

    def __call__(
        self,
        pictures: torch.Tensor,
        cbr: np.ndarray,
        snr_db: np.ndarray,
        design_snr_db: np.ndarray,
        generator: torch.Generator,
    ) -> torch.Tensor:
        """Received pictures, float32 [N, 3, H, W] of -1..1 like `pictures`; H and W multiples of `code.BLOCK`."""
        blocks = _to_blocks(pictures)
        coefficients = (127.5 * (blocks + 1) - self._mean) @ self._basis
        kept = [
            self._send(coefficients[n], *values, generator)
            for n, values in enumerate(zip(cbr, snr_db, design_snr_db, strict=True))
        ]
        received = torch.stack(kept) @ self._basis.T + self._mean
        return _from_blocks(received / 127.5 - 1, pictures.shape)

    def _send(self, coefficients, cbr, snr_db, design_snr_db, generator) -> torch.Tensor:
        """Coefficients [blocks, 768] of one crop as LMMSE estimates them."""
        with torch.no_grad():
            energy = (coefficients**2).mean(0).double().numpy()
            bands = code.steps_of_bands(energy, self._photos)
            variances = code.band_variances(bands)
            number = max(1, round(2 * cbr * code.NUM_COEFFICIENTS))
            order = np.argsort(-variances, kind="stable")[:number]
            power = code.allocate(variances[order], 10 ** (-design_snr_db / 10) / 2, 0.5)
            gains = torch.from_numpy(np.sqrt(power / variances[order]).astype(np.float32))
            chosen = torch.from_numpy(variances[order].astype(np.float32))
        sent = coefficients[:, order.copy()] * gains
        scale = torch.rsqrt(2 * (sent**2).mean() + 1e-9)
        noise_var = 10 ** (-snr_db / 10) / 2
        received = sent * scale + noise_var**0.5 * torch.randn(sent.shape, generator=generator)
        gain = gains * scale
        estimate = received * gain * chosen / (gain**2 * chosen + noise_var)
        out = torch.zeros_like(coefficients)
        return out.index_copy(1, torch.from_numpy(order.copy()), estimate)


def _to_blocks(pictures: torch.Tensor) -> torch.Tensor:
    """[N, blocks, 768] as `linear_analog.to_blocks` orders them."""
    n, _, h, w = pictures.shape
    side = code.BLOCK
    x = pictures.reshape(n, 3, h // side, side, w // side, side).permute(0, 2, 4, 3, 5, 1)
    return x.reshape(n, -1, code.NUM_COEFFICIENTS)


def _from_blocks(blocks: torch.Tensor, shape: torch.Size) -> torch.Tensor:
    n, _, h, w = shape
    side = code.BLOCK
    x = blocks.reshape(n, h // side, w // side, side, side, 3).permute(0, 5, 1, 3, 2, 4)
    return x.reshape(n, 3, h, w)
