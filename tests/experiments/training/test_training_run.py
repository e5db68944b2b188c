"""A run in pieces is the run in one go, to the last bit; what is broken off goes on from the last save."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="scripts/setup demo installs torch")

from semcom.experiments.training.schedule import descend, make_optimizer  # noqa: E402
from semcom.experiments.training.training_run import TrainingRun, add_run_options  # noqa: E402


def weights_after(out: Path, *options: str, broken_at: int | None = None) -> torch.Tensor:
    parser = argparse.ArgumentParser()
    add_run_options(parser, steps=25)
    torch.manual_seed(0)
    net = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.Dropout(0.5), torch.nn.Linear(4, 1))
    average = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.Dropout(0.5), torch.nn.Linear(4, 1))
    average.load_state_dict(net.state_dict())
    optimizer = make_optimizer(list(net.parameters()), 0.01)
    run = TrainingRun(out, parser.parse_args(options), {"net": net, "average": average, "optimizer": optimizer})

    def step(rng: np.random.Generator) -> float:
        if run.progress.step == broken_at:
            raise KeyboardInterrupt
        loss = net(torch.from_numpy(rng.normal(size=(2, 3)).astype(np.float32))).square().mean()
        descend(loss, net, average, optimizer, 0.01, run.progress.step)
        return loss.item()

    run.train(step, lambda: (out / "exported").write_text(str(run.progress.step), encoding="utf-8"), save_steps=5)
    return torch.cat([p.detach().ravel() for p in (*net.parameters(), *average.parameters())])


def test_a_run_that_was_broken_off_ends_as_one_that_was_not(tmp_path: Path) -> None:
    whole = weights_after(tmp_path / "whole")
    with pytest.raises(KeyboardInterrupt):
        weights_after(tmp_path / "pieces", broken_at=13)
    assert (tmp_path / "pieces" / "exported").read_text(encoding="utf-8") == "10"
    assert torch.equal(weights_after(tmp_path / "pieces"), whole)
    assert (tmp_path / "pieces" / "exported").read_text(encoding="utf-8") == "25"


def test_pieces_of_no_time_change_nothing_and_another_seed_does(tmp_path: Path) -> None:
    first = weights_after(tmp_path, "--piece-minutes", "0")
    assert torch.equal(weights_after(tmp_path, "--piece-minutes", "0"), first)
    assert not torch.equal(weights_after(tmp_path), first)
    assert not torch.equal(weights_after(tmp_path / "other", "--seed", "2"), weights_after(tmp_path))


def test_the_log_goes_on(tmp_path: Path) -> None:
    weights_after(tmp_path, "--steps", "100")
    weights_after(tmp_path, "--steps", "200")
    assert [entry["step"] for entry in json.loads((tmp_path / "log.json").read_text(encoding="utf-8"))] == [100, 200]
