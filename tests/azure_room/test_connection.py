"""Hostile answers: damaged, endless, enormous, late, or of somebody else. None reaches the network."""

from __future__ import annotations

import gzip
import io
import json
import logging
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest
import requests
from azure.core.pipeline.transport import RequestsTransport
from requests.adapters import BaseAdapter
from urllib3 import HTTPResponse

from aks_communication_manager.azure import connection
from aks_communication_manager.azure.answers import ManagedCluster, Subscription
from aks_communication_manager.azure.connection import connect
from aks_communication_manager.azure.failures import AzureFailure, Stalled, Throttled, Unexpected
from tests.stand_in.samples import SUBSCRIPTION

WHOLE = f"/subscriptions/{SUBSCRIPTION}"
TOKEN = "eyJhbGciOiJSUzI1NiJ9.eyJwbDRudGVkIjoiczNjcmV0In0.cGw0bnRlZA"
FINE = json.dumps({"state": "Enabled", "displayName": "fine"}).encode()
METADATA = {
    "resourceManager": "https://arm.example",
    "authentication": {"loginEndpoint": "https://login.example"},
}


class Network(BaseAdapter):
    """Answers requests of the pipeline: logins as they should be, all others by `answer`."""

    def __init__(self, answer: Callable[[str], Any], login: bytes | None = None) -> None:
        self.answer = answer
        self.login = login
        self.asked: list[str] = []

    def send(self, request: requests.PreparedRequest, *args: Any, **options: Any) -> requests.Response:
        url = str(request.url)
        found: Any
        if "/metadata/endpoints" in url:
            found = json.dumps(METADATA).encode()
        elif "openid-configuration" in url:
            found = json.dumps(openid(url)).encode()
        elif "login.example" in url:
            found = (
                self.login or json.dumps({"access_token": TOKEN, "expires_in": 3600, "token_type": "Bearer"}).encode()
            )
        else:
            self.asked.append(url)
            found = self.answer(url)
        status, headers, body = found if isinstance(found, tuple) else (200, {}, found)
        response = requests.Response()
        response.status_code, response.request, response.url = status, request, url
        response.headers.update(headers)
        raw = io.BytesIO(body) if isinstance(body, bytes) else body
        response.raw = HTTPResponse(raw, headers, status, preload_content=False)
        return response

    def close(self) -> None:
        """Nothing is open."""


def openid(url: str) -> dict[str, str]:
    base = url.partition("/v2.0")[0]
    return {
        "issuer": f"{base}/v2.0",
        "authorization_endpoint": f"{base}/oauth2/v2.0/authorize",
        "token_endpoint": f"{base}/oauth2/v2.0/token",
    }


class Drip(io.RawIOBase):
    """A body of which a byte arrives now and then."""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        time.sleep(0.05)
        buffer[0] = 32
        return 1


@pytest.fixture(autouse=True)
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    waits: list[float] = []
    monkeypatch.setattr(RequestsTransport, "sleep", lambda self, seconds: waits.append(seconds))
    for name in ("AZURE_CLIENT_ID", "AZURE_AUTHORITY_HOST"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("ARM_METADATA_HOSTNAME", "metadata.example")
    for name in ("ARM_TENANT_ID", "ARM_CLIENT_ID", "ARM_CLIENT_SECRET"):
        monkeypatch.setenv(name, "11111111-1111-1111-1111-111111111111")
    return waits


def read(network: Network, timeout: float = 5) -> Subscription:
    with connect(timeout=timedelta(seconds=timeout), adapter=network) as arm:
        return arm.get(WHOLE, Subscription)


def failure(kind: type[AzureFailure], network: Network, timeout: float = 5) -> str:
    begin = time.monotonic()
    with pytest.raises(AzureFailure) as caught:
        read(network, timeout)
    assert time.monotonic() - begin < timeout + 3
    assert type(caught.value) is kind, caught.value
    assert str(caught.value).isprintable()
    return str(caught.value)


def test_an_answer_is_read_whole_also_compressed():
    assert read(Network(lambda url: FINE)).display_name == "fine"
    assert read(Network(lambda url: (200, {"Content-Encoding": "gzip"}, gzip.compress(FINE)))).display_name == "fine"


# A 200 that is not what was asked for


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (b"<html>Sign in to the wireless network</html>", "Invalid JSON"),
        (FINE[:-3], "Invalid JSON"),
        (b"", "Invalid JSON"),
        (b"null", "Input should be an object"),
        (b"[]", "Input should be an object"),
        (b"{}", "state: Field required"),
        (b'{"state": null}', "state: Input should be a valid string"),
        (b'{"state": {"a": 1}}', "state: Input should be a valid string"),
        (b"[" * 100_000, "Invalid JSON"),
        (b'{"state": ' + b"9" * 10_000 + b"}", "Invalid JSON"),
        (b'{"state": "\\ud800"}', "Invalid JSON"),
    ],
)
def test_a_200_that_is_something_else_is_not_an_empty_answer(answer, reason):
    message = failure(Unexpected, Network(lambda url: answer))
    assert message.startswith(
        f"Azure answered a request for {WHOLE} with something that is not a subscription ({reason}"
    )
    assert message.endswith("Run it again, and check what answers between here and Azure, such as a proxy.")


