"""`semcom host tx`: the sending host."""

from __future__ import annotations

import logging
import secrets
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from semcom.apps.commands.console import counted, out, plain_errors
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
from semcom.apps.commands.services.configuration import ConfigOption
from semcom.apps.commands.services.opening import open_service
from semcom.apps.commands.services.options import (
    RADIO_ADDRESS,
    FrameKeyOption,
    KeysOption,
    LogFormatOption,
    LogLevelOption,
    MetricsOption,
    RadioKeyOption,
    StateOption,
    ToRadioOption,
)
from semcom.apps.services.service_log import LogFormat, LogLevel


def tx(
    keys: KeysOption,
    radio: ToRadioOption = RADIO_ADDRESS,
    radio_key: RadioKeyOption = "radio",
    watch: Annotated[
        Path | None, typer.Option(help="Send each picture that appears in this folder.", show_default="none")
    ] = None,
    listen: Annotated[str | None, typer.Option(help="Take requests here.", show_default="no requests")] = None,
    state: StateOption = None,
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
    frame_key: FrameKeyOption = None,
    send_names: Annotated[
        bool, typer.Option("--send-names", help="Tell the receiver each photo's file name and time: up to 84 bytes.")
    ] = False,
    until_done: Annotated[bool, typer.Option(help="End when everything has been sent.")] = False,
    metrics_port: MetricsOption = 9601,
    log_level: LogLevelOption = LogLevel.INFO,
    log_format: LogFormatOption = LogFormat.TEXT,
    config: ConfigOption = None,
) -> None:
    """Send pictures: from a folder that is watched, or on request (semcom push)."""
    with plain_errors():
        from semcom.apps.delivery.frame_plan import FramePlan
        from semcom.apps.delivery.outgoing import AirSettings
        from semcom.apps.report.output_folder import check_target
        from semcom.apps.services.sending.automatic_mcs import AutomaticMcs
        from semcom.apps.services.sending.host_tx import HostTx, TxSettings
        from semcom.apps.services.sending.picture_source import PictureSource
        from semcom.apps.services.sending.requests import PushHandler
        from semcom.apps.services.sending.sent_pictures import SentPictures
        from semcom.apps.services.start import check_watched
        from semcom.link.frame_seal import SEAL_BYTES
        from semcom.link.messages import Role
        from semcom.phy.waveform import Waveform
        from semcom.semantic import EncodeRequest, check_request

        opening = open_service("host-tx", keys, state, metrics_port, log_level, log_format)
        state = opening.state
        request = EncodeRequest.from_options(system, budget_bytes, profile, without, parts or (), models=models)
        check_request(request)
        longest = frame_bytes - SEAL_BYTES if frame_key else frame_bytes
        carrier = Waveform.load(waveform)
        automatic = AutomaticMcs(carrier, frame_bytes) if mcs == "auto" else None
        plan = FramePlan(AirSettings(automatic.mcs if automatic else mcs, longest, policy or None), carrier)
        check_target(state, is_folder=True)
        check_watched(watch, logging.getLogger("semcom.tx"))
        sent_pictures = SentPictures(
            state / "journal", secrets.randbelow(1 << 16) if stream is None else stream, resume=True
        )

        def make() -> HostTx:
            requests = state / "requests"
            handler = PushHandler(listen, opening.ring, requests, request) if listen else None
            source = PictureSource(watch, requests, sent_pictures.is_done, request, send_names)
            client = opening.client(Role.TX, radio, radio_key, frame_key)
            settings = TxSettings(patience_s, repeat, until_done, combine)
            return HostTx(client, source, sent_pictures, settings, state, plan, handler, automatic)

        def ready(service: HostTx) -> str:
            places = [f"pictures in {watch}"] if watch else []
            places += [f"requests at {service.desk.server.address}"] if service.desk else []
            wanted = " and ".join(places) or "no new pictures, for want of --watch or --listen"
            return f"host tx: {escape(wanted)}, radio {radio}"

        opening.run(make, ready)
        totals = sent_pictures.as_dict()["totals"]
        out.print(
            f"{counted(totals['pictures'], 'picture')}, {totals['sent']} frames sent = "
            f"{totals['delivered']} delivered + {totals['repaired']} repaired + {totals['lost']} lost"
        )
