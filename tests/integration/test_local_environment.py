"""What is started locally knows no real account, takes no proxy, and keeps its bytecode."""

from __future__ import annotations

import pytest

from countersign.local.commands import local_environment


@pytest.mark.parametrize(
    "name",
    [
        "AWS_PROFILE",
        "AWS_SESSION_TOKEN",
        "HTTPS_PROXY",
        "no_proxy",
        "PYTHONDONTWRITEBYTECODE",
    ],
)
def test_what_would_slow_it_down_or_lead_it_astray_is_left_out(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv(name, "1")
    monkeypatch.setenv("PYTHONUTF8", "1")
    given = local_environment(STAGE="dev")
    assert name not in given
    assert (given["PYTHONUTF8"], given["STAGE"]) == ("1", "dev")
    assert given["AWS_ACCESS_KEY_ID"] == "local"
