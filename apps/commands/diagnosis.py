"""What `semcom doctor` looks at: each finding says what is there, and what to do where something is missing."""

from __future__ import annotations

import grp
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path

from semcom.installation import PARTS, kernel_cache, packages, report
from semcom.installation.packages import missing

OK, NOTE, PROBLEM = "ok", "note", "problem"

USB_RADIOS = {
    ("0456", "b673"): ("ADALM-Pluto", "53-adi-plutosdr-usb.rules of libiio or the Pluto's own drive"),
    ("2500", "0020"): ("USRP B200/B210", "60-uhd-host.rules of package uhd-host"),
    ("2500", "0022"): ("USRP B200mini", "60-uhd-host.rules of package uhd-host"),
    ("0bda", "2838"): ("RTL-SDR", "60-librtlsdr.rules of package librtlsdr0"),
    ("0bda", "2832"): ("RTL-SDR", "60-librtlsdr.rules of package librtlsdr0"),
    ("1d50", "6089"): ("HackRF One", "60-libhackrf.rules of package libhackrf0"),
    ("0403", "601f"): ("LimeSDR-USB", "64-limesuite.rules of package limesuite-udev"),
}


@dataclass(frozen=True)
class Finding:
    """One line of the doctor's. ``remedy`` is empty where nothing is to be done."""

    level: str
    name: str
    words: str
    remedy: str = ""


def diagnose(search: bool = True) -> Iterator[Finding]:
    """All findings, one after another; ``search`` also looks for radios, which takes seconds."""
    yield from _software()
    yield from installation()
    yield from _grc_blocks()
    yield from companion()
    yield from _libraries()
    if search:
        yield from _radios()
    yield from usb_permissions()
    yield from _models()
    yield from plug_ins()
    yield from _network()


def _software() -> Iterator[Finding]:
    yield Finding(OK, "Python", f"{sys.version.split()[0]} at {sys.executable}")
    numpy_version = version("numpy")
    done = _python("from gnuradio import gr; print(gr.version())")
    if done.returncode == 0:
        yield Finding(OK, "GNU Radio", f"{done.stdout.strip()}, beside numpy {numpy_version}")
        return
    clash = "numpy" in done.stderr and "multiarray" in done.stderr
    remedy = (
        "this GNU Radio was built for numpy 1: pip install 'numpy<2'"
        if clash
        else "apt-get install gnuradio, and make the environment with --system-site-packages"
    )
    last = (done.stderr.strip().splitlines() or ["no message"])[-1]
    yield Finding(PROBLEM, "GNU Radio", f"does not import beside numpy {numpy_version}: {last}", remedy)


def installation() -> Iterator[Finding]:
    """Where semcom lies, what its parts lack, and whether compiled kernels are kept from one start to the next."""
    yield Finding(OK, "semcom", f"in {Path(packages.__file__).resolve().parents[1]}")
    for part in PARTS:
        sentence = missing(part)
        if sentence:
            words, _, remedy = sentence.rpartition(": ")
            yield Finding(NOTE, part, words, remedy)
    for folder, held in report.private():
        yield Finding(OK, "private packages", f"{', '.join(held)} in {folder}")
    kept = kernel_cache.folder()
    if kept is None:
        remedy = "set NUMBA_CACHE_DIR to a folder that this user can write"
        yield Finding(NOTE, "compiled kernels", "cannot be kept, each start takes ten seconds more", remedy)
    else:
        yield Finding(OK, "compiled kernels", f"kept below {kept}")


