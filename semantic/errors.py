"""Errors of the semantic room.

SemanticError
├── PictureError        a file that is not a picture we can read, or a picture outside the limits
├── PacketError         bytes that break the packet format; says field, rule and value
├── LayerError          a layer asked for that cannot be made or shown
├── RequestError        a request that names what is not known, or that a system cannot honour
├── VocabularyError     a vocabulary or category that does not exist
└── ModelError          a network or its weights are missing or damaged
"""


class SemanticError(Exception):
    """Base of everything this room raises on purpose."""


class PictureError(SemanticError):
    """The input is not a picture we can read, or lies outside the limits."""


class PacketError(SemanticError):
    """Bytes break the packet format. The message names field, rule and value."""


class LayerError(SemanticError, ValueError):
    """A layer cannot be made of this content, or cannot be shown."""


class RequestError(SemanticError):
    """A request names a system, part, profile or key that is not known, or asks for what the system cannot do."""


class VocabularyError(SemanticError):
    """A vocabulary or a category that does not exist, or a vocabulary file that breaks the rules."""


class ModelError(SemanticError):
    """A network cannot be used: extra not installed, weights missing or damaged."""
