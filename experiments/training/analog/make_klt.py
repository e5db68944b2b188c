"""Recipe: the Karhunen-Loève transform of blocks of photos, for the linear analog code.

    python -m semcom.experiments.training.analog.make_klt --photos ../shared/data/bsds500/train/images

Mean and covariance of the 768 values of 16 × 16 blocks in colour, at four offsets in each photo; eigenvectors by
falling eigenvalue, stored as float16. No network, no randomness: the same photos give the same file.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from PIL import Image

from semcom.semantic.coding.linear_analog import BLOCK, NUM_COEFFICIENTS, to_blocks

OFFSETS = ((0, 0), (BLOCK // 2, BLOCK // 2), (0, BLOCK // 2), (BLOCK // 2, 0))


def transform_of(photos: list[np.ndarray]) -> dict[str, np.ndarray]:
    """Basis float16 [768, 768] in columns, variances float32 [768] and mean float32 [768]."""
    products, sums, count = np.zeros((NUM_COEFFICIENTS, NUM_COEFFICIENTS)), np.zeros(NUM_COEFFICIENTS), 0
    for photo in photos:
        for top, left in OFFSETS:
            height, width = ((side - at) // BLOCK * BLOCK for side, at in zip(photo.shape, (top, left), strict=False))
            blocks = to_blocks(photo[top : top + height, left : left + width]).astype(np.float64)
            products += blocks.T @ blocks
            sums += blocks.sum(axis=0)
            count += len(blocks)
    mean = sums / count
    variances, basis = np.linalg.eigh(products / count - np.outer(mean, mean))
    variances, basis = variances[::-1], basis[:, ::-1]
    basis = basis * np.where(basis.sum(axis=0) < 0, -1, 1)
    return {
        "basis": basis.astype(np.float16),
        "variances": variances.astype(np.float32),
        "mean": mean.astype(np.float32),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--photos", type=Path, required=True)
    parser.add_argument("--out", type=Path, default=Path("semantic/weights/klt.npz"))
    options = parser.parse_args()
    files = sorted(path for path in options.photos.iterdir() if path.suffix in (".jpg", ".png"))
    made = transform_of([np.asarray(Image.open(path).convert("RGB")) for path in files])
    np.savez_compressed(options.out, **made)
    print(
        f"{len(files)} photos, {float(made['variances'][:256].sum() / made['variances'].sum()):.4f} in 256 coefficients"
    )


if __name__ == "__main__":
    main()
