"""Whether the radio's process is there, told once each time that it changes."""

from __future__ import annotations

from semcom.link.transports.client import Client

THERE = "the radio is there"


class RadioPresence:
    """Looks at a client again and again."""

    def __init__(self) -> None:
        self._said: str | None = None

    def look(self, client: Client) -> str | None:
        """Why there is no radio, empty where there is one; None where that is as it was."""
        why = client.refused or client.unresolved
        said = "" if client.connected else f"no radio at {client.address}{f': {why}' if why else ''}"
        if said == self._said:
            return None
        self._said = said
        return said
