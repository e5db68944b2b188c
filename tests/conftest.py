"""Fixtures shared by all rooms."""

import os
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")  # as the command line does: sums then round alike in every process

import numpy as np
import pytest
from hypothesis import HealthCheck, settings

from .plug_ins import install  # noqa: F401
from .required import pytest_make_collect_report, pytest_runtest_makereport  # noqa: F401

# On a busy machine what is slow is not wrong.
settings.register_profile("busy_machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("busy_machine")

REPOSITORY = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session", autouse=True)
def own_state_home(tmp_path_factory: pytest.TempPathFactory):
    """Services whose state folder no test names: each process of the tests has its own, as they lock it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_STATE_HOME", str(tmp_path_factory.mktemp("state")))
        yield


@pytest.fixture(scope="session")
def repository() -> Path:
    return REPOSITORY


@pytest.fixture(scope="session")
def shared_dir() -> Path:
    """Reference data beside the checkout (or where SEMCOM_SHARED points); tests that need it skip without it."""
    path = Path(os.environ.get("SEMCOM_SHARED", REPOSITORY.parent / "shared"))
    if not (path / "data").is_dir():
        pytest.skip(f"no reference data in {path}: SEMCOM_SHARED=FOLDER make test, where FOLDER has data/")
    return path


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(20260101)
