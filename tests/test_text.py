"""What of a foreign text reaches a terminal or a log."""

from __future__ import annotations

import base64
import random

import pytest

from aks_communication_manager.text import printable, without_secrets
from tests.stand_in.samples import CLUSTER

KEY = base64.b64encode(random.Random(1).randbytes(64)).decode()
JWT = "eyJhbGciOiJSUzI1NiJ9.eyJhdWQiOiJodHRwczovL21hbmFnZW1lbnQifQ.c2lnbmF0dXJl"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (f"token {JWT}, expired", "token …, expired"),
        (JWT.rpartition(".")[0], "…"),
        ("https://x.example/hook?sig=a%2Fb&sv=2024", "https://x.example/hook?sig=…&sv=2024"),
        ("https://f.example/api?code=abc==", "https://f.example/api?code=…"),
        ("SharedAccessSignature sr=x&sig=y", "SharedAccessSignature …"),
        ("AccountName=x;AccountKey=abc;Suffix=y", "AccountName=x;AccountKey=…;Suffix=y"),
        ("SharedAccessKey=abc;x", "SharedAccessKey=…;x"),
        ("grant_type=x&client_secret=abc&client_assertion=def", "grant_type=x&client_secret=…&client_assertion=…"),
        ('{"access_token": "abc", "expires_in": 3}', '{"access_token": "…", "expires_in": 3}'),
        ("Authorization: Bearer abc", "Authorization: Bearer …"),
        ("Server=x;Password = abc;Pwd=def", "Server=x;Password = …;Pwd=…"),
        ("-----BEGIN RSA PRIVATE KEY-----\nabc\n-----END", "-----BEGIN RSA PRIVATE KEY-----…-----END"),
        ("https://user:secret@proxy.example:8080/", "https://…@proxy.example:8080/"),
        (f"key {KEY}.", "key …."),
        (base64.urlsafe_b64encode(base64.b64decode(KEY)).decode(), "…"),
    ],
)
def test_of_a_secret_an_ellipsis_is_left(text, shown):
    assert printable(text) == shown


@pytest.mark.parametrize(
    "text",
    [
        CLUSTER,
        CLUSTER.replace("11111111-1111-1111-1111-111111111111", "550E8400-E29B-41D4-A716-446655440000"),
        "Prod-AKS-West-Europe-0001-Contoso-Retail-Payments-Backend-02",
        "az monitor action-group update --name ag --set enabled=true",
        "AADSTS7000215: Invalid client secret provided",
        'where token == "x"',
        "Azure answered 400 (Code: BadThing)",
        "Ünïcode – 漢字 😀",
    ],
)
def test_ids_names_and_messages_stay_whole(text):
    assert printable(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\x1b[2Jb", r"a\x1b[2Jb"),
        ("a\x9b31mb", r"a\x9b31mb"),
        ("line\nbreak\r\u2028\u2029\x85", r"line\nbreak\r\u2028\u2029\x85"),
        ("\u202etxt\u2066", r"\u202etxt\u2066"),
        ("zero\u200bwidth\ufeff", r"zero\u200bwidth\ufeff"),
        ("\ud800", r"\ud800"),
    ],
)
def test_what_would_move_the_cursor_or_not_show_is_escaped(text, shown):
    assert printable(text) == shown


def test_a_url_in_a_message_of_ours_has_its_scheme_alone():
    assert without_secrets("see https://x.example/hook now") == "see https://… now"
    assert (
        without_secrets("a=https://x.example/b?sig=c token=d", hide=str.upper) == "a=https://X.EXAMPLE/B?SIG=C token=D"
    )
