"""installation: which packages this computer has for semcom, and where those lie that its distribution lacks.

Enters    the name of a part (`PARTS`: modem, link, pictures, radio files, command, ...) when a room is loaded.
Leaves    nothing where all is there; else `MissingPackageError`, one sentence with the command that brings it.

    require(part)            packages.py      versions against the lower bounds of pyproject.toml
    private_packages.use()   what only semcom puts on its path: never a .pth, no other program sees it
    kernel_cache.ensure()    where numba keeps compiled kernels

`python3 -m semcom.installation` says what is there. Standard library alone: every room may import it.
"""

from semcom.installation.packages import PARTS, MissingPackageError, require

__all__ = ["PARTS", "MissingPackageError", "require"]
