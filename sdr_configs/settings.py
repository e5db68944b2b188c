"""What every part of a radio file has in common."""

from __future__ import annotations

from semcom.sdr_configs.schema import BaseModel, ConfigDict


class Settings(BaseModel):
    """Common to all parts of a radio file: nothing unknown, nothing converted, no NaN, nothing changed afterwards."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False)
