"""Errors of the flowgraphs room.

FlowgraphError
└── FlowgraphTimeoutError     a flowgraph did not end within its time limit
"""


class FlowgraphError(Exception):
    """Base of everything this room raises on purpose."""


class FlowgraphTimeoutError(FlowgraphError):
    """A flowgraph did not end within its time limit; it was stopped."""
