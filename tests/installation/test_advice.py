"""Which command brings what is missing, for each kind of Python."""

import sys
from types import SimpleNamespace

import pytest

from semcom.installation import advice

NUMBA = SimpleNamespace(project="numba", at_least="0.56", debian="python3-numba")
PYDANTIC = SimpleNamespace(project="pydantic", at_least="2.10", debian="python3-pydantic")
HEIF = SimpleNamespace(project="pillow-heif", at_least="1.0", debian="python3-pillow-heif")
POLICY = """python3-numba:
  Installed: (none)
  Candidate: 1:0.56.4+dfsg-2
  Version table:
     0.56.4+dfsg-2 500
python3-pydantic:
  Installed: 1.10.4-1
  Candidate: 1.10.4-1
python3-none:
  Candidate: (none)
"""
"""As apt-cache prints it on Debian 12."""


@pytest.fixture
def debian(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(advice.shutil, "which", lambda name: f"/usr/bin/{name}")
    monkeypatch.setattr(advice, "_is_distribution_python", lambda: True)
    monkeypatch.setattr(sys, "prefix", sys.base_prefix)
    monkeypatch.setattr(advice, "can_run_pip", lambda: True)
    monkeypatch.setattr(advice.subprocess, "run", lambda *_, **__: SimpleNamespace(stdout=POLICY))


def test_apt_is_named_for_what_it_has_new_enough_and_our_own_for_the_rest(debian: None) -> None:
    assert advice.command_for([NUMBA]) == "sudo apt install python3-numba"
    own = f"sudo {sys.executable} -m semcom.installation --fetch"
    assert advice.command_for([PYDANTIC, HEIF]) == f"{own} pydantic pillow-heif"
    assert advice.command_for([PYDANTIC, NUMBA]) == f"sudo apt install python3-numba && {own} pydantic"


def test_pip_itself_comes_with_apt_where_it_is_needed_and_missing(debian, monkeypatch) -> None:
    monkeypatch.setattr(advice, "can_run_pip", lambda: False)
    assert advice.command_for([NUMBA]) == "sudo apt install python3-numba"
    assert advice.command_for([PYDANTIC]).startswith("sudo apt install python3-venv && sudo ")


def test_an_epoch_and_a_suffix_of_debian_are_no_part_of_the_version(debian: None) -> None:
    assert advice.apt_candidates(["python3-numba"]) == {
        "python3-numba": "0.56.4+dfsg-2",
        "python3-pydantic": "1.10.4-1",
    }
    assert advice.numbers("0.56.4+dfsg-2") == (0, 56, 4)
    assert advice.numbers("") == ()


def test_an_environment_gets_its_own_pip(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "prefix", "/somewhere/.venv")
    assert advice.command_for([NUMBA, HEIF]) == f"{sys.executable} -m pip install 'numba>=0.56' 'pillow-heif>=1.0'"


def test_a_computer_without_apt_gets_pip(debian, monkeypatch) -> None:
    monkeypatch.setattr(advice.shutil, "which", lambda name: None)
    assert advice.command_for([NUMBA]) == f"{sys.executable} -m pip install 'numba>=0.56'"
    assert advice.apt_candidates(["python3-numba"]) == {}
