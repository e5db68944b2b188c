"""The flow network finds warps that it was never shown; what it is built of does what it says."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import ndimage

torch = pytest.importorskip("torch", reason="torch is needed: scripts/setup demo")

from semcom.experiments.training.learned_coding.train_flow import flow_loss  # noqa: E402
from semcom.semantic.nets.flow_net import LEVELS, REACH, FlowNet, fits, warped  # noqa: E402
from semcom.semantic.nets.flow_running import STEP, flow_between  # noqa: E402


def texture(height: int, width: int) -> np.ndarray:
    made = ndimage.gaussian_filter(np.random.default_rng(4).normal(size=(height, width, 3)), (2, 2, 0))
    return (128 + 45 * made / made.std()).clip(0, 255)


def test_a_smooth_warp_in_other_light_is_found_within_half_a_pixel() -> None:
    """Mean distance from the true flow, away from the edges, of the shipped weights."""
    source = texture(192, 256)
    down, right = np.mgrid[:192, :256].astype(np.float64)
    true = np.stack([5 + 3 * np.sin(down / 40), -4 + 2 * np.cos(right / 50)])
    places = [down + true[1], right + true[0]]
    picture = np.stack([ndimage.map_coordinates(source[..., c], places, order=1, mode="nearest") for c in range(3)], -1)
    reference = (0.85 * source + 12).clip(0, 255)
    flow = flow_between(picture.round().astype(np.uint8), reference.round().astype(np.uint8))
    assert flow.shape == (2, 96, 128) and flow.dtype == np.float32
    error = np.hypot(*(flow - true[:, ::STEP, ::STEP]))[10:-10, 10:-10]
    assert error.mean() < 0.5
    assert np.abs(flow_between(reference.astype(np.uint8), reference.astype(np.uint8))).mean() < 0.1


def test_sizes_that_are_no_multiples_of_the_stride_are_padded_and_cut() -> None:
    picture = texture(70, 102).astype(np.uint8)
    assert flow_between(picture, picture).shape == (2, 35, 51)
    with pytest.raises(ValueError, match=r"must have the shape of the picture \(70, 102, 3\)"):
        flow_between(picture, picture[:64])


def test_warping_takes_what_lies_where_the_flow_leads() -> None:
    picture = torch.arange(30.0).reshape(1, 1, 5, 6)
    flow = torch.zeros(1, 2, 5, 6)
    flow[0, 0], flow[0, 1] = 1, 2
    torch.testing.assert_close(warped(picture, flow)[0, 0, :3, :5], picture[0, 0, 2:, 1:])
    assert float(warped(picture, flow)[0, 0, 4, 5]) == 29


def test_the_shift_that_fits_costs_nothing() -> None:
    picture = torch.rand(1, 1, 20, 20)
    costs = fits(picture, torch.roll(picture, (1, -2), (2, 3)))[0, :, 5:-5, 5:-5]
    wanted = (1 + REACH) * (2 * REACH + 1) + (-2 + REACH)
    assert (costs.argmin(0) == wanted).all() and costs[wanted].abs().max() < 1e-6


def test_flows_are_as_large_as_the_levels_and_few_numbers_are_trained() -> None:
    net = FlowNet()
    flows = net(torch.rand(2, 3, 32, 64), torch.rand(2, 3, 32, 64))
    assert [tuple(flow.shape) for flow in flows] == [(2, 2, 32 >> n, 64 >> n) for n in range(LEVELS, 0, -1)]
    assert sum(each.numel() for each in net.parameters()) < 300_000


def test_the_loss_is_of_what_is_known_in_pixels_of_the_picture() -> None:
    truth, known = torch.zeros(1, 2, 8, 8), torch.ones(1, 1, 8, 8)
    truth[:, 0, :, 4:], known[:, :, :, 4:] = 100.0, 0.0
    flow = torch.zeros(1, 2, 4, 4)
    flow[:, 0] = 1.5
    assert float(flow_loss([flow], truth, known)) == pytest.approx(3.0, abs=0.01)
    assert float(flow_loss([flow[:, :, ::2, ::2], flow], truth, known)) == pytest.approx(3.0 + 0.5 * 6.0, abs=0.02)
