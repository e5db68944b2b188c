"""The request a packet was made under, kept beside it: ``x.sem`` has ``x.request.json``.

Whoever asks for more of the picture later (`semcom ask`) starts from it: what was withheld stays withheld.
"""

from __future__ import annotations

from pathlib import Path

from semcom.apps.report.result_folder import write_file_whole
from semcom.semantic import EncodeRequest, RequestError
from semcom.semantic.request import MAX_JSON_BYTES

SUFFIX = ".request.json"


def request_path(packet: Path) -> Path:
    """Where the request of a packet or picture file lies."""
    return packet.with_name(packet.name.removesuffix(".sem") + SUFFIX)


def store_request(packet: Path, request: EncodeRequest) -> None:
    """Write the request beside a packet file that withholds something or was made by parts that somebody chose.

    Else remove what an earlier one left there.

    Call it before the packet itself is written: a packet that withholds something never lies there without it.
    """
    if request.without or request.parts or request.config or request.models:
        write_request(packet, request)
    else:
        request_path(packet).unlink(missing_ok=True)


def write_request(file: Path, request: EncodeRequest) -> None:
    """Write the request beside a packet or picture file."""
    write_file_whole(request_path(file), (request.to_json() + "\n").encode())


def stored_request(packet: Path) -> EncodeRequest | None:
    """The request beside a packet file; None where there is none.

    Raises
    ------
    RequestError
        It is there and cannot be read, or is none: nothing is known then of what must not be sent.
    """
    path = request_path(packet)
    try:
        with path.open("rb") as file:
            return EncodeRequest.from_json(file.read(MAX_JSON_BYTES + 1))
    except FileNotFoundError:
        return None
    except OSError as error:
        raise RequestError(f"{path}: cannot be read: {error.strerror}") from None
    except RequestError as error:
        raise RequestError(f"{path}: {error}") from None
