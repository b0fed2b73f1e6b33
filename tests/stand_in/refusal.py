"""How Azure says no: a status, a code and a message in the error body of Azure Resource Manager.

Codes and texts are Azure's where its documentation or a public issue shows them; for the rest the code is
``BadRequest`` and the text names the property. Tests that depend on a text should depend on the documented ones.
"""

from __future__ import annotations


class Refusal(Exception):
    """An answer that refuses the request."""

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        headers: dict[str, str] | None = None,
        content: dict[str, object] | None = None,
    ) -> None:
        super().__init__(f"{status} {code}: {message}")
        self.status = status
        self.code = code
        self.message = message
        self.headers = headers or {}
        self._content = content

    def body(self) -> dict[str, object]:
        """The shape every Azure SDK and azurerm parse."""
        return self._content or {"error": {"code": self.code, "message": self.message}}


def bad_request(message: str, code: str = "BadRequest") -> Refusal:
    return Refusal(400, code, message)


def unreadable(message: str) -> Refusal:
    """The body has another shape than the REST specification of this api-version gives it."""
    return bad_request(
        f"The request content was invalid and could not be deserialized: '{message}'.", "InvalidRequestContent"
    )


def group_not_found(name: str) -> Refusal:
    return Refusal(404, "ResourceGroupNotFound", f"Resource group '{name}' could not be found.")


def resource_not_found(resource_type: str, name: str, group: str) -> Refusal:
    return Refusal(
        404,
        "ResourceNotFound",
        f"The Resource '{resource_type}/{name}' under resource group '{group}' was not found.",
    )


def location_is_fixed(name: str, group: str, old: str, new: str) -> Refusal:
    return Refusal(
        409,
        "InvalidResourceLocation",
        f"The resource '{name}' already exists in location '{old}' in resource group '{group}'. "
        f"A resource with the same name cannot be created in location '{new}'.",
    )


def principal_not_found(principal: str, tenant: str) -> Refusal:
    return bad_request(
        f"Principal {principal.replace('-', '')} does not exist in the directory {tenant}. "
        "If you are creating this principal and then immediately assigning a role, this error might be related to a "
        "replication delay.",
        "PrincipalNotFound",
    )


def wrong_tenant(url: str, tenant: str, wanted: str) -> Refusal:
    return Refusal(
        401,
        "InvalidAuthenticationTokenTenant",
        f"The access token is from the wrong issuer 'https://sts.windows.net/{tenant}/'. It must match the tenant "
        f"'https://sts.windows.net/{wanted}/' associated with this subscription. Please use the authority (URL) "
        f"'https://login.windows.net/{wanted}' to get the token.",
        {"WWW-Authenticate": f'Bearer authorization_uri="{url}/{wanted}", error="invalid_token"'},
    )
