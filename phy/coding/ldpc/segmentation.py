"""Code block segmentation: number and size of code blocks, base graph and lifting size of a transport block."""

from dataclasses import dataclass

from semcom.phy.coding.crc import CRC16, CRC24A, CRC24B, Crc
from semcom.phy.coding.ldpc.base_graph import LIFTING_SIZES, BaseGraph, base_graph
from semcom.phy.errors import ConfigurationError

_MAX_CODE_BLOCK_BITS = {1: 8448, 2: 3840}
_NUM_INFORMATION_COLUMNS = {1: 22, 2: 10}
_SMALL_TRANSPORT_BLOCK_BITS = 3824


@dataclass(frozen=True)
class Segmentation:
    """Segmentation of a transport block by its size and code rate.

    Attributes
    ----------
    crc : Crc
        Check of the whole transport block: CRC16 up to 3824 bits, CRC24A above.
    num_code_blocks : int
        C. Where C > 1 every code block carries a CRC24B of its own.
    num_padding_bits : int
        Zeros behind the transport block that make all code blocks equally long, fewer than C. The sizes that NR itself
        allows need none; ours are any number of bytes.
    num_code_block_bits : int
        K', payload and check bits of each code block, without filler.
    graph : BaseGraph
        Its K - K' last information bits are filler.

    References
    ----------
    3GPP TS 38.212 §5.2.2, §6.2.1, §7.2.1, §7.2.2
    """

    crc: Crc
    num_code_blocks: int
    num_padding_bits: int
    num_code_block_bits: int
    graph: BaseGraph


def segment(num_payload_bits: int, code_rate: float) -> Segmentation:
    """Segmentation of a transport block of `num_payload_bits` (at least 1, without its CRC), sent at `code_rate`."""
    if num_payload_bits < 1:
        raise ConfigurationError(f"num_payload_bits must be at least 1, got {num_payload_bits}")
    if not 0 < code_rate < 1:
        raise ConfigurationError(f"code_rate must be between 0 and 1, got {code_rate}")
    crc = CRC24A if num_payload_bits > _SMALL_TRANSPORT_BLOCK_BITS else CRC16
    num_bits = num_payload_bits + crc.num_bits
    number = select_base_graph(num_payload_bits, code_rate)
    limit = _MAX_CODE_BLOCK_BITS[number]
    if num_bits <= limit:
        num_code_blocks, num_padding_bits, num_code_block_bits = 1, 0, num_bits
    else:
        num_code_blocks = -(-num_bits // (limit - CRC24B.num_bits))
        num_padding_bits = -num_bits % num_code_blocks
        num_code_block_bits = (num_bits + num_padding_bits) // num_code_blocks + CRC24B.num_bits
    lifting_size = select_lifting_size(number, num_bits, num_code_block_bits)
    return Segmentation(crc, num_code_blocks, num_padding_bits, num_code_block_bits, base_graph(number, lifting_size))


def select_base_graph(num_payload_bits: int, code_rate: float) -> int:
    """Graph 2 for short or strongly coded transport blocks, else graph 1 (TS 38.212 §7.2.2)."""
    short = num_payload_bits <= 292
    medium = num_payload_bits <= _SMALL_TRANSPORT_BLOCK_BITS and code_rate <= 0.67
    return 2 if short or medium or code_rate <= 0.25 else 1


def select_lifting_size(number: int, num_bits: int, num_code_block_bits: int) -> int:
    """The smallest size whose information columns in use hold a code block (TS 38.212 §5.2.2).

    `num_bits` is the transport block with its CRC: a short one leaves the last columns of graph 2 to filler.
    """
    num_columns = _NUM_INFORMATION_COLUMNS[number]
    if number == 2 and num_bits <= 640:
        num_columns = 6 if num_bits <= 192 else 8 if num_bits <= 560 else 9
    for lifting_size in LIFTING_SIZES:
        if num_columns * lifting_size >= num_code_block_bits:
            return lifting_size
    raise ConfigurationError(f"a code block has at most {_MAX_CODE_BLOCK_BITS[number]} bits, got {num_code_block_bits}")
