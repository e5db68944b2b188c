"""The mean of two networks that one training led to: often better than either (Wortsman 2022, "model soups").

python experiments/training/average_weights.py A.safetensors B.safetensors OUT.safetensors
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from safetensors import safe_open
from safetensors.numpy import load_file, save_file


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("one", type=Path)
    parser.add_argument("other", type=Path)
    parser.add_argument("out", type=Path)
    arguments = parser.parse_args()
    one, other = load_file(arguments.one), load_file(arguments.other)
    if one.keys() != other.keys():
        raise SystemExit(f"both files must hold the same tensors, got {len(one)} and {len(other)}")
    mean = {
        name: ((values.astype(np.float32) + other[name].astype(np.float32)) / 2).astype(values.dtype)
        for name, values in one.items()
    }
    with safe_open(arguments.one, "np") as file:
        metadata = file.metadata()
    save_file(mean, arguments.out, metadata=metadata)


if __name__ == "__main__":
    main()
