"""Errors of the flowgraphs room.

FlowgraphError
├── MissingGnuRadioError      GNU Radio's Python modules cannot be imported
├── FlowgraphTimeoutError     a flowgraph did not end within its time limit
└── RadioError                a radio does not do what is needed
    ├── RadioNotFoundError        it is not there, or its driver is not installed
    ├── RadioSettingError         it refuses a setting, or runs with another one than asked for
    └── RadioLostError            it stopped giving or taking samples
"""


class FlowgraphError(Exception):
    """Base of everything this room raises on purpose."""


class MissingGnuRadioError(FlowgraphError):
    """GNU Radio's Python modules cannot be imported. The message says what to install."""


class FlowgraphTimeoutError(FlowgraphError):
    """A flowgraph did not end within its time limit; it was stopped."""


class RadioError(FlowgraphError):
    """A radio does not do what is needed. The message names the radio and says what to look at."""


class RadioNotFoundError(RadioError):
    """No device answers under this address, or its driver is not installed."""


class RadioSettingError(RadioError):
    """The device refuses a setting, or runs with another one. The message names key, rule and value."""


class RadioLostError(RadioError):
    """The device stopped giving or taking samples while it was in use."""
