"""TLS for the simulator: certificates for this machine, made on the spot.

Decides who makes them: trustme where it is installed, else the ``openssl`` command. They are good for a test and
for nothing else.
"""

import shutil
import ssl
import subprocess
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from msgspec import Struct

from messages.errors import UsageError

_NAMES: Final = ("localhost", "127.0.0.1", "::1")
_DAYS: Final = "30"


class Credentials(Struct, frozen=True):
    """What a server needs for TLS, and the authority (PEM) that its clients have to trust."""

    context: ssl.SSLContext
    authority: bytes


def load(certificate: Path, key: Path) -> Credentials:
    """Credentials from PEM files.

    Raises:
        UsageError: they cannot be read or do not belong together.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    try:
        context.load_cert_chain(certificate, key)
        return Credentials(context, certificate.read_bytes())
    except OSError as error:  # SSLError is one
        text = f"The certificate {certificate} with the key {key} cannot be used: {error}. Give two PEM files."
        raise UsageError(text) from error


def make() -> Credentials:
    """Credentials for this machine.

    Raises:
        UsageError: there is nothing here to make them with.
    """
    if find_spec("trustme") is not None:
        return _make_with_trustme()
    openssl = shutil.which("openssl")
    if openssl is not None:
        return _make_with_openssl(openssl)
    text = (
        "A certificate cannot be made: install trustme (pip install trustme) or openssl, "
        "or give one with --certificate and --key."
    )
    raise UsageError(text)


def _make_with_trustme() -> Credentials:
    import trustme  # noqa: PLC0415 -- not a dependency of the package

    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(*_NAMES).configure_cert(context)
    return Credentials(context, authority.cert_pem.bytes())


def _make_with_openssl(openssl: str) -> Credentials:
    names = ",".join(("IP:" if name[-1].isdigit() else "DNS:") + name for name in _NAMES)
    with TemporaryDirectory() as folder:
        certificate, key = Path(folder, "certificate.pem"), Path(folder, "key.pem")
        command = [
            *(openssl, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"),
            *("-days", _DAYS, "-subj", "/CN=simulator", "-addext", f"subjectAltName={names}"),
            *("-keyout", str(key), "-out", str(certificate)),
        ]
        made = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 -- our own arguments
        if made.returncode != 0:
            text = f"openssl cannot make a certificate: {made.stderr.strip()}"
            raise UsageError(text)
        return load(certificate, key)
