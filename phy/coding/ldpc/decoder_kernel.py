"""The inner loops of the LDPC decoder: one layered pass after the other over int16 soft values.

Every loop over `padded` lanes is a chain of plain int16 vector instructions; the casts keep numba from widening.
"""

import numpy as np
from numba import njit

from semcom.phy.coding.ldpc.base_graph import NUM_CORE_ROWS, NUM_PUNCTURED_COLUMNS
from semcom.phy.coding.ldpc.soft_scaling import gain_for_decoding

_LANES = 32  # int16 lanes of the widest common vector register; rows are padded to a multiple
UNIT = 16
"""Steps per unit of LLR inside the decoder."""
_INPUT_LIMIT = 2000
_MESSAGE_LIMIT = 3000
_POSTERIOR_LIMIT = 12000
_INFINITE = 16383  # twice this still fits int16

# ln(1 + exp(-x)) as the largest of two lines, of slopes -1/2 and -1/8, and zero; in steps.
_NEAR = round(0.69 * UNIT)
_FAR = round(0.36 * UNIT)

_HOPELESS = ((12, 0.5), (20, 0.45))
"""Passes, and share of the first pass's unsatisfied checks: words that have not come below are not decoded any more."""
_COUNTED_FROM = 8  # passes; most words are decoded before


@njit(inline="always")
def _correction(x):
    """ln(1 + exp(-x)) of int16 x >= 0, in steps."""
    near = np.int16(np.int16(_NEAR) - np.int16(x >> 1))
    far = np.int16(np.int16(_FAR) - np.int16(x >> 3))
    return max(max(near, far), np.int16(0))


@njit(inline="always")
def _box_plus(a, b):
    """Magnitude of the LLR of the sum of two bits, from the magnitudes a, b >= 0 of theirs (int16)."""
    total = np.int16(a + b)
    difference = np.int16(abs(np.int16(a - b)))
    return np.int16(np.int16(min(a, b) + _correction(total)) - _correction(difference))


@njit(cache=True, nogil=True)
def _aligned(num_rows, width):
    """int16 [num_rows, width], aligned to cache lines."""
    block = np.empty(num_rows * width + _LANES, np.int16)
    start = (-block.ctypes.data % 64) // 2
    return block[start : start + num_rows * width].reshape(num_rows, width)


@njit(cache=True, nogil=True)
def _load(posterior, soft, lifting_size, num_information_columns, num_code_block_bits):
    """Fill the columns from the circular buffers, scaled; return which columns hold anything received."""
    batch = soft.shape[0]
    num_columns, width = posterior.shape
    lanes = lifting_size * batch
    limit = np.float32(_INPUT_LIMIT)
    received = np.zeros(num_columns, np.bool_)
    scaled = np.empty(lifting_size, np.int16)
    posterior[:NUM_PUNCTURED_COLUMNS] = 0
    for b in range(batch):
        gain = np.float32(gain_for_decoding(soft[b], num_code_block_bits) * UNIT)
        for column in range(NUM_PUNCTURED_COLUMNS, num_columns):
            start = (column - NUM_PUNCTURED_COLUMNS) * lifting_size
            values = soft[b, start : start + lifting_size]
            seen = np.int16(0)
            for z in range(lifting_size):
                value = np.float32(values[z]) * gain
                scaled[z] = np.int16(np.rint(min(max(value, -limit), limit)))
                seen = np.int16(seen | values[z])
            received[column] |= seen != 0
            posterior[column, b:lanes:batch] = scaled
    for i in range(num_code_block_bits, num_information_columns * lifting_size):
        column, z = divmod(i, lifting_size)
        posterior[column, z * batch : (z + 1) * batch] = _POSTERIOR_LIMIT
    for column in range(num_columns):
        for i in range(lanes, width):
            posterior[column, i] = posterior[column, i - lanes]
    return received


@njit(cache=True, nogil=True)
def _check_parity(parity_ok, posterior, applied_shift, lanes, num_information_columns, rows, row_start, column, shift):
    """Per word: is every information bit in use decided, and every check of `rows` satisfied by the signs?"""
    batch = parity_ok.size
    parity = np.empty(lanes, np.int16)
    parity_ok[:] = True
    for row in rows:
        parity[:] = 0
        for edge in range(row_start[row], row_start[row + 1]):
            start = shift[edge] - applied_shift[column[edge]]
            start += lanes if start < 0 else 0
            values = posterior[column[edge], start : start + lanes]
            for i in range(lanes):
                parity[i] = np.int16(parity[i] ^ values[i])
            if column[edge] < num_information_columns:
                undecided = False
                for i in range(lanes):
                    undecided |= values[i] == 0
                if undecided:
                    for i in range(lanes):
                        if values[i] == 0:
                            parity_ok[(start + i) % batch] = False
        failed = np.int16(0)
        for i in range(lanes):
            failed = np.int16(failed | parity[i])
        if failed < 0:
            for i in range(lanes):
                if parity[i] < 0:
                    parity_ok[i % batch] = False


@njit(cache=True, nogil=True)
def _count_negative(values, count):
    negative = np.int32(0)
    for i in range(count):
        negative += np.int32(values[i] < 0)
    return negative


@njit(cache=True, nogil=True)
def _is_hopeless(iterations, fewest, at_first):
    for passes, share in _HOPELESS:  # noqa: SIM110 (numba has no any() over a generator)
        if iterations == passes and fewest > share * at_first:
            return True
    return False


