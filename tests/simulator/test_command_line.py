import contextlib
import json
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import time
from pathlib import Path

import pytest
import trustme

from messages.errors import PortTaken, UsageError
from simulator import certificates
from tests.simulator.caller import Caller
from tests.simulator.program import PROJECT, simulator
from tests.simulator.world import ASSET, session

pytestmark = pytest.mark.sockets


def test_it_prints_its_url_and_ends_cleanly(tmp_path: Path) -> None:
    ready = tmp_path / "url"
    with simulator("--port", "0", "--seed", "3", "--speed", "60", "--ready-file", str(ready)) as (process, url):
        assert ready.read_text() == url
        assert list(tmp_path.iterdir()) == [ready]
        caller = Caller(url)
        assert caller.hear().startswith("0{")
        process.send_signal(signal.SIGINT)
        output = process.communicate(timeout=10)
        caller.hang_up()
    assert (process.returncode, *output) == (0, "", "")


def test_it_speaks_tls_to_whoever_trusts_its_authority(tmp_path: Path) -> None:
    authority = tmp_path / "ca.pem"
    with simulator("--tls", "--ca-file", str(authority)) as (process, url):
        assert url.startswith("wss://")
        trust = ssl.create_default_context(cafile=authority)
        caller = Caller(url, sslopt={"context": trust})
        assert caller.hear().startswith("0{")
        caller.hang_up()
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=10)
    assert process.returncode == 0


def test_it_says_things_in_the_forms_it_is_told() -> None:
    with simulator("--variant", "inline", "--variant", "null-flags") as (_, url):
        caller = Caller(url)
        assert caller.hear().startswith("0{")
        caller.socket.send("40")
        caller.say("auth", session())
        heard = [caller.hear() for _ in range(4)]
        caller.hang_up()
    assert heard[1].startswith('42["successauth",')
    assert heard[3].startswith('42["successupdateBalance",{"isDemo":null,')


def test_it_makes_it_hard_and_writes_down_what_it_executed(tmp_path: Path) -> None:
    audit = tmp_path / "executed"
    audit.write_text("before\n")
    hardships = ("--hard", "slow-broker=1", "--hard", "acknowledgement-reordered=1")
    with simulator(*hardships, "--audit", str(audit)) as (_, url):
        caller = Caller(url)
        caller.log_in()
        began = time.monotonic()
        caller.say("openOrder", {"asset": ASSET, "amount": 2, "action": "put", "time": 60, "requestId": "mine"})
        [opened] = caller.await_event("updateOpenedDeals")
        took = time.monotonic() - began
        before, line = audit.read_text().splitlines()
        acknowledged = caller.await_event("successopenOrder")
        caller.hang_up()
    assert took >= 0.12
    assert opened["id"] == acknowledged["id"]
    execution = json.loads(line)
    assert (before, execution["request_id"], execution["deal_id"]) == ("before", "mine", opened["id"])


def fail(*options: str) -> str:
    """Run the program to its end, which must be exit code 2; what it said about it."""
    command = [sys.executable, "-m", "simulator", *options]
    ended = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, timeout=20, check=False)
    assert (ended.returncode, ended.stdout) == (2, "")
    return ended.stderr


def test_a_taken_port_is_said_and_exits_with_two() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert fail("--port", str(port)) == f"simulator: {PortTaken('127.0.0.1', port)}\n"


@pytest.mark.parametrize(
    ("options", "hint"),
    [
        (["--port", "70000"], "give a number from 0"),
        (["--speed", "0"], "give a number above 0"),
        (["--speed", "fast"], "give a number above 0"),
        (["--certificate", "here"], "belong together"),
        (["--certificate", "here", "--key", "there"], "Give two PEM files"),
        (["--ready-file", "/no/such/folder/url"], "Choose a file"),
        (["--refuse", "politely"], "'silent'"),
        (["--hard", "slow"], "give one of"),
        (["--hard", "slow-broker=2"], "from 0 to 1"),
        (["--audit", "/no/such/folder/executed"], "Choose a file"),
    ],
)
def test_wrong_options_say_what_to_do(options: list[str], hint: str) -> None:
    assert hint in fail(*options)


def test_help_shows_how_to_begin() -> None:
    command = [sys.executable, "-m", "simulator", "--help"]
    shown = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, timeout=20, check=True).stdout
    assert "python -m simulator --port 8765" in shown
    assert '42["auth",' in shown


def test_refuse_refuses_logins() -> None:
    with simulator("--refuse") as (_, url):
        caller = Caller(url)
        for text in ("40", '42["auth",{"session":"abc","uid":1,"isDemo":1}]'):
            caller.socket.send(text)
        heard = [caller.hear() for _ in range(4)]
        caller.hang_up()
    assert heard[2:] == ['42["NotAuthorized"]', "41"]


def shake_hands(client_context: ssl.SSLContext, server_context: ssl.SSLContext) -> object:
    """A TLS handshake in memory; the certificate that convinced the client."""
    to_client, to_server = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = client_context.wrap_bio(to_client, to_server, server_hostname="127.0.0.1")
    server = server_context.wrap_bio(to_server, to_client, server_side=True)
    for side in (client, server) * 3:
        with contextlib.suppress(ssl.SSLWantReadError):
            side.do_handshake()
    return client.getpeercert()


@pytest.mark.skipif(shutil.which("openssl") is None, reason="the openssl command is not installed")
def test_without_trustme_openssl_makes_the_certificate(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(certificates, "find_spec", lambda _name: None)
    made = certificates.make()
    trust = ssl.create_default_context(cadata=made.authority.decode())
    assert shake_hands(trust, made.context)


def test_without_any_maker_a_certificate_must_be_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(certificates, "find_spec", lambda _name: None)
    monkeypatch.setattr(shutil, "which", lambda _name: None)
    with pytest.raises(UsageError, match="--certificate and --key"):
        certificates.make()


def test_a_given_certificate_is_used(tmp_path: Path) -> None:
    authority = trustme.CA()
    issued = authority.issue_cert("127.0.0.1")
    certificate, key = tmp_path / "certificate.pem", tmp_path / "key.pem"
    issued.cert_chain_pems[0].write_to_path(certificate)
    issued.private_key_pem.write_to_path(key)
    trust = ssl.create_default_context()
    authority.configure_trust(trust)
    assert shake_hands(trust, certificates.load(certificate, key).context)
