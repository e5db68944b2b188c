"""Task accuracy at the receiver over SNR, within the same airtime: our layers under unequal protection, and AVIF.

    python -m semcom.experiments.link.uep_against_avif --shared ../shared --photos 8 --airtime-ms 40

Photos: CamVid val, which have ground truth. Task accuracy: mean IoU of CamVid's 11 classes, summed over the photos,
against ground truth; a photo of which nothing can be shown counts as all wrong. Ours: the class map that arrived.
AVIF: best-scaled, its container's bytes not counted, in one frame after the other at one scheme; at the receiver A-seg
looks at the decoded picture, as in the referee. A lost frame loses the picture. Each at every
fixed scheme, and at the best one for each SNR. Every transmission goes over the whole modem: detection, offset, noise.
Ours fills the airtime with policy `layered`, whose scheme is the base scheme. Writes CSV, PNG, MD.
"""

from __future__ import annotations

import argparse
import csv
import os
import shlex
import sys
from dataclasses import dataclass
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np

from semcom.experiments.link.link_resilience import planner_of
from semcom.experiments.link.simulated_air import SimulatedAir, run_rounds
from semcom.link import Item, Key, OutgoingFrame, PlannedSet, Sender
from semcom.phy.airtime import airtime_function
from semcom.phy.mcs import MCS_TABLE
from semcom.phy.sensitivity import thresholds_db
from semcom.phy.waveform import Waveform
from semcom.semantic import encode, load_picture, registry
from semcom.semantic.benchmark.rivals import Rival, rivals
from semcom.semantic.benchmark.truth import Truth, load_truth
from semcom.semantic.extract.segmenter import Segmenter
from semcom.semantic.layers import LayerKind

OURS, AVIF = "es-isc, layered", "AVIF, best size"
_CERTAIN_DB = 4.0  # from a threshold, beyond which it is known what becomes of a frame


@dataclass(frozen=True)
class Version:
    """One photo made for one scheme and airtime."""

    frames: list[OutgoingFrame]
    labels: np.ndarray | None  # what the receiver knows if all arrives: categories per pixel
    map_layer: int | None = None  # ours: the layer that must arrive
    sets: tuple[PlannedSet, ...] = ()


def ours(image: np.ndarray, mcs: str, limit: int, waveform: Waveform, versions: dict[int, object]) -> Version:
    """Our layers in the airtime; packets of a few budgets are made once per photo."""
    planner = planner_of("layered", waveform, mcs)
    best: Version | None = None
    for packet in versions.values():
        items = [Item(Key(*layer.key), layer.importance, layer.payload) for layer in packet.layers]
        plan, left_out = planner.fill(items, limit)
        sent = {item.key.layer for entry in plan for item in entry.items}
        maps = [layer for layer in packet.of_kind(LayerKind.CLASS_MAP) if layer.key.layer in sent]
        labels = maps[0].content.shown(image.shape[1], image.shape[0]) if maps else None
        version = Version(
            [frame for entry in plan for frame in entry.frames()],
            labels,
            maps[0].key.layer if maps else None,
            tuple(plan),
        )
        if best is None or (labels is not None and not left_out) or best.labels is None:
            best = version
    return best


def avif(image: np.ndarray, mcs: str, limit: int, waveform: Waveform, codec: Rival, segmenter: Segmenter) -> Version:
    """The largest AVIF whose frames fit the airtime, and what a segmenter sees in it."""
    airtime, scheme = airtime_function(waveform), mcs
    low, high = 0, 200_000
    while high - low > 8:
        middle = (low + high) // 2
        frames = _frames(bytes(middle), scheme)
        uses = airtime(scheme, len(frames), len(frames[0].data))
        low, high = (middle, high) if uses <= limit else (low, middle)
    coded = codec.best(image, low) if low >= 60 else None
    if coded is None:
        return Version([], None)
    return Version(_frames(bytes(coded.num_bytes), scheme), segmenter(coded.picture).labels)


