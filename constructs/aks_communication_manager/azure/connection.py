"""A connection to Azure, with cloud and login from the environment, and limits on time and size.

Microsoft's SDKs handle logins, retries and proxies.
"""

from __future__ import annotations

import io
import logging
import math
import os
import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, wait
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from azure.core import PipelineClient
from azure.core.exceptions import AzureError, ClientAuthenticationError, ServiceRequestError, ServiceResponseError
from azure.core.pipeline import PipelineContext, PipelineResponse, policies
from azure.core.pipeline.transport import RequestsTransport
from azure.core.rest import HttpRequest
from azure.core.settings import settings
from azure.identity import ClientSecretCredential, DefaultAzureCredential
from azure.mgmt.core import ARMPipelineClient
from azure.mgmt.core.policies import ARMChallengeAuthenticationPolicy
from azure.mgmt.core.tools import get_arm_endpoints
from requests import PreparedRequest, Response, Session
from requests.adapters import BaseAdapter, HTTPAdapter
from urllib3 import HTTPResponse, Retry

from aks_communication_manager.arm.durations import iso
from aks_communication_manager.azure.client import Arm, Progress, Reply, Result, complete
from aks_communication_manager.azure.failures import (
    AzureFailure,
    Stalled,
    Unexpected,
    from_login,
    throttled,
    unreachable,
)

DEFAULT_TIMEOUT = timedelta(minutes=2)
"""Time limit of one request, including its retries and the login."""

LONGEST_WAIT = 60
"""Longest wait, in seconds, that Azure may ask for. A longer one is an error: the user decides whether to wait."""

CONNECTION_TIMEOUT, READ_TIMEOUT = 10, 60
"""Seconds."""

LARGEST_ANSWER = 64 * 2**20
"""Bytes after decompression. A thousand rows of Resource Graph have about one million."""

_PUBLIC_LOGINS = ("login.microsoftonline.com", "login.chinacloudapi.cn", "login.microsoftonline.us")


@contextmanager
def connect(
    progress: Progress = lambda line: None,
    timeout: timedelta = DEFAULT_TIMEOUT,
    adapter: BaseAdapter | None = None,
) -> Iterator[Arm]:
    """Open a client for the cloud and the login of the environment (or of `az login`).

    Clouds: ``AZURE_SDK_CLOUD_CONF`` as all SDKs read it; for a private cloud ``ARM_METADATA_HOSTNAME`` as azurerm reads
    it. Logins: what `azure-identity` finds, or the client secret that azurerm reads (``ARM_CLIENT_ID``, …).
    `adapter` replaces the network, for tests.
    """
    deadline = _Deadline(timeout)
    with _silenced(), _transport(adapter, deadline) as transport:
        cloud = _cloud(transport, deadline)
        credential = _credential(cloud.authority, transport)
        retries = policies.RetryPolicy(
            retry_total=5, retry_status=5, retry_connect=2, retry_backoff_factor=0.5, timeout=timeout.total_seconds()
        )
        # The default policies would register missing resource providers.
        chain = [
            policies.RequestIdPolicy(),
            policies.HeadersPolicy(),
            policies.UserAgentPolicy("aks-communication-manager"),
            policies.ProxyPolicy(),
            policies.RedirectPolicy(permit_redirects=False),
            retries,
            _GiveUp(retries, min(LONGEST_WAIT, timeout.total_seconds())),
            ARMChallengeAuthenticationPolicy(credential, cloud.scope),
        ]
        client: Any = ARMPipelineClient(cloud.url, policies=chain, transport=transport)

        def exchange(method: str, url: str, query: Mapping[str, str], body: Any) -> Reply:
            try:
                answer = client.send_request(HttpRequest(method, url, params=dict(query), json=body))
                return Reply(answer.status_code, answer.content, _seconds(retries, answer))
            except ClientAuthenticationError as error:
                raise from_login(error, cloud.url) from None
            except (ServiceRequestError, ServiceResponseError) as error:
                raise unreachable(cloud.url, error) from None
            except AzureError as error:
                raise AzureFailure(f"The request failed ({type(error).__name__})", "Run it again.") from None

        yield Arm(cloud.url, lambda *question: deadline.run(lambda: exchange(*question)), progress, timeout)


class _GiveUp(policies.SansIOHTTPPolicy[Any, Any]):
    """Policy that fails a request if Azure asks for a long wait; the retry policy would sleep that long."""

    def __init__(self, retries: policies.RetryPolicy[Any, Any], longest: float) -> None:
        self._retries, self._longest = retries, longest

    def on_response(self, request: Any, response: Any) -> None:
        after = _seconds(self._retries, response.http_response)
        if response.http_response.status_code >= 400 and after is not None and not after <= self._longest:
            raise throttled(after if math.isfinite(after) else None)


def _seconds(retries: Any, answer: Any) -> float | None:
    """Wait that Azure asks for, in seconds. Removes headers that cannot be parsed: the retry policy would fail on them."""
    try:
        seconds: float | None = retries.get_retry_after(PipelineResponse(None, answer, PipelineContext(None)))
    except (ValueError, TypeError, OverflowError):
        for name in ("Retry-After", "retry-after-ms", "x-ms-retry-after-ms"):
            answer.headers.pop(name, None)
        return None
    return seconds


@dataclass
class _Deadline:
    """Time limit for requests, each in a thread: a socket timeout does not end an answer that arrives byte by byte."""

    timeout: timedelta
    asked: dict[int, str] = field(default_factory=dict)
    """Current request by thread, for messages."""

    def run(self, call: Callable[[], Result]) -> Result:
        """Run a call. Raises its exception, or `Stalled` after the timeout; the thread then ends with the program."""
        future: Future[Result] = Future()
        thread = threading.Thread(target=complete, args=(future, call), daemon=True)
        thread.start()
        if not wait([future], self.timeout.total_seconds()).done:
            asked = self.asked.get(thread.ident or 0, "a login")
            problem = f"No answer within {iso(self.timeout)} to {asked}"
            raise Stalled(problem, "Run it again, or allow more time with --timeout.")
        return future.result()


