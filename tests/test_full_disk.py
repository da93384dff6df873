"""Covers tests.full_disk, where this system lets a user mount a file system in name spaces of his own."""

import shutil
import subprocess
import sys

import pytest

from optionbus.cli.doctor import HOME

UNSHARE = shutil.which("unshare")
APART = (UNSHARE or "", "--user", "--map-root-user", "--mount", "true")

pytestmark = [
    pytest.mark.sockets,
    pytest.mark.measures,
    pytest.mark.skipif(
        UNSHARE is None or subprocess.run(APART, check=False, capture_output=True).returncode != 0,
        reason="no name spaces of one's own here",
    ),
]


def ended(*arguments: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "tests.full_disk", *arguments]
    return subprocess.run(command, cwd=HOME, check=False, capture_output=True, text=True, timeout=60)


def test_a_disk_that_cannot_be_written_denies_orders_and_nothing_else() -> None:
    command = ended()

    assert command.returncode == 0, command.stdout + command.stderr


def test_a_journal_that_is_not_on_that_disk_is_told_apart() -> None:
    assert "\"order on the full disk\": \"'placed', not 'denied by journal'\"" in ended("--in-memory").stdout
