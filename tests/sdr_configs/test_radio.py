import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from semcom.sdr_configs.errors import ConfigError, UnknownRadioError
from semcom.sdr_configs.radio import IdealRadio, load_loopback, load_radio, load_simulated, parse_radio, radio_names


@pytest.fixture
def write(tmp_path):
    def write(text):
        path = tmp_path / "radio.yml"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return write


def test_every_file_of_the_folder_reads():
    assert {"loopback-awgn", "loopback-clean", "loopback-fading"} <= set(radio_names())
    for name in radio_names():
        assert load_radio(name).description


def test_a_path_reads_like_a_name(write):
    radio = load_radio(write("driver: loopback\nchannel: {snr_db: 3, paths: [{delay_us: 0}, {delay_us: 4}]}\n"))
    assert radio.channel.snr_db == 3.0 and radio.waveform == "ofdm64"
    assert [path.delay_us for path in radio.channel.paths] == [0, 4]
    assert load_radio("loopback-clean").channel.snr_db is None


def test_a_radio_is_frozen_and_changes_are_checked():
    radio = load_radio("loopback-awgn")
    assert radio.with_channel(snr_db=-25.0).channel.snr_db == -25.0
    assert radio.with_channel(snr_db=-25.0).channel.cfo_hz == radio.channel.cfo_hz
    with pytest.raises(ValidationError):
        radio.waveform = "other"
    for value in (float("nan"), float("inf")):
        with pytest.raises(ConfigError, match=r"^radio: channel.snr_db must be a finite number, got (nan|inf)$"):
            radio.with_channel(snr_db=value)
    with pytest.raises(ConfigError, match=r"channel.snr is not a key here \(known: snr_db, cfo_hz, "):
        radio.with_channel(snr=3.0)


@pytest.mark.parametrize("name", ["pluto9", "../secrets", "x" * 300, "", "a\nb", "loopback-awgn.json"])
def test_an_unknown_name_lists_the_known_ones(name):
    expected = ConfigError if "/" in name else UnknownRadioError
    with pytest.raises(expected) as caught:
        load_radio(name)
    assert "\n" not in str(caught.value) and len(str(caught.value)) < 300
    if expected is UnknownRadioError:
        assert "radio must be one of ideal, loopback-awgn, loopback-clean, loopback-fading" in str(caught.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("driver: loopback\nchanel: {}", r"chanel is not a key here \(known: driver, description, waveform, channel\)"),
        ("driver: loopback\nchannel: {snr: 3}", r"channel.snr is not a key here \(known: snr_db"),
        ("driver: loopback\nchannel: {paths: [{delay: 3}]}", r"paths.0.delay is not a key here \(known: delay_us, "),
        ("driver: loopback\nchannel: {snr_db: .nan}", "channel.snr_db must be a finite number, got nan"),
        ("driver: loopback\nchannel: {snr_db: -.inf}", "channel.snr_db must be a finite number, got -inf"),
        ("driver: loopback\nchannel: {cfo_hz: 2.4e9}", r"got '2.4e9' as text .* 2.400000e\+09"),
        ("driver: loopback\nchannel: {cfo_hz: 2.4e+9}", "channel.cfo_hz must be less than or equal to 1000000"),
        (
            "driver: loopback\nchannel: {cfo_hz: 1.0e+6}",
            r"channel.cfo_hz must be less than half the rate of waveform ofdm64 \(500000 Hz\), got 1e\+06",
        ),
        (
            "driver: loopback\nwaveform: narrow\nchannel: {cfo_hz: -7000.0}",
            r"cfo_hz must be less than half the rate of waveform narrow \(6250 Hz\), got -7000",
        ),
        ("driver: loopback\nchannel: {snr_db: 'six'}", "channel.snr_db must be a valid number, got 'six'"),
        ("driver: loopback\nchannel: {snr_db: yes}", "channel.snr_db must be a valid number, got True"),
        ("driver: loopback\nchannel: {seed: 1.5}", "channel.seed must be a valid integer, got 1.5"),
        (
            "driver: loopback\nchannel: {paths: []}",
            r"channel.paths must have 1 entries or more, got \[\]",
        ),
        ("driver: loopback\nchannel: 3", "channel must hold keys and values, got 3"),
        ("driver: loopback\nwaveform: 64", "waveform must be text, got 64"),
        ("driver: loopback\nchannel: {paths: [" + "{}," * 33 + "]}", "channel.paths must have 32 entries or fewer"),
        ("driver: warp", "driver must be one of loopback, ideal, pluto, uhd, soapy, sigmf, zmq, got 'warp'"),
        ("driver: [1]", r"driver must be one of loopback, ideal, pluto, uhd, soapy, sigmf, zmq, got \[1\]"),
        ("channel: {}", "driver must be one of loopback, ideal, pluto, uhd, soapy, sigmf, zmq, got None"),
        ("driver: loopback\ndriver: loopback", "key 'driver' must be given once in line 2"),
        ("driver: &a loopback\nwaveform: *a", "aliases are not allowed in line 2"),
        ("driver: !!python/object/apply:os.system [ls]", "could not determine a constructor"),
        ("- 1\n- 2", "must hold keys and values, got list"),
        ("", "must hold keys and values, got NoneType"),
        ("{driver: ", "in line"),
        (b"\xff\xfe\x00", "radio.yml: "),
        ("[" * 20000, "must not be nested that deeply"),
        ("x" * 70000, "file must be at most 65536 bytes"),
        ("? [1]\n: 2", "key must be a word in line 1"),
        ("1: 2\ndriver: loopback", "radio.yml: 1 is not a key here: keys are words"),
    ],
)
def test_refusals_name_key_rule_and_value_on_one_line(write, text, message):
    path = write(text)
    with pytest.raises(ConfigError, match=message) as caught:
        load_radio(path)
    assert str(caught.value).startswith(str(path)) and "\n" not in str(caught.value)


def test_a_file_that_cannot_be_read_says_why(tmp_path):
    with pytest.raises(ConfigError, match="cannot be read: No such file"):
        load_radio(tmp_path / "none.yml")
    with pytest.raises(ConfigError, match="cannot be read: Is a directory"):
        load_radio(str(tmp_path) + "/")


text = st.text("ab_ .9e+", max_size=8)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | text,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(text, inner, max_size=3),
    max_leaves=8,
)
contents = st.fixed_dictionaries({"driver": st.just("loopback")}, optional={"waveform": text, "channel": json_values})


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(contents)
def test_anything_is_a_radio_or_a_config_error(content):
    try:
        radio = parse_radio(content)
    except ConfigError as error:
        assert "\n" not in str(error)
    else:
        assert radio.driver == "loopback"


def test_the_ideal_radio_has_noise_alone_and_is_no_loopback() -> None:
    radio = load_simulated("ideal")
    assert isinstance(radio, IdealRadio) and radio.channel.snr_db == 10
    assert radio.with_channel(snr_db=3.0, seed=7).channel.snr_db == 3
    with pytest.raises(ConfigError, match=r"channel.cfo_hz must be left out: an ideal link has noise alone"):
        radio.with_channel(cfo_hz=100.0)
    with pytest.raises(ConfigError, match=r"channel.snr_db must be given"):
        radio.with_channel(snr_db=None)
    with pytest.raises(ConfigError, match="driver must be loopback here, got 'ideal'"):
        load_loopback("ideal")
