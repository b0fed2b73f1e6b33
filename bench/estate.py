"""The clusters that both programs are given."""

SUBSCRIPTION = "11111111-1111-1111-1111-111111111111"


def cluster(number: int) -> tuple[str, str]:
    """Resource group and name: ten clusters in each group."""
    return f"rg-aks-{number // 10:03}", f"prod-{number:04}"


def cluster_id(number: int) -> str:
    """The cluster's ARM id."""
    group, name = cluster(number)
    path = "providers/Microsoft.ContainerService/managedClusters"
    return f"/subscriptions/{SUBSCRIPTION}/resourceGroups/{group}/{path}/{name}"
