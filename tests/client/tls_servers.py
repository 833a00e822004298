"""A certificate authority with a server certificate, and a forward proxy on loopback."""

import asyncio
import datetime
import ipaddress
import ssl
from contextlib import asynccontextmanager

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

PEM = serialization.Encoding.PEM
PROXY_ONLY_HOST = "graph.company.test"
"""A host name that only the proxy resolves."""


def _name(text):
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _sign(subject, key, issuer, issuer_key, *extensions):
    now = datetime.datetime.now(datetime.UTC)
    builder = x509.CertificateBuilder(
        _name(issuer), _name(subject), key.public_key(), x509.random_serial_number(),
        now - datetime.timedelta(days=1), now + datetime.timedelta(days=30),
    )  # fmt: skip
    for extension, critical in extensions:
        builder = builder.add_extension(extension, critical)
    return builder.sign(issuer_key, hashes.SHA256())


class CertificateAuthority:
    """An authority that only clients with ``bundle`` trust, and a server certificate of it."""

    def __init__(self, folder):
        root_key, key = (rsa.generate_private_key(public_exponent=65537, key_size=2048) for _ in range(2))
        root = _sign("Company", root_key, "Company", root_key, (x509.BasicConstraints(True, None), True))
        address = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
        names = x509.SubjectAlternativeName([address, x509.DNSName(PROXY_ONLY_HOST)])
        server = _sign("localhost", key, "Company", root_key, (names, False))
        self.bundle = folder / "company.pem"
        self.bundle.write_bytes(root.public_bytes(PEM))
        chain = folder / "server.pem"
        private = key.private_bytes(PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        chain.write_bytes(private + server.public_bytes(PEM))
        self.context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        self.context.load_cert_chain(chain)


async def _copy(reader, writer):
    while data := await reader.read(65536):
        writer.write(data)
    writer.close()


async def _join(reader, writer, port):
    inner_reader, inner_writer = await asyncio.open_connection("127.0.0.1", port)
    await asyncio.gather(_copy(reader, inner_writer), _copy(inner_reader, writer), return_exceptions=True)


@asynccontextmanager
async def serve_forward_proxy(targets, url):
    """Serve a proxy that connects each CONNECT to ``url`` and appends its target to ``targets``; yield its URL."""
    port = int(url.rpartition(":")[2])

    async def serve(reader, writer):
        head = await reader.readuntil(b"\r\n\r\n")
        targets.append(head.split()[1].decode())
        writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        await _join(reader, writer, port)

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    server.close()