@njit(cache=True, nogil=True)
def decode_layered(
    soft,
    bits,
    parity_ok,
    from_checks,
    lifting_size,
    num_information_columns,
    row_start,
    column,
    base_shift,
    max_iterations,
    give_up=False,
):
    """Decode a batch of codewords together; `give_up`: early, where there is no hope for them all taken together.

    soft : int16 [batch, N]; bits : uint8 [batch, K'], written; row_start, column, base_shift : edges of the graph
    parity_ok : bool [batch], written; from_checks : int16 [batch, N] or [0, 0], written: extrinsic values
    -> number of iterations, and of edges passed, all iterations together
    """
    batch = soft.shape[0]
    num_columns = soft.shape[1] // lifting_size + NUM_PUNCTURED_COLUMNS
    lanes = lifting_size * batch
    padded = -(-lanes // _LANES) * _LANES  # lanes beyond the last check do not affect the others
    shift = base_shift * batch

    posterior = _aligned(num_columns, -(-(lanes + padded) // _LANES) * _LANES)
    received = _load(posterior, soft, lifting_size, num_information_columns, bits.shape[1])
    num_rows = row_start.size - 1
    rows = [r for r in range(num_rows) if r < NUM_CORE_ROWS or received[num_information_columns + r]]
    applied_shift = np.zeros(num_columns, np.int32)
    message = _aligned(column.size, padded)
    message[:] = 0
    extrinsic = _aligned(num_columns, padded)
    scratch = _aligned(5, padded)
    least, others, everyone, sign, parity = scratch[0], scratch[1], scratch[2], scratch[3], scratch[4]

    clean_rows = 0
    parity_ok[:] = False
    iterations = 0
    edges = 0
    at_first = fewest = np.int64(0)  # unsatisfied checks of a pass, as met on the way
    while iterations < max_iterations and not parity_ok.all():
        iterations += 1
        unsatisfied = np.int64(0)
        counted = give_up and (iterations == 1 or iterations >= _COUNTED_FROM)
        for row in rows:
            first = row_start[row]
            end = row_start[row + 1]
            edges += end - first
            for i in range(padded):
                least[i] = np.int16(_INFINITE)
                others[i] = np.int16(_INFINITE)
                sign[i] = np.int16(0)
                parity[i] = np.int16(0)
            for edge in range(first, end):
                start = shift[edge] - applied_shift[column[edge]]
                start += lanes if start < 0 else 0
                values = posterior[column[edge], start : start + padded]
                old = message[edge]
                difference = extrinsic[edge - first]
                for i in range(padded):
                    x = np.int16(values[i] - old[i])
                    difference[i] = x
                    magnitude = np.int16(abs(x))
                    larger = max(least[i], magnitude)
                    least[i] = min(least[i], magnitude)
                    others[i] = _box_plus(others[i], larger)
                    sign[i] = np.int16(sign[i] ^ x)
                    parity[i] = np.int16(parity[i] ^ values[i])
            failed = np.int16(0)
            for i in range(lanes):
                failed = np.int16(failed | parity[i])
            clean_rows = 0 if failed < 0 else clean_rows + 1
            if counted and failed < 0:
                unsatisfied += _count_negative(parity, lanes)
            for i in range(padded):
                everyone[i] = _box_plus(others[i], least[i])
            for edge in range(first, end):
                values = posterior[column[edge]]
                new = message[edge]
                difference = extrinsic[edge - first]
                for i in range(padded):
                    x = difference[i]
                    without = others[i]  # both loaded before the choice: a choice of addresses is not vectorised
                    together = everyone[i]
                    magnitude = without if np.int16(abs(x)) == least[i] else together
                    magnitude = min(magnitude, np.int16(_MESSAGE_LIMIT))
                    v = np.int16(-magnitude) if np.int16(sign[i] ^ x) < 0 else magnitude
                    new[i] = v
                    y = np.int16(x + v)
                    values[i] = min(max(y, np.int16(-_POSTERIOR_LIMIT)), np.int16(_POSTERIOR_LIMIT))
                again = posterior[column[edge], lanes:]
                for i in range(padded):  # computed again: a plain copy becomes a slower call of memmove
                    y = np.int16(difference[i] + new[i])
                    again[i] = min(max(y, np.int16(-_POSTERIOR_LIMIT)), np.int16(_POSTERIOR_LIMIT))
                applied_shift[column[edge]] = shift[edge]
            if clean_rows >= len(rows):
                clean_rows = 0
                _check_parity(
                    parity_ok, posterior, applied_shift, lanes, num_information_columns, rows, row_start, column, shift
                )
                if parity_ok.all():
                    break
        if iterations == 1:
            at_first = fewest = unsatisfied
        elif counted:
            fewest = min(fewest, unsatisfied)
        if give_up and _is_hopeless(iterations, fewest, at_first):
            break
    if not parity_ok.all():
        _check_parity(
            parity_ok, posterior, applied_shift, lanes, num_information_columns, rows, row_start, column, shift
        )

    for b in range(batch):
        for start in range(0, bits.shape[1], lifting_size):
            c = start // lifting_size
            values = posterior[c, (lanes - applied_shift[c]) % lanes + b :]
            for z in range(min(lifting_size, bits.shape[1] - start)):
                bits[b, start + z] = values[z * batch] <= 0  # undecided is one: erasures must not decode to all zeros
    limit = np.float32(_INPUT_LIMIT)
    for b in range(from_checks.shape[0]):
        gain = np.float32(gain_for_decoding(soft[b], bits.shape[1]) * UNIT)
        for c in range(NUM_PUNCTURED_COLUMNS, num_columns):
            values = posterior[c, (lanes - applied_shift[c]) % lanes + b :]
            first_bit = (c - NUM_PUNCTURED_COLUMNS) * lifting_size
            for z in range(lifting_size):
                received_value = np.rint(min(max(soft[b, first_bit + z] * gain, -limit), limit))
                from_checks[b, first_bit + z] = values[z * batch] - np.int16(received_value)
    return iterations, edges
