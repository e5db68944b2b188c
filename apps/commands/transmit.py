"""`semcom transmit`: photos to a real radio."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Annotated

import typer

from semcom.apps.commands.batch import Batch
from semcom.apps.commands.console import err, out, plain_errors, progress_of, say_error, shown
from semcom.apps.commands.encode_options import (
    DEFAULT_POLICY,
    BudgetOption,
    ModelsOption,
    PartOption,
    PolicyOption,
    ProfileOption,
    SystemOption,
    TextOption,
    WithoutOption,
)
from semcom.apps.commands.inputs import load_photo

NOT_SENT = 3


def transmit(
    photos: Annotated[list[Path], typer.Argument(help="Picture files.", show_default=False)],
    radio: Annotated[str, typer.Option(help="Radio: a name from sdr_configs/ or a YAML file.", show_default=False)],
    confirm_transmit: Annotated[
        bool, typer.Option("--confirm-transmit", help="I may transmit on this frequency with this power.")
    ] = False,
    mcs: Annotated[str, typer.Option(help="Modulation and code rate, such as bpsk-1/2 or 16qam-3/4.")] = "qpsk-1/2",
    frame_bytes: Annotated[int, typer.Option(help="Longest link frame.")] = 256,
    repeat: Annotated[int, typer.Option(help="Passes over each photo, never the same symbols.", min=1, max=1000)] = 1,
    system: SystemOption = "es-isc",
    budget_bytes: BudgetOption = None,
    profile: ProfileOption = None,
    without: WithoutOption = None,
    parts: PartOption = None,
    text: TextOption = "coded",
    models: ModelsOption = None,
    policy: PolicyOption = DEFAULT_POLICY,
    link: Annotated[
        list[int] | None,
        typer.Option(
            help="Send only frames of this link, as one of several devices (docs/multi_sc.md). May be given again.",
            min=0,
            max=255,
            show_default="all",
        ),
    ] = None,
    airtime_ms: Annotated[float | None, typer.Option(help="Most time on air of a photo.", min=0.1)] = None,
    stream: Annotated[
        int | None, typer.Option(help="Number of this transmission.", min=0, max=65535, show_default="by chance")
    ] = None,
    packets: Annotated[Path | None, typer.Option(help="Also write the packets into this folder.")] = None,
    timeout_s: Annotated[float, typer.Option(help="Give up after so many seconds.", min=1.0)] = 3600.0,
) -> None:
    """Send photos over a real radio. The other side runs `semcom receive`.

    A photo that cannot be read is named, and the others go on. Status 2 where all were bad, 3 where not all went out.
    """
    with plain_errors():
        from semcom.flowgraphs.requirements import require_gnu_radio

        require_gnu_radio()
        from semcom.apps.delivery.links import metadata, only_links
        from semcom.apps.delivery.outgoing import AirSettings, make_planner, prepare
        from semcom.apps.delivery.radio_facts import require_confirmation, transmit_facts
        from semcom.apps.delivery.stored_request import store_request
        from semcom.apps.report.output_folder import check_target
        from semcom.apps.report.result_folder import write_file_whole
        from semcom.flowgraphs.errors import FlowgraphTimeoutError, RadioLostError
        from semcom.flowgraphs.live.transmit import run_transmit
        from semcom.flowgraphs.radios.rate_change import occupied_edge
        from semcom.flowgraphs.radios.stream_events import advice_on
        from semcom.link import Sender
        from semcom.phy.mcs import find_mcs
        from semcom.phy.waveform import Waveform
        from semcom.sdr_configs.radio import load_real_radio
        from semcom.semantic import EncodeRequest, analyse, check_request

        find_mcs(mcs)
        Sender(frame_bytes)
        request = EncodeRequest.from_options(system, budget_bytes, profile, without, parts or (), text, models)
        air = AirSettings(mcs, frame_bytes, policy or None, airtime_ms)
        settings = load_real_radio(radio)
        require_confirmation(radio, settings, confirm_transmit)
        waveform = Waveform.load(settings.waveform)
        make_planner(air, waveform)  # a wrong policy is refused before any work
        check_request(request)
        if packets is not None:
            check_target(packets, is_folder=True)
        batch = Batch(photos)
        stream = secrets.randbelow(0xFFFF) + 1 if stream is None else stream
        frames: list[tuple[bytes, str]] = []
        for photo in batch.photos:
            with batch.passing_over(photo), progress_of(photo.name) as progress:
                progress("understanding the picture", 0, 1)
                image, number = load_photo(photo.file), photo.number
                outgoing = prepare(analyse(image, request), (stream, 0, number), air, waveform)
                data = outgoing.packet.to_bytes()
                if packets is not None:
                    store_request(packets / f"{stream:05d}-{number:03d}.sem", request)
                    write_file_whole(packets / f"{stream:05d}-{number:03d}.sem", data)
                chosen = only_links(outgoing.passes(repeat), link or ())
                about = zip(chosen, metadata(chosen), strict=True)
                frames += [(frame.data, frame.mcs or mcs, meta) for frame, meta in about]
                out.print(f"[bold]{shown(photo.name)}[/bold]: {len(data)} bytes as {stream:05d}-{number:03d}")
                if cost := outgoing.cost_of_protection(air, waveform):
                    out.print(f"  {shown(cost)}")
        batch.finish()
        for line in transmit_facts(settings, 2 * occupied_edge(waveform) * waveform.nominal_rate_hz):
            out.print(f"  {shown(line)}")
        try:
            with progress_of("on air") as progress:
                sent = run_transmit(
                    settings,
                    frames,
                    progress=lambda done, all_: progress("frames", done, all_),
                    timeout_s=timeout_s,
                )
        except (FlowgraphTimeoutError, RadioLostError) as error:  # what was asked for was right: no bad input
            say_error(error)
            raise typer.Exit(NOT_SENT) from None
        out.print(f"{len(frames)} frames in {len(sent.sent_bursts)} bursts, {sent.airtime_s * 1e3:.0f} ms on air")
        for words in (*sent.differences, *advice_on(sent.events)):
            err.print(f"[yellow]{shown(words)}[/yellow]")
