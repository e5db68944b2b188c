"""LPIPS with made-up weights: what must hold whatever they are, and what is said where files are missing or wrong."""

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="torch is needed: scripts/setup demo")
safetensors = pytest.importorskip("safetensors.torch", reason="safetensors is needed: scripts/setup demo")

from semcom.semantic.errors import ModelError  # noqa: E402
from semcom.semantic.metrics.clip import ClipScore  # noqa: E402
from semcom.semantic.metrics.lpips import Lpips  # noqa: E402
from semcom.semantic.nets.lpips_net import CHANNELS, LpipsNet  # noqa: E402


def write_weights(folder, backbone, seed=0):
    generator = torch.Generator().manual_seed(seed)
    state = {n: v for n, v in LpipsNet(backbone).state_dict().items() if n.startswith("features.")}
    state = {n: torch.randn(v.shape, generator=generator) * v[0].numel() ** -0.5 for n, v in state.items()}
    state["classifier.1.weight"] = torch.zeros(3, 3)  # as in the published files: not needed
    safetensors.save_file(state, folder / f"{backbone}.safetensors")
    heads = {
        f"lin{i}.model.1.weight": torch.rand(1, c, 1, 1, generator=generator) for i, c in enumerate(CHANNELS[backbone])
    }
    safetensors.save_file(heads, folder / f"{backbone}-lpips.safetensors")


@pytest.mark.parametrize("backbone", ["alex", "squeeze"])
def test_equal_pictures_have_no_distance_and_worse_ones_more(tmp_path, backbone, rng):
    write_weights(tmp_path, backbone)
    lpips = Lpips(tmp_path, backbone)
    picture = rng.integers(0, 256, (96, 80, 3), dtype=np.uint8)
    slightly = np.clip(picture.astype(int) + rng.integers(-10, 11, picture.shape), 0, 255).astype(np.uint8)
    other = rng.integers(0, 256, (96, 80, 3), dtype=np.uint8)
    assert lpips(picture, picture) == 0
    assert 0 < lpips(picture, slightly) < lpips(picture, other)
    assert lpips(picture, other) == pytest.approx(lpips(other, picture), rel=1e-5)
    with pytest.raises(ValueError, match="must have the shape of reference"):
        lpips(picture, other[:90])


def test_the_distance_is_the_formula(tmp_path, rng):
    """First layer only, by hand: unit features, squared difference, weighed, averaged."""
    write_weights(tmp_path, "alex")
    net = Lpips(tmp_path, "alex")._net
    for head in net.heads[1:]:
        head.zero_()
    one, other = (rng.integers(0, 256, (64, 64, 3), dtype=np.uint8) for _ in range(2))
    features = []
    for picture in (one, other):
        x = torch.from_numpy(picture).permute(2, 0, 1)[None].float() / 127.5 - 1
        features.append(torch.relu(net.features[0]((x - net.mean) / net.scale)).numpy()[0])
    unit = [f / np.maximum(np.linalg.norm(f, axis=0, keepdims=True), 1e-12) for f in features]
    expected = (((unit[0] - unit[1]) ** 2) * net.heads[0].numpy()[0]).sum(axis=0).mean()
    assert net.between(one, other) == pytest.approx(float(expected), rel=1e-4)


def test_what_is_missing_or_wrong_is_named(tmp_path):
    with pytest.raises(ModelError, match=r"alex\.safetensors, which is missing"):
        Lpips(tmp_path)
    write_weights(tmp_path, "alex")
    (tmp_path / "alex.safetensors").write_bytes(b"no tensors at all")
    with pytest.raises(ModelError, match="must be a safetensors file"):
        Lpips(tmp_path)
    safetensors.save_file({"features.0.weight": torch.zeros(1)}, tmp_path / "alex.safetensors")
    with pytest.raises(ModelError, match="lacks 9 tensors"):
        Lpips(tmp_path)


def test_clip_says_what_it_needs(tmp_path):
    with pytest.raises(ModelError, match=r"gr-semcom\[pretrained\]|must hold a CLIP model"):
        ClipScore(tmp_path)


@pytest.mark.parametrize(("backbone", "convolutions"), [("alex", 5), ("vgg", 13)])
def test_networks_are_those_of_the_published_weights(backbone, convolutions):
    net = LpipsNet(backbone)
    layers = [layer for layer in net.features if isinstance(layer, torch.nn.Conv2d)]
    assert len(layers) == convolutions
    with torch.inference_mode():
        found = net._compared(torch.zeros(2, 3, 64, 64))
    assert [features.shape[:2] for features in found] == [(2, channels) for channels in CHANNELS[backbone]]


def test_each_picture_of_a_batch_has_a_distance_of_its_own(rng):
    net = LpipsNet("alex")
    for head in net.heads:
        torch.nn.init.ones_(head)
    batch = torch.from_numpy(rng.uniform(-1, 1, (3, 3, 64, 64)).astype(np.float32))
    with torch.inference_mode():
        together, alone = net(batch, batch.flip(0)), net(batch[:1], batch[2:])
    assert together.shape == (3,) and together[1] == 0
    assert together[0] == pytest.approx(float(alone[0]), rel=1e-4) and net.scale.shape == (1, 3, 1, 1)
