"""Recordings to read, made on the spot."""

import json

import pytest

ABOUT = {"core:datatype": "ci16_le", "core:sample_rate": 1e6, "core:version": "1.2.0"}


@pytest.fixture
def make(tmp_path):
    """Writes NAME.sigmf-meta and NAME.sigmf-data; returns the name before."""

    def write(data=bytes(80), captures=(), name="it", **about):
        content = {"global": ABOUT | about, "captures": list(captures), "annotations": []}
        (tmp_path / f"{name}.sigmf-meta").write_text(json.dumps(content))
        (tmp_path / f"{name}.sigmf-data").write_bytes(data)
        return tmp_path / name

    return write
