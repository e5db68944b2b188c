"""What a viewer may change while pictures go out: each value checked, each with the words that a page shows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from semcom.apps.delivery.outgoing import AirSettings
from semcom.phy.mcs import MCS_TABLE
from semcom.sdr_configs.policy import policy_names
from semcom.sdr_configs.radio import LoopbackRadio, PropagationPath
from semcom.semantic import EncodeRequest, check_request

PATHS = {
    "none": (PropagationPath(),),
    "two paths": (PropagationPath(), PropagationPath(delay_us=3.0, power_db=-3.0, phase_deg=140.0)),
    "many paths": (
        PropagationPath(),
        PropagationPath(delay_us=1.0, power_db=-1.0, phase_deg=70.0),
        PropagationPath(delay_us=3.0, power_db=-3.0, phase_deg=200.0),
        PropagationPath(delay_us=6.0, power_db=-6.0, phase_deg=310.0),
    ),
}
"""Shapes of the channel between sender and receiver; delays stay within the guard interval."""


AUTOMATIC = "automatic"
"""MCS by the SNR that the receiver measured."""
FIRST_MCS = "qpsk-1/2"
"""Before anything was measured."""
MARGIN_DB = 3.0
"""Between what was measured and what an MCS needs: fading, and what the next burst may be like."""
QUICK = (
    "es-isc,scene_base_most_bytes=0,scene_quick=true",
    (
        "segmenter=everyday,mirror=false,largest_side_px=448",
        "detailer=boundaries,mirror=false",
        "captioner=composed",
    ),
)
"""For a camera: networks that need no backbone, a look less at each, and the scene in one layer, coded once."""
QUICK_BYTES = 1000
"""Of a camera's picture, where no budget is set."""
NO_INTERFERENCE_DB = -40.0
SKIPPABLE = ("caption", "objects", "class_map", "detail_map", "sub_image", "close_ups")
"""Kinds of layers, and the close-ups among the small pictures."""


class LiveSettings(BaseModel):
    """Settings of a live link. The channel's are those of a loopback; a real radio has the one it has."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    snr_db: float = Field(10.0, ge=-12, le=40, description="SNR, dB: mean burst power over noise variance")
    cfo_hz: float = Field(1200.0, ge=-15000, le=15000, description="carrier offset, Hz")
    paths: Literal["none", "two paths", "many paths"] = Field("none", description="multipath")
    doppler_hz: float = Field(0.0, ge=0, le=300, description="Rayleigh fading: largest Doppler shift, Hz; 0: none")
    interference_db: float = Field(
        NO_INTERFERENCE_DB, ge=NO_INTERFERENCE_DB, le=20, description="a tone over the burst power, dB; -40: none"
    )
    interference_hz: float = Field(100_000.0, ge=-500_000, le=500_000, description="its distance from the carrier, Hz")
    mcs: str = Field("qpsk-1/2", max_length=16, description="MCS of what is neither better nor worse protected")
    policy: str = Field("layered", max_length=32, description="protection by importance")
    budget_bytes: int = Field(0, ge=0, le=200_000, description="bytes of a packet; 0: the system's own choice")
    skip: str = Field("", max_length=200, description="layers not to send, such as detail_map,close_ups")
    without: str = Field("", max_length=200, description="categories never to send, such as person,vehicle")
    profile: str = Field("", max_length=32, description="what bytes are for; empty: the system's own")
    rival: bool = Field(False, description="send the photo as AVIF, too, in the same airtime")
    texture: bool = Field(False, description="let the generator make up texture where none came")

    @field_validator("mcs")
    @classmethod
    def _mcs_exists(cls, value: str) -> str:
        if value not in (AUTOMATIC, *MCS_TABLE):
            raise ValueError(f"must be one of {', '.join((AUTOMATIC, *MCS_TABLE))}")
        return value

    @field_validator("skip")
    @classmethod
    def _layers_exist(cls, value: str) -> str:
        unknown = sorted(set(filter(None, value.split(","))) - set(SKIPPABLE))
        if unknown:
            raise ValueError(f"must name some of {', '.join(SKIPPABLE)}, not {unknown[0]}")
        return value

    @field_validator("policy")
    @classmethod
    def _policy_exists(cls, value: str) -> str:
        if value not in policy_names():  # names only: a viewer must not point at files
            raise ValueError(f"must be one of {', '.join(policy_names())}")
        return value

    def changed(self, changes: dict[str, Any]) -> LiveSettings:
        """Other settings; raises `pydantic.ValidationError` or `SemanticError` where they cannot be."""
        settings = LiveSettings.model_validate({**self.model_dump(), **changes})
        check_request(settings.request())
        return settings

    def with_mcs_for(self, snr_db: float | None, thresholds_db: Mapping[str, float]) -> LiveSettings:
        """Where the MCS is to be chosen: the fastest that `snr_db` carries with `MARGIN_DB` to spare.

        Parameters
        ----------
        snr_db : float or None
            As the receiver has measured it; None before anything came.
        thresholds_db : mapping
            SNR at which each MCS has PER 1 %, most robust first.
        """
        if self.mcs != AUTOMATIC:
            return self
        fitting = [name for name in thresholds_db if snr_db is not None and thresholds_db[name] + MARGIN_DB <= snr_db]
        chosen = max(fitting, key=lambda name: thresholds_db[name], default=FIRST_MCS if snr_db is None else "")
        return self.model_copy(update={"mcs": chosen or min(thresholds_db, key=lambda name: thresholds_db[name])})

    def skipped(self) -> frozenset[str]:
        """Layers not to send: names of `SKIPPABLE`."""
        return frozenset(filter(None, self.skip.split(",")))

    def request(self, quick: bool = False) -> EncodeRequest:
        """How pictures are encoded; `quick`: by the small networks. Raises `RequestError` where a name is unknown."""
        system, parts = QUICK if quick else ("es-isc", ())
        budget_bytes = self.budget_bytes or (QUICK_BYTES if quick else None)
        return EncodeRequest.from_options(system, budget_bytes, self.profile or None, self.without or None, parts)

    def air(self) -> AirSettings:
        """How frames go on air."""
        return AirSettings(mcs=self.mcs, policy=self.policy)

    def channel_of(self, radio: LoopbackRadio) -> LoopbackRadio:
        """The loopback with this channel."""
        paths = [path.model_dump() for path in PATHS[self.paths]]
        return radio.with_channel(snr_db=self.snr_db, cfo_hz=self.cfo_hz, paths=paths)


def choices() -> dict[str, list[str]]:
    """What a page offers for the settings that are names."""
    return {
        "mcs": [AUTOMATIC, *MCS_TABLE],
        "skip": list(SKIPPABLE),
        "policy": policy_names(),
        "paths": list(PATHS),
        "profile": ["", "meaning", "pixels", "tasks"],
    }
