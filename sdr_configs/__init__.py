"""sdr_configs: radios, channels and waveforms as short files that read like data sheets, and their schema.

Enters    a name in this folder (``loopback-awgn``) or the path of a YAML file.
Leaves    a checked, frozen object: `radio.load_radio` for radios and channels. What cannot work is refused with key,
          rule and value. Waveforms lie in waveforms/ and are read by `semcom.phy.waveform.Waveform.load`.

Every key, its unit and its range: docs/radio_files.md.
"""

from pathlib import Path

FOLDER = Path(__file__).resolve().parent
"""Where the YAML files of radios and channels lie, installed or not."""

WAVEFORM_FOLDER = FOLDER / "waveforms"

__all__ = ["FOLDER", "WAVEFORM_FOLDER"]
