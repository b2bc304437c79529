"""Address of a service."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from urllib.parse import urlsplit

_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True)
class Address:
    """Where requests are sent, and whether the connection is encrypted."""

    host: str
    port: int
    path: str
    """What stands before `/v1` in the path of each request; without a `/` at the end."""
    tls: bool
    ca: str | None
    """The file of certificates to trust instead of the system's."""

    @classmethod
    def parse(cls, url: str, ca: str | None = None) -> Address:
        """Reads `http://HOST:PORT` or `https://HOST:PORT/PREFIX`.

        Raises `ValueError` for any other text.
        """
        parts = urlsplit(url)
        if parts.scheme not in _PORTS or not parts.hostname:
            raise ValueError("url: expected http:// or https:// and a host, such as http://127.0.0.1:8080")
        if parts.username is not None or parts.query or parts.fragment:
            raise ValueError("url: expected no user, query or fragment; a key is the argument `key`")
        tls = parts.scheme == "https"
        if ca is not None and not tls:
            raise ValueError("ca: certificates are for https:// only")
        return cls(parts.hostname, parts.port or _PORTS[parts.scheme], parts.path.rstrip("/"), tls, ca)

    @property
    def shown(self) -> str:
        """The address as a URL."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{'https' if self.tls else 'http'}://{host}:{self.port}{self.path}"

    @property
    def authority(self) -> str:
        """The header `host`."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS["https" if self.tls else "http"] else f"{host}:{self.port}"

    def context(self) -> ssl.SSLContext | None:
        """How the certificate of the service is checked."""
        return ssl.create_default_context(cafile=self.ca) if self.tls else None
