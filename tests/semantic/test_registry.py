"""Parts by name: configured, cached, from other packages; what does not fit is named and spoils nothing else."""

from __future__ import annotations

import numpy as np
import pytest

from semcom.semantic import registry
from semcom.semantic.errors import SemanticError

from ..plug_ins import Install
from ..stand_ins import SeesSteps

EDGES = """
import numpy as np

class Edges:
    def __init__(self, strength: float = 1.0, device: str = "cpu", seed: int = 0):
        self.strength, self.device, self.seed = strength, device, seed

    def __call__(self, image):
        return np.full(image.shape[:2], self.strength, np.float32)

class NotADetailer:
    pass

class Fails:
    def __init__(self):
        raise RuntimeError("no licence")

    def __call__(self, image):
        return image
"""


def test_a_part_from_outside_gets_configuration_device_and_seed(install: Install) -> None:
    install("edges", EDGES, "detailers", edges="edges:Edges")
    ours = ["backbone-boundaries", "best", "boundaries", "sam", "segment-anything", "segment-anything-package"]
    assert registry.names("detailers") == sorted([*ours, "edges"])
    plain = registry.create("detailers", "edges")
    assert (plain.strength, plain.device, plain.seed) == (1.0, "cpu", 0)
    part = registry.create("detailers", "edges", {"strength": 0.25}, device="cuda:1", seed=7)
    assert (part.strength, part.device, part.seed) == (0.25, "cuda:1", 7)
    assert part(np.zeros((4, 4, 3), np.uint8)).max() == np.float32(0.25)


def test_equal_arguments_give_the_same_part_and_others_another(install: Install) -> None:
    install("edges", EDGES, "detailers", edges="edges:Edges")
    one = registry.create("detailers", "edges", {"strength": 1})
    assert registry.create("detailers", "edges", {"strength": 1}) is one
    for other in ({"strength": True}, {"strength": 1.0}, None):
        assert registry.create("detailers", "edges", other) is not one
    assert registry.create("detailers", "edges", {"strength": 1}, seed=1) is not one
    assert registry.create("detailers", "edges", {"strength": 1}, device="cuda") is not one


def test_the_host_chooses_the_device_of_all_parts(install: Install) -> None:
    install("edges", EDGES, "detailers", edges="edges:Edges")
    registry.use_device("cuda:3")
    try:
        assert registry.create("detailers", "edges").device == "cuda:3"
    finally:
        registry.use_device("cpu")
    assert registry.create("detailers", "edges").device == "cpu"


@pytest.mark.parametrize(
    ("kind", "name", "config", "said"),
    [
        (
            "detailers",
            "edgy",
            {},
            r"detailer must be one of \['backbone-boundaries', 'best', 'boundaries', 'edges'.*\], got 'edgy'",
        ),
        ("detailers", "edges", {"strenght": 1}, r"configuration keys must be among: strength; got \['strenght'\]"),
        ("detailers", "edges", {"device": "cuda"}, r"configuration keys must be among: strength; got \['device'\]"),
        ("detailers", "edges", {"strength": [1]}, "strength must be text, a number, true or false, got list"),
        ("detailers", "not-one", {}, r"NotADetailer must have __call__\(\)"),
        ("detailers", "fails", {}, "detailer 'fails' cannot be made: RuntimeError: no licence"),
        ("detailers", "nowhere", {}, "edges:Nowhere must be importable, got AttributeError"),
        ("teachers", "edges", {}, "kind of part must be one of segmenters, detailers, .* got 'teachers'"),
    ],
)
def test_what_is_wrong_is_named(install: Install, kind: str, name: str, config: dict, said: str) -> None:
    points = {"edges": "edges:Edges", "not_one": "edges:NotADetailer", "fails": "edges:Fails"}
    install("edges", EDGES, "detailers", nowhere="edges:Nowhere", **points)
    with pytest.raises(SemanticError, match=said):
        registry.create(kind, name, config)


def test_bad_plug_ins_are_listed_and_the_others_work(install: Install) -> None:
    install("edges", EDGES, "detailers", edges="edges:Edges", not_one="edges:NotADetailer", fails="edges:Fails")
    install("broken", "import no_such_module_at_all", "detailers", broken="broken:Part", boundaries="broken:Part")
    with pytest.raises(SemanticError, match="no licence"):
        registry.create("detailers", "fails")
    found = dict(registry.problems("detailers"))
    assert sorted(found) == ["boundaries", "broken", "fails", "not-one"]
    assert "no_such_module_at_all" in found["broken"]
    assert "must not be that of a part of gr-semcom" in found["boundaries"]
    assert "must have __call__()" in found["not-one"]
    assert "no licence" in found["fails"]
    assert registry.create("detailers", "edges").strength == 1.0
    assert registry.problems("segmenters") == []


def test_of_two_plug_ins_of_one_name_one_serves_and_the_other_is_named(install: Install) -> None:
    install("one", EDGES, "detailers", edges="one:Edges")
    install("two", EDGES, "detailers", edges="two:Edges")
    assert type(registry.create("detailers", "edges")).__module__ == "one"
    assert registry.problems("detailers") == [
        ("edges", "plug-in two:Edges: its name must be its own, one:Edges has it, too")
    ]


def test_an_override_serves_whatever_is_asked_for_and_ends_with_its_block() -> None:
    part = SeesSteps()
    with registry.override("detailers", "mine", part):
        assert "mine" in registry.names("detailers")
        assert registry.create("detailers", "mine", {"anything": 1}, device="cuda") is part
        with registry.override("detailers", "mine", SeesSteps()):
            assert registry.create("detailers", "mine") is not part
        assert registry.create("detailers", "mine") is part
    assert "mine" not in registry.names("detailers")
    with pytest.raises(SemanticError, match="must have vocabulary"), registry.override("segmenters", "mine", part):
        pass


def test_the_oldest_parts_are_forgotten(install: Install) -> None:
    install("edges", EDGES, "detailers", edges="edges:Edges")
    first = registry.create("detailers", "edges", {"strength": 0.0})
    for number in range(1, registry.MAX_PARTS + 1):
        registry.create("detailers", "edges", {"strength": float(number)})
    assert registry.create("detailers", "edges", {"strength": 0.0}) is not first


@pytest.mark.parametrize("kind", sorted(registry.PROTOCOLS))
def test_no_plug_in_that_is_installed_has_a_problem(kind: str) -> None:
    assert registry.problems(kind) == []
