"""What can go wrong on purpose: faults that answer instead of Azure, for requests that match."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from tests.stand_in.exchange import Answer, Request
from tests.stand_in.refusal import Refusal, principal_not_found
from tests.stand_in.resource_manager import ResourceManager

Proceed = Callable[[], Answer]
"""Lets Azure answer after all."""


@dataclass(frozen=True)
class Fault:
    """A named way to answer; it may let the request take effect first."""

    name: str
    answer: Callable[[Request, ResourceManager, Proceed], Answer]


def refused(status: int, code: str, message: str = "Refused by the test.", **headers: str) -> Fault:
    """Any error of Azure. Keyword names become headers: ``retry_after="1"`` is ``Retry-After: 1``."""
    named = {key.replace("_", "-").title(): value for key, value in headers.items()}
    body = {"error": {"code": code, "message": message}}
    return Fault(f"{status} {code}", lambda request, azure, proceed: Answer(status, body, named))


def too_many_requests(retry_after: int = 1) -> Fault:
    """429: clients wait as long as the answer says and ask again."""
    return refused(429, "TooManyRequests", "The request limit was exceeded.", retry_after=str(retry_after))


def server_error(status: int = 500) -> Fault:
    return refused(status, "InternalServerError", "An unexpected error occurred.")


def forbidden() -> Fault:
    """403, which no client repeats: the person who applies may not do this."""
    return refused(403, "AuthorizationFailed", "The client does not have authorization to perform this action.")


def principal_unknown() -> Fault:
    """What a role assignment gets while a new principal has not reached every region; azurerm repeats it."""

    def answer(request: Request, azure: ResourceManager, proceed: Proceed) -> Answer:
        principal = (request.body or {}).get("properties", {}).get("principalId", "")
        refusal: Refusal = principal_not_found(principal, "the tenant of the tests")
        return Answer(refusal.status, refusal.body())

    return Fault("400 PrincipalNotFound", answer)


def dropped_connection(*, after_effect: bool = False) -> Fault:
    """The connection closes without an answer; with `after_effect` Azure has done what was asked."""

    def answer(request: Request, azure: ResourceManager, proceed: Proceed) -> Answer:
        if after_effect:
            proceed()
        return Answer(0, dropped=True)

    return Fault("dropped after taking effect" if after_effect else "dropped", answer)


def server_error_after_effect(status: int = 500) -> Fault:
    """Azure does what was asked and then says that it failed."""

    def answer(request: Request, azure: ResourceManager, proceed: Proceed) -> Answer:
        proceed()
        return Answer(status, {"error": {"code": "InternalServerError", "message": "An unexpected error occurred."}})

    return Fault(f"{status} after taking effect", answer)


def long_running(polls: int = 2, header: str = "Location") -> Fault:
    """202 for a DELETE, done after `polls` questions at the URL in `header` (or ``Azure-AsyncOperation``)."""
    return Fault("202", lambda request, azure, proceed: azure.delay(request, polls, header))


@dataclass
class Planned:
    """A fault and the requests it is for."""

    method: str
    path: re.Pattern[str]
    fault: Fault
    times: int | None
    skip: int
    hits: int = 0
    """How often it has answered."""

    def takes(self, request: Request) -> bool:
        """Whether this request is one of them; counts it."""
        if self.method not in ("*", request.method) or not self.path.search(request.path):
            return False
        if self.times is not None and self.hits >= self.times:
            return False
        if self.skip:
            self.skip -= 1
            return False
        self.hits += 1
        return True
