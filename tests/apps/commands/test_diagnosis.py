"""What `semcom doctor` finds of other packages' parts."""

from __future__ import annotations

from semcom.apps.commands.diagnosis import OK, PROBLEM, plug_ins

from ...plug_ins import Install

SOURCE = "class Works:\n    def __call__(self, image):\n        return image\n\nclass Lacks:\n    pass\n"


def test_doctor_lists_what_other_packages_add_and_what_is_wrong_with_it(install: Install) -> None:
    assert list(plug_ins()) == []
    install("mine", SOURCE, "detailers", works="mine:Works", lacks="mine:Lacks", nowhere="mine:Nowhere")
    found = {(finding.level, finding.name): finding for finding in plug_ins()}
    assert found[OK, "plug-ins, detailers"].words == "works"
    assert "must have __call__()" in found[PROBLEM, "plug-in detailer lacks"].words
    assert "mine:Nowhere must be importable" in found[PROBLEM, "plug-in detailer nowhere"].words
    assert found[PROBLEM, "plug-in detailer lacks"].remedy and len(found) == 3
