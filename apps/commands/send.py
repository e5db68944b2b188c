"""`semcom send`: photos through a simulated radio and back."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from semcom.apps.commands.batch import Batch, PhotoSet
from semcom.apps.commands.console import plain_errors, progress_of, say_what_arrived, unused_budget
from semcom.apps.commands.encode_options import (
    DEFAULT_POLICY,
    BudgetOption,
    ModelsOption,
    PartOption,
    PhotoArgument,
    PolicyOption,
    ProfileOption,
    RepairerOption,
    SystemOption,
    TextOption,
    WithoutOption,
)
from semcom.apps.commands.inputs import chosen_repairer, load_photo

NOTHING_ARRIVED = 3


def send(
    photos: PhotoArgument,
    system: SystemOption = "es-isc",
    radio: Annotated[str, typer.Option(help="Radio: a name from sdr_configs/ or a YAML file.")] = "loopback-awgn",
    snr_db: Annotated[float | None, typer.Option(help="Signal-to-noise ratio.", show_default="by the radio")] = None,
    link_snr_db: Annotated[
        list[str] | None,
        typer.Option(help="SNR of one link, as 3=-5: Multi-SC sends each caption over its own. May be given again."),
    ] = None,
    cfo_hz: Annotated[float | None, typer.Option(help="Carrier offset.", show_default="by the radio")] = None,
    mcs: Annotated[str, typer.Option(help="Modulation and code rate, such as bpsk-1/2 or 16qam-3/4.")] = "qpsk-1/2",
    frame_bytes: Annotated[int, typer.Option(help="Longest link frame.")] = 256,
    budget_bytes: BudgetOption = None,
    profile: ProfileOption = None,
    without: WithoutOption = None,
    parts: PartOption = None,
    text: TextOption = "coded",
    repairer: RepairerOption = None,
    models: ModelsOption = None,
    policy: PolicyOption = DEFAULT_POLICY,
    airtime_ms: Annotated[float | None, typer.Option(help="Most time on air of a photo.", min=0.1)] = None,
    cbr: Annotated[float | None, typer.Option(help="Most channel uses per colour value.", min=1e-6)] = None,
    repeat: Annotated[
        int, typer.Option(help="Most transmissions of a frame, with a feedback channel.", min=1, max=16)
    ] = 1,
    seed: Annotated[int, typer.Option(help="Seed of the channel's noise.")] = 1,
    out_dir: Annotated[Path, typer.Option("--out", help="Folder for results.")] = Path("out"),
    as_json: Annotated[bool, typer.Option("--json", help="Print report.json instead of words.")] = False,
) -> None:
    """Send photos through the radio and rebuild them from what arrives.

    A photo that cannot be read is named, and the others go on. Status 2 where all were bad, 3 where nothing arrived.
    """
    with plain_errors():
        from semcom.flowgraphs.requirements import require_gnu_radio

        require_gnu_radio()
        from semcom.apps.delivery.links import snr_of_links
        from semcom.apps.delivery.outgoing import AirSettings, make_planner
        from semcom.apps.delivery.send import SendSettings, send_photo
        from semcom.apps.delivery.send_set import shares_layers
        from semcom.apps.delivery.stored_request import store_request
        from semcom.apps.report.output_folder import check_target
        from semcom.apps.report.results import Results, write_photo
        from semcom.link import Sender
        from semcom.phy.mcs import find_mcs
        from semcom.phy.waveform import Waveform
        from semcom.sdr_configs.radio import load_simulated
        from semcom.semantic import EncodeRequest, check_request

        find_mcs(mcs)
        Sender(frame_bytes)
        request = EncodeRequest.from_options(system, budget_bytes, profile, without, parts or (), text, models)
        check_request(request)
        choice = chosen_repairer(repairer)
        changes = {"snr_db": snr_db, "cfo_hz": cfo_hz}
        settings = SendSettings(
            request,
            radio,
            load_simulated(radio).with_channel(seed=seed, **{k: v for k, v in changes.items() if v is not None}),
            AirSettings(mcs, frame_bytes, policy or None, airtime_ms, cbr, repeat),
            choice,
            snr_of_links(link_snr_db or ()),
        )
        make_planner(settings.air, Waveform.load(settings.radio.waveform))  # a wrong policy is refused before any work
        check_target(out_dir, is_folder=True)
        batch, results = Batch(photos), Results(out_dir, "Photos of semcom send")
        as_set = None
        if shares_layers(request.system):
            as_set = PhotoSet(batch, settings, as_json)
        for photo in batch.photos if as_set is None else as_set.photos:
            with batch.passing_over(photo), progress_of(photo.name, as_json) as progress:
                notes: list[str] = []
                if as_set is None:
                    report = send_photo(photo.name, load_photo(photo.file, notes), settings, photo.number, progress)
                else:
                    report = as_set.next_report()
                report.notes += notes
                report.path, report.folder = photo.path, photo.folder
                if airtime_ms is None and cbr is None:
                    report.notes += unused_budget(budget_bytes, report.packet_bytes)
                again = (out_dir / photo.folder / "report.html").exists()
                write_photo(out_dir / photo.folder, report, lambda made: store_request(made / "packet.sem", request))
                results.add(report.result())
                if not as_json:
                    say_what_arrived(report, out_dir / photo.folder, again)
        batch.finish()
        if as_json:
            print(json.dumps(results.entries, indent=2))
    if all(entry["outcome"] == "lost" for entry in results.entries):
        raise typer.Exit(NOTHING_ARRIVED)
