"""For sigmf_record.grc: the metadata beside the samples that a File Sink wrote.

GNU Radio Companion imports this while a flowgraph is drawn: standard library only.
"""

from __future__ import annotations

import json
from pathlib import Path

DATA, META = ".sigmf-data", ".sigmf-meta"


def describe_recording(data_file: str, sample_rate_hz: float, description: str = "") -> str:
    """Write the SigMF metadata of complex64 samples; gives what to type next.

    Parameters
    ----------
    data_file : str
        Ends in ``.sigmf-data``.
    """
    path = Path(data_file)
    about = {
        "core:datatype": "cf32_le",
        "core:sample_rate": sample_rate_hz,
        "core:version": "1.0.0",
        "core:num_channels": 1,
        "core:description": description,
    }
    text = json.dumps({"global": about, "captures": [{"core:sample_start": 0}], "annotations": []}, indent=2)
    path.with_suffix(META).write_text(text + "\n", encoding="utf-8")
    return f"{path.absolute()} is recorded: sigmf_replay -r {path} plays it"
