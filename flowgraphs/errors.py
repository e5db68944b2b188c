"""Errors of the flowgraphs room.

FlowgraphError
├── MissingGnuRadioError      GNU Radio's Python modules cannot be imported
└── FlowgraphTimeoutError     a flowgraph did not end within its time limit
"""


class FlowgraphError(Exception):
    """Base of everything this room raises on purpose."""


class MissingGnuRadioError(FlowgraphError):
    """GNU Radio's Python modules cannot be imported. The message says what to install."""


class FlowgraphTimeoutError(FlowgraphError):
    """A flowgraph did not end within its time limit; it was stopped."""
