"""Every datatype of complex samples, against numpy's own reading of the bytes."""

import numpy as np
import pytest

from semcom.phy.errors import RecordingError
from semcom.phy.recording.datatypes import datatype_of

COMPONENTS = {"f32": "f4", "f64": "f8", "i32": "i4", "u32": "u4", "i16": "i2", "u16": "u2", "i8": "i1", "u8": "u1"}
NAMES = [f"c{name}{order}" for name in COMPONENTS for order in (("",) if name[-1] == "8" else ("_le", "_be", ""))]


@pytest.mark.parametrize("name", NAMES)
def test_full_scale_is_one_whatever_the_bytes(rng, name):
    datatype = datatype_of(name, "here")
    wanted = rng.uniform(-0.99, 0.99, (50, 2))
    kind = np.dtype((">" if name.endswith("_be") else "<") + COMPONENTS[name.split("_")[0][1:]])
    if kind.kind == "f":
        codes, step = wanted.astype(kind), 1e-7
    else:
        half = 2.0 ** (8 * kind.itemsize - 1)
        zero = half - 0.5 if kind.kind == "u" else 0.0
        codes, step = np.round(wanted * half + zero).astype(kind), 1.1 / half + 1e-7
    assert datatype.sample_bytes == 2 * kind.itemsize
    samples = datatype.to_complex(codes.tobytes())
    assert samples.dtype == np.complex64 and len(samples) == 50
    assert np.max(np.abs(samples - (wanted[:, 0] + 1j * wanted[:, 1]))) < 1.5 * step


def test_the_bytes_of_an_rtl_sdr_lie_about_a_half():
    assert datatype_of("cu8", "").to_complex(bytes([0, 255, 127, 128])).tolist() == [
        complex(-127.5 / 128, 127.5 / 128),
        complex(-0.5 / 128, 0.5 / 128),
    ]


@pytest.mark.parametrize(
    "name", ["cf16_le", "ci64_le", "cf8", "CF32_LE", "cf32_me", "", None, ["cf32_le"], "cf32_le\n"]
)
def test_what_is_no_datatype_is_refused(name):
    with pytest.raises(RecordingError, match=r"here must be one of cf32_le, cf64_le, ci32_le, .*, got"):
        datatype_of(name, "here")


def test_real_samples_are_refused_by_name():
    with pytest.raises(RecordingError, match=r"here must be complex \(I and Q\), got 'ri16_le'"):
        datatype_of("ri16_le", "here")
