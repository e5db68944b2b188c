import pytest

from semcom.sdr_configs.errors import ConfigError
from semcom.sdr_configs.policy import Policy, load_policy, policy_names


@pytest.mark.parametrize("name", policy_names())
def test_every_shipped_policy_loads_and_covers_every_importance(name):
    policy = load_policy(name)
    assert isinstance(policy, Policy) and policy.classes[-1].importance == 0 and policy.description


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("classes:\n  - importance: 8\n", "classes.0.importance must be less than or equal to 7, got 8"),
        (
            "classes:\n  - importance: 0\n    margin: 3\n",
            r"classes.0.margin is not a key here \(known: importance, margin_db",
        ),
        ("classes:\n  - importance: 0\n    margin_db: '5'\n", "classes.0.margin_db must be a valid number, got '5'"),
        ("classes: []\n", "classes must have 1 entries or more"),
        ("description: x\n", "classes must be given"),
        ("classes:\n  - importance: 0\nmax_frame_ms: -1.0\n", "max_frame_ms must be greater than 0"),
    ],
)
def test_refusals_name_key_rule_and_value(tmp_path, text, message):
    path = tmp_path / "p.yml"
    path.write_text(text)
    with pytest.raises(ConfigError, match=message):
        load_policy(path)


def test_an_unknown_name_lists_the_known_ones():
    with pytest.raises(
        ConfigError, match="policy must be one of bursty, deep_fade, flat, known_snr, layered, one_way or the path"
    ):
        load_policy("bold")
