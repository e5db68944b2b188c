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
