"""What is said and what serves where networks cannot be made."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from semcom.semantic.errors import ModelError
from semcom.semantic.nets import learned as parts


def test_a_missing_package_is_a_sentence_with_a_command(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    monkeypatch.setattr(parts, "missing", lambda purpose: asked.append(purpose))
    with pytest.raises(ModelError, match="need torch and safetensors: pip install"), parts.learned("names in pictures"):
        raise ImportError("no torch")
    monkeypatch.setattr(parts, "missing", lambda _: "torch is needed: scripts/setup demo")
    with pytest.raises(ModelError, match="scripts/setup demo"), parts.learned():
        raise ImportError("no torch")
    assert asked == ["names in pictures"]


def test_other_errors_are_let_through() -> None:
    with pytest.raises(ZeroDivisionError), parts.learned():
        _ = 1 / 0


def test_the_small_part_serves_and_says_why() -> None:
    def none() -> None:
        raise ModelError("no backbone")

    assert parts.or_small(lambda: 7, none, "detailer") == 7
    served = parts.or_small(none, SimpleNamespace, "detailer")
    assert served.note == "the small detailer serves: no backbone"
    with pytest.raises(ModelError, match="no backbone"):
        parts.or_small(none, none, "detailer")