def _frames(data: bytes, mcs: str) -> list[OutgoingFrame]:
    frames = Sender(256).frames([Item(Key(0, 0, 1, 0), 4, data)])
    return [OutgoingFrame(frame.name, frame.data, frame.importance, mcs) for frame in frames]


def arrival_share(version: Version, snr_db: float, trials: int, waveform: Waveform, rng) -> float:
    """How often what the task needs arrives."""
    needed = version.frames
    if version.map_layer is not None:
        carrier = next(s for s in version.sets if any(i.key.layer == version.map_layer for i in s.items))
        needed = carrier.frames()
    if version.labels is None or not needed:
        return 0.0
    threshold = thresholds_db(waveform)[needed[0].mcs]
    if abs(snr_db - threshold) > _CERTAIN_DB:
        trials = min(trials, 2)  # a look is enough
    came = 0
    for _ in range(trials):
        air = SimulatedAir(waveform, snr_db, rng, needed[0].mcs)
        reporter, _ = run_rounds(air, needed, needed[0].name.key.scope)
        layers, _, _ = reporter.receiver.received(needed[0].name.key.scope)
        came += (version.map_layer or 0) in layers
    return came / trials


class Scores:
    """Expected confusion of classes over photos."""

    def __init__(self, num_classes: int) -> None:
        self._hit, self._said, self._true = (np.zeros(num_classes + 1) for _ in range(3))

    def add(self, truth: Truth, labels: np.ndarray | None, share: float) -> None:
        """One photo whose labels arrive with probability `share`; else nothing is known of it."""
        known = truth.classes >= 0
        size = truth.num_classes + 1
        true = np.bincount(truth.classes[known], minlength=size)
        self._true += true
        if labels is not None and share > 0:
            said = truth.class_of[labels][known]
            self._said += share * np.bincount(said, minlength=size)
            self._hit += share * np.bincount(said[said == truth.classes[known]], minlength=size)

    def mean_iou(self) -> float:
        here = self._true > 0
        return float((self._hit / np.maximum(self._true + self._said - self._hit, 1e-9))[here].mean())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    parser.add_argument("--photos", type=int, default=8)
    parser.add_argument("--airtime-ms", type=float, default=40.0)
    parser.add_argument("--snr-db", type=float, nargs=3, default=(-8, 12, 1), metavar=("FIRST", "LAST", "STEP"))
    parser.add_argument("--trials", type=int, default=6)
    parser.add_argument("--rival-segmenter", type=Path, help="weights; default: the shipped ones for rivals")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, default=Path("docs/results"))
    parser.add_argument("--name", default="uep_against_avif")
    arguments = parser.parse_args()
    waveform, rng = Waveform.load("ofdm64"), np.random.default_rng(arguments.seed)
    limit = int(arguments.airtime_ms * 1e-3 * waveform.nominal_rate_hz)
    folder = arguments.shared / "data/camvid/val"
    paths = sorted((folder / "images").iterdir())
    paths = paths[:: max(1, len(paths) // arguments.photos)][: arguments.photos]
    truths = [load_truth(folder / "masks", path, "camvid") for path in paths]
    codec = next(rival for rival in rivals() if rival.name == AVIF)
    segmenter = Segmenter(arguments.rival_segmenter) if arguments.rival_segmenter else rival_segmenter()
    made: dict[tuple[str, str], list[Version]] = {(kind, mcs): [] for kind in (OURS, AVIF) for mcs in MCS_TABLE}
    for path in paths:
        image = load_picture(path)
        packets = {budget: encode(image, budget_bytes=budget) for budget in (150, 200, 300, 450, 700, 1200, 2500, 5000)}
        for mcs in MCS_TABLE:
            made[OURS, mcs].append(ours(image, mcs, limit, waveform, packets))
            made[AVIF, mcs].append(avif(image, mcs, limit, waveform, codec, segmenter))
        print(path.name, flush=True)
    first, last, step = arguments.snr_db
    rows = []
    for snr_db in np.arange(first, last + step / 2, step):
        for (kind, mcs), versions in made.items():
            scores = Scores(truths[0].num_classes)
            share = arrival_share(versions[0], snr_db, 2, waveform, rng)
            sure = abs(snr_db - thresholds_db(waveform)[mcs]) > 2 * _CERTAIN_DB
            for version, truth in zip(versions, truths, strict=True):
                came = share if sure else arrival_share(version, snr_db, arguments.trials, waveform, rng)
                scores.add(truth, version.labels, came)
            rows.append((round(float(snr_db), 2), kind, mcs, round(scores.mean_iou(), 4)))
        best = {kind: max((r for r in rows if r[0] == round(float(snr_db), 2) and r[1] == kind), key=lambda r: r[3])
                for kind in (OURS, AVIF)}  # fmt: skip
        print(f"{snr_db:6.1f} dB", *(f"{kind}: {row[3]:.3f} at {row[2]}" for kind, row in best.items()), flush=True)
    write(rows, arguments, paths)


def rival_segmenter() -> Segmenter:
    """The segmenter that looks at decoded pictures of rivals."""
    return registry.create("segmenters", "best")


def write(rows: list[tuple], arguments: argparse.Namespace, paths: list[Path]) -> None:
    """CSV, plot and page."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot as plt

    target = arguments.out / arguments.name
    with target.with_suffix(".csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["snr_db", "what", "base_scheme", "mean_iou"])
        writer.writerows(rows)
    snrs = sorted({row[0] for row in rows})
    best = {kind: [max(r[3] for r in rows if r[0] == snr and r[1] == kind) for snr in snrs] for kind in (OURS, AVIF)}
    figure, axes = plt.subplots(figsize=(8, 4.5), dpi=120)
    for kind, colour in ((OURS, "#2f6fb0"), (AVIF, "#c2543a")):
        for mcs in MCS_TABLE:
            axes.plot(snrs, [r[3] for r in rows if r[1] == kind and r[2] == mcs], color=colour, lw=0.6, alpha=0.35)
        axes.plot(snrs, best[kind], color=colour, lw=2.2, label=f"{kind}, best scheme for each SNR")
    axes.set_xlabel("SNR, dB"), axes.set_ylabel("mean IoU at the receiver")
    axes.set_title(f"{arguments.airtime_ms:g} ms on air; thin: one scheme throughout", fontsize=10)
    axes.legend(loc="lower right"), axes.grid(alpha=0.3)
    figure.tight_layout()
    figure.savefig(target.with_suffix(".png"))
    command = "python -m semcom.experiments.link.uep_against_avif " + shlex.join(sys.argv[1:])
    low = [row for row in rows if row[0] < 3]
    pairs = list(zip((r for r in low if r[1] == OURS), (r for r in low if r[1] == AVIF), strict=True))
    worse = sum(ours[3] < rival[3] - 1e-9 for ours, rival in pairs)
    below = [(o, a) for snr, o, a in zip(snrs, best[OURS], best[AVIF], strict=True) if snr < 3]
    lines = [
        "# Meaning under unequal protection, and AVIF, in the same airtime",
        "",
        f"`{command.strip()}`",
        "",
        f"![mean IoU over SNR]({target.name}.png)",
        "",
        f"{len(paths)} CamVid val photos, {arguments.airtime_ms:g} ms of airtime each.",
        "Task accuracy: " + __doc__.split("Task accuracy: ")[1].strip(),
        "",
        f"Below 3 dB, best scheme for each SNR: ours is lower at {sum(o < a for o, a in below)} of {len(below)} SNRs;",
        f"with the same base scheme on both sides: lower in {worse} of {len(pairs)} cases.",
        "",
        "| SNR | ours, best scheme | AVIF, best scheme |",
        "|---|---|---|",
        *(f"| {snr:g} dB | {o:.3f} | {a:.3f} |" for snr, o, a in zip(snrs, best[OURS], best[AVIF], strict=True)),
        "",
    ]
    target.with_suffix(".md").write_text("\n".join(lines), encoding="utf-8")


if __name__ == "__main__":
    main()
