"""Resource providers of a subscription: registered or not. Registration is immediate here."""

from __future__ import annotations

from tests.stand_in.exchange import Answer, Request
from tests.stand_in.refusal import Refusal

NAMESPACES = (
    "Microsoft.AlertsManagement",
    "Microsoft.Authorization",
    "Microsoft.ContainerService",
    "Microsoft.Insights",
    "Microsoft.ManagedIdentity",
    "Microsoft.ResourceGraph",
)


class Registrations:
    """Which resource providers each subscription uses; every known one unless `missing` says otherwise."""

    def __init__(self) -> None:
        self.missing: set[tuple[str, str]] = set()
        """Subscription and namespace, in lower case."""

    def answer(self, request: Request, subscription: str, namespace: str, operation: str) -> Answer:
        for known in NAMESPACES:
            if known.lower() == namespace.lower():
                key = (subscription.lower(), known.lower())
                if request.method == "POST" and operation.lower() in ("register", "unregister"):
                    (self.missing.discard if operation.lower() == "register" else self.missing.add)(key)
                elif request.method != "GET" or operation:
                    raise Refusal(405, "MethodNotAllowed", f"{request.method} is not allowed here.")
                state = "NotRegistered" if key in self.missing else "Registered"
                return Answer(
                    200,
                    {
                        "id": f"/subscriptions/{subscription}/providers/{known}",
                        "namespace": known,
                        "registrationPolicy": "RegistrationRequired",
                        "registrationState": state,
                        "resourceTypes": [],
                    },
                )
        raise Refusal(404, "InvalidResourceNamespace", f"The resource namespace '{namespace}' is invalid.")
