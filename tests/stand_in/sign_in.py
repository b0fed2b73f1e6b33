"""What a client asks before it asks for resources: where everything is, and a token.

The metadata are those azurerm reads (api-version 2022-09-01), the token is an unsigned JWT with the claims it reads.
"""

from __future__ import annotations

import base64
import json
import time
from typing import Any

from tests.stand_in.exchange import Answer, Request
from tests.stand_in.refusal import Refusal

CLIENT_ID = "0c11e470-0000-4000-8000-000000000001"
OBJECT_ID = "0c11e470-0000-4000-8000-000000000002"
SECRET = "a secret of the tests"


def metadata(url: str) -> dict[str, Any]:
    """The cloud's endpoints, all of which are this one."""
    return {
        "name": "AzureCloud",
        "portal": "https://portal.azure.invalid",
        "authentication": {
            "loginEndpoint": url,
            "audiences": [url, "https://management.azure.invalid"],
            "tenant": "common",
            "identityProvider": "AAD",
        },
        "resourceManager": url,
        "microsoftGraphResourceId": "https://graph.azure.invalid/",
        "batch": "https://batch.azure.invalid/",
        "media": "https://media.azure.invalid/",
        "suffixes": {
            "storage": "core.azure.invalid",
            "keyVaultDns": "vault.azure.invalid",
            "mhsmDns": "managedhsm.azure.invalid",
            "acrLoginServer": "azurecr.invalid",
            "sqlServerHostname": "database.azure.invalid",
        },
    }


def issue_token(tenant_id: str) -> str:
    claims = {
        "aud": "https://management.azure.invalid",
        "appid": CLIENT_ID,
        "oid": OBJECT_ID,
        "tid": tenant_id,
        "exp": int(time.time()) + 3600,
    }
    return ".".join([_encode({"alg": "none", "typ": "JWT"}), _encode(claims), "unsigned"])


def answer_token_request(request: Request, tenant_id: str) -> Answer:
    """The client credentials flow."""
    form = request.body if isinstance(request.body, dict) else {}
    if request.path.split("/")[1] != tenant_id:
        raise Refusal(400, "AADSTS90002", f"Tenant '{request.path.split('/')[1]}' not found.")
    if (form.get("grant_type"), form.get("client_id"), form.get("client_secret")) != (
        "client_credentials",
        CLIENT_ID,
        SECRET,
    ):
        raise Refusal(401, "AADSTS7000215", "Invalid client secret provided.")
    return Answer(200, {"token_type": "Bearer", "expires_in": 3599, "access_token": issue_token(tenant_id)})


def check_token(request: Request, tenant_id: str) -> None:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    try:
        claims = json.loads(base64.urlsafe_b64decode(token.split(".")[1] + "=="))
    except (IndexError, ValueError):
        claims = {}
    if scheme != "Bearer" or claims.get("tid") != tenant_id:
        raise Refusal(401, "AuthenticationFailed", "The 'Authorization' header is missing or invalid.")


def _encode(part: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=")
