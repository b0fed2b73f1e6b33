"""A value is parsed once and a query rendered once, however many clusters there are."""

from __future__ import annotations

from collections import Counter

from aks_communication_manager.arm.ids import ArmId, ResourceId
from aks_communication_manager.compiler import compile_config
from aks_communication_manager.kql import templates
from aks_communication_manager.terraform import output
from tests.config.configs import CLUSTER, GROUP, config

CLUSTERS = [f"{CLUSTER}-{number}" for number in range(100)]
ACTION_GROUP = f"{GROUP}/providers/Microsoft.Insights/actionGroups/ag"


def counted(monkeypatch, owner: object, name: str) -> Counter[str]:
    """How often a function is called with each first argument (of `render`, with each scope and template)."""
    calls: Counter[str] = Counter()
    function = getattr(owner, name)

    def counting(first: str, *rest: object, **named: object) -> object:
        scopes = named.get("scopes", ())
        calls[f"{first} {[str(scope) for scope in scopes]}" if scopes else first] += 1
        return function(first, *rest, **named)

    monkeypatch.setattr(owner, name, staticmethod(counting) if isinstance(owner, type) else counting)
    return calls


def test_a_hundred_clusters_are_parsed_and_rendered_once_each(monkeypatch, tmp_path):
    scopes = counted(monkeypatch, ArmId, "parse")
    others = counted(monkeypatch, ResourceId, "parse")
    queries = counted(monkeypatch, templates, "render")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "config.yaml").write_text(
        config(f"scopes: [{', '.join(CLUSTERS)}]\naction_group: {{id: {ACTION_GROUP}}}")
    )

    output.synthesize(compile_config(tmp_path / "config.yaml").checked(), tmp_path / "cdktf.out")

    assert scopes == dict.fromkeys(CLUSTERS, 1)
    assert others == {ACTION_GROUP: 1}
    assert len(queries) == 2 * len(CLUSTERS)
    assert set(queries.values()) == {1}
