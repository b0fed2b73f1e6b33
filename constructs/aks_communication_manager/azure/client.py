"""Azure Resource Manager through the pipeline of Microsoft's SDKs: login, retries, timeouts, lists in pages.

One client serves every resource type and every subscription. The azure-mgmt-* packages bring one client for each
service and subscription, 30 MB together, and the one for alert processing rules does not know their current form.
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, TypeVar
from urllib.parse import quote, unquote, urlsplit

from aks_communication_manager.azure.failures import Refused, from_answer, from_login, throttled, unreachable

LONGEST_WAIT = 60
"""Seconds that a throttled request waits for its turn; Azure may ask for an hour, which is for a person to decide."""

CONNECTION_TIMEOUT, READ_TIMEOUT, TOTAL_TIMEOUT = 10, 60, 180
"""Seconds."""

PARALLEL = 8
"""Requests under way at once: a subscription may read 250 and more a second, but a laptop's proxy may not."""

Json = dict[str, Any]
Progress = Callable[[str], None]
Item = TypeVar("Item")
Result = TypeVar("Result")

_PUBLIC_LOGINS = ("login.microsoftonline.com", "login.chinacloudapi.cn", "login.microsoftonline.us")


class Arm:
    """Reads from Azure Resource Manager. Every failure is an `AzureFailure`."""

    def __init__(self, client: Any, url: str, progress: Progress) -> None:
        self.url = url
        self.progress = progress
        """Is called with a line on what is under way."""
        self._client = client

    def get(self, path: str, api_version: str, **query: str) -> Json:
        """A resource by its id, or whatever else lies at a path."""
        return self._ask("GET", path, {"api-version": api_version, **_dollar(query)})

    def post(self, path: str, api_version: str, body: Json) -> Json:
        """A question with a body; nothing here changes anything."""
        return self._ask("POST", path, {"api-version": api_version}, body)

    def entries(self, path: str, api_version: str, **query: str) -> Iterator[Json]:
        """Every entry of a list, page by page."""
        page = self.get(path, api_version, **query)
        while True:
            yield from page.get("value", [])
            link = page.get("nextLink")
            if not link:
                return
            if urlsplit(link).netloc.lower() != urlsplit(self.url).netloc.lower():  # the token is for this host only
                raise Refused(f"Azure sent a link to another host, {urlsplit(link).netloc}", "Run it again.")
            page = self._ask("GET", link, {})

    def map(self, what: str, read: Callable[[Item], Result], items: Iterable[Item]) -> list[Result]:
        """What `read` gives for each item, several at once, in their order."""
        items = list(items)
        results: list[Result] = []
        with ThreadPoolExecutor(PARALLEL) as threads:
            pending = [threads.submit(read, item) for item in items]
            try:
                for number, future in enumerate(pending, 1):
                    results.append(future.result())
                    self.progress(f"{what}: {number} of {len(items)}")
            finally:
                for future in pending:
                    future.cancel()
        return results

    def _ask(self, method: str, path: str, query: Mapping[str, str], body: Json | None = None) -> Json:
        from azure.core.exceptions import (
            AzureError,
            ClientAuthenticationError,
            ServiceRequestError,
            ServiceResponseError,
        )
        from azure.core.rest import HttpRequest

        url = path if path.startswith("https://") else f"{self.url.rstrip('/')}{quote(path)}"
        try:
            answer = self._client.send_request(HttpRequest(method, url, params=dict(query), json=body))
        except ClientAuthenticationError as error:
            raise from_login(error, self.url) from None
        except (ServiceRequestError, ServiceResponseError) as error:
            raise unreachable(self.url, error) from None
        except AzureError as error:
            raise Refused(f"Azure did not answer as expected ({type(error).__name__})", "Run it again.") from None
        if answer.status_code < 300:
            return _json(answer.text())
        retry_after = answer.headers.get("Retry-After", "")
        seconds = float(retry_after) if retry_after.isdigit() else None
        raise from_answer(answer.status_code, _json(answer.text()), unquote(urlsplit(path).path), seconds)