@pytest.mark.parametrize("status", [201, 202, 204, 206])
def test_another_success_than_200_says_nothing(status):
    assert failure(Unexpected, Network(lambda url: (status, {}, b"" if status == 204 else FINE))).startswith(
        f"Azure answered {status}, without a subscription, to a request for {WHOLE}"
    )


@pytest.mark.parametrize("entry", [None, 7, "x", [], {}, {"id": 3}, {"id": "/x", "location": "w", "properties": {}}])
def test_one_entry_of_another_form_makes_a_list_unreadable(entry):
    network = Network(lambda url: json.dumps({"value": [entry]}).encode())
    with connect(adapter=network) as arm, pytest.raises(Unexpected, match="a list, each entry a cluster"):
        list(arm.entries(WHOLE, ManagedCluster))


@pytest.mark.parametrize(
    "answer",
    [
        (204, {}, FINE),
        (200, {"Content-Encoding": "gzip"}, FINE),
        (200, {"Content-Encoding": "gzip"}, gzip.compress(FINE)[:20]),
        (200, {"Content-Length": "1000"}, FINE),
    ],
)
def test_a_damaged_body_is_a_failure_in_one_line(answer):
    with pytest.raises(AzureFailure) as caught:
        read(Network(lambda url: answer))
    assert str(caught.value).isprintable()


# Endless answers


def pages(link: Callable[[int], str], value: Callable[[int], list[Any]]) -> Network:
    def answer(url: str) -> bytes:
        number = len(network.asked)
        return json.dumps({"value": value(number), "nextLink": link(number)}).encode()

    network = Network(answer)
    return network


@pytest.mark.parametrize(
    ("link", "value", "most"),
    [
        (lambda number: "https://arm.example/again", lambda number: [{"state": str(number)}], 2),
        (lambda number: f"https://arm.example/{number % 2}", lambda number: [{"state": str(number)}], 3),
        (lambda number: f"https://arm.example/{number}", lambda number: [{"state": "same"}], 2),
    ],
)
def test_a_list_that_goes_round_in_circles_ends(link, value, most):
    network = pages(link, value)
    with connect(adapter=network) as arm, pytest.raises(Unexpected) as caught:
        list(arm.entries(f"{WHOLE}/list", Subscription))
    assert str(caught.value).startswith(f"Azure sent the same page of {WHOLE}/list again, so its list never ends. ")
    assert len(network.asked) == most


def test_pages_without_entries_are_no_progress():
    network = pages(lambda number: f"https://arm.example/{number}", lambda number: [])
    with connect(timeout=timedelta(seconds=0.3), adapter=network) as arm, pytest.raises(Stalled):
        list(arm.entries(WHOLE, Subscription))


@pytest.mark.parametrize("token", ["again", None])
def test_rows_of_resource_graph_that_go_round_in_circles_end(token):
    def answer(url: str) -> bytes:
        skip = token or str(len(network.asked))
        return json.dumps({"data": [{"state": "x"}], "totalRecords": 9, "$skipToken": skip}).encode()

    network = Network(answer)
    with connect(adapter=network) as arm, pytest.raises(Unexpected, match="the same page of Azure Resource Graph"):
        arm.query("resources", {SUBSCRIPTION}, Subscription, "Rows")
    assert len(network.asked) == 2


def test_a_body_that_comes_byte_by_byte_is_given_up():
    message = failure(Stalled, Network(lambda url: (200, {}, Drip())), timeout=1)
    assert message == (
        f"No answer within PT1S to GET https://arm.example{WHOLE}. Run it again, or allow more time with --timeout."
    )


