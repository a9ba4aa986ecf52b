"""A self-made certificate: a phone's browser gives no microphone to a page without HTTPS."""

import contextlib
import ipaddress
import socket
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from voicebot.core.errors import VoicebotError

VALID: Final = timedelta(days=820)
"""Apple's systems refuse server certificates that live longer than 825 days."""
RENEW: Final = timedelta(days=30)


def ensure_certificate(data_dir: Path) -> tuple[Path, Path]:
    """Paths of certificate and key (PEM) in `data_dir`; made when missing or about to expire.

    Names: localhost, the host's name, loopback and the host's addresses.

    Raises:
        VoicebotError: ``certificate.damaged``: a file is there but is no certificate.
    """
    certificate, key = data_dir / "web-cert.pem", data_dir / "web-key.pem"
    now = datetime.now(UTC)
    if not (certificate.is_file() and key.is_file()) or _expires(certificate) - now < RENEW:
        _write_pair(certificate, key, now)
    return certificate, key


def _expires(certificate: Path) -> datetime:
    try:
        return x509.load_pem_x509_certificate(certificate.read_bytes()).not_valid_after_utc
    except ValueError as error:
        raise VoicebotError(
            "certificate.damaged", f"{certificate} 不是有效的证书；请删除它，下次启动会重新生成"
        ) from error


def _write_pair(certificate: Path, key: Path, now: datetime) -> None:
    secret = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "12345 voicebot")])
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(secret.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + VALID)
        .add_extension(x509.SubjectAlternativeName(_names()), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .sign(secret, hashes.SHA256())
    )
    certificate.parent.mkdir(parents=True, exist_ok=True)
    pem = secret.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    _replace(key, pem, mode=0o600)
    _replace(certificate, signed.public_bytes(serialization.Encoding.PEM), mode=0o644)


def _replace(path: Path, content: bytes, mode: int) -> None:
    """Never leaves half a file, never shows a key to others."""
    fresh = path.with_suffix(".new")
    fresh.unlink(missing_ok=True)
    fresh.touch(mode)
    fresh.write_bytes(content)
    fresh.replace(path)


def _names() -> list[x509.GeneralName]:
    host = socket.gethostname()
    dns = ["localhost", *([host] if host.isascii() and host != "localhost" else [])]
    return [
        *(x509.DNSName(name) for name in dns),
        *(x509.IPAddress(ipaddress.ip_address(address)) for address in sorted(_addresses(host))),
    ]


def _addresses(host: str) -> set[str]:
    """Loopback and what the system says of itself; nothing is sent."""
    found = {"127.0.0.1", "::1"}
    with contextlib.suppress(OSError):  # a host without a name of its own: the next way still works
        found |= {str(info[4][0]).partition("%")[0] for info in socket.getaddrinfo(host, None)}
    for family, far in ((socket.AF_INET, "192.0.2.1"), (socket.AF_INET6, "2001:db8::1")):
        try:
            # Connecting a UDP socket sends nothing; it makes the system choose its own address.
            with socket.socket(family, socket.SOCK_DGRAM) as probe:
                probe.connect((far, 9))
                found.add(probe.getsockname()[0].partition("%")[0])
        except OSError:
            continue
    return found
