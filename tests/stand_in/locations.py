"""Locations: Azure takes "West Europe" and "westeurope" and answers with the second."""

from __future__ import annotations

from tests.stand_in.refusal import Refusal

_NAMES = """
australiacentral australiaeast australiasoutheast austriaeast belgiumcentral brazilsouth canadacentral canadaeast
centralindia centralus chilecentral eastasia eastus eastus2 francecentral germanywestcentral indonesiacentral
israelcentral italynorth japaneast japanwest koreacentral koreasouth malaysiawest mexicocentral newzealandnorth
northcentralus northeurope norwayeast polandcentral qatarcentral southafricanorth southcentralus southeastasia
southindia spaincentral swedencentral switzerlandnorth uaenorth uksouth ukwest westcentralus westeurope westindia
westus westus2 westus3
"""
REGIONS = frozenset(_NAMES.split())


def normalize(location: str) -> str:
    return location.replace(" ", "").lower()


def check_location(location: str, resource_type: str, *, is_global: bool = False) -> str:
    """The normalized location, or a refusal if the type cannot live there; `is_global` types also take ``global``."""
    normal = normalize(location)
    if normal in REGIONS or (is_global and normal == "global"):
        return normal
    raise Refusal(
        400,
        "LocationNotAvailableForResourceType",
        f"The provided location '{location}' is not available for resource type '{resource_type}'.",
    )
