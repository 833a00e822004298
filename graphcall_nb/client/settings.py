"""Settings of a tenant, from parameters, environment variables and a ``.env`` file."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from .._urls import is_loopback
from ..errors import InvalidSetting, SettingsMissing
from ..graph.clouds import GLOBAL, Cloud, get_cloud
from .credential import CREDENTIAL_FORMS, Credential, load_certificate

ENV_PREFIX = "GRAPHCALL_"
DEFAULT_JOURNAL = "graphcall.sqlite"
_APP = "Entra > App registrations > your application"

SETTINGS: dict[str, str] = {
    "tenant_id": f"{_APP} > Overview > Directory (tenant) ID",
    "client_id": f"{_APP} > Overview > Application (client) ID",
    "client_secret": f"{_APP} > Certificates & secrets > the secret's Value, shown once",
    "client_certificate": "path of a PEM or PKCS #12 file, instead of the secret",
    "client_certificate_key": "path of the private key, if it is in a separate file",
    "client_certificate_password": "password of the private key",
    "tunnel": "tunnel to this machine; auto selects the first that works",
    "cloud": "global, usgov, usgov-dod or china",
    "graph_url": "URL of Graph, instead of the cloud's",
    "authority": "URL where the application signs in, instead of the cloud's",
    "openid_url": "URL of the document with the keys of notifications, instead of the cloud's",
    "ca_bundle": "PEM file of additional certificate authorities to trust",
    "journal": "path or URL of the journal",
}
"""Meaning of each setting, or where to find its value. The environment variable is ``GRAPHCALL_`` and the name."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Settings of a connection to a tenant. The ``repr`` contains no secret.

    Attributes
    ----------
    tenant_id, client_id : ids of tenant and application
    credential : secret or certificate of the application
    cloud : Microsoft cloud of the tenant
    tunnel : tunnel to the listener, as :func:`graphcall_nb.tunnels.select_tunnel` takes it; ``none`` for no tunnel
    graph_url, authority, openid_url, issuers : those of the cloud, unless they were set
    ca_bundle : PEM file of additional certificate authorities
    journal : path or URL of the journal
    sources : source of each setting: ``parameter``, ``environment`` or the path of the ``.env`` file
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
    journal: str = DEFAULT_JOURNAL
    sources: Mapping[str, str] = field(default_factory=dict, compare=False)

    def describe(self) -> str:
        """Return a sentence with tenant, application, kind of credential and their sources."""
        ids = ", ".join(sorted({self.sources[name] for name in ("tenant_id", "client_id")}))
        proof = next(self.sources[name] for name in ("client_certificate", "client_secret") if name in self.sources)
        service = f"in {self.cloud.title}" if self.graph_url == self.cloud.graph_url else f"at {self.graph_url}"
        calling = "" if self.cloud.has_calling else f" {self.cloud.no_calling_reason}"
        return (
            f"Tenant {self.tenant_id}, application {self.client_id} (from: {ids}), by {self.credential.kind} "
            f"(from: {proof}), {service}.{calling}"
        )


def read_settings(
    parameters: Mapping[str, Any] | None = None,
    *,
    environ: Mapping[str, str] = os.environ,
    env_file: str | os.PathLike[str] | None = None,
) -> Settings:
    """Read the settings of a tenant: parameters override environment variables, which override a ``.env`` file.

    Parameters
    ----------
    parameters : values by the names in :data:`SETTINGS`, and ``issuers``; ``None`` and empty values are ignored
    environ : environment variables such as ``GRAPHCALL_TENANT_ID``
    env_file : a ``.env`` file; by default the first one in the working directory or above it

    Raises
    ------
    SettingsMissing
        When settings are missing; the message names all of them and where to find each value.
    InvalidSetting
        When a value cannot be used.

    Examples
    --------
    >>> parameters = {"tenant_id": "contoso.onmicrosoft.com", "client_id": "8A34A46B", "client_secret": "the secret"}
    >>> settings = read_settings(parameters, environ={})
    >>> settings.credential, settings.graph_url
    (<Credential: client secret>, 'https://graph.microsoft.com')
    """
    layers = _read_layers(parameters or {}, environ, env_file)
    values = {name: value for _, layer in reversed(layers) for name, value in layer.items()}
    credential = _make_credential([layer for _, layer in layers], values)
    missing = [name for name in ("tenant_id", "client_id") if name not in values]
    if credential is None or missing:
        raise _missing_error([*missing, *(() if credential else ("client_secret",))])
    cloud = _parse_cloud(values.get("cloud", GLOBAL.name))
    graph_url = _parse_url("graph_url", values.get("graph_url", cloud.graph_url))
    issuers = values.get("issuers", cloud.issuers)
    return Settings(
        tenant_id=values["tenant_id"],
        client_id=values["client_id"],
        credential=credential,
        cloud=cloud,
        # A service on this machine reaches the listener without a tunnel.
        tunnel=values.get("tunnel", "none" if is_loopback(graph_url) else "auto"),
        graph_url=graph_url,
        authority=_parse_url("authority", values.get("authority", cloud.authority)),
        openid_url=_parse_url("openid_url", values.get("openid_url", cloud.openid_url)),
        issuers=(issuers,) if isinstance(issuers, str) else tuple(issuers),
        ca_bundle=values.get("ca_bundle"),
        journal=str(values.get("journal", DEFAULT_JOURNAL)),
        sources={name: source for source, layer in reversed(layers) for name in layer},
    )


