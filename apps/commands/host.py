"""Commands of the services: keygen, radio, air, host tx, host rx, push, status. See docs/two_computers.md."""

from __future__ import annotations

import json
import logging
import secrets
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from semcom.apps.commands.console import counted, names_in, out, plain_errors
from semcom.apps.commands.encode_options import (
    DEFAULT_POLICY,
    BudgetOption,
    ModelsOption,
    PartOption,
    PolicyOption,
    ProfileOption,
    SystemOption,
    WithoutOption,
)

RADIO_ADDRESS = "tcp://127.0.0.1:5701"
DESK_ADDRESS = "tcp://127.0.0.1:5702"
AIR_ADDRESS = "tcp://127.0.0.1:5703"

KeysOption = Annotated[Path, typer.Option("--keys", help="Folder that semcom keygen made.", show_default=False)]
StateOption = Annotated[Path, typer.Option("--state", help="Folder for journal and status socket.")]
MetricsOption = Annotated[int, typer.Option(help="Port of the Prometheus page on 127.0.0.1; 0: any.")]
ToRadioOption = Annotated[str, typer.Option("--radio", help="Address of the radio process.")]
RadioKeyOption = Annotated[str, typer.Option("--radio-key", help="Name of the radio's key in peers/.")]

host = typer.Typer(help="The two ends of a link: host tx sends pictures, host rx receives them.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(host, name="host")
    for command in (keygen, radio, air, push, status):
        app.command()(command)


def keygen(
    out_dir: Annotated[Path, typer.Option("--out", help="Folder for the keys.", show_default=False)],
    names: Annotated[
        str | None,
        typer.Option("--for", help="Several processes that know each other: tx,radio,rx", show_default="one key"),
    ] = None,
) -> None:
    """Make keys: the secret one stays, the public one goes to the other computers."""
    with plain_errors():
        from semcom.link.transports.key_files import make_acquainted, make_keys, names_made

        before = names_made(out_dir) if names else []
        made = make_acquainted(out_dir, names_in(names)) if names else {"": make_keys(out_dir)}
        for name, public in made.items():
            out.print(f"{escape(str(out_dir / name))}: {escape(public)}")
        if before:
            out.print(f"Made known to {', '.join(before)} too, and these to them: start those anew that are running.")


def radio(
    keys: KeysOption,
    listen: Annotated[str, typer.Option(help="Where hosts connect.")] = RADIO_ADDRESS,
    radio: Annotated[str, typer.Option(help="Radio: a name from sdr_configs/ or a YAML file.")] = "loopback-awgn",
    role: Annotated[str, typer.Option(help="What a real radio does: tx, rx or both.")] = "both",
    confirm_transmit: Annotated[
        bool, typer.Option("--confirm-transmit", help="I may transmit on this frequency with this power.")
    ] = False,
    source: Annotated[
        int | None, typer.Option(help="Number that our bursts carry.", min=0, max=255, show_default="by chance")
    ] = None,
    hear_own: Annotated[
        bool, typer.Option("--hear-own", help="Receive our own bursts: the transmitter is cabled to the receiver.")
    ] = False,
    give_up_s: Annotated[float, typer.Option(help="How long to wait for a radio that is lost.", min=0)] = 86400.0,
    snr_db: Annotated[float | None, typer.Option(help="Signal-to-noise ratio.", show_default="by the radio")] = None,
    cfo_hz: Annotated[float | None, typer.Option(help="Carrier offset.", show_default="by the radio")] = None,
    air: Annotated[
        str | None, typer.Option(help="Address of a virtual air (semcom air); then --radio names the waveform only.")
    ] = None,
    air_key: Annotated[str, typer.Option(help="Name of the air's key in peers/.")] = "air",
    state: StateOption = Path("out/radio"),
    metrics_port: MetricsOption = 9602,
) -> None:
    """Run the radio: takes frames from host tx, gives received ones to host rx."""
    with plain_errors():
        from semcom.flowgraphs.requirements import require_gnu_radio

        require_gnu_radio()
        from semcom.apps.services.loop import run_service, start_log
        from semcom.apps.services.radio_link import AirOptions, make_air
        from semcom.apps.services.radio_process.radio import RadioService
        from semcom.apps.services.start import status_point
        from semcom.link.transports.key_files import KeyRing

        start_log()
        ring = KeyRing.load(keys)
        options = AirOptions(role, confirm_transmit, source, hear_own, give_up_s, snr_db, cfo_hz, air, air_key)
        made, about = make_air(radio, options, ring, lambda line: out.print(f"  {escape(line)}"))
        try:
            point = status_point(state, metrics_port, "radio")
            service = RadioService(made, listen, ring, about)
        except BaseException:
            made.close()
            raise
        run_service(service, point, lambda: out.print(f"radio at {service.server.address}: {escape(about)}"))


def air(
    keys: KeysOption,
    listen: Annotated[str, typer.Option(help="Where radios connect.")] = AIR_ADDRESS,
    radio: Annotated[str, typer.Option(help="Channel: that of a loopback radio.")] = "loopback-awgn",
    snr_db: Annotated[float | None, typer.Option(help="Signal-to-noise ratio.", show_default="by the radio")] = None,
    cfo_hz: Annotated[float | None, typer.Option(help="Carrier offset.", show_default="by the radio")] = None,
    state: StateOption = Path("out/air"),
    metrics_port: MetricsOption = 9604,
) -> None:
    """Run a virtual air: the channel between radio processes that have no hardware."""
    with plain_errors():
        from semcom.apps.services.loop import run_service, start_log
        from semcom.apps.services.radio_process.air import AirService
        from semcom.apps.services.start import status_point
        from semcom.link.transports.key_files import KeyRing
        from semcom.sdr_configs.radio import load_loopback

        start_log()
        changes = {name: value for name, value in (("snr_db", snr_db), ("cfo_hz", cfo_hz)) if value is not None}
        settings = load_loopback(radio).with_channel(**changes)
        ring = KeyRing.load(keys)
        point = status_point(state, metrics_port, "air")
        service = AirService(settings.channel, listen, ring)
        run_service(service, point, lambda: out.print(f"air {radio} at {service.server.address}"))


@host.command()
def tx(
    keys: KeysOption,
    radio: ToRadioOption = RADIO_ADDRESS,
    radio_key: RadioKeyOption = "radio",
    watch: Annotated[
        Path | None, typer.Option(help="Send each picture that appears in this folder.", show_default="none")
    ] = None,
    listen: Annotated[str | None, typer.Option(help="Take requests here.", show_default="no requests")] = None,
    state: StateOption = Path("out/host-tx"),
    mcs: Annotated[str, typer.Option(help="Modulation and code rate; auto: by the reported SNR.")] = "qpsk-1/2",
    frame_bytes: Annotated[int, typer.Option(help="Longest link frame.")] = 256,
    system: SystemOption = "es-isc",
    budget_bytes: BudgetOption = None,
    profile: ProfileOption = None,
    without: WithoutOption = None,
    parts: PartOption = None,
    models: ModelsOption = None,
    policy: PolicyOption = DEFAULT_POLICY,
    waveform: Annotated[str, typer.Option(help="Of the radio.")] = "ofdm64",
    repeat: Annotated[int, typer.Option(help="Most transmissions of a frame.", min=1, max=16)] = 4,
    combine: Annotated[
        bool, typer.Option(help="The receiver combines transmissions; without: repeats in a more robust MCS.")
    ] = True,
    patience_s: Annotated[float, typer.Option(help="How long to wait for a receipt.")] = 10.0,
    stream: Annotated[
        int | None, typer.Option(help="Number of our stream of pictures.", min=0, max=65535, show_default="by chance")
    ] = None,
    send_names: Annotated[
        bool, typer.Option("--send-names", help="Tell the receiver each photo's file name and time: up to 84 bytes.")
    ] = False,
    until_done: Annotated[bool, typer.Option(help="End when everything has been sent.")] = False,
    metrics_port: MetricsOption = 9601,
) -> None:
    """Send pictures: from a folder that is watched, or on request (semcom push)."""
    with plain_errors():
        from semcom.apps.delivery.frame_plan import FramePlan
        from semcom.apps.delivery.outgoing import AirSettings
        from semcom.apps.report.output_folder import check_target
        from semcom.apps.services.loop import run_service, start_log
        from semcom.apps.services.sending.automatic_mcs import AutomaticMcs
        from semcom.apps.services.sending.host_tx import HostTx, TxSettings
        from semcom.apps.services.sending.picture_source import PictureSource
        from semcom.apps.services.sending.requests import PushHandler
        from semcom.apps.services.sending.sent_pictures import SentPictures
        from semcom.apps.services.start import check_watched, status_point
        from semcom.link.messages import Role
        from semcom.link.transports.client import Client
        from semcom.link.transports.key_files import KeyRing
        from semcom.phy.waveform import Waveform
        from semcom.semantic import EncodeRequest, check_request

        start_log()
        request = EncodeRequest.from_options(system, budget_bytes, profile, without, parts or (), models=models)
        check_request(request)
        carrier = Waveform.load(waveform)
        automatic = AutomaticMcs(carrier, frame_bytes) if mcs == "auto" else None
        plan = FramePlan(AirSettings(automatic.mcs if automatic else mcs, frame_bytes, policy or None), carrier)
        check_target(state, is_folder=True)
        check_watched(watch, logging.getLogger("semcom.tx"))
        ring = KeyRing.load(keys)
        stream = secrets.randbelow(1 << 16) if stream is None else stream
        sent_pictures = SentPictures(state / "journal", stream, resume=True)
        point = status_point(state, metrics_port, "tx")
        requests = state / "requests"
        desk = PushHandler(listen, ring, requests, request) if listen else None
        source = PictureSource(watch, requests, sent_pictures.is_done, request, send_names)
        service = HostTx(
            Client(radio, ring, radio_key, Role.TX, name="host tx"),
            source,
            sent_pictures,
            TxSettings(patience_s, repeat, until_done, combine),
            state,
            plan,
            desk,
            automatic,
        )
        places = ([f"pictures in {watch}"] if watch else []) + ([f"requests at {desk.server.address}"] if desk else [])
        wanted = " and ".join(places) or "no new pictures, for want of --watch or --listen"
        run_service(service, point, lambda: out.print(f"host tx: {escape(wanted)}, radio {radio}"))
        totals = sent_pictures.as_dict()["totals"]
        out.print(
            f"{counted(totals['pictures'], 'picture')}, {totals['sent']} frames sent = "
            f"{totals['delivered']} delivered + {totals['repaired']} repaired + {totals['lost']} lost"
        )


@host.command()
def rx(
    keys: KeysOption,
    out_dir: Annotated[Path, typer.Option("--out", help="Folder for results.")] = Path("out/received"),
    radio: ToRadioOption = RADIO_ADDRESS,
    radio_key: RadioKeyOption = "radio",
    state: Annotated[Path | None, typer.Option(help="Folder for journal.", show_default="OUT/.state")] = None,
    keep: Annotated[int, typer.Option(min=1, help="Results to keep; the oldest are removed.")] = 10_000,
    models: ModelsOption = None,
    seed: Annotated[int, typer.Option(help="Of what models make up.", min=0)] = 0,
    reconstructor: Annotated[
        str | None,
        typer.Option(help="Who makes the pictures, as ip-adapter,steps=8,weight=0.4.", show_default="by --models"),
    ] = None,
    metrics_port: MetricsOption = 9603,
) -> None:
    """Receive pictures into a folder; index.html shows them."""
    with plain_errors():
        from semcom.apps.report.output_folder import check_target
        from semcom.apps.services.loop import run_service, start_log
        from semcom.apps.services.receiving.host_rx import WINDOW, HostRx
        from semcom.apps.services.receiving.received_pictures import ReceivedPictures
        from semcom.apps.services.receiving.result_folders import ResultFolders
        from semcom.apps.services.start import status_point
        from semcom.link.messages import Role
        from semcom.link.transports.client import Client
        from semcom.link.transports.key_files import KeyRing
        from semcom.semantic import RequestError

        start_log()
        check_target(out_dir, is_folder=True)
        if reconstructor is not None and models is None:
            raise RequestError(f"reconstructor must come with models, got {reconstructor!r} alone: --models big")
        ring = KeyRing.load(keys)
        state = state or out_dir / ".state"
        results = _with_models(out_dir, keep, models, seed, reconstructor) if models else ResultFolders(out_dir, keep)
        pictures = ReceivedPictures(state / "frames", results.payloads, results.to_disk)
        point = status_point(state, metrics_port, "rx")
        client = Client(radio, ring, radio_key, Role.RX, window=WINDOW, name="host rx")
        service = HostRx(client, pictures, results, state)
        run_service(service, point, lambda: out.print(f"host rx: results in {escape(str(out_dir))}, radio {radio}"))


def _with_models(out_dir: Path, keep: int, models: str, seed: int, reconstructor: str | None):
    """Results whose pictures a preset's models make; one of ours serves for those that are not here."""
    from semcom.apps.services.models.model_results import ModelResults, missing_models

    for name in missing_models(models):
        out.print(f"model {escape(name)} is not here, a smaller one serves: semcom models get {escape(name)}")
    return ModelResults(out_dir, keep, models, seed, reconstructor)


def push(
    photo: Annotated[Path, typer.Argument(help="Picture or packet file.", show_default=False)],
    keys: KeysOption,
    to: Annotated[str, typer.Option(help="Name of the sending host's key in peers/.")] = "tx",
    at: Annotated[str, typer.Option(help="Its address.")] = DESK_ADDRESS,
    budget_bytes: BudgetOption = None,
    profile: ProfileOption = None,
    without: WithoutOption = None,
    timeout_s: Annotated[float, typer.Option(help="How long to wait for an answer.")] = 10.0,
) -> None:
    """Ask a sending host to send a picture; what is named here is withheld besides what the host withholds."""
    with plain_errors():
        from semcom.apps.services.sending.requests import push as ask
        from semcom.link.transports.key_files import KeyRing
        from semcom.semantic import EncodeRequest

        request = EncodeRequest.from_options(budget_bytes=budget_bytes, profile=profile, without=without)
        said = ask(photo, at, KeyRing.load(keys), to, timeout_s, request)
        out.print(f"{escape(photo.name)}: {escape(said)}")


def status(folder: Annotated[Path, typer.Argument(help="State folder of a service.", show_default=False)]) -> None:
    """Print what a running service tells about itself, as JSON."""
    with plain_errors():
        from semcom.apps.services.status import read_status

        print(json.dumps(read_status(folder), indent=2))
