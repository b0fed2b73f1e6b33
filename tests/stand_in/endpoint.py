"""A local Azure: the endpoint that Terraform and Microsoft's SDKs talk to instead of management.azure.com.

    with AzureEndpoint() as azure:
        azure.seed("/subscriptions/…/resourceGroups/rg-aks/providers/Microsoft.ContainerService/managedClusters/prod")
        azure.seed_cluster("/subscriptions/…/managedClusters/prod", channel="patch", windows=("aksManaged…",))
        azure.graph.publish("/subscriptions/…/managedClusters/prod", "a guid", {"eventStatus": "Scheduled", …})
        azure.rights.roles = [("/subscriptions/…", "Reader")]
        azure.fail("PUT", "/roleAssignments/", principal_unknown(), times=2)
        subprocess.run(["terraform", "apply"], env=os.environ | azure.environment(subscription_id))
        azure.resources.of_type("Microsoft.Insights/scheduledQueryRules")

It listens on 127.0.0.1 only, on a free port, over TLS with a certificate of its own. What is created lives in memory
until the endpoint stops. It is as strict as Azure: what its rules know is refused as Azure refuses it.
"""

from __future__ import annotations

import json
import os
import re
import socket
import ssl
import tempfile
import threading
import traceback
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from tests.stand_in import sign_in
from tests.stand_in.certificate import make_certificate
from tests.stand_in.container_service import NODE_OS_WINDOW, UPGRADE_WINDOW, keep_cluster
from tests.stand_in.exchange import Answer, Request
from tests.stand_in.faults import Fault, Planned
from tests.stand_in.refusal import Refusal, unreadable
from tests.stand_in.resource_manager import ResourceManager
from tests.stand_in.store import Store

TENANT_ID = "7e4a47d0-0000-4000-8000-000000000000"

Hook = Callable[[Request], Fault | None]


class AzureEndpoint:
    """Azure on this machine, for as long as the ``with`` block lasts."""

    def __init__(self, *, group_delete_polls: int = 1, retry_after: int = 1) -> None:
        self.resources = Store()
        """What exists, by id."""
        self.requests: list[Request] = []
        """Everything that was asked, in the order of the answers, sign-in included."""
        self._manager = ResourceManager(self.resources, TENANT_ID)
        self._manager.group_delete_polls = group_delete_polls
        self._manager.retry_after = retry_after
        self.rights = self._manager.rights
        """What the caller may do."""
        self.graph = self._manager.graph
        """Azure Resource Graph."""
        self.registrations = self._manager.registrations
        """Resource providers."""
        self.health = self._manager.health
        """Availability of alert rules."""
        self._planned: list[Planned] = []
        self._hooks: list[Hook] = []
        self._bugs: list[str] = []
        self._lock = threading.Lock()

    def __enter__(self) -> AzureEndpoint:
        self._directory = tempfile.TemporaryDirectory(prefix="azure-endpoint-")
        self.ca_file, server_pem = make_certificate(Path(self._directory.name))
        self._server = _Server(self, server_pem)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.005})
        self._thread.start()
        self._manager.url = self.url
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.hang_up()
        self._server.server_close()
        self._thread.join()
        self._directory.cleanup()
        if self._bugs and error is None:
            raise AssertionError("the endpoint itself failed:\n" + "\n".join(self._bugs))

    @property
    def url(self) -> str:
        return f"https://127.0.0.1:{self._server.server_port}"

    def environment(self, subscription_id: str) -> dict[str, str]:
        """What points azurerm and Microsoft's SDKs here; the subscription exists from now on."""
        self.seed(f"/subscriptions/{subscription_id}")
        return {
            "ARM_METADATA_HOSTNAME": self.url.removeprefix("https://"),
            "SSL_CERT_FILE": str(self.ca_file),
            "ARM_USE_CLI": "false",
            "ARM_TENANT_ID": TENANT_ID,
            "ARM_CLIENT_ID": sign_in.CLIENT_ID,
            "ARM_CLIENT_SECRET": sign_in.SECRET,
            "ARM_SUBSCRIPTION_ID": subscription_id,
            "ARM_RESOURCE_PROVIDER_REGISTRATIONS": "none",
            **_without_enhanced_validation(),
            "CHECKPOINT_DISABLE": "1",
            "AZURE_TENANT_ID": TENANT_ID,
            "AZURE_CLIENT_ID": sign_in.CLIENT_ID,
            "AZURE_CLIENT_SECRET": sign_in.SECRET,
            "REQUESTS_CA_BUNDLE": str(self.ca_file),
            "NO_PROXY": "127.0.0.1",
            "no_proxy": "127.0.0.1",
        }

    def page_lists(self, size: int | None) -> None:
        """From now on an answer holds that many entries of a list at most."""
        self._manager.page_size = size

    def seed_in_another_tenant(self, subscription_id: str, tenant_id: str) -> None:
        """Makes a subscription exist to which the tokens of this tenant give no access."""
        self._manager.foreign[subscription_id.lower()] = tenant_id

    def seed(self, *identifiers: str, location: str = "westeurope") -> None:
        """Makes subscriptions, resource groups and resources exist that no test creates, such as clusters."""
        with self._lock:
            for identifier in identifiers:
                self.resources.seed(identifier, location)

    def seed_cluster(
        self,
        identifier: str,
        *,
        version: str = "1.33.1",
        channel: str | None = "patch",
        node_os_channel: str | None = "NodeImage",
        windows: tuple[str, ...] = (UPGRADE_WINDOW, NODE_OS_WINDOW),
        support_plan: str = "KubernetesOfficial",
        location: str = "westeurope",
    ) -> None:
        """Makes a cluster exist, or changes it: at first with all that Communication Manager needs."""
        with self._lock:
            self.resources.seed(identifier, location)
            keep_cluster(
                self.resources,
                identifier,
                version=version,
                channel=channel,
                node_os_channel=node_os_channel,
                windows=windows,
                support_plan=support_plan,
            )

    def seed_principal(self, principal_id: str, kind: str = "ServicePrincipal") -> None:
        """Makes the directory know a principal that is no identity of a resource here."""
        self.resources.extra_principals[principal_id.lower()] = kind

    def fail(self, method: str, path: str, fault: Fault, *, times: int | None = 1, skip: int = 0) -> Planned:
        """Answers with `fault` where the method (``*``: any) fits and the expression is found in the decoded path.

        `times` None is for ever; the first `skip` requests that fit are let through. Of several faults that fit, the
        one planned first is taken. The result counts its `hits`.
        """
        planned = Planned(method, re.compile(path, re.IGNORECASE), fault, times, skip)
        self._planned.append(planned)
        return planned

    def recover(self) -> None:
        """Forgets every planned fault."""
        self._planned.clear()

    def on_request(self, hook: Hook) -> None:
        """Calls `hook` with every request before it is answered; a `Fault` it gives back answers instead.

        It runs in the thread of the connection and holds no lock, so that it may wait, look, or kill Terraform.
        """
        self._hooks.append(hook)

    def asked(self, method: str, path: str) -> list[Request]:
        """The requests with this method (``*``: any) in whose path the expression is found."""
        found = re.compile(path, re.IGNORECASE).search
        return [request for request in list(self.requests) if method in ("*", request.method) and found(request.path)]

    def token(self) -> str:
        """A token as the sign-in gives it, for clients that bring their own."""
        return sign_in.issue_token(TENANT_ID)

    def handle(self, request: Request, raw_body: bytes) -> Answer:
        """The answer to a request: a fault if one is planned, else Azure's."""
        try:
            request.body = _parse_body(request, raw_body)
            faults = [fault for hook in list(self._hooks) if (fault := hook(request))]
            with self._lock:
                fault = faults[0] if faults else self._take_fault(request)
                if fault is None:
                    answer = self._proceed(request)
                else:
                    request.fault = fault.name
                    answer = fault.answer(request, self._manager, lambda: self._proceed(request))
        except Refusal as refusal:
            answer = Answer(refusal.status, refusal.body(), refusal.headers)
        except Exception:  # raised by __exit__, or a bug here would pass for a fault of Azure
            self._bugs.append(traceback.format_exc())
            answer = Answer(501, {"error": {"code": "BugInTheEndpoint", "message": self._bugs[-1]}})
        request.status = answer.status
        self.requests.append(request)
        return answer

    def _take_fault(self, request: Request) -> Fault | None:
        """The first planned fault that takes this request; those after it do not count it."""
        return next((planned.fault for planned in self._planned if planned.takes(request)), None)

    def _proceed(self, request: Request) -> Answer:
        if request.path == "/metadata/endpoints":
            return Answer(200, sign_in.metadata(self.url))
        if request.path.endswith("/v2.0/.well-known/openid-configuration"):
            return Answer(200, sign_in.openid_configuration(self.url, request.path.split("/")[1]))
        if request.path.endswith("/oauth2/v2.0/token"):
            return sign_in.answer_token_request(request, TENANT_ID)
        sign_in.check_token(request, TENANT_ID)
        return self._manager.answer(request)


