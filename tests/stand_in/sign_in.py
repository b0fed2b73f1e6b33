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


def openid_configuration(url: str, tenant: str) -> dict[str, Any]:
    """What Microsoft's libraries ask before they ask for a token."""
    return {
        "issuer": f"{url}/{tenant}/v2.0",
        "token_endpoint": f"{url}/{tenant}/oauth2/v2.0/token",
        "authorization_endpoint": f"{url}/{tenant}/oauth2/v2.0/authorize",
        "device_authorization_endpoint": f"{url}/{tenant}/oauth2/v2.0/devicecode",
        "jwks_uri": f"{url}/{tenant}/discovery/v2.0/keys",
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
        raise _denied(400, "invalid_request", f"AADSTS90002: Tenant '{request.path.split('/')[1]}' not found.")
    if (form.get("grant_type"), form.get("client_id"), form.get("client_secret")) != (
        "client_credentials",
        CLIENT_ID,
        SECRET,
    ):
        raise _denied(401, "invalid_client", "AADSTS7000215: Invalid client secret provided.")
    return Answer(200, {"token_type": "Bearer", "expires_in": 3599, "access_token": issue_token(tenant_id)})


def _denied(status: int, error: str, description: str) -> Refusal:
    """OAuth has an error body of its own."""
    return Refusal(status, error, description, content={"error": error, "error_description": description})


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
