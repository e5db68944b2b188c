"""Errors of the modem room.

PhyError
├── ConfigurationError (ValueError)   a waveform, an MCS, a frame or an argument that cannot work
│   └── WaveformError                 a waveform file that cannot be read or cannot work; says key, rule and value
└── RecordingError                    a recording that cannot be read or written; says file, key, rule and value
    └── RecordingNotFoundError            there is no such file

Loss on the air is no error: missed bursts, damaged signal fields and failed blocks come out as data (`burst.Burst`).
"""


class PhyError(Exception):
    """Base of all errors of this room."""


class ConfigurationError(PhyError, ValueError):
    """A parameter that cannot work; the message names it, the rule and the value."""


class WaveformError(ConfigurationError):
    """A waveform that does not exist, cannot be read or cannot work; the message names key, rule and value."""


class RecordingError(PhyError):
    """A recording that cannot be read or written; the message names file, key, rule and value."""


class RecordingNotFoundError(RecordingError):
    """A file of a recording that is not there, or may not be read."""
