"""The errors that rooms raise on purpose: what a person is told in one line instead of a traceback."""

from __future__ import annotations

from semcom.apps.modem.errors import PortError
from semcom.apps.report.result_folder import OutputError
from semcom.flowgraphs.errors import FlowgraphError
from semcom.link.errors import LinkError
from semcom.phy.errors import PhyError
from semcom.sdr_configs.errors import ConfigError
from semcom.semantic.errors import SemanticError

KNOWN_ERRORS: tuple[type[Exception], ...] = (
    SemanticError,
    LinkError,
    PhyError,
    ConfigError,
    FlowgraphError,
    OutputError,
    PortError,
)
