"""Tiny checkpoints, made once for all tests here, in one folder of models; and no way to any network."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from semcom.semantic import registry
from semcom.semantic.backends.catalogue import ENVIRONMENT
from semcom.semantic.backends.runtime import library
from semcom.semantic.errors import ModelError

from .tiny_models import make_tiny_models


@pytest.fixture(scope="session")
def libraries() -> None:
    """Transformers and diffusers, offline."""
    try:
        library("transformers"), library("diffusers")
    except ModelError as error:
        pytest.skip(f"models of others are needed: scripts/setup pretrained ({error})")


@pytest.fixture(scope="session")
def tiny_models(tmp_path_factory: pytest.TempPathFactory, libraries: None) -> Path:
    """A folder of models, each under its name in the catalogue."""
    return make_tiny_models(tmp_path_factory.mktemp("models"))


@pytest.fixture
def models(tiny_models: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The same, where models are looked for."""
    monkeypatch.setenv(ENVIRONMENT, str(tiny_models))
    registry.clear_cache()
    yield tiny_models
    registry.clear_cache()


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever asks for a connection or for a name fails."""

    def refuse(*arguments: object, **options: object) -> None:
        raise AssertionError(f"nothing here may use a network, got {arguments[1:]}")

    for name in ("connect", "connect_ex", "sendto"):
        monkeypatch.setattr(socket.socket, name, refuse)
    monkeypatch.setattr(socket, "getaddrinfo", lambda *a, **k: refuse(None, *a))
    monkeypatch.setattr(socket, "create_connection", lambda *a, **k: refuse(None, *a))
