"""Options of services from a file and the environment: option, environment, file, default; nothing unknown passes."""

from __future__ import annotations

from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from semcom.apps.cli import app as semcom
from semcom.apps.commands.services.configuration import ConfigOption


@pytest.fixture
def file(tmp_path: Path, monkeypatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path / "semcom.yml"


def invoke(*arguments: str, **environment: str) -> Result:
    """A program with a command `listen` beside a group with `host tx`, whose option values are printed."""
    app, host = typer.Typer(), typer.Typer()
    app.add_typer(host, name="host")

    @host.command()
    def tx(
        level_db: float = 1.0,
        count: int = typer.Option(1, min=1),
        far: bool = typer.Option(False, "--far"),
        out_dir: str = typer.Option("", "--out"),
        parts: list[str] = typer.Option((), "--part"),  # noqa: B008 (typer's way)
        config: ConfigOption = None,
    ) -> None:
        print(level_db, count, far, out_dir, "+".join(parts or ()))

    app.command()(lambda: None)
    return CliRunner().invoke(app, ["host", "tx", *arguments], env=environment)


def test_option_before_environment_before_file_before_default(file: Path) -> None:
    file.write_text("host tx:\n  count: 2\n")
    given = ("--config", str(file))
    assert invoke().stdout.split()[1] == "1"
    assert invoke(*given).stdout.split()[1] == "2"
    assert invoke(*given, SEMCOM_HOST_TX_COUNT="3").stdout.split()[1] == "3"
    assert invoke(*given, "--count", "4", SEMCOM_HOST_TX_COUNT="3").stdout.split()[1] == "4"
    assert invoke(SEMCOM_CONFIG=str(file)).stdout.split()[1] == "2"


def test_values_are_read_as_if_they_had_been_typed(file: Path) -> None:
    file.write_text("host tx:\n  level_db: 2.4e9\n  far: yes\n  out: 7\n  part: [a=1, b=2]\n")
    assert invoke("--config", str(file)).stdout.split() == ["2400000000.0", "1", "True", "7", "a=1+b=2"]
    told = invoke(SEMCOM_HOST_TX_PART="a=1,b=2", SEMCOM_HOST_TX_FAR="true", SEMCOM_HOST_TX_OUT="x").stdout
    assert told.split() == ["1.0", "1", "True", "x", "a=1+b=2"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("host tx:\n  cuont: 2\n", "host tx: 'cuont' is no option here; do you mean count?"),
        ("host tx:\n  out_dir: x\n", "'out_dir' is no option here"),
        ("host tx:\n  zzz: 2\n", "'zzz' is no option here; known: count, far, level_db, out, part"),
        ("host xt:\n  count: 2\n", "'host xt' is no service here; do you mean host tx?"),
        ("host tx: 3\n", "host tx must hold keys and values, got 3"),
        ("host tx:\n  count: 2.5\n", "count: "),
        ("host tx:\n  count: 0\n", "count: "),
        ("host tx:\n  count: [1, 2]\n", "count must be one value, got [1, 2]"),
        ("host tx:\n  count:\n", "count must be a value, got None"),
        ("host tx:\n  part: [[a]]\n", "part must be a value"),
        ("host tx:\n  count: 1\n  count: 2\n", "key 'count' must be given once"),
        ("host tx: !!python/object/apply:os.system [touch ran]\n", "could not determine a constructor"),
        ("host tx:\n  config: x\n", "'config' is no option here"),
    ],
)
def test_what_is_wrong_is_said_with_file_and_key(file: Path, text: str, said: str) -> None:
    file.write_text(text)
    done = invoke("--config", str(file))
    assert done.exit_code == 2 and said in done.stderr and str(file) in done.stderr, done.output
    assert done.stderr.count("\n") == 1 and not (file.parent / "ran").exists()


def test_a_misspelt_variable_is_no_secret(file: Path) -> None:
    done = invoke(SEMCOM_HOST_TX_COUN="2")
    assert done.exit_code == 2
    assert "environment SEMCOM_HOST_TX_COUN: 'coun' is no option here; do you mean count?" in done.stderr
    assert invoke(SEMCOM_HOST_RX_COUN="2").exit_code == 0
    assert "cannot be read" in invoke("--config", "none.yml").stderr


@pytest.mark.parametrize("words", [("radio",), ("air",), ("host", "tx"), ("host", "rx"), ("push", "a.png")])
def test_every_service_takes_its_options_from_a_file(file: Path, words: tuple[str, ...]) -> None:
    """The keys are not there, and the file named them: the command got that far without an option."""
    name = " ".join(words[:2] if words[0] == "host" else words[:1])
    file.write_text(f"{name}:\n  keys: {file.parent}/nowhere\n")
    Path("a.png").write_bytes(b"x")
    done = CliRunner().invoke(semcom, [*words, "--config", str(file)])
    assert done.exit_code == 2 and "nowhere/secret.key: cannot be read" in done.stderr, done.output
