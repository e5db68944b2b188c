"""Errors of the modem room.

PhyError
└── ConfigurationError (ValueError)   a waveform, an MCS, a frame or an argument that cannot work
    └── WaveformError                 a waveform file that cannot be read or cannot work; says key, rule and value

Loss on the air is no error: missed bursts, damaged signal fields and failed blocks come out as data (`burst.Burst`).
"""


class PhyError(Exception):
    """Base of all errors of this room."""


class ConfigurationError(PhyError, ValueError):
    """A parameter that cannot work; the message names it, the rule and the value."""


class WaveformError(ConfigurationError):
    """A waveform that does not exist, cannot be read or cannot work; the message names key, rule and value."""
