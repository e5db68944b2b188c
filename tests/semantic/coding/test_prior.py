"""Priors: what is saved comes back, what is missing or does not fit is named, and knowing shapes pays."""

import numpy as np
import pytest
from PIL import Image

from semcom.semantic.coding import binary_map, label_map, label_model, mixing, prior
from semcom.semantic.errors import ModelError

from .maps import outlines


def test_saved_counters_and_weights_come_back(tmp_path, monkeypatch, rng):
    mixer = mixing.new_mixer(1000, 3, 2, mixing.WEIGHT_ONE, 400)
    for slot in (0, 7, 999):
        for bit in (rng.random(200) < 0.9).astype(np.int64):
            mixing.learn(mixer.counters, slot, bit, mixer.rates, 400)
    mixing.learn(mixer.counters, 5, 1, mixer.rates, 400)  # seen once: not worth its bytes
    mixer.weights[1, 1] = -5
    prior.save_prior(tmp_path / "small.prior.npz", mixer)
    monkeypatch.setattr(prior, "__file__", str(tmp_path / "prior.py"))
    loaded = prior.load_prior("small", mixing.new_mixer(1000, 3, 2, 0, 400))
    kept = np.flatnonzero(loaded.counters != mixing.NEW_COUNTER)
    assert kept.tolist() == [0, 7, 999]
    assert np.array_equal(loaded.counters[kept] >> 16, mixer.counters[kept] >> 16)
    assert (loaded.counters[kept] & mixing.COUNT_MASK).max() <= 20
    assert np.array_equal(loaded.weights, mixer.weights)


def test_a_missing_or_foreign_file_is_named(tmp_path, monkeypatch):
    mixer = mixing.new_mixer(1000, 3, 2, 0, 400)
    monkeypatch.setattr(prior, "__file__", str(tmp_path / "prior.py"))
    with pytest.raises(ModelError, match="prior of small must be readable"):
        prior.load_prior("small", mixer)
    (tmp_path / "small.prior.npz").write_bytes(b"not a zip archive")
    with pytest.raises(ModelError, match="prior of small must be readable"):
        prior.load_prior("small", mixer)
    prior.save_prior(tmp_path / "small.prior.npz", mixing.new_mixer(1000, 4, 2, 0, 400))
    with pytest.raises(ModelError, match=r"must fit \[3, 2\] weights, got \[4, 2\]"):
        prior.load_prior("small", mixer)


def test_knowing_shapes_pays_on_maps_not_seen_in_training(shared_dir):
    data = shared_dir / "data"
    labels = np.array(Image.open(sorted((data / "camvid/val/masks").glob("*.png"))[40]))[2::4, 2::4]
    labels = np.ascontiguousarray(labels)
    unprimed = label_map.code_with(label_model.new_model, labels, 12)
    assert len(label_map.encode_label_map(labels, 12)) < 0.85 * len(unprimed)
    regions = np.array(Image.open(sorted((data / "bsds500/val/segments").glob("*.png"))[40])).astype(np.int64)
    borders = outlines(regions[1::2, 1::2])
    unprimed = binary_map.code_with(binary_map.new_model, borders)
    assert len(binary_map.encode_binary_map(borders)) < 0.9 * len(unprimed)


def test_priors_hold_nothing_about_certain_labels():
    counters = prior.load_prior("label_map", label_model.new_model()).counters
    for first, end in label_model.LABEL_BLOCKS:
        assert (counters[first:end] == mixing.NEW_COUNTER).all()