class _Bounded(BaseAdapter):
    """Adapter that reads every answer completely, up to a size, including those of logins."""

    def __init__(self, inner: BaseAdapter, deadline: _Deadline) -> None:
        super().__init__()
        self._inner, self._deadline = inner, deadline

    def send(self, request: PreparedRequest, *args: Any, **options: Any) -> Response:
        url = urlsplit(str(request.url))
        asked = f"{request.method} {url.scheme}://{url.netloc}{url.path}"
        self._deadline.asked[threading.get_ident()] = asked
        answer = self._inner.send(request, *args, **{**options, "stream": True})
        content = _content(answer, asked)
        answer.raw.close()
        headers = {name: value for name, value in answer.headers.items() if name.lower() not in _OF_THE_BODY}
        answer.raw = HTTPResponse(io.BytesIO(content), headers, answer.status_code, preload_content=False)
        return answer

    def close(self) -> None:
        self._inner.close()


@contextmanager
def _transport(adapter: BaseAdapter | None, deadline: _Deadline) -> Iterator[RequestsTransport]:
    # No retries here: the pipeline has a retry policy.
    retries = Retry(total=False, redirect=False, raise_on_status=False)
    inner = adapter or HTTPAdapter(max_retries=retries, pool_maxsize=20)
    with Session() as session:
        session.mount("https://", _Bounded(inner, deadline))
        timeouts = {"connection_timeout": CONNECTION_TIMEOUT, "read_timeout": READ_TIMEOUT}
        yield RequestsTransport(session=session, session_owner=False, **timeouts)


_OF_THE_BODY = ("content-encoding", "content-length", "transfer-encoding")


def _content(answer: Response, asked: str) -> bytes:
    encoding = answer.headers.get("Content-Encoding", "")
    content = bytearray()
    # Nested encodings multiply: one kilobyte can become a terabyte in a single step.
    if encoding.lower() in ("", "identity", "gzip", "x-gzip", "deflate"):
        reader = Response()  # the answer itself can be read only once, by the pipeline
        reader.raw = answer.raw
        for chunk in reader.iter_content(2**14):
            content += chunk
            if len(content) > LARGEST_ANSWER:
                problem = f"The answer to {asked} is larger than {LARGEST_ANSWER // 2**20} MB"
                raise Unexpected(problem)
        return bytes(content)
    raise Unexpected(f"The answer to {asked} is encoded as {encoding}")


@contextmanager
def _silenced() -> Iterator[None]:
    """Disable logging: msal logs tokens and tracebacks."""
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        yield
    finally:
        logging.disable(before)


@dataclass(frozen=True)
class _Cloud:
    url: str
    """URL of Azure Resource Manager."""
    scope: str
    """Scope of its access tokens."""
    authority: str | None = None
    """Login endpoint of a private cloud; None for the default."""


def _cloud(transport: RequestsTransport, deadline: _Deadline) -> _Cloud:
    if host := os.environ.get("ARM_METADATA_HOSTNAME"):
        return deadline.run(lambda: _private_cloud(host, transport))
    try:
        endpoints = get_arm_endpoints(settings.azure_cloud())
    except ValueError as error:
        raise AzureFailure(
            f"AZURE_SDK_CLOUD_CONF is not the name of a cloud ({error})", "Correct it or unset it."
        ) from None
    return _Cloud(endpoints["resource_manager"], endpoints["credential_scopes"][0])


def _private_cloud(host: str, transport: RequestsTransport) -> _Cloud:
    """Read a cloud's endpoints from its metadata, as azurerm does."""
    url = f"https://{host}"
    client: Any = PipelineClient(url, retry_total=2, transport=transport)
    try:
        answer = client.send_request(HttpRequest("GET", f"{url}/metadata/endpoints?api-version=2022-09-01"))
        answer.raise_for_status()
        found = answer.json()
        manager = str(found["resourceManager"]).rstrip("/")
        if urlsplit(manager).scheme != "https":
            raise ValueError
        login = os.environ.get("AZURE_AUTHORITY_HOST") or str(found["authentication"]["loginEndpoint"])
        return _Cloud(manager, f"{manager}/.default", login)
    except AzureError as error:
        raise unreachable(url, error) from None
    except (KeyError, TypeError, ValueError, RecursionError):
        raise AzureFailure(
            f"ARM_METADATA_HOSTNAME={host} does not describe a cloud", "Correct it or unset it."
        ) from None


def _credential(authority: str | None, transport: RequestsTransport) -> Any:
    options: dict[str, Any] = {"transport": transport}
    if authority:
        # Instance discovery asks login.microsoftonline.com, which does not know a private cloud.
        public = urlsplit(authority).netloc in _PUBLIC_LOGINS
        options |= {"authority": authority, "disable_instance_discovery": not public}
    try:
        of_terraform = [os.environ.get(name) for name in ("ARM_TENANT_ID", "ARM_CLIENT_ID", "ARM_CLIENT_SECRET")]
        if all(of_terraform) and not os.environ.get("AZURE_CLIENT_ID"):
            tenant, client, secret = map(str, of_terraform)
            return ClientSecretCredential(tenant, client, secret, **options)
        return DefaultAzureCredential(**options)
    except ValueError as error:  # for example an authority without https
        raise AzureFailure(
            f"The settings of the login are not valid ({error})", "Correct the variables AZURE_…."
        ) from None
