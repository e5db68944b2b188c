"""Recipe: a BART that repairs captions as soft text damages them (Multi-SC, §III-C).

    python -m semcom.experiments.training.text_repair.train_bart_repair --shared ../shared --out out/bart --minutes 9

makes a small one that reads characters, on one core; called again, it goes on with what lies in `--out`. On a GPU, from
a published one (`semcom models get bart`), with captions of pieces of pictures as models there say them:

    python -m semcom.experiments.training.text_repair.train_bart_repair --shared ../shared --out out/bart \\
        --start ~/.local/share/semcom/models/bart --texts out/piece_captions.jsonl --device cuda --batch 128 --rate 5e-5

The captions of held-out photos (`caption_split`) are not read. What it writes is a folder for
``--repairer bart,folder=out/bart``; ``experiments.semantic.soft_text --bart out/bart`` measures it.
"""

from __future__ import annotations

import argparse
import copy
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch

from semcom.experiments.training.caption_split import lines, training_captions
from semcom.experiments.training.schedule import LossLog, Progress, descend, learning_rate
from semcom.experiments.training.text_repair.character_bart import MAX_TOKENS, character_bart, character_tokenizer
from semcom.experiments.training.text_repair.damage import damaged
from semcom.semantic.plain_texts import plain

ESNO_DB = (-3.0, 11.0)
"""From where on and up to where texts are damaged; the span opens from its quiet end during the first quarter."""
OPENS = 0.25
SAVE_STEPS = 200
MAX_CHARACTERS = 200


class Texts:
    """Texts by length, and batches of such as are about equally long, damaged anew each time."""

    def __init__(self, texts: Sequence[str], tokenizer: Any, device: str, rng: np.random.Generator) -> None:
        fitting = (plain(text)[:MAX_CHARACTERS] for text in texts)
        self._texts = sorted((text for text in fitting if text.strip()), key=len)
        if not self._texts:
            raise SystemExit("there must be captions to train on, got none")
        self._tokenizer, self._device, self._rng = tokenizer, device, rng

    def __len__(self) -> int:
        return len(self._texts)

    def batch(self, size: int, least_esno_db: float) -> dict[str, torch.Tensor]:
        """What a model of transformers trains on: damaged texts, and the tokens of the whole ones as labels."""
        first = int(self._rng.integers(max(1, len(self._texts) - size + 1)))
        chosen = self._texts[first : first + size]
        came = [damaged(text, self._rng.uniform(least_esno_db, ESNO_DB[1]), self._rng) for text in chosen]
        options = {"return_tensors": "pt", "padding": True, "truncation": True, "max_length": MAX_TOKENS}
        given, wanted = (self._tokenizer(each, **options).to(self._device) for each in (came, chosen))
        labels = wanted["input_ids"].masked_fill(wanted["attention_mask"] == 0, -100)
        return {"input_ids": given["input_ids"], "attention_mask": given["attention_mask"], "labels": labels}


def least_esno_db(fraction: float) -> float:
    """How much noise there may be at that part of the run."""
    return ESNO_DB[1] - (ESNO_DB[1] - ESNO_DB[0]) * min(1.0, fraction / OPENS)


def opened(out: Path, start: Path | None, width: int) -> tuple[Any, Any, int]:
    """Net, tokenizer and steps done: what lies in `out`, else in `start`, else a new small one."""
    from transformers import AutoTokenizer, BartForConditionalGeneration

    state = out / "training.json"
    folder = out if state.is_file() else start
    if folder is None:
        return character_bart(width), character_tokenizer(), 0
    net = BartForConditionalGeneration.from_pretrained(str(folder), local_files_only=True, use_safetensors=True)
    tokenizer = AutoTokenizer.from_pretrained(str(folder), local_files_only=True)
    return net, tokenizer, json.loads(state.read_text(encoding="utf-8"))["step"] if folder == out else 0


def save(out: Path, net: Any, tokenizer: Any, step: int) -> None:
    """The folder, as it is published."""
    net.save_pretrained(out)
    tokenizer.save_pretrained(out)
    (out / "training.json").write_text(json.dumps({"step": step}), encoding="utf-8")


def train(net: Any, texts: Texts, progress: Progress, batch: int, rate: float, device: str) -> Iterator[tuple]:
    """Steps until `progress` ends; yields (averaged net, loss) after each."""
    net.to(device).train()
    average = copy.deepcopy(net)
    optimizer = torch.optim.AdamW(net.parameters(), lr=rate, weight_decay=0.01)
    first = progress.step
    while progress.fraction < 1:
        done = progress.step / progress.steps
        now = learning_rate(done, rate) * min(1.0, (progress.step - first + 1) / 50)
        with torch.autocast("cuda", torch.bfloat16, enabled=device.startswith("cuda")):
            loss = net(**texts.batch(batch, least_esno_db(done))).loss
        descend(loss, net, average, optimizer, now, progress.step)
        progress.tick()
        yield average, float(loss.detach())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shared", type=Path, required=True, help="folder with data/")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--start", type=Path, help="folder of a BART to go on from")
    parser.add_argument("--texts", type=Path, nargs="*", default=[], help="of piece_captions: JSON lines with captions")
    parser.add_argument("--steps", type=int, default=4000, help="of the whole run, over all calls")
    parser.add_argument("--minutes", type=float, default=60.0, help="of this call")
    parser.add_argument("--batch", type=int, default=48)
    parser.add_argument("--rate", type=float, default=1.5e-3)
    parser.add_argument("--width", type=int, default=128, help="of a new net")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(arguments.seed)
    net, tokenizer, step = opened(arguments.out, arguments.start, arguments.width)
    rng = np.random.default_rng([arguments.seed, step])
    captions = training_captions(arguments.shared)
    captions += [text for path in arguments.texts for entry in lines(path) for text in entry["captions"]]
    texts = Texts(captions, tokenizer, arguments.device, rng)
    progress, log = Progress(arguments.steps, arguments.minutes, step), LossLog()
    print(f"{sum(p.numel() for p in net.parameters())} parameters, {len(texts)} texts, from step {step}", flush=True)
    for average, loss in train(net, texts, progress, arguments.batch, arguments.rate, arguments.device):
        log.add(progress, loss)
        if progress.step % SAVE_STEPS == 0 or progress.fraction >= 1:
            save(arguments.out, average, tokenizer, progress.step)


if __name__ == "__main__":
    main()