class _Server(ThreadingHTTPServer):
    daemon_threads = False  # server_close waits for them, so that nothing outlives the test

    def __init__(self, azure: AzureEndpoint, server_pem: Path) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.azure = azure
        self._open: set[socket.socket] = set()
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(server_pem)
        # The handshake is left to the thread of the connection: a slow client must not hold up the others.
        self.socket = context.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)

    def process_request(self, request: Any, client_address: Any) -> None:
        self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self._open.discard(request)
        super().shutdown_request(request)

    def hang_up(self) -> None:
        """Ends connections that clients keep open."""
        for connection in list(self._open):
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue  # gone already

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up is its own affair, and `AzureEndpoint.handle` tells of every bug."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    server: _Server

    def _serve(self) -> None:
        url = urlsplit(self.path)
        raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        request = Request(
            self.command,
            unquote(url.path),
            dict(parse_qsl(url.query)),
            {name.lower(): value for name, value in self.headers.items()},
        )
        answer = self.server.azure.handle(request, raw)
        if answer.dropped:
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        body = b"" if answer.body is None else json.dumps(answer.body).encode()
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        if body:
            self.send_header("Content-Type", "application/json; charset=utf-8")
        if answer.status != 204:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()

    do_GET = do_HEAD = do_PUT = do_PATCH = do_POST = do_DELETE = _serve

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: `AzureEndpoint.requests` is the log."""


def _parse_body(request: Request, raw: bytes) -> Any:
    if not raw:
        return None
    if request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        return dict(parse_qsl(raw.decode()))
    try:
        return json.loads(raw)
    except ValueError as error:
        raise unreadable(f"Unexpected content: {error}") from None


def _without_enhanced_validation() -> dict[str, str]:
    """azurerm 4 asks Azure for all locations and resource providers first; azurerm 5 does not, and rejects the variable."""
    major = os.environ.get("AZURERM_VERSION", "").partition(".")[0]
    return {} if major.isdecimal() and int(major) >= 5 else {"ARM_PROVIDER_ENHANCED_VALIDATION": "false"}
