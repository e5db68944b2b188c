from __future__ import annotations

import itertools
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from semcom.semantic import registry
from semcom.semantic.errors import ModelError, SemanticError
from semcom.semantic.layers import LayerKind
from semcom.semantic.packet import SemanticPacket
from semcom.semantic.reconstruct import provenance, reconstruct
from semcom.semantic.reconstruct.canvas import prepare

from ..conftest import HEIGHT, WIDTH

torch = pytest.importorskip("torch", reason="torch is needed: scripts/setup demo")
from semcom.semantic.reconstruct import generator as generator_file  # noqa: E402

KINDS = [LayerKind.CAPTION, LayerKind.CLASS_MAP, LayerKind.DETAIL_MAP, LayerKind.SUB_IMAGE]
"""Those of the packet that a picture is made from."""


@pytest.fixture(scope="module")
def generator() -> generator_file.Generator:
    return generator_file.Generator()


def test_every_subset_gives_a_whole_picture(packet: SemanticPacket, generator) -> None:
    for count in range(len(KINDS) + 1):
        for kinds in itertools.combinations(KINDS, count):
            picture, made = generator(packet.only(kinds), 1 << 20)
            assert picture.shape == (HEIGHT, WIDTH, 3) and picture.dtype == np.uint8
            assert made.shape == (HEIGHT, WIDTH)
            assert (made & provenance.GENERATED).any()


def test_one_seed_one_picture(packet: SemanticPacket, generator) -> None:
    first, again, other = (generator(packet, 1 << 20, 1.0, seed)[0] for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()


def test_full_resolution_pixels_are_kept(packet: SemanticPacket, generator) -> None:
    close_up = packet.layers[-1]
    x0, y0, _, _ = close_up.content.box
    rows, columns = close_up.content.pixels.shape[:2]
    sharp = replace(close_up.content, box=(x0, y0, x0 + columns, y0 + rows))
    packet = replace(packet, layers=(*packet.layers[:-1], replace(close_up, content=sharp)))
    drawing = reconstruct(packet)
    picture, made = generator(packet, 1 << 20, texture=1.0)
    kept = drawing.provenance & provenance.RESOLUTION_MASK == 1
    assert kept.any() and not kept.all()
    np.testing.assert_array_equal(picture[kept], drawing.drawing[kept])
    generated = made & provenance.GENERATED != 0
    assert not generated[kept].any() and generated[~kept].any()


def test_what_was_hardly_changed_counts_as_received(packet: SemanticPacket, generator, monkeypatch) -> None:
    drawing = reconstruct(packet)
    received = drawing.provenance & provenance.RESOLUTION_MASK != 0
    changes = np.zeros((HEIGHT, WIDTH, 3), np.float32)
    changes[: HEIGHT // 2] = generator_file.NOTICEABLE + 1
    changes[HEIGHT // 2 :] = generator_file.NOTICEABLE - 1
    monkeypatch.setattr(generator, "_added", lambda *_: changes)
    generated = generator(packet, 1 << 20)[1] & provenance.GENERATED != 0
    inner = 8
    assert generated[: HEIGHT // 2 - inner][
        drawing.provenance[: HEIGHT // 2 - inner] & provenance.RESOLUTION_MASK > 1
    ].all()
    assert not generated[HEIGHT // 2 + inner :][received[HEIGHT // 2 + inner :]].any()


def test_larger_pictures_are_generated_at_a_bounded_size(packet: SemanticPacket, generator, monkeypatch) -> None:
    monkeypatch.setattr(generator_file, "WORKING_PIXELS", WIDTH * HEIGHT // 4)
    picture, made = generator(packet, 1 << 20)
    assert picture.shape[:2] == made.shape == (HEIGHT, WIDTH)
    assert np.abs(picture.astype(int) - reconstruct(packet).drawing).mean() < 25


def test_missing_or_damaged_weights_leave_the_drawing(packet: SemanticPacket, tmp_path: Path, monkeypatch) -> None:
    damaged = tmp_path / "generator.safetensors"
    shutil.copy(generator_file.WEIGHTS, damaged)
    damaged.write_bytes(damaged.read_bytes()[:-500])
    for path in (tmp_path / "absent.safetensors", damaged):
        monkeypatch.setattr(generator_file, "WEIGHTS", path)
        registry.clear_cache()
        with pytest.warns(RuntimeWarning, match=path.name):
            shown = reconstruct(packet, backend="generator")
        np.testing.assert_array_equal(shown.picture, shown.drawing)
        assert not (shown.provenance & provenance.GENERATED).any()
    registry.clear_cache()


def test_reconstructor_by_name_and_by_its_former_keyword(packet: SemanticPacket) -> None:
    shown = reconstruct(packet, reconstructor="generator")
    assert shown.reconstructor == "generator"
    np.testing.assert_array_equal(reconstruct(packet, backend="generator").picture, shown.picture)
    assert (shown.picture != shown.drawing).any()
    with pytest.raises(SemanticError, match="reconstructor must be one of"):
        reconstruct(packet, reconstructor="oracle")


def test_texture_outside_its_range_is_refused(packet: SemanticPacket, generator) -> None:
    with pytest.raises(ModelError, match=r"texture must be 0 to 1, got 1\.5"):
        generator(packet, 1 << 20, texture=1.5)


def test_canvas_says_what_arrived(packet: SemanticPacket) -> None:
    whole, nothing = prepare(packet, 1 << 20), prepare(packet.only(()), 1 << 20)
    assert whole.planes[1].all() and whole.planes[3].all() and whole.planes[4].all()
    assert whole.planes[2].max() == 1.0
    assert not nothing.planes.any() and (nothing.labels == 255).all() and nothing.caption == ""
    assert (whole.labels != 255).all()


def test_what_is_likeliest_does_not_depend_on_the_seed_and_detail_grows_with_texture(
    packet: SemanticPacket, generator
) -> None:
    canvas = prepare(packet, 1 << 20)
    faithful, half, full = (generator._added(canvas, texture, 3) for texture in (0.0, 0.5, 1.0))
    np.testing.assert_array_equal(faithful, generator._added(canvas, 0.0, 4))
    np.testing.assert_allclose(half - faithful, (full - faithful) / 2, atol=1e-3)
    assert np.abs(full - faithful).mean() > 0.1


def test_detail_has_no_checkerboard() -> None:
    from semcom.semantic.nets.generator_net import smoothed

    flat = torch.full((1, 3, 8, 8), 0.25)
    checkers = torch.tensor([[1.0, -1.0], [-1.0, 1.0]]).repeat(4, 4)[None, None].expand(1, 3, 8, 8)
    torch.testing.assert_close(smoothed(flat), flat)
    assert smoothed(checkers)[..., 1:-1, 1:-1].abs().max() < 1e-6


def test_the_words_of_the_caption_and_the_labels_of_the_map_count(packet: SemanticPacket, generator) -> None:
    canvas = prepare(packet, 1 << 20)
    assert canvas.caption == packet.content(LayerKind.CAPTION).text
    without_words, without_labels = (
        replace(canvas, caption=""),
        replace(canvas, labels=np.full_like(canvas.labels, 255)),
    )
    whole = generator._added(canvas, 0.0, 0)
    assert (whole != generator._added(without_words, 0.0, 0)).any()
    assert (whole != generator._added(without_labels, 0.0, 0)).any()
