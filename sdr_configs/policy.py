"""What a policy file may say: how well layers of each importance are protected, and `load_policy` that reads one."""

from __future__ import annotations

from pathlib import Path

from semcom.sdr_configs import FOLDER
from semcom.sdr_configs.errors import ConfigError
from semcom.sdr_configs.explanation import explain
from semcom.sdr_configs.schema import Field, ValidationError
from semcom.sdr_configs.settings import Settings
from semcom.sdr_configs.yaml_file import read_yaml


class ClassSettings(Settings):
    """Layers from an importance up, to that of the class above."""

    importance: int = Field(ge=0, le=7, description="least importance of the class; 7 = the last to be given up")
    margin_db: float = Field(0.0, ge=-40, le=40, description="how much deeper in the noise than the chosen scheme")
    frame_loss: float = Field(0.0, ge=0, le=0.9, description="share of frames that may be lost; parity symbols for it")
    delivery: float = Field(0.995, ge=0.5, le=0.99999, description="probability of coming whole in spite of it")


class Policy(Settings):
    """A protection policy, most important class first."""

    description: str = Field("", max_length=200)
    max_frame_ms: float | None = Field(None, gt=0, le=1000, description="longest a frame is on air, milliseconds")
    classes: tuple[ClassSettings, ...] = Field(min_length=1, max_length=8, strict=False)


POLICIES = FOLDER / "policies"


def policy_names(folder: Path = POLICIES) -> list[str]:
    """Names that `load_policy` knows."""
    return sorted(path.stem for path in folder.glob("*.yml"))


def load_policy(name_or_path: str | Path, folder: Path = POLICIES) -> Policy:
    """A policy by its name in ``sdr_configs/policies/`` or by the path of a YAML file.

    Raises
    ------
    ConfigError
        No such name, or the file says something that cannot work: key, rule and value.
    """
    text = str(name_or_path)
    if isinstance(name_or_path, Path) or "/" in text or text.endswith((".yml", ".yaml")):
        path = Path(name_or_path)
    elif text in policy_names(folder):
        path = folder / f"{text}.yml"
    else:
        known = ", ".join(policy_names(folder))
        raise ConfigError(f"policy must be one of {known} or the path of a .yml file, got {text[:60]!r}")
    try:
        return Policy.model_validate(read_yaml(path))
    except ValidationError as error:
        raise ConfigError(f"{path}: " + "; ".join(explain(entry, Policy) for entry in error.errors())) from None