def test_a_login_that_comes_byte_by_byte_is_given_up_and_named():
    network = Network(lambda url: FINE)
    network.login = (200, {}, Drip())  # type: ignore[assignment]
    assert "to POST https://login.example/" in failure(Stalled, network, timeout=0.5)


@pytest.mark.parametrize(
    ("encoding", "reason"),
    [("gzip", "is larger than 8 MB"), ("gzip, gzip", "is encoded as gzip, gzip"), ("br", "is encoded as br")],
)
def test_a_bomb_is_not_unpacked(monkeypatch: pytest.MonkeyPatch, encoding: str, reason: str):
    monkeypatch.setattr(connection, "LARGEST_ANSWER", 8 * 2**20)
    bomb = gzip.compress(b" " * 64 * 2**20)
    message = failure(Unexpected, Network(lambda url: (200, {"Content-Encoding": encoding}, bomb)))
    assert message.startswith(f"The answer to GET https://arm.example{WHOLE} {reason}. ")


# Waits


def in_an_hour() -> str:
    return format_datetime(datetime.now(UTC) + timedelta(hours=1), usegmt=True)


@pytest.mark.parametrize("status", [408, 429, 500, 503])
@pytest.mark.parametrize(
    ("header", "value"),
    [
        ("Retry-After", "3600"),
        ("Retry-After", "in an hour"),
        ("retry-after-ms", "3600000"),
        ("x-ms-retry-after-ms", "3600000"),
        ("Retry-After", "inf"),
        ("Retry-After", "9" * 400),
    ],
)
def test_a_long_wait_is_for_a_person_to_decide_in_whichever_header(waits, status: int, header: str, value: str):
    value = in_an_hour() if value == "in an hour" else value
    network = Network(lambda url: (status, {header: value}, b"{}"))
    assert "wait" in failure(Throttled, network)
    assert waits == []


@pytest.mark.parametrize(
    ("header", "value", "seconds"),
    [("Retry-After", "2", 2), ("retry-after-ms", "1500", 1.5), ("x-ms-retry-after-ms", "1500", 1.5)],
)
def test_a_short_wait_is_waited_for(waits, header: str, value: str, seconds: float):
    network = Network(lambda url: (429, {header: value}, b"{}") if len(network.asked) < 3 else FINE)
    assert read(network).display_name == "fine"
    assert waits == [seconds, seconds]


@pytest.mark.parametrize("value", ["soon", "-1", "nan", "", "Mon, 99 Foo 2026", "1e999x", "\u00e9"])
def test_a_wait_that_cannot_be_read_is_none(waits, value: str):
    network = Network(lambda url: (429, {"Retry-After": value}, b"{}") if len(network.asked) < 3 else FINE)
    assert read(network).display_name == "fine"


# Secrets


@pytest.mark.parametrize(
    "login",
    [
        f'{{"access_token": "{TOKEN}", "expires_in"',
        f'{{"access_token": "{TOKEN}"}}',
        f'["{TOKEN}"]',
        f"<html>{TOKEN}</html>",
        f'{{"error": "invalid_client", "error_description": "AADSTS7000215: Invalid {TOKEN} sig=abc"}}',
        f'{{"access_token": {{"{TOKEN}": 1}}, "expires_in": "{TOKEN}"}}',
        "null",
        "",
    ],
)
def test_a_damaged_login_shows_neither_token_nor_traceback(login: str, capfd: pytest.CaptureFixture[str], caplog):
    caplog.set_level(logging.DEBUG)
    with pytest.raises(AzureFailure) as caught:
        read(Network(lambda url: b"{}", login.encode()))
    assert TOKEN not in str(caught.value)
    assert "sig=abc" not in str(caught.value)
    assert capfd.readouterr() == ("", "")
    assert caplog.text == ""


@pytest.mark.parametrize("echo", [f"token {TOKEN}", "https://x/?sig=abc123&code=abc123", "\x1b[2Jline\nbreak\u202e"])
def test_an_error_that_echoes_a_secret_or_moves_the_cursor_is_cut(echo: str):
    body = json.dumps({"error": {"code": "BadThing", "message": echo}}).encode()
    with pytest.raises(AzureFailure) as caught:
        read(Network(lambda url: (400, {}, body)))
    assert str(caught.value).isprintable()
    assert not {TOKEN, "abc123"} & set(str(caught.value).replace("=", " ").split())
    assert TOKEN not in str(caught.value)


def test_libraries_may_log_again_after_a_session():
    before = logging.root.manager.disable
    read(Network(lambda url: FINE))
    assert logging.root.manager.disable == before
