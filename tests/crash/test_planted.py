"""The planted faults still fit the package they are planted in."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.crash.planted import PACKAGE, PLANTED, Planted


def test_there_are_many_and_no_two_are_called_the_same() -> None:
    assert len(PLANTED) >= 25
    assert len({one.name for one in PLANTED}) == len(PLANTED)


@pytest.mark.parametrize("planted", PLANTED, ids=lambda one: one.name.replace(" ", "-"))
def test_each_applies_to_one_place_and_leaves_python(planted: Planted, tmp_path: Path) -> None:
    target = tmp_path / planted.file
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text((PACKAGE / planted.file).read_text())
    planted.apply(tmp_path)
    compile(target.read_text(), planted.file, "exec")


def test_a_fault_whose_text_is_gone_says_so(tmp_path: Path) -> None:
    (tmp_path / "gone.py").write_text("something else\n")
    stale = Planted("a stale fault", "gone.py", "what was there", "what is wrong")
    with pytest.raises(LookupError, match="a stale fault"):
        stale.apply(tmp_path)
