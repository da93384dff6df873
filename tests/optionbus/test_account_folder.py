"""Covers optionbus.account_folder: one folder an account, wherever the files are to be."""

from pathlib import Path

import pytest

from messages.secret import Secret
from messages.wire.ssid import Ssid
from optionbus.account_folder import accounts_root, folder_of
from supervisor.settings import ConnectionSettings, JournalSettings, Settings

UID = 87654321


def ssid(uid: int = UID, *, is_demo: bool = True, session: str = "topsecret0123") -> Ssid:
    fields = f'"session":"{session}","isDemo":{int(is_demo)},"uid":{uid},"platform":2'
    return Ssid.parse(Secret(f'42["auth",{{{fields}}}]'))


def at(*urls: str) -> Settings:
    return Settings(connection=ConnectionSettings(urls=urls))


HOME = folder_of(ssid(), Settings())


def test_an_account_keeps_its_folder_in_every_session() -> None:
    assert folder_of(ssid(session="another0123456"), Settings()).name == HOME.name


@pytest.mark.parametrize("other", [ssid(uid=UID + 1), ssid(is_demo=False)], ids=["another user", "real money"])
def test_another_account_has_a_folder_of_its_own(other: Ssid) -> None:
    assert folder_of(other, Settings()).name != HOME.name


@pytest.mark.parametrize("region", ["eu", "fastest", "api-asia"])
def test_all_regions_of_the_platform_share_it(region: str) -> None:
    settings = Settings(connection=ConnectionSettings(region=region))

    assert folder_of(ssid(is_demo=False), settings).name == folder_of(ssid(is_demo=False), Settings()).name


def test_a_url_below_the_platform_is_the_platform() -> None:
    assert folder_of(ssid(), at("wss://some-new.po.market/socket.io/?EIO=4")).name == HOME.name


@pytest.mark.parametrize("url", ["ws://127.0.0.1:8765", "wss://notpo.market", "wss://po.market.evil.example"])
def test_another_host_has_accounts_of_its_own(url: str) -> None:
    assert folder_of(ssid(), at(url)).name != HOME.name


def test_another_port_is_another_broker() -> None:
    assert folder_of(ssid(), at("ws://127.0.0.1:1")).name != folder_of(ssid(), at("ws://127.0.0.1:2")).name


def test_its_name_tells_nobody_whose_it_is() -> None:
    assert len(HOME.name) == 16
    assert int(HOME.name, 16) >= 0
    assert str(UID) not in str(HOME)
    assert "topsecret" not in str(HOME)


def test_it_lies_where_programs_keep_their_state(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))

    assert folder_of(ssid(), Settings()) == tmp_path / "optionbus" / HOME.name


@pytest.mark.parametrize("state", [None, ""])
def test_without_xdg_it_lies_in_the_users_home(
    state: str | None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_STATE_HOME")
    if state is not None:
        monkeypatch.setenv("XDG_STATE_HOME", state)

    assert accounts_root(None) == tmp_path / ".local" / "state" / "optionbus"


def test_the_setting_outranks_the_environment(tmp_path: Path) -> None:
    settings = Settings(journal=JournalSettings(folder=str(tmp_path)))

    assert folder_of(ssid(), settings) == tmp_path / HOME.name


def test_to_ask_for_it_makes_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))

    folder_of(ssid(), Settings())

    assert list(tmp_path.iterdir()) == []
