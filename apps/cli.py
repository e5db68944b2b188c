"""The command ``semcom``: reads options, calls the rooms, says what happened in plain words.

Exit status: 0 something usable arrived, 2 bad input, 3 nothing arrived.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Annotated

# Before anything loads OpenMP: beside GNU Radio's threads, spinning OpenMP threads slow everything down many times.
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import typer
from rich.markup import escape

from semcom.apps.commands.ask import ask
from semcom.apps.commands.calibrate import calibrate
from semcom.apps.commands.console import (
    err,
    names_in,
    out,
    plain_errors,
    progress_of,
    read_packet,
    say_version,
    say_what_arrived,
    select_layers,
    unused_budget,
)
from semcom.apps.commands.doctor import doctor
from semcom.apps.commands.grc import grc
from semcom.apps.commands.host import register as register_services
from semcom.apps.commands.inspect import inspect
from semcom.apps.commands.receive import receive
from semcom.apps.commands.record import record
from semcom.apps.commands.referee import referee
from semcom.apps.commands.replay import replay
from semcom.apps.commands.transmit import transmit

app = typer.Typer(
    help="Send the meaning of pictures over real radio.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)
register_services(app)
NOTHING_ARRIVED = 3
BACKEND_OF = {None: "best", True: "generator", False: "drawing"}
"""Of `semcom decode`'s option --generate."""

PhotoArgument = Annotated[list[Path], typer.Argument(help="Picture files.", show_default=False)]
SystemOption = Annotated[str, typer.Option(help="Semantic system.")]
BudgetOption = Annotated[int | None, typer.Option(help="Most bytes of each packet.", show_default="by the system")]
ProfileOption = Annotated[
    str | None, typer.Option(help="What bytes are for: meaning, pixels or tasks.", show_default="meaning")
]
WithoutOption = Annotated[
    str | None,
    typer.Option(help="Categories or groups never to send, such as person,vehicle.", show_default="nothing left out"),
]


@app.callback()
def semcom(
    version: Annotated[
        bool, typer.Option("--version", callback=say_version, is_eager=True, help="Say the version and end.")
    ] = False,
) -> None:
    """What holds for all commands."""


@app.command()
def send(
    photos: PhotoArgument,
    system: SystemOption = "es-isc",
    radio: Annotated[str, typer.Option(help="Radio: a name from sdr_configs/ or a YAML file.")] = "loopback-awgn",
    snr_db: Annotated[float | None, typer.Option(help="Signal-to-noise ratio.", show_default="by the radio")] = None,
    cfo_hz: Annotated[float | None, typer.Option(help="Carrier offset.", show_default="by the radio")] = None,
    mcs: Annotated[str, typer.Option(help="Modulation and code rate, such as bpsk-1/2 or 16qam-3/4.")] = "qpsk-1/2",
    frame_bytes: Annotated[int, typer.Option(help="Longest link frame.")] = 256,
    budget_bytes: BudgetOption = None,
    profile: ProfileOption = None,
    without: WithoutOption = None,
    policy: Annotated[
        str | None,
        typer.Option(
            help="Protection by importance: a name from sdr_configs/policies/ or a file.", show_default="none"
        ),
    ] = None,
    airtime_ms: Annotated[float | None, typer.Option(help="Most time on air of a photo.", min=0.1)] = None,
    cbr: Annotated[float | None, typer.Option(help="Most channel uses per colour value.", min=1e-6)] = None,
    repeat: Annotated[int, typer.Option(help="Most transmissions of a frame, with a way back.", min=1, max=16)] = 1,
    seed: Annotated[int, typer.Option(help="Seed of the channel's noise.")] = 1,
    out_dir: Annotated[Path, typer.Option("--out", help="Folder for results.")] = Path("out"),
    as_json: Annotated[bool, typer.Option("--json", help="Print report.json instead of words.")] = False,
) -> None:
    """Send photos through the radio and rebuild them from what arrives."""
    with plain_errors():
        from semcom.flowgraphs.requirements import require_gnu_radio

        require_gnu_radio()
        from semcom.apps.delivery.outgoing import AirSettings, make_planner
        from semcom.apps.delivery.send import SendSettings, send_photo
        from semcom.apps.report.output_folder import check_target
        from semcom.apps.report.results import folder_names, shown_name, write_photo, write_report_json
        from semcom.link import Sender
        from semcom.phy.mcs import find_mcs
        from semcom.phy.waveform import Waveform
        from semcom.sdr_configs.radio import load_loopback
        from semcom.semantic import load_picture, registry

        find_mcs(mcs)
        Sender(frame_bytes)
        registry.create("systems", system)
        changes = {"snr_db": snr_db, "cfo_hz": cfo_hz}
        settings = SendSettings(
            system,
            budget_bytes,
            radio,
            load_loopback(radio).with_channel(seed=seed, **{k: v for k, v in changes.items() if v is not None}),
            AirSettings(mcs, frame_bytes, policy, airtime_ms, cbr, repeat),
            profile,
            names_in(without),
        )
        make_planner(settings.air, Waveform.load(settings.radio.waveform))  # a wrong policy is refused before any work
        check_target(out_dir, is_folder=True)
        for path in photos:  # all of them, before anything is sent or written
            load_picture(path)
        reports = []
        for number, (path, name) in enumerate(zip(photos, folder_names(photos), strict=True), start=1):
            with progress_of(shown_name(path), as_json) as progress:
                report = send_photo(shown_name(path), load_picture(path), settings, number, progress)
                if airtime_ms is None and cbr is None:
                    report.notes += unused_budget(budget_bytes, report.packet_bytes)
                again = (out_dir / name / "report.html").exists()
                write_photo(out_dir / name, report)
            reports.append(report.as_dict())
            if not as_json:
                say_what_arrived(report, out_dir / name, again)
        write_report_json(out_dir, reports)
        if as_json:
            print(json.dumps(reports, indent=2))
    if all(report["outcome"] == "lost" for report in reports):
        raise typer.Exit(NOTHING_ARRIVED)


