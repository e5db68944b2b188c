"""What systems without anything shared do with a set of pictures: code one after the other."""

from __future__ import annotations

from collections.abc import Sequence

from semcom.semantic.analysis import Analysis
from semcom.semantic.packet import SemanticPacket


class OneByOne:
    """Base of a system whose packets share nothing; it has `code` itself, see `protocols.System`."""

    def code_set(
        self,
        analyses: Sequence[Analysis],
        budget_bytes: int | None,
        identities: Sequence[tuple[int, int, int]],
    ) -> list[SemanticPacket]:
        """One packet after the other, each of at most `budget_bytes`."""
        pairs = zip(analyses, identities, strict=True)
        return [self.code(analysis, budget_bytes, identity) for analysis, identity in pairs]
