"""One trial: a photo through a system and a link and back, measured. A pure function of its row."""

from __future__ import annotations

import io
import json
import time
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from semcom.apps.delivery.outgoing import AirSettings, Outgoing, prepare
from semcom.apps.delivery.packet_items import rebuild, receiver_options
from semcom.apps.sweeps.links import chosen_mcs, deliver
from semcom.apps.sweeps.measures import quality
from semcom.apps.sweeps.rows import Row
from semcom.apps.sweeps.set_trial import bytes_by_layer, measured_set
from semcom.installation.packages import MissingPackageError
from semcom.phy.waveform import Waveform
from semcom.semantic import Analysis, EncodeRequest, analyse, load_picture
from semcom.semantic.errors import ModelError, SemanticError

COMPLETE, PARTIAL, LOST, UNAVAILABLE, FAILED = "complete", "partial", "lost", "unavailable", "failed"
ANALOG_SYSTEMS = ("linear_analog", "jscc", "jscc_19db")
"""Their gains are set for the SNR of the row, unless their configuration names one."""
KEPT_SIDE = 512


def run_trial(row: Row, keep_picture: bool = False) -> dict[str, Any]:
    """What came of a trial: the row's values, and those of `store.COLUMNS`.

    A system whose weights or packages are not there gives a row that says so, as does anything else that goes wrong:
    one trial never ends a sweep.
    """
    start = time.perf_counter()
    try:
        result = _measured(row, keep_picture)
    except (ModelError, MissingPackageError, ImportError) as error:
        result = {"outcome": UNAVAILABLE, "reason": _words(error)}
    except SemanticError as error:  # a photo that cannot be read, bytes in which a codec cannot code it
        result = {"outcome": FAILED, "reason": _words(error)}
    except Exception as error:
        result = {"outcome": FAILED, "reason": f"{type(error).__name__}: {_words(error)}"}
    return {**row.asked, **result, "seconds": round(time.perf_counter() - start, 3)}


def _measured(row: Row, keep_picture: bool) -> dict[str, Any]:
    if row.pictures:
        values, picture = measured_set(row, _request(row, row.snr_db))
        result = {"outcome": COMPLETE, "mcs": "ideal", "esno_db": row.snr_db, **values}
        return {**result, "picture": _kept(picture)} if keep_picture else result
    waveform = Waveform.load(row.waveform)
    esno_db = row.snr_db
    if row.link == "modem":
        esno_db += 10 * np.log10(waveform.fft_size / len(waveform.used_carriers))
    request = _request(row, esno_db)
    settings, mcs = _settings(row, request, waveform)
    image = _analysis(row.photo, request).picture
    outgoing = _outgoing(row.photo, request, settings, row.waveform)
    result = {"bytes": len(outgoing.packet.to_bytes()), "mcs": mcs, "esno_db": round(float(esno_db), 3)}
    result["layers"] = json.dumps(bytes_by_layer([outgoing.packet]))
    if row.cbr is not None and not outgoing.frames:
        return {**result, "outcome": LOST, "reason": "nothing fits this cbr", **quality(row.metrics, image, None)}
    came = deliver(row, outgoing, waveform, mcs)
    options = receiver_options(row.models, request.system)
    packet, rebuilt, _ = rebuild(came.payloads, came.damaged, options=options)
    picture = rebuilt.picture if rebuilt is not None else None
    if row.models and picture is not None and rebuilt.reconstructor != options.reconstructor:
        raise ModelError(f"pictures must be made by {options.reconstructor}, got {'; '.join(rebuilt.notes)}")
    whole = packet is not None and len(packet.layers) == len(outgoing.packet.layers)
    result |= {"outcome": LOST if picture is None else COMPLETE if whole else PARTIAL}
    result |= {"channel_uses": came.channel_uses, "cbr": came.channel_uses / image.size}
    result |= {"caption": rebuilt.caption.text if rebuilt is not None and rebuilt.caption is not None else ""}
    result |= quality(row.metrics, image, picture, rebuilt)
    if keep_picture and picture is not None:
        result["picture"] = _kept(picture)
    return result


def _request(row: Row, esno_db: float) -> EncodeRequest:
    request = EncodeRequest.from_options(row.system, text=row.text, models=row.models)
    if request.system in ANALOG_SYSTEMS:
        config = {"snr_db": round(float(np.clip(esno_db, -20, 40))), **request.config}
        if row.cbr is not None and row.link != "modem":
            config.setdefault("cbr", min(row.cbr, 0.5))
        request = replace(request, config=config)
    return request if row.budget_bytes is None else request.with_budget(row.budget_bytes)


@lru_cache(maxsize=4)
def _analysis(photo: str, request: EncodeRequest) -> Analysis:
    """The expensive look at a picture: once for the trials that follow each other."""
    return analyse(load_picture(Path(photo)), request)


@lru_cache(maxsize=4)
def _outgoing(photo: str, request: EncodeRequest, settings: AirSettings, waveform: str) -> Outgoing:
    """What is sent, coded once for the trials that follow each other and differ in noise alone."""
    return prepare(_analysis(photo, request), (0, 0, 1), settings, Waveform.load(waveform))


def _settings(row: Row, request: EncodeRequest, waveform: Waveform) -> tuple[AirSettings, str]:
    """How the frames of a row go, and the MCS in its result."""
    if row.link == "modem":
        mcs = chosen_mcs(row, waveform)
        return AirSettings(mcs, 1024, cbr=row.cbr), mcs
    if row.link == "gallager":
        from semcom.apps.sweeps.gallager_link import capacity_snr_db

        return AirSettings(cbr=row.cbr, capacity_snr_db=capacity_snr_db()), "gallager"
    # Of analog systems the configuration says how many symbols there are; what they need besides is counted on top.
    cbr = None if request.system in ANALOG_SYSTEMS else row.cbr
    return AirSettings(cbr=cbr, capacity_snr_db=row.snr_db), "ideal"


def _kept(picture: np.ndarray) -> bytes:
    """As a small JPEG for the page."""
    image = Image.fromarray(picture)
    image.thumbnail((KEPT_SIDE, KEPT_SIDE))
    file = io.BytesIO()
    image.save(file, "JPEG", quality=88)
    return file.getvalue()


def _words(error: Exception) -> str:
    return " ".join(str(error).split())[:300]
