import json
import struct

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="torch is needed: scripts/setup demo")
pytest.importorskip("safetensors", reason="safetensors is needed: scripts/setup demo")

from semcom.semantic.errors import ModelError  # noqa: E402
from semcom.semantic.nets import loading  # noqa: E402
from semcom.semantic.nets.boundary_net import BoundaryNet  # noqa: E402
from semcom.semantic.nets.running import run_padded  # noqa: E402
from semcom.semantic.nets.segmentation_net import SegmentationNet  # noqa: E402


@pytest.fixture(scope="module")
def net():
    torch.manual_seed(0)
    return SegmentationNet(5, widths=(8, 8, 8, 8)).eval()


@pytest.fixture
def weights(net, tmp_path):
    path = tmp_path / "net.safetensors"
    loading.save_weights(path, net, {"model": "test"})
    return path


def small_net():
    return SegmentationNet(5, widths=(8, 8, 8, 8))


@pytest.mark.parametrize(("network", "limit"), [(SegmentationNet(50), 1_500_000), (BoundaryNet(), 400_000)])
def test_networks_stay_small(network, limit):
    assert sum(p.numel() for p in network.parameters()) <= limit


def test_segmentation_net_shapes(net):
    with torch.no_grad():
        assert net(torch.zeros(2, 3, 64, 96)).shape == (2, 5, 16, 24)


def test_boundary_net_shapes():
    with torch.no_grad():
        assert BoundaryNet().eval()(torch.zeros(1, 3, 32, 48)).shape == (1, 1, 32, 48)


def test_weights_survive_the_file(net, weights):
    other = small_net()
    assert loading.load_weights(weights, other) == {"model": "test"}
    assert not other.training and not any(p.requires_grad for p in other.parameters())
    x = torch.rand(1, 3, 64, 64, generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        assert torch.allclose(other(x), net(x), atol=2e-2)
    for name, value in net.state_dict().items():
        if not name.endswith("num_batches_tracked"):
            assert torch.equal(other.state_dict()[name], value.half().float())


def test_missing_file_is_named(tmp_path):
    with pytest.raises(ModelError, match=r"absent\.safetensors are missing"):
        loading.load_weights(tmp_path / "absent.safetensors", small_net())


def test_other_network_is_refused(weights):
    with pytest.raises(ModelError, match="do not fit BoundaryNet"):
        loading.load_weights(weights, BoundaryNet())
    with pytest.raises(ModelError, match=r"shape of 'classify.weight' must be \(6, 56, 1, 1\), got \(5, 56, 1, 1\)"):
        loading.load_weights(weights, SegmentationNet(6, widths=(8, 8, 8, 8)))


def test_oversized_file_is_refused_unread(weights, monkeypatch):
    monkeypatch.setattr(loading, "MAX_FILE_BYTES", 1000)
    with pytest.raises(ModelError, match="must have 9 to 1000 bytes"):
        loading.read_header(weights)


def test_values_that_are_not_finite_are_refused(net, weights):
    content = bytearray(weights.read_bytes())
    content[-2:] = struct.pack("<e", np.nan)
    weights.write_bytes(content)
    with pytest.raises(ModelError, match="not finite"):
        loading.load_weights(weights, small_net())


@pytest.mark.parametrize("length", [0, 1, 8, 9, 100, 1000, 5000, -1])
def test_truncated_files_are_refused(weights, length):
    content = weights.read_bytes()
    weights.write_bytes(content[:length])
    with pytest.raises(ModelError, match=r"net\.safetensors"):
        loading.load_weights(weights, small_net())


@pytest.mark.parametrize(
    ("field", "value"),
    [("data_offsets", [0, 1, 2]), ("data_offsets", [0]), ("data_offsets", "ab"), ("dtype", ["F16"]), ("shape", [[1]])],
)
def test_broken_entries_of_the_right_tensors_are_refused(weights, field, value):
    content = weights.read_bytes()
    end = 8 + struct.unpack("<Q", content[:8])[0]
    header = json.loads(content[8:end])
    next(entry for name, entry in header.items() if name != "__metadata__")[field] = value
    text = json.dumps(header).encode()
    weights.write_bytes(struct.pack("<Q", len(text)) + text + content[end:])
    with pytest.raises(ModelError, match=r"net\.safetensors"):
        loading.load_weights(weights, small_net())


@pytest.mark.parametrize(
    "header",
    [
        b"[]",
        b"{}",
        b"null",
        b"not json",
        b'{"a": 3}',
        b'{"__metadata__": {"a": 1}}',
        b'{"__metadata__": []}',
        b'{"a": {"dtype": "F16", "shape": [1], "data_offsets": [0]}}',
        b"[" * 4000,
    ],
)
def test_broken_headers_are_refused(weights, header):
    weights.write_bytes(struct.pack("<Q", len(header)) + header + bytes(16))
    with pytest.raises(ModelError, match=r"net\.safetensors"):
        loading.load_weights(weights, small_net())


def test_changed_bytes_are_refused_or_still_a_network(weights, rng):
    """Whatever byte of the header changes: a `ModelError`, or a file that still describes the same tensors."""
    content = weights.read_bytes()
    (length,) = struct.unpack("<Q", content[:8])
    refused = 0
    for position in rng.integers(0, 8 + length, size=60):
        changed = bytearray(content)
        changed[position] ^= int(rng.integers(1, 256))
        weights.write_bytes(changed)
        try:
            loading.load_weights(weights, small_net())
        except ModelError as error:
            assert "net.safetensors" in str(error)
            refused += 1
    assert refused > 40


def test_run_padded_cuts_back_and_keeps_the_thread_count(net):
    before = torch.get_num_threads()
    out = run_padded(net, np.zeros((33, 50, 3), np.uint8), threads=2, output_stride=4)
    assert out.shape == (5, 9, 13) and out.dtype == np.float32
    assert torch.get_num_threads() == before


def test_a_file_without_tensors_has_the_shortest_header_there_is(tmp_path):
    path = tmp_path / "empty.safetensors"
    path.write_bytes(struct.pack("<Q", 2) + b"{}")
    assert loading.read_header(path) == ({}, {}, 10)
    path.write_bytes(struct.pack("<Q", 1) + b"{}")
    with pytest.raises(ModelError, match="header length 1 of 10 bytes"):
        loading.read_header(path)
