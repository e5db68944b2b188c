"""``semcom ask``: more of a picture, by meaning; of files at hand, or of the sending computer of a running link."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from semcom.apps.commands.console import err, out, plain_errors
from semcom.apps.commands.inputs import load_photo, read_packet

_LEAST_SIMILARITY = 0.6
"""Correlation of brightness with the packet's scene: of 14 photos 0.86 or more with their own, else at most 0.56."""
_FLAT_LEVELS = 8.0
"""A picture whose brightness varies less is too flat to be told from another."""


def ask(
    request: Annotated[
        str, typer.Argument(help="'object 3', 'only vehicles', 'finer detail map', 'finer class map' or 'scene'.")
    ],
    packet: Annotated[Path | None, typer.Option(help="Packet that was received.", show_default="none")] = None,
    photo: Annotated[Path | None, typer.Option(help="Photo it was made of.", show_default="none")] = None,
    output: Annotated[Path, typer.Option("-o", "--output", help="Packet with the answer, to write.")] = Path(
        "more.sem"
    ),
    rx: Annotated[
        Path | None, typer.Option(help="Results folder of a running host rx: it asks host tx.", show_default="none")
    ] = None,
    picture: Annotated[
        str | None, typer.Option(help="Which of its results: its folder, or numbers as 0-7-3.", show_default="none")
    ] = None,
    answer_bytes: Annotated[int, typer.Option(help="Most bytes of the answer.")] = 1200,
    without: Annotated[str | None, typer.Option(help="Categories never to send.", show_default="none")] = None,
) -> None:
    """Ask for more of a picture by meaning: with --packet and --photo, or with --rx and --picture."""
    with plain_errors():
        from semcom.semantic import SemanticError

        if packet is not None and photo is not None and rx is None:
            _ask_files(request, packet, photo, output, answer_bytes, without)
        elif rx is not None and picture is not None and packet is None:
            _ask_link(request, rx, picture, answer_bytes)
        else:
            raise SemanticError("ask needs --packet and --photo, or --rx and --picture")


def _ask_files(words: str, packet: Path, photo: Path, output: Path, answer_bytes: int, without: str | None) -> None:
    """Both ends are here."""
    from semcom.apps.delivery.stored_request import store_request, stored_request
    from semcom.apps.report.output_folder import check_target
    from semcom.apps.report.result_folder import write_file_whole
    from semcom.semantic import EncodeRequest, RefinementRequest, analyse, check_request, refine

    check_target(output, is_folder=False)
    known = read_packet(packet)
    wanted = RefinementRequest.from_words(words, _vocabulary_of(known), answer_bytes)
    stored = stored_request(packet)
    origin = stored or EncodeRequest(system=known.header.system if known.header and known.header.system else "es-isc")
    request = origin.adding(EncodeRequest.from_options(without=without))
    check_request(request)
    image = load_photo(photo)
    _check_photo(photo, image, packet, known)
    if not request.without:
        why = "no request lies beside the packet" if stored is None else "the packet's request withholds nothing"
        out.print(f"Nothing of the photo is withheld: {why}, and --without is not given.")
    layers = refine(analyse(image, request), wanted, known)
    data = known.with_layers(layers).to_bytes()
    store_request(output, request)
    write_file_whole(output, data)
    for layer in layers:
        out.print(f"{escape(layer.name)}: {len(layer.payload)} bytes")
    if not layers:
        out.print("Nothing more to say: what is there is as fine as it gets in so many bytes.")
    out.print(f"{escape(str(output))}: {len(data)} bytes")


def _ask_link(words: str, rx: Path, picture: str, answer_bytes: int) -> None:
    """The request goes to host tx on the feedback channel; its answer appears in the picture's folder."""
    from semcom.apps.services.receiving.known_results import find_result
    from semcom.apps.services.refinement_answers import put_request
    from semcom.link import RefinementFrame
    from semcom.semantic import RefinementRequest, SemanticError

    if (found := find_result(rx, picture)) is None:
        raise SemanticError(f"picture must be a result in {rx}, by its folder's name or as 0-7-3, got {picture[:80]!r}")
    folder, scope = found
    known = read_packet(folder / "packet.sem")
    request = RefinementRequest.from_words(words, _vocabulary_of(known), answer_bytes)
    _check_subject(request, known)
    put_request(rx / ".state", RefinementFrame(scope, secrets.randbelow(256), request.to_bytes()))
    out.print(f"Asked. The answer will be put into {escape(str(folder))}; if none comes, the log of host tx says why.")


def _check_photo(photo: Path, image, packet: Path, known) -> None:
    """Refuse a photo that cannot be the one the packet was made of: the answer would be of another picture."""
    from semcom.semantic import SemanticError

    height, width = image.shape[:2]
    if known.size is not None and known.size != (width, height):
        raise SemanticError(
            f"{photo}: must be the photo that {packet} was made of, {known.size[0]} × {known.size[1]} pixels, "
            f"got {width} × {height}"
        )
    if _differs_from_scene(image, known):
        err.print(
            f"[yellow]{escape(str(photo))} does not look like the photo that {escape(str(packet))} was made of.[/]"
        )


def _differs_from_scene(image, known) -> bool:
    """Whether the photo is unlike the packet's small picture of the whole scene; False where that tells nothing."""
    import numpy as np
    from PIL import Image

    from semcom.semantic.layers import LayerKind

    scene = next((layer.content for layer in known.of_kind(LayerKind.SUB_IMAGE) if layer.content.is_scene), None)
    if scene is None:
        return False
    small = Image.fromarray(image).resize(scene.pixels.shape[1::-1], Image.Resampling.BOX)
    photo, sent = (np.asarray(pixels, float).mean(axis=2) for pixels in (small, scene.pixels))
    if min(photo.std(), sent.std()) < _FLAT_LEVELS:
        return False
    return float(np.corrcoef(photo.ravel(), sent.ravel())[0, 1]) < _LEAST_SIMILARITY


def _check_subject(request, known) -> None:
    """Refuse what the packet at hand shows to be impossible: from far away no refusal comes back."""
    from semcom.semantic import SemanticError
    from semcom.semantic.layers import LayerKind
    from semcom.semantic.refinement import Subject

    objects = known.content(LayerKind.OBJECTS)
    if objects is None:
        return  # that list did not come: host tx knows it
    ids = [item.object_id for item in objects.items]
    if request.subject == Subject.OBJECT and request.object_id not in ids:
        there = f"1 to {len(ids)}" if ids else "of a picture in which objects were found"
        raise SemanticError(f"object must be {there}, got {request.object_id}")
    if request.subject == Subject.CATEGORIES and not {item.category for item in objects.items} & {*request.categories}:
        raise SemanticError(
            "refinement request must name something that the packet lists among its objects, got none of them"
        )


def _vocabulary_of(packet):
    from semcom.semantic.layers import LayerKind
    from semcom.semantic.vocabulary import Vocabulary

    objects = packet.content(LayerKind.OBJECTS)
    return objects.vocabulary if objects else Vocabulary.load()