def _missing_error(names: Sequence[str]) -> SettingsMissing:
    count = "One setting is" if len(names) == 1 else f"{len(names)} settings are"
    listed = "; ".join(f"{ENV_PREFIX}{name.upper()} ({SETTINGS[name]})" for name in names)
    return SettingsMissing(
        f"{count} missing: {listed}. Set each as a parameter, an environment variable or a line of a .env file.",
        missing=names,
    )


_FILE = ((str, os.PathLike), "the path of a file")
_TYPES: Mapping[str, tuple[Any, str]] = {
    "client_secret": ((str, Mapping, Credential), CREDENTIAL_FORMS),
    "client_certificate": _FILE,
    "client_certificate_key": _FILE,
    "ca_bundle": _FILE,
    "env_file": _FILE,
    "journal": ((str, os.PathLike), "a path or a database URL"),
    "issuers": (Iterable, "a text or several"),
}
"""Types of the parameters that are not only a text, with their description."""


def _read_layers(
    parameters: Mapping[str, Any], environ: Mapping[str, str], env_file: str | os.PathLike[str] | None
) -> list[tuple[str, Mapping[str, Any]]]:
    """Return (source, values) of each source, the strongest first, without empty values."""
    for name, value in {**parameters, "env_file": env_file}.items():
        types, expected = _TYPES.get(name, (str, "a text"))
        if value is not None and not isinstance(value, types):
            raise InvalidSetting(name, f"expected {expected}; got {type(value).__name__}.")
    path, file_variables = _read_env_file(env_file)
    layers = [("parameter", parameters), ("environment", _select(environ)), (path, _select(file_variables))]
    return [
        (source, {name: value for name, value in layer.items() if value not in (None, "")}) for source, layer in layers
    ]


def _select(variables: Mapping[str, str | None]) -> dict[str, str | None]:
    return {name: variables.get(ENV_PREFIX + name.upper()) for name in SETTINGS}


def _read_env_file(env_file: str | os.PathLike[str] | None) -> tuple[str, Mapping[str, str | None]]:
    """Return path and variables of the ``.env`` file; a value may contain ``$``, so nothing is interpolated."""
    from dotenv import dotenv_values, find_dotenv

    if env_file is not None and not Path(env_file).is_file():
        raise InvalidSetting("env_file", f"{os.fspath(env_file)} is not a file; check the path.")
    path = os.fspath(env_file) if env_file is not None else find_dotenv(usecwd=True)
    try:
        return path or ".env", dotenv_values(path, interpolate=False) if path else {}
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not a text in UTF-8"
        raise InvalidSetting("env_file", f"{path} cannot be read ({reason}); pass another file.") from None


def _make_credential(layers: Iterable[Mapping[str, Any]], values: Mapping[str, Any]) -> Credential | None:
    """Return the credential of the strongest source; a certificate precedes a secret of the same source."""
    for layer in layers:
        if "client_certificate" in layer:
            return load_certificate(
                os.fspath(layer["client_certificate"]),
                os.fspath(values.get("client_certificate_key", "")),
                str(values.get("client_certificate_password", "")),
            )
        if "client_secret" in layer:
            value = layer["client_secret"]
            return value if isinstance(value, Credential) else Credential(value)
    return None


def _parse_cloud(name: str) -> Cloud:
    try:
        return get_cloud(name)
    except ValueError as error:
        raise InvalidSetting("cloud", str(error)) from None


def _parse_url(name: str, url: str) -> str:
    """Return an https URL without a trailing slash; http is accepted for this machine itself."""
    if urlsplit(url).scheme == "https" or is_loopback(url):
        return url.rstrip("/")
    raise InvalidSetting(name, f"{url!r} is not an https URL; http is accepted only for this machine itself.")
