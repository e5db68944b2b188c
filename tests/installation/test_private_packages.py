"""Packages of semcom's own: where they lie on the path, and that bringing them is all or nothing."""

import subprocess
import sys
from pathlib import Path

import pytest

from semcom.installation import private_packages
from semcom.installation.private_packages import FetchError, fetch


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An installation in a folder on the path, behind a script's folder and before the distribution's."""
    site = tmp_path / "site"
    shared = site / "semcom" / "private_packages"
    shared.mkdir(parents=True)
    monkeypatch.setattr(private_packages, "SHARED", shared)
    monkeypatch.setattr(private_packages, "_ROOMS", shared.parent)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setattr(sys, "path", ["/script", str(site), "/distribution", *sys.path])
    return shared


def test_they_lie_before_the_distribution_and_behind_the_script(installed: Path) -> None:
    private_packages.use()
    private_packages.use()
    assert sys.path[:4] == ["/script", str(installed), str(installed.parents[1]), "/distribution"]
    assert sys.path.count(str(installed)) == 1


def test_those_of_the_user_lie_behind_the_installations(installed: Path) -> None:
    private_packages.personal().mkdir(parents=True)
    private_packages.use()
    assert sys.path[1:3] == [str(installed), str(private_packages.personal())]
    assert private_packages.personal().name == f"python{sys.version_info.major}.{sys.version_info.minor}"


def test_nothing_is_put_there_where_there_are_none(installed: Path) -> None:
    installed.rmdir()
    private_packages.use()
    assert sys.path[:3] == ["/script", str(installed.parents[1]), "/distribution"]


def test_a_package_of_the_distribution_keeps_them_in_usr_local() -> None:
    debian, own = Path("/usr/lib/python3/dist-packages/semcom"), Path("/usr/local/lib/python3.11/dist-packages/semcom")
    python = f"python{sys.version_info.major}.{sys.version_info.minor}"
    assert private_packages.shared_folder(debian) == Path("/usr/local/lib/semcom") / python
    assert private_packages.shared_folder(own) == own / "private_packages"


@pytest.fixture
def wheels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with one small package, which pip takes from instead of an index."""
    from zipfile import ZipFile

    folder = tmp_path / "wheels"
    folder.mkdir()
    with ZipFile(folder / "semcom_probe-1.2-py3-none-any.whl", "w") as wheel:
        wheel.writestr("semcom_probe.py", "ANSWER = 42\n")
        wheel.writestr(
            "semcom_probe-1.2.dist-info/METADATA", "Metadata-Version: 2.1\nName: semcom-probe\nVersion: 1.2\n"
        )
        wheel.writestr(
            "semcom_probe-1.2.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        wheel.writestr("semcom_probe-1.2.dist-info/RECORD", "")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    return folder


def test_a_package_is_brought_where_only_semcom_finds_it(installed: Path, wheels: Path) -> None:
    (installed / "old.py").touch()
    assert fetch(["semcom-probe>=1"]) == installed
    assert not (installed / "old.py").exists()
    private_packages.use()
    import semcom_probe

    assert semcom_probe.ANSWER == 42 and semcom_probe.__file__ == str(installed / "semcom_probe.py")
    done = subprocess.run([sys.executable, "-c", "import semcom_probe"], capture_output=True, check=False)
    assert done.returncode != 0
    assert sorted(path.name for path in installed.parent.iterdir()) == ["private_packages"]


def test_what_pip_cannot_bring_changes_nothing_and_is_said(installed: Path, wheels: Path) -> None:
    (installed / "kept.py").touch()
    with pytest.raises(FetchError, match="pip could not bring semcom-probe>=2: ERROR: No matching distribution"):
        fetch(["semcom-probe>=2"])
    assert [path.name for path in installed.iterdir()] == ["kept.py"]


def test_an_installation_of_roots_leaves_the_users_own_folder(installed, wheels, monkeypatch) -> None:
    monkeypatch.setattr(private_packages.os, "access", lambda path, mode: False)
    assert fetch(["semcom-probe"]) == private_packages.personal()
    assert (private_packages.personal() / "semcom_probe.py").is_file()
