"""A package that is missing is one sentence with the command."""

import pytest

from semcom.apps.sweeps import requirements
from semcom.semantic.errors import ModelError


def test_a_missing_package_is_named(monkeypatch):
    monkeypatch.setattr(requirements, "PACKAGES", ("json", "no_such_package"))
    with pytest.raises(ModelError, match=r'sweeps need no_such_package: pip install "gr-semcom\[sweep\]"'):
        requirements.require_sweep_packages()
