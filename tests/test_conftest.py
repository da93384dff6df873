"""Guards the fixture of the captured payloads: where they are missing, CI fails and everybody else goes on."""

import inspect
from pathlib import Path

import pytest

from tests import conftest


@pytest.mark.parametrize(("ci", "outcome"), [("true", pytest.fail.Exception), ("", pytest.skip.Exception)])
def test_without_captured_payloads_ci_fails_and_others_skip(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, ci: str, outcome: type[BaseException]
) -> None:
    monkeypatch.setattr(conftest, "CAPTURED_FOLDER", tmp_path / "nothing")
    monkeypatch.setenv("CI", ci)

    with pytest.raises(outcome, match="not beside the project"):
        inspect.unwrap(conftest.captured)()


def test_captured_payloads_are_read_by_their_name(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(conftest, "CAPTURED_FOLDER", tmp_path)
    (tmp_path / "updateAssets.json").write_bytes(b"[]")

    assert inspect.unwrap(conftest.captured)()("updateAssets") == b"[]"
