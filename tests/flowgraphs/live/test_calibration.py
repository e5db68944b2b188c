"""The best gain is where the converter neither clips nor sees single steps."""

import pytest

from semcom.flowgraphs.errors import RadioSettingError
from semcom.flowgraphs.live.calibration import GainStep, best_step, sweep_gain
from semcom.sdr_configs.radio import parse_radio

from ...radio_doubles.fixtures import soapy_args, soapy_driver, soapy_radio  # noqa: F401


def step(gain_db, evm_db):
    return GainStep(gain_db, 1 if evm_db else 0, evm_db, None, None)


def test_of_equally_good_gains_the_least_is_taken():
    assert best_step([step(0, -10.0), step(10, -30.0), step(20, -30.4), step(30, None)]).gain_db == 10
    assert best_step([step(0, None)]) is None


@pytest.mark.timeout(400)
def test_a_converter_of_eight_bits_has_its_optimum_between_clipping_and_steps(soapy_radio):  # noqa: F811
    steps = sweep_gain(soapy_radio(device=",bits=8"), [5, 15, 30, 45, 60, 99], own_transmitter=True)
    assert [entry.gain_db for entry in steps] == [5, 15, 30, 45, 60]  # what the device refuses is left out
    assert best_step(steps).gain_db == 30
    assert all(abs(entry.cfo_hz) < 50 for entry in steps if entry.gain_db <= 30)


def test_what_has_no_gain_is_refused(tmp_path):
    radio = parse_radio({"driver": "zmq", "address": f"ipc://{tmp_path}/air"[:95]})
    with pytest.raises(RadioSettingError, match="driver zmq has no gain"):
        sweep_gain(radio, [0.0])
    with pytest.raises(RadioSettingError, match="own transmitter must be used"):
        sweep_gain(radio, [0.0], sweep_transmitter=True)
