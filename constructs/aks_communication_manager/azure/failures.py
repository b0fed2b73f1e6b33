"""Errors of Azure, each as one line with a remedy. No token, key or secret is ever part of one."""

from __future__ import annotations

import re

from pydantic import ValidationError

from aks_communication_manager.azure.answers import ErrorAnswer
from aks_communication_manager.text import printable

_GUID = r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"


class AzureFailure(Exception):
    """Azure refused a request or could not be reached. The text is one line without secrets, whatever Azure answered."""

    def __init__(self, problem: str, fix: str) -> None:
        self.problem = printable(problem)
        self.fix = printable(fix)
        super().__init__(f"{self.problem}. {self.fix}")


class WrongTenant(AzureFailure):
    """The subscription belongs to another tenant than the login."""


class NotAllowed(AzureFailure):
    """The login has no right to read this."""


class NotFound(AzureFailure):
    """The resource does not exist, or the login cannot see it."""


class Throttled(AzureFailure):
    """Too many requests, also after waiting."""


class Unreachable(AzureFailure):
    """No answer."""


class Stalled(AzureFailure):
    """No complete answer in time."""


class Unexpected(AzureFailure):
    """An answer without the value that was asked for."""

    def __init__(self, problem: str) -> None:
        super().__init__(problem, "Run it again, and check what answers between here and Azure, such as a proxy.")


NO_ACCESS = (NotAllowed, NotFound, WrongTenant)
"""Failures of one resource or scope; others may be readable."""


def throttled(seconds: float | None) -> Throttled:
    wait = f"wait {seconds:.0f} seconds" if seconds else "wait a minute"
    return Throttled("Azure limits the number of requests and refused one more", f"Please {wait} and run it again.")


def unreachable(url: str, reason: object) -> Unreachable:
    return Unreachable(
        f"Azure cannot be reached at {url} ({_brief(reason)})",
        "Check the network, the proxy (HTTPS_PROXY) and the firewall.",
    )


def from_login(error: Exception, url: str) -> AzureFailure:
    """Error for a failed token request, by its text: `azure-identity` has one exception for all causes."""
    text = str(error)
    if refusal := re.search(r"AADSTS\d+:[^\r\n]*?(?=\s+(?:Trace ID|Correlation ID|Timestamp)|\.?[\r\n]|$)", text):
        return AzureFailure(
            f"The login was refused ({_brief(refusal[0])})", "Run `az login` again, or correct the client's secret."
        )
    if re.search(r"Failed to establish|Max retries|getaddrinfo|resolve|timed out|unreachable|SSL|Connection", text):
        reason = re.search(r"(?:\[Errno -?\d+\] |SSL: )[^\r\n')\]]+|timed out", text)
        return unreachable(url, reason[0] if reason else "no connection")
    return AzureFailure(
        "Nobody is logged in to Azure",
        "Run `az login`, or set AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET.",
    )


def unexpected(path: str, called: str, error: ValidationError) -> Unexpected:
    """Error for an answer that does not match its model. `called`: the expected kind of answer."""
    first, *_ = error.errors(include_url=False, include_context=False, include_input=False)
    place = ".".join(map(str, first["loc"]))
    reason = f"{place}: {first['msg']}" if place else first["msg"]
    return Unexpected(f"Azure answered a request for {path} with something that is not {called} ({_brief(reason)})")


def from_answer(status: int, error: ErrorAnswer, path: str, retry_after: float | None) -> AzureFailure:
    """Error for an error response of Azure Resource Manager."""
    code, message = error.code, error.message
    subscription = re.match(r"/subscriptions/([^/]+)", path)
    if status == 429:
        return throttled(retry_after)
    if code == "InvalidAuthenticationTokenTenant":
        tenants = re.findall(rf"sts\.windows\.net/({_GUID})", message)
        of = f"the subscription {subscription[1]}" if subscription else path
        if len(tenants) < 2:
            return WrongTenant(
                f"The login is for another tenant than that of {of}", "Run `az login --tenant <tenant>`."
            )
        return WrongTenant(
            f"The login is for the tenant {tenants[0]}, but {of} belongs to the tenant {tenants[1]}",
            f"Run `az login --tenant {tenants[1]}`.",
        )
    if status == 401:
        return AzureFailure(f"The login was refused ({code or status})", "Run `az login` again.")
    if status == 403:
        action = re.search(r"perform action '([^']+)'", message)
        return NotAllowed(
            f"This login has no right to {f'`{action[1]}`' if action else 'read'} at {path.partition('/providers/')[0]}",
            "Ask for the role Reader there.",
        )
    if code == "SubscriptionNotFound" and subscription:
        return NotFound(
            f"The subscription {subscription[1]} does not exist, or this login cannot see it",
            "`az account list --all --output table` shows those that it can see.",
        )
    if status == 404:
        return NotFound(f"{path} does not exist", "Correct its id.")
    return AzureFailure(f"Azure answered {status} {code} to a request for {path}: {_brief(message)}", "Run it again.")


def _brief(reason: object) -> str:
    return " ".join(str(reason).split()).rstrip(".")[:200]