def _grc_blocks() -> Iterator[Finding]:
    places = [Path(sys.prefix), Path("/usr/local"), Path("/usr")]
    folders = [place / "share/gnuradio/grc/blocks" for place in places]
    folders += [Path(entry) for entry in os.environ.get("GRC_BLOCKS_PATH", "").split(os.pathsep) if entry]
    folders += [Path.home() / ".grc_gnuradio"]
    found = [folder for folder in folders if any(folder.glob("semcom_*.block.yml"))]
    if not found:
        remedy = (
            "semcom grc finds them by itself; for other ways of starting it: cmake -B build && cmake --install build"
        )
        yield Finding(NOTE, "GRC blocks", "not where GNU Radio Companion looks", remedy)
    elif found[0] == folders[0] and sys.prefix not in ("/usr", "/usr/local"):
        yield Finding(OK, "GRC blocks", f"in {found[0]}; GRC finds them with GRC_BLOCKS_PATH={found[0]}")
    else:
        yield Finding(OK, "GRC blocks", f"in {found[0]}")


def companion() -> Iterator[Finding]:
    """Whether `semcom grc` can open its window."""
    from semcom.apps.commands.companion import COMPANION, require_gtk, require_screen
    from semcom.flowgraphs.errors import FlowgraphError

    name = "window of GNU Radio Companion"
    if shutil.which(COMPANION) is None:
        yield Finding(NOTE, name, f"{COMPANION} cannot be found", "apt-get install gnuradio")
        return
    try:
        require_gtk()
        require_screen()
    except FlowgraphError as error:
        yield Finding(NOTE, name, str(error))
    else:
        yield Finding(OK, name, "GTK 3 and a screen are there")


def _libraries() -> Iterator[Finding]:
    for name, module, remedy in (
        ("gr-iio (Pluto)", "gnuradio.iio", "apt-get install gnuradio with gr-iio"),
        ("gr-uhd (USRP)", "gnuradio.uhd", "apt-get install gnuradio uhd-host"),
        ("gr-soapy", "gnuradio.soapy", "apt-get install gnuradio soapysdr-module-all"),
        ("libiio for Python", "iio", "pip install 'gr-semcom[radios]', apt-get install libiio0"),
        ("pyadi-iio", "adi", "pip install 'gr-semcom[radios]' (only for library: pyadi-iio)"),
        ("sigmf", "sigmf", "pip install 'gr-semcom[radios]' (only to validate recordings)"),
    ):
        done = _python(f"import {module}")
        if done.returncode == 0:
            yield Finding(OK, name, "installed")
        else:
            last = (done.stderr.strip().splitlines() or ["no message"])[-1]
            yield Finding(NOTE, name, f"does not import: {last}", remedy)


def _radios() -> Iterator[Finding]:
    from semcom.flowgraphs.radios.discovery import LIBRARIES, discover

    for library in LIBRARIES:
        try:
            devices = discover(library)
        except OSError as error:
            yield Finding(NOTE, f"radios by {library}", str(error))
            continue
        for device in devices:
            yield Finding(OK, f"radio by {library}", f"{device['address']} ({device['description']})")
        if not devices:
            yield Finding(NOTE, f"radios by {library}", "none answers")


def usb_permissions(
    sys_folder: Path = Path("/sys/bus/usb/devices"), dev_folder: Path = Path("/dev/bus/usb")
) -> Iterator[Finding]:
    """Radios on USB that this user may not open."""
    for device in sorted(sys_folder.glob("*")):
        try:
            identity = tuple((device / name).read_text().strip() for name in ("idVendor", "idProduct"))
            node = dev_folder / f"{int((device / 'busnum').read_text()):03d}/{int((device / 'devnum').read_text()):03d}"
            speed = (device / "speed").read_text().strip()
        except (OSError, ValueError):
            continue
        if identity not in USB_RADIOS:
            continue
        name, rules = USB_RADIOS[identity]
        if os.access(node, os.R_OK | os.W_OK):
            yield Finding(OK, f"USB: {name}", f"{node}, {speed} Mb/s")
        else:
            group = _group_of(node)
            remedy = (
                f"install the udev rules ({rules}), join group {group} (usermod -aG {group} $USER), plug it in again"
            )
            yield Finding(PROBLEM, f"USB: {name}", f"{node} may not be opened by this user", remedy)