@app.command()
def demo(
    out_dir: Annotated[Path, typer.Option("--out", help="Folder for results.")] = Path("out/demo"),
    snr_db: Annotated[float, typer.Option(help="Signal-to-noise ratio.")] = 8.0,
) -> None:
    """Send a photo that comes with scikit-image over the loopback, with everything at its default."""
    with plain_errors():
        from semcom.apps.commands.demo_photo import demo_photo

        photo = demo_photo()
    send([photo], snr_db=snr_db, out_dir=out_dir)


@app.command()
def encode(
    photo: Annotated[Path, typer.Argument(help="Picture file.", show_default=False)],
    output: Annotated[Path, typer.Option("-o", "--output", help="Packet file to write.")] = Path("packet.sem"),
    system: SystemOption = "es-isc",
    budget_bytes: BudgetOption = None,
    profile: ProfileOption = None,
    without: WithoutOption = None,
) -> None:
    """Turn a photo into a semantic packet."""
    with plain_errors():
        from semcom.apps.report.output_folder import check_target, write_file_whole
        from semcom.apps.report.results import shown_name
        from semcom.semantic import encode, load_picture

        check_target(output, is_folder=False)
        image = load_picture(photo)
        with progress_of(shown_name(photo)) as progress:
            progress("understanding the picture", 0, 1)
            packet = encode(image, system, budget_bytes, profile=profile, without=names_in(without))
        data = packet.to_bytes()
        write_file_whole(output, data)
        out.print(f"{escape(str(output))}: {len(data)} bytes, {image.size / len(data):.0f} : 1")
        for kind, reason in packet.left_out:
            out.print(f"  [dim]left out: {escape(kind)}, {escape(reason)}[/dim]")
        for note in unused_budget(budget_bytes, len(data)):
            out.print(f"  [dim]{note}[/dim]")


@app.command()
def decode(
    packet: Annotated[Path, typer.Argument(help="Packet file.", show_default=False)],
    out_dir: Annotated[Path, typer.Option("-o", "--out", help="Folder for results.")] = Path("out"),
    layers: Annotated[
        str | None, typer.Option(help="Only these kinds, such as caption,class_map.", show_default="all")
    ] = None,
    generate: Annotated[
        bool | None,
        typer.Option(help="Let the learned generator make the picture.", show_default="where torch is installed"),
    ] = None,
    texture: Annotated[float, typer.Option(help="Made-up texture of the generator, 0 to 1.", min=0.0, max=1.0)] = 0.0,
    seed: Annotated[int, typer.Option(help="Seed of the texture.", min=0)] = 0,
) -> None:
    """Rebuild caption, maps and picture from a semantic packet."""
    with plain_errors():
        from semcom.apps.report.output_folder import check_target, write_reconstruction, write_whole
        from semcom.apps.report.packet_page import render
        from semcom.apps.report.results import shown_name
        from semcom.semantic import PacketError, decode

        check_target(out_dir, is_folder=True)
        whole = read_packet(packet)
        shown, left_out = select_layers(whole, layers)
        for key, reason in shown.damaged:
            err.print(f"[yellow]layer {key} could not be read:[/yellow] {escape(reason)}")
        if not shown.layers:
            raise PacketError(f"{packet}: has no layer that can be read")
        with progress_of(shown_name(packet)) as progress:
            progress("rebuilding", 0, 1)
            reconstruction = decode(shown, BACKEND_OF[generate], texture, seed)

            def fill(folder: Path) -> None:
                write_reconstruction(folder, shown, reconstruction)
                page = render(shown_name(packet), shown, reconstruction, left_out)
                (folder / "report.html").write_text(page, encoding="utf-8")

            write_whole(out_dir, fill)
        if reconstruction.caption:
            out.print(escape(reconstruction.caption.text))
        out.print(f"Results in {escape(str(out_dir))}, report.html shows them.")


for command in (inspect, referee, ask, transmit, receive, record, replay, calibrate, doctor, grc):
    app.command()(command)


def main() -> None:
    """Entry point of the command."""
    for stream in (sys.stdout, sys.stderr):  # a terminal that cannot show a character gets its code instead
        stream.reconfigure(errors="backslashreplace")
    try:
        app()
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
