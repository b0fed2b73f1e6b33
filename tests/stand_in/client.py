"""A client without an SDK: sends exactly the body it is given."""

from __future__ import annotations

import http.client
import json
import ssl
from typing import Any
from urllib.parse import quote, urlencode

from tests.stand_in.endpoint import AzureEndpoint
from tests.stand_in.exchange import Answer


def ask(
    azure: AzureEndpoint, method: str, path: str, body: Any = None, *, api_version: str = "", **query: str
) -> Answer:
    """One request with a token. `path` is encoded here; keyword names are query parameters, ``$`` left out."""
    if api_version:
        query = {"api-version": api_version, **{f"${name}": value for name, value in query.items()}}
    headers = {"Authorization": f"Bearer {azure.token()}", "Content-Type": "application/json; charset=utf-8"}
    raw = None if body is None else json.dumps(body).encode()
    return send(azure, method, f"{quote(path)}?{urlencode(query)}", raw, headers)


def send(azure: AzureEndpoint, method: str, target: str, raw: bytes | None, headers: dict[str, str]) -> Answer:
    """One request as it is."""
    host, _, port = azure.url.removeprefix("https://").partition(":")
    context = ssl.create_default_context(cafile=azure.ca_file)
    connection = http.client.HTTPSConnection(host, int(port), context=context, timeout=10)
    try:
        connection.request(method, target, raw, headers)
        response = connection.getresponse()
        text = response.read()
        return Answer(response.status, json.loads(text) if text else None, dict(response.headers))
    finally:
        connection.close()
