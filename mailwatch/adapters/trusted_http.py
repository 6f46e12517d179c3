"""What sends HTTP over connections that trust a context of ours, and nothing that the environment names.

Imported only where requests is needed, which takes long to load.
"""

from __future__ import annotations

import ssl
from typing import Any

from requests.adapters import HTTPAdapter


class TrustedAdapter(HTTPAdapter):
    """The adapter of requests, with a context for its connections, those through a proxy included."""

    def __init__(self, context: ssl.SSLContext, **options: Any) -> None:
        self._context = context
        super().__init__(**options)

    def init_poolmanager(self, connections: int, maxsize: int, block: bool = False, **options: Any) -> None:
        """Gives the pools the context."""
        super().init_poolmanager(connections, maxsize, block, ssl_context=self._context, **options)

    def proxy_manager_for(self, proxy: str, **options: Any) -> Any:
        """The same for connections through a proxy."""
        return super().proxy_manager_for(proxy, ssl_context=self._context, **options)

    def get_connection_with_tls_context(
        self, request: Any, verify: Any, proxies: Any = None, cert: Any = None
    ) -> Any:
        """Always verifies, and by the context: neither an option nor the environment changes that."""
        return super().get_connection_with_tls_context(request, True, proxies=proxies, cert=cert)

    def cert_verify(self, conn: Any, url: str, verify: Any, cert: Any) -> None:
        """Leaves the trust to the context."""
        conn.cert_reqs = "CERT_REQUIRED"
