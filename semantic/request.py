"""What is wanted of a picture: one value that travels unchanged from whoever asks to the system.

```
command line, watched folder, push, GRC block, Python ─► EncodeRequest ─► api.analyse ─► System.analyse, System.code
```

Who sends (stream, group, picture) is not in it: the session gives that. Nor is the device: the host gives it.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any

from semcom.semantic.errors import RequestError
from semcom.semantic.request_fields import (
    MAX_NAME_CHARACTERS,
    MAX_NAMES,
    FrozenMapping,
    Scalar,
    checked_config,
    checked_integer,
    checked_name,
    checked_names,
    json_object,
    read_json,
    shown,
)

MAX_JSON_BYTES = 4096
MAX_BUDGET_BYTES = (1 << 31) - 1
MAX_SEED = (1 << 32) - 1
TEXTS = ("coded", "soft")


@dataclass(frozen=True)
class PartChoice:
    """Which part does a job, and how it is configured.

    Attributes
    ----------
    name : str
        From `registry.names(kind)`.
    config : mapping of str to str, int, float or bool
        What the part's class takes; the registry refuses keys that the part does not know.

    Raises
    ------
    RequestError
        A name or a value out of its range.
    """

    name: str
    config: Mapping[str, Scalar] = field(default_factory=FrozenMapping)

    def __post_init__(self) -> None:
        checked_name("name of a part", self.name)
        object.__setattr__(self, "config", checked_config(f"config of {self.name}", self.config))


@dataclass(frozen=True)
class EncodeRequest:
    """What is wanted of a picture.

    Attributes
    ----------
    system : str
        From `registry.names("systems")`.
    parts : mapping of str to PartChoice
        By kind in the singular (``segmenter``, ``detailer``); a kind that is not named is left to the system.
    config : mapping of str to str, int, float or bool
        Of the system itself.
    budget_bytes : int or None
        Most bytes of the packet; None leaves it to the system.
    profile : str or None
        What bytes are for, of a system that knows profiles; None is its default.
    without : tuple of str
        Categories or groups that must not be sent, in the order in which they were named. One string is one name.
    seed : int
        Of parts that draw random numbers.
    text : str
        How sentences travel: ``coded`` (few bytes, whole or not at all) or ``soft`` (plain characters whose bits may
        come damaged, repaired at the receiver).
    models : str or None
        Preset of models (docs/models.md): the parts it names serve where `parts` names none; None is ours alone.

    Raises
    ------
    RequestError
        A value out of its range. Whether names are known is checked where they are used: `api.check_request`.
    """

    system: str = "es-isc"
    parts: Mapping[str, PartChoice] = field(default_factory=FrozenMapping)
    config: Mapping[str, Scalar] = field(default_factory=FrozenMapping)
    budget_bytes: int | None = None
    profile: str | None = None
    without: tuple[str, ...] = ()
    seed: int = 0
    text: str = "coded"
    models: str | None = None

    def __post_init__(self) -> None:
        checked_name("system", self.system)
        object.__setattr__(self, "parts", _checked_parts(self.parts))
        object.__setattr__(self, "config", checked_config("config", self.config))
        object.__setattr__(self, "without", checked_names("without", self.without))
        if self.budget_bytes is not None:
            number = checked_integer("budget_bytes", self.budget_bytes, 1, MAX_BUDGET_BYTES)
            object.__setattr__(self, "budget_bytes", number)
        if self.profile is not None:
            checked_names("profile", (self.profile,))
        if self.text not in TEXTS:
            raise RequestError(f"text must be one of {', '.join(TEXTS)}, got {shown(self.text)}")
        object.__setattr__(self, "seed", checked_integer("seed", self.seed, 0, MAX_SEED))
        if self.models is not None:
            checked_name("models", self.models)

    @classmethod
    def from_options(
        cls,
        system: str = "es-isc",
        budget_bytes: int | None = None,
        profile: str | None = None,
        without: str | None = None,
        parts: Iterable[str] = (),
        text: str = "coded",
        models: str | None = None,
    ) -> EncodeRequest:
        """The request of options as people type them: names between commas; empty text and no bytes say nothing.

        A system is a name, or ``NAME,key=value`` with its configuration. A part is ``segmenter=NAME``,
        or ``segmenter=NAME,key=value``. Every command, service and block builds its request here.
        """
        names = (name.strip() for name in (without or "").split(","))
        choice = typed_part("system", system)
        return cls(
            system=choice.name,
            config=choice.config,
            budget_bytes=budget_bytes or None,
            profile=profile or None,
            without=tuple(name for name in names if name),
            parts=_typed_parts(parts),
            text=text,
            models=models or None,
        )

    def with_budget(self, budget_bytes: int | None) -> EncodeRequest:
        """The same request with another budget."""
        return replace(self, budget_bytes=budget_bytes)

    def adding(self, other: EncodeRequest) -> EncodeRequest:
        """This request as a guest may change it: a profile, a smaller budget, more that must not be sent.

        A guest's request never removes privacy and never names systems or parts, whose configuration may name files,
        nor how text travels.

        Raises
        ------
        RequestError
            The guest asks for another system, for parts, a configuration, another form of text or a seed.
        """
        default = EncodeRequest()
        if other.system not in (default.system, self.system):
            raise RequestError(f"system is decided by the sending host ({self.system}), got {other.system!r}")
        for name in ("parts", "config", "text", "seed", "models"):
            if getattr(other, name) != getattr(default, name):
                raise RequestError(f"{name} is decided by the sending host, got {shown(getattr(other, name))}")
        budgets = [budget for budget in (self.budget_bytes, other.budget_bytes) if budget is not None]
        return replace(
            self,
            budget_bytes=min(budgets, default=None),
            profile=other.profile or self.profile,
            without=tuple(dict.fromkeys((*self.without, *other.without))),
        )

    def to_json(self) -> str:
        """What differs from the defaults, as a JSON object on one line.

        Raises
        ------
        RequestError
            Longer than `MAX_JSON_BYTES`.
        """
        told: dict[str, Any] = {}
        for entry in fields(self):
            value = getattr(self, entry.name)
            if value != getattr(_DEFAULT, entry.name) or entry.name == "system":
                told[entry.name] = value
        if "parts" in told:
            told["parts"] = {kind: {"name": c.name, "config": dict(c.config)} for kind, c in self.parts.items()}
        if "config" in told:
            told["config"] = dict(self.config)
        text = json.dumps(told, allow_nan=False)
        if len(text) > MAX_JSON_BYTES:
            raise RequestError(f"request must be at most {MAX_JSON_BYTES} bytes as JSON, got {len(text)}")
        return text

    @classmethod
    def from_json(cls, text: str | bytes) -> EncodeRequest:
        """Read what `to_json` wrote; what is not there has its default.

        Raises
        ------
        RequestError
            Too long, no JSON object, a key that is not known or comes twice, a value out of its range.
        """
        if len(text) > MAX_JSON_BYTES:
            raise RequestError(f"request must be at most {MAX_JSON_BYTES} bytes as JSON, got {len(text)}")
        values = json_object("request", read_json(text), {entry.name for entry in fields(cls)})
        if isinstance(values.get("parts"), dict):
            chosen = {k: json_object(f"part {shown(k)}", v, {"name", "config"}) for k, v in values["parts"].items()}
            for kind, choice in chosen.items():
                if "name" not in choice:
                    raise RequestError(f"part {shown(kind)} must have a name")
            values["parts"] = {kind: PartChoice(**choice) for kind, choice in chosen.items()}
        if isinstance(values.get("without"), list):
            values["without"] = tuple(values["without"])
        return cls(**values)


@dataclass(frozen=True)
class DecodeOptions:
    """How a picture is rebuilt from a packet.

    Attributes
    ----------
    reconstructor : str
        ``best`` takes the best one that works here; docs/reconstruction.md. With configuration: ``NAME,KEY=VALUE``.
    texture : float
        Of reconstructors that generate: 0 for what is likeliest, up to 1 for made-up texture.
    seed : int
        Of the texture.
    max_pixels : int or None
        Larger pictures are rebuilt smaller; None is the reconstructor's own limit.
    """

    reconstructor: str = "best"
    texture: float = 0.0
    seed: int = 0
    max_pixels: int | None = None


def typed_part(kind: str, text: str) -> PartChoice:
    """A part of one kind as people type it: ``NAME`` or ``NAME,key=value``."""
    return _typed_parts((f"{kind}={text}",))[kind]


def _typed_parts(texts: Iterable[str]) -> dict[str, PartChoice]:
    chosen: dict[str, PartChoice] = {}
    for text in texts:
        (kind, name), *config = ([side.strip() for side in pair.partition("=")[::2]] for pair in text.split(","))
        if not kind or not name or kind in chosen or not all(map(all, config)):
            raise RequestError(f"part must be KIND=NAME or KIND=NAME,KEY=VALUE, each kind once, got {shown(text)}")
        chosen[kind] = PartChoice(name, {key: _typed_value(value) for key, value in config})
    return chosen


def _typed_value(text: str) -> Scalar:
    """A number or a bool where the text is one."""
    if text in ("true", "false"):
        return text == "true"
    for kind in (int, float):
        with contextlib.suppress(ValueError):
            return kind(text)
    return text


def _checked_parts(parts: Any) -> FrozenMapping:
    if not isinstance(parts, Mapping) or len(parts) > MAX_NAMES:
        raise RequestError(f"parts must map at most {MAX_NAMES} kinds to choices, got {shown(parts)}")
    for kind, choice in parts.items():
        if not isinstance(kind, str) or not kind.isidentifier() or len(kind) > MAX_NAME_CHARACTERS:
            raise RequestError(f"kind of part must be a word such as segmenter, got {shown(kind)}")
        if not isinstance(choice, PartChoice):
            raise RequestError(f"part {kind} must be a PartChoice, got {shown(choice)}")
    return FrozenMapping(parts)


_DEFAULT = EncodeRequest()
