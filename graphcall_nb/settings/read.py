"""The settings of a tenant, and where each is looked for."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from ..clouds import GLOBAL, Cloud, cloud_named
from ..errors import InvalidSetting, SettingsMissing
from .credential import PROOF, Credential, certificate

PREFIX = "GRAPHCALL_"
_APP = "Entra > App registrations > your application"

NAMES: dict[str, str] = {
    "tenant_id": f"{_APP} > Overview > Directory (tenant) ID",
    "client_id": f"{_APP} > Overview > Application (client) ID",
    "client_secret": f"{_APP} > Certificates & secrets > the secret's Value, shown once",
    "client_certificate": "path of a PEM or PKCS #12 file, in place of the secret",
    "client_certificate_key": "path of the private key, where it is a file of its own",
    "client_certificate_password": "of the private key",
    "tunnel": "how Microsoft reaches this machine; auto takes the first that works",
    "cloud": "global, usgov, usgov-dod or china",
    "graph_url": "of Graph, in place of the cloud's",
    "authority": "where the application signs in, in place of the cloud's",
    "openid_url": "where the keys of notifications are announced, in place of the cloud's",
    "ca_bundle": "a PEM file of certificate authorities to believe besides the usual ones",
    "journal": "path or URL where notifications are kept",
}
"""Each setting: where its value is found, or what it is. The environment variable is ``GRAPHCALL_`` and the name."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Everything that is needed to speak to a tenant. Its ``repr`` holds no secret.

    Attributes
    ----------
    tenant_id, client_id : of the application
    credential : how it proves who it is
    cloud : which of Microsoft's clouds
    tunnel : how the public reaches the listener
    graph_url, authority, openid_url, issuers : those of the cloud where none was given
    ca_bundle : a PEM file of further certificate authorities
    journal : where notifications are kept
    sources : of each setting that was given: ``parameter``, ``environment`` or the path of the ``.env`` file
    """

    tenant_id: str
    client_id: str
    credential: Credential
    cloud: Cloud = GLOBAL
    tunnel: str = "auto"
    graph_url: str = GLOBAL.graph_url
    authority: str = GLOBAL.authority
    openid_url: str = GLOBAL.openid_url
    issuers: tuple[str, ...] = GLOBAL.issuers
    ca_bundle: str | None = None
    journal: str = "graphcall.sqlite"
    sources: Mapping[str, str] = field(default_factory=dict, compare=False)

    def in_words(self) -> str:
        """What is known, and from where."""
        ids = ", ".join(sorted({self.sources[name] for name in ("tenant_id", "client_id")}))
        proof = next(self.sources[name] for name in ("client_certificate", "client_secret") if name in self.sources)
        where = f"in {self.cloud.title}" if self.graph_url == self.cloud.graph_url else f"at {self.graph_url}"
        return (
            f"Tenant {self.tenant_id}, application {self.client_id} (from: {ids}), by {self.credential.kind} "
            f"(from: {proof}), {where}."
        )


def read_settings(
    given: Mapping[str, Any] | None = None,
    *,
    environ: Mapping[str, str] = os.environ,
    env_file: str | os.PathLike[str] | None = None,
) -> Settings:
    """The settings of a tenant: parameters before environment variables before a ``.env`` file.

    Parameters
    ----------
    given : parameters by the names of :data:`NAMES`, and ``issuers``; ``None`` and empty ones count as not given
    environ : environment variables such as ``GRAPHCALL_TENANT_ID``
    env_file : a ``.env`` file; by default the first one in the working directory or above it

    Raises
    ------
    SettingsMissing
        Names every setting that is missing at once, and where each is found.
    InvalidSetting
        For a value that cannot be used.

    Examples
    --------
    >>> given = {"tenant_id": "contoso.onmicrosoft.com", "client_id": "8A34A46B", "client_secret": "the secret"}
    >>> settings = read_settings(given, environ={})
    >>> settings.credential, settings.graph_url
    (<Credential: client secret>, 'https://graph.microsoft.com')
    """
    layers = _layers(given or {}, environ, env_file)
    found = {name: value for _, layer in reversed(layers) for name, value in layer.items()}
    sources = {name: source for source, layer in reversed(layers) for name in layer}
    credential = _credential([layer for _, layer in layers], found)
    missing = [name for name in ("tenant_id", "client_id") if name not in found]
    missing += [] if credential else ["client_secret"]
    if credential is None or missing:
        raise _missing(missing)
    cloud = _cloud(found.get("cloud", GLOBAL.name))
    graph_url = _address("graph_url", found.get("graph_url", cloud.graph_url))
    return Settings(
        tenant_id=found["tenant_id"],
        client_id=found["client_id"],
        credential=credential,
        cloud=cloud,
        # What is on this machine needs no tunnel to it.
        tunnel=found.get("tunnel", "none" if is_loopback(graph_url) else "auto"),
        graph_url=graph_url,
        authority=_address("authority", found.get("authority", cloud.authority)),
        openid_url=_address("openid_url", found.get("openid_url", cloud.openid_url)),
        issuers=_issuers(found.get("issuers", cloud.issuers)),
        ca_bundle=found.get("ca_bundle"),
        journal=str(found.get("journal", "graphcall.sqlite")),
        sources=sources,
    )


_Layer = Mapping[str, Any]


def _missing(names: Sequence[str]) -> SettingsMissing:
    count = "One setting is" if len(names) == 1 else f"{len(names)} settings are"
    listed = "; ".join(f"{PREFIX}{name.upper()} ({NAMES[name]})" for name in names)
    return SettingsMissing(
        f"{count} missing: {listed}. Give each as a parameter, an environment variable or a line of a .env file.",
        missing=names,
    )


def _layers(
    given: Mapping[str, Any], environ: Mapping[str, str], env_file: str | os.PathLike[str] | None
) -> list[tuple[str, _Layer]]:
    """Where values come from, the strongest first; what is empty was not given."""
    for name, value in {**given, "env_file": env_file}.items():
        _check_kind(name, value)
    path, in_file = _dotenv(env_file)
    layers = [("parameter", given), ("environment", _named(environ)), (path, _named(in_file))]
    return [
        (source, {name: value for name, value in layer.items() if value not in (None, "")}) for source, layer in layers
    ]


def _check_kind(name: str, value: Any) -> None:
    """A parameter can be anything; the environment and the file hold texts."""
    kinds, wanted = _KINDS.get(name, (str, "a text"))
    if value is not None and not isinstance(value, kinds):
        raise InvalidSetting(name, f"give {wanted}, not {type(value).__name__}.")


_FILE = ((str, os.PathLike), "the path of a file")
_KINDS: Mapping[str, tuple[Any, str]] = {
    "client_secret": ((str, Mapping, Credential), PROOF),
    "client_certificate": _FILE,
    "client_certificate_key": _FILE,
    "ca_bundle": _FILE,
    "env_file": _FILE,
    "journal": ((str, os.PathLike), "a path or a database URL"),
    "issuers": (Iterable, "a text or several"),
}
"""What a parameter may be that is not a mere text."""


def _dotenv(env_file: str | os.PathLike[str] | None) -> tuple[str, Mapping[str, str | None]]:
    from dotenv import dotenv_values, find_dotenv

    if env_file is not None and not Path(env_file).is_file():
        raise InvalidSetting("env_file", f"{os.fspath(env_file)} is no file; check the path.")
    path = os.fspath(env_file) if env_file is not None else find_dotenv(usecwd=True)
    try:
        return path or ".env", dotenv_values(path, interpolate=False) if path else {}
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is no text in UTF-8"
        raise InvalidSetting("env_file", f"{path} cannot be read ({reason}); give another file.") from None


def _named(variables: Mapping[str, str | None]) -> dict[str, str | None]:
    return {name: variables.get(PREFIX + name.upper()) for name in NAMES}


def _credential(layers: Iterable[_Layer], found: _Layer) -> Credential | None:
    """The credential of the strongest layer that has one; in one layer a certificate is before a secret."""
    for layer in layers:
        if "client_certificate" in layer:
            return certificate(
                os.fspath(layer["client_certificate"]),
                os.fspath(found.get("client_certificate_key", "")),
                str(found.get("client_certificate_password", "")),
            )
        if "client_secret" in layer:
            value = layer["client_secret"]
            return value if isinstance(value, Credential) else Credential(value)
    return None


def _cloud(name: str) -> Cloud:
    try:
        return cloud_named(name)
    except ValueError as error:
        raise InvalidSetting("cloud", str(error)) from None


def _issuers(value: str | Iterable[str]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)


def _address(name: str, url: str) -> str:
    """An https address without a slash at its end; plain http is for this machine itself only."""
    parts = urlsplit(url)
    if parts.scheme == "https" or (parts.scheme == "http" and is_loopback(url)):
        return url.rstrip("/")
    raise InvalidSetting(name, f"{url!r} is no https address; http is taken only for this machine itself.")


def is_loopback(url: str) -> bool:
    """Whether an address is of this machine itself: nothing there is to be asked for through a proxy."""
    return (urlsplit(url).hostname or "") in ("127.0.0.1", "localhost", "::1")