@contextmanager
def connect(progress: Progress = lambda line: None) -> Iterator[Arm]:
    """A client for the cloud that the environment names, with the login that the environment or `az login` gives.

    Clouds: ``AZURE_SDK_CLOUD_CONF`` as all SDKs read it; for a private cloud ``ARM_METADATA_HOSTNAME`` as azurerm reads
    it. Logins: what `azure-identity` finds, or the client secret that azurerm reads (``ARM_CLIENT_ID``, …).
    """
    from azure.core.pipeline import policies
    from azure.mgmt.core import ARMPipelineClient
    from azure.mgmt.core.policies import ARMChallengeAuthenticationPolicy

    # Without a handler Python prints their warnings on stderr; what matters of them is in our failures.
    logging.getLogger("azure").addHandler(logging.NullHandler())
    url, scope, authority = _cloud()

    class GiveUp(policies.SansIOHTTPPolicy[Any, Any]):
        """Ends a request that Azure asks to repeat much later; the retry policy would sleep as long."""

        def on_response(self, request: Any, response: Any) -> None:
            after = response.http_response.headers.get("Retry-After", "")
            if response.http_response.status_code == 429 and after.isdigit() and int(after) > LONGEST_WAIT:
                raise throttled(int(after))

    # Their own list would hold a policy that registers resource providers where one is missing.
    chain = [
        policies.RequestIdPolicy(),
        policies.HeadersPolicy(),
        policies.UserAgentPolicy("aks-communication-manager"),
        policies.ProxyPolicy(),
        policies.RedirectPolicy(permit_redirects=False),
        policies.RetryPolicy(
            retry_total=5, retry_status=5, retry_connect=2, retry_backoff_factor=0.5, timeout=TOTAL_TIMEOUT
        ),
        GiveUp(),
        ARMChallengeAuthenticationPolicy(_credential(authority), scope),
    ]
    timeouts = {"connection_timeout": CONNECTION_TIMEOUT, "read_timeout": READ_TIMEOUT}
    client: Any
    with ARMPipelineClient(url, policies=chain, **timeouts) as client:
        yield Arm(client, url, progress)


def _cloud() -> tuple[str, str, str | None]:
    """Where Azure Resource Manager is, the scope of its tokens, and where logins are checked if the cloud is private."""
    from azure.core.settings import settings
    from azure.mgmt.core.tools import get_arm_endpoints

    if host := os.environ.get("ARM_METADATA_HOSTNAME"):
        return _private_cloud(host)
    try:
        endpoints = get_arm_endpoints(settings.azure_cloud())
    except ValueError as error:
        raise Refused(f"AZURE_SDK_CLOUD_CONF is not the name of a cloud ({error})", "Correct it or unset it.") from None
    return endpoints["resource_manager"], endpoints["credential_scopes"][0], None


def _private_cloud(host: str) -> tuple[str, str, str | None]:
    """What the cloud says of itself, where azurerm asks it too."""
    from azure.core import PipelineClient
    from azure.core.exceptions import AzureError
    from azure.core.rest import HttpRequest

    url = f"https://{host}"
    client: Any
    with PipelineClient(url, retry_total=2, connection_timeout=CONNECTION_TIMEOUT, read_timeout=READ_TIMEOUT) as client:
        try:
            answer = client.send_request(HttpRequest("GET", f"{url}/metadata/endpoints?api-version=2022-09-01"))
            answer.raise_for_status()
            found = answer.json()
            manager = str(found["resourceManager"]).rstrip("/")
            return manager, f"{manager}/.default", os.environ.get("AZURE_AUTHORITY_HOST") or _login(found)
        except AzureError as error:
            raise unreachable(url, error) from None
        except (KeyError, TypeError, ValueError):
            problem = f"ARM_METADATA_HOSTNAME={host} does not describe a cloud"
            raise Refused(problem, "Correct it or unset it.") from None


def _login(found: Json) -> str:
    return str(found["authentication"]["loginEndpoint"])


def _credential(authority: str | None) -> Any:
    from azure.identity import ClientSecretCredential, DefaultAzureCredential

    options: Json = {}
    if authority:
        # A private cloud's login is unknown to login.microsoftonline.com, which would be asked whether it exists.
        public = urlsplit(authority).netloc in _PUBLIC_LOGINS
        options = {"authority": authority, "disable_instance_discovery": not public}
    names = ("ARM_TENANT_ID", "ARM_CLIENT_ID", "ARM_CLIENT_SECRET")
    of_terraform = [os.environ.get(name) for name in names]
    if all(of_terraform) and not os.environ.get("AZURE_CLIENT_ID"):
        tenant, client, secret = map(str, of_terraform)
        return ClientSecretCredential(tenant, client, secret, **options)
    return DefaultAzureCredential(**options)


def _dollar(query: Mapping[str, str]) -> dict[str, str]:
    return {f"${name}": value for name, value in query.items()}


def _json(text: str) -> Json:
    try:
        parsed = json.loads(text or "{}")
    except ValueError:
        return {}
    return parsed if isinstance(parsed, dict) else {}