def _models() -> Iterator[Finding]:
    spec = find_spec("semcom.semantic")
    folder = Path(next(iter(spec.submodule_search_locations))) / "weights" if spec else Path("weights")
    weights = sorted(path.stem for path in folder.glob("*.safetensors"))
    if weights:
        yield Finding(OK, "models", ", ".join(weights))
    else:
        yield Finding(NOTE, "models", f"no weights in {folder}", "reinstall; packets can be drawn without")
    try:
        torch = version("torch")
    except PackageNotFoundError:
        yield Finding(NOTE, "torch", "not installed", missing("sending pictures"))
    else:
        yield Finding(OK, "torch", torch)
    program = shutil.which("nvidia-smi")
    if program is None:
        yield Finding(NOTE, "GPU", "no NVIDIA driver here; everything runs on the processor")
    else:
        query = [program, "--query-gpu=name,memory.total", "--format=csv,noheader"]
        names = subprocess.run(query, capture_output=True, text=True, timeout=20, check=False).stdout.strip()
        yield Finding(OK, "GPU", names.replace("\n", "; ") or "driver installed, no card")


def plug_ins() -> Iterator[Finding]:
    """Parts that other packages add, and those of them that cannot be used."""
    from semcom.semantic import registry

    for kind in registry.PROTOCOLS:
        added = sorted({*registry.names(kind)} - {*registry.own_names(kind)})
        problems = registry.problems(kind)
        for name, reason in problems:
            remedy = "correct or remove that package; all others work (docs/plugins.md)"
            yield Finding(PROBLEM, f"plug-in {registry.singular(kind)} {name}", reason, remedy)
        usable = [name for name in added if name not in dict(problems)]
        if usable:
            yield Finding(OK, f"plug-ins, {kind.replace('_', ' ')}", ", ".join(usable))


def _network() -> Iterator[Finding]:
    import zmq

    if zmq.has("curve"):
        yield Finding(OK, "ZeroMQ", f"{zmq.zmq_version()} with CURVE")
    else:
        remedy = "install a pyzmq wheel (pip install --force-reinstall pyzmq): this libzmq was built without libsodium"
        yield Finding(PROBLEM, "ZeroMQ", f"{zmq.zmq_version()} without CURVE: computers cannot be linked", remedy)


def _python(code: str) -> subprocess.CompletedProcess[str]:
    """Tried in a process of its own: an import that crashes must not take the doctor with it."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    command = [sys.executable, "-c", code]
    try:
        return subprocess.run(command, capture_output=True, text=True, timeout=60, env=environment, check=False)
    except subprocess.TimeoutExpired:
        return subprocess.CompletedProcess(command, 1, "", "took longer than 60 s")


def _group_of(node: Path) -> str:
    try:
        return grp.getgrgid(node.stat().st_gid).gr_name
    except (OSError, KeyError):
        return "plugdev"


def rate_finding(measured_hz: float, asked_hz: float, events: list[str]) -> Finding:
    """Whether a radio's samples come as fast as it makes them."""
    words = f"{measured_hz / 1e6:.3f} Msps of {asked_hz / 1e6:g}"
    if events:
        return Finding(PROBLEM, "sample rate", words, "; ".join(events))
    if measured_hz < 0.95 * asked_hz:
        return Finding(PROBLEM, "sample rate", words, "lower sample_rate_hz, use USB 3 or a port of its own")
    return Finding(OK, "sample rate", words)


def inversion_finding(radio: str, num_bursts: int, swapped: bool) -> Finding:
    """Bursts were heard of which only the inverted spectrum was recognised."""
    words = f"the spectrum of {num_bursts} bursts was inverted: I and Q are swapped"
    return Finding(PROBLEM, f"radio {radio}", words, f"iq_swap: {'false' if swapped else 'true'} in the radio file")
