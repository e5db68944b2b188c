"""A SigMF recording in the place of a radio."""

from __future__ import annotations

from typing import Literal

from semcom.sdr_configs.real_radio import RealRadio
from semcom.sdr_configs.schema import Field


class SigmfRadio(RealRadio):
    """Receives from a recording, transmits into one. When replaying, the recording's own sample rate counts."""

    driver: Literal["sigmf"]
    recording: str = Field("", max_length=1000, description="path; .sigmf-meta and .sigmf-data are put to its stem")
    center_freq_hz: float = Field(0.0, ge=0, le=300e9, description="noted in what is written; 0: unknown")
    overwrite: bool = Field(False, description="true: what is written may replace a recording of this name")
    recorded_rate_hz: float = Field(0.0, ge=0, le=1e9, description="of a recording that is read; 0: as it says itself")
    datatype: str = Field("", max_length=20, description="the same: cf32_le, ci16_le, cu8, ...; empty: as it says")
    center_offset_hz: float = Field(0.0, ge=-500e6, le=500e6, description="signal above the middle of the recording")
