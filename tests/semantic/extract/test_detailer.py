import numpy as np
import pytest
from scipy import ndimage

from semcom.semantic.errors import ModelError, PictureError
from semcom.semantic.extract.detailer import Detailer, borders, boundaries, segments
from semcom.semantic.extract.region_merging import merge_regions
from semcom.semantic.extract.watershed import watershed


def two_squares(strong=0.9, weak=0.3):
    """A strong vertical ridge at x = 20, a weak one at x = 40, in a map of 60 × 30."""
    probability = np.full((30, 60), 0.02, np.float32)
    probability[:, 20], probability[:, 40] = strong, weak
    return ndimage.gaussian_filter(probability, 1.0) * 2.5


def natural_map(rng):
    noise = ndimage.gaussian_filter(rng.random((120, 160)), 4)
    return ((noise - noise.min()) / np.ptp(noise)).astype(np.float32)


def test_watershed_splits_at_ridges():
    basins = watershed(two_squares())
    assert basins.min() == 0 and basins.dtype == np.int32
    left, middle, right = basins[15, 5], basins[15, 30], basins[15, 55]
    assert len({left, middle, right}) == 3
    assert (basins[:, :18] == left).all()


def test_watershed_basins_are_connected(rng):
    basins = watershed(natural_map(rng))
    for basin in range(basins.max() + 1):
        assert ndimage.label(basins == basin)[1] == 1


def test_fineness_decides_which_ridges_count():
    probability = two_squares()
    counts = [segments(probability, fineness).max() + 1 for fineness in (0.05, 0.5, 0.95)]
    assert counts == [1, 2, 3]


def test_finer_segments_nest_in_coarser_ones(rng):
    """Merging the weakest first makes a hierarchy, so that a refinement never contradicts the coarse map."""
    strength = natural_map(rng)
    basins = watershed(strength)
    coarse, fine = merge_regions(basins, strength, 0.6), merge_regions(basins, strength, 0.4)
    assert fine.max() > coarse.max()
    for region in range(fine.max() + 1):
        assert len(np.unique(coarse[fine == region])) == 1


def test_least_area_removes_small_regions(rng):
    strength = natural_map(rng)
    merged = merge_regions(watershed(strength), strength, 0.2, least_area=300)
    assert np.bincount(merged.ravel()).min() >= 300


def test_boundaries_are_closed_and_thin(rng):
    probability = natural_map(rng)
    regions = segments(probability, 0.5)
    mask = boundaries(probability, 0.5)
    assert mask.dtype == bool and 0 < mask.mean() < 0.5
    parts, count = ndimage.label(~mask)
    for part in range(1, count + 1):
        assert len(np.unique(regions[parts == part])) == 1
    solid = np.lib.stride_tricks.sliding_window_view(mask, (3, 3)).all(axis=(2, 3))
    assert solid.mean() < 1e-3


def test_borders_of_two_halves():
    regions = np.zeros((4, 6), np.int32)
    regions[:, 3:] = 1
    assert borders(regions).sum() == 4 and borders(regions)[:, 2].all()


@pytest.mark.parametrize("shape", [(1, 1), (1, 50), (50, 1), (2, 2), (17, 1300)])
def test_any_shape_works(shape, rng):
    assert boundaries(rng.random(shape, dtype=np.float32), 0.8).shape == shape


@pytest.mark.parametrize("value", [0.0, 1.0, np.nan])
def test_flat_maps_have_no_boundary(value):
    assert not boundaries(np.full((20, 30), value, np.float32), 0.5).any()


@pytest.mark.parametrize("fineness", [-0.1, 1.1, float("nan")])
def test_fineness_outside_0_to_1_is_refused(fineness):
    with pytest.raises(ValueError, match="fineness must be 0 to 1"):
        segments(np.zeros((4, 4), np.float32), fineness)


def test_maps_that_are_not_maps_are_refused():
    with pytest.raises(ValueError, match=r"probability must be \[H, W\]"):
        segments(np.zeros((4, 4, 3), np.float32))


@pytest.fixture(scope="module")
def detailer():
    pytest.importorskip("torch", reason="torch is needed: scripts/setup demo")
    pytest.importorskip("safetensors", reason="safetensors is needed: scripts/setup demo")
    return Detailer()


@pytest.mark.parametrize(("height", "width"), [(1, 1), (16, 16), (333, 517), (30, 700)])
def test_probability_has_the_picture_s_size(detailer, rng, height, width):
    probability = detailer(rng.integers(0, 256, (height, width, 3), dtype=np.uint8))
    assert probability.shape == (height, width) and probability.dtype == np.float32
    assert probability.min() >= 0 and probability.max() <= 1


def test_a_disc_is_outlined(detailer):
    y, x = np.mgrid[:240, :320]
    inside = (x - 160) ** 2 + (y - 120) ** 2 < 70**2
    image = np.where(inside[..., None], (200, 60, 40), (60, 110, 180)).astype(np.uint8)
    mask = boundaries(detailer(image), 0.5)
    edge = inside ^ ndimage.binary_erosion(inside)
    near = ndimage.binary_dilation(mask, iterations=3)
    assert near[edge].mean() > 0.95
    far = ~ndimage.binary_dilation(edge, iterations=6)
    assert mask[far].mean() < 0.02


def test_other_arrays_are_refused(detailer):
    with pytest.raises(PictureError, match="image must be uint8"):
        detailer(np.zeros((4, 4), np.uint8))


def test_missing_weights_are_named(tmp_path):
    pytest.importorskip("torch", reason="torch is needed: scripts/setup demo")
    with pytest.raises(ModelError, match=r"gone\.safetensors"):
        Detailer(tmp_path / "gone.safetensors")


def test_without_the_mirrored_view_it_is_the_same_but_for_a_little(rng):
    image = np.full((64, 96, 3), 60, np.uint8)
    image[16:48, 30:70] = 200
    both, one = Detailer()(image), Detailer(mirror=False)(image)
    mirrored = Detailer(mirror=False)(np.ascontiguousarray(image[:, ::-1]))[:, ::-1]
    logit = [np.log(p / (1 - p)) for p in (both, one, mirrored)]
    inside = np.s_[8:-8, 8:-8]
    assert not np.allclose(both, one, atol=1e-4)
    np.testing.assert_allclose(logit[0][inside], ((logit[1] + logit[2]) / 2)[inside], atol=0.15)
