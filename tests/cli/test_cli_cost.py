"""The command cost: all ways are priced for the same clusters, and the stacks are added up."""

from __future__ import annotations

import json

import pytest
from cli_support import run
from tests.synthesis import SUBSCRIPTION, cluster, resource_group

STACK = """\
  {name}:
    subscription_id: 11111111-1111-1111-1111-111111111111
    location: westeurope
    resource_group: rg-{name}
    allow_overlap: true
    evaluation_frequency: PT15M
    scopes: [{scopes}]
    action_group:
      name: ag
      short_name: aks
      receivers: [{{type: email, name: team, email_address: team@example.com}}]
"""
IN_ONE_GROUP = [cluster(f"c{number}", "rg-a") for number in range(40)]
IN_MANY_GROUPS = [cluster(f"c{number}", f"rg-{number}") for number in range(40)]
WIDE = resource_group("rg-a")


@pytest.fixture
def answer(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def answer(*words, **stacks):
        text = "".join(STACK.format(name=name, scopes=", ".join(scopes)) for name, scopes in stacks.items())
        (tmp_path / "communication-manager.yaml").write_text(f"stacks:\n{text}")
        return json.loads(run("cost", "--json", *words).out)

    return answer


def prices(stack):
    """The highest price of each way."""
    ways = [{"way": "this config", **stack}, *stack["alternatives"]]
    return {way["way"]: way["usd_a_month"]["most"] for way in ways if "usd_a_month" in way}


@pytest.mark.parametrize("scopes", [IN_ONE_GROUP, IN_MANY_GROUPS], ids=["one group", "many groups"])
def test_forty_listed_clusters_are_forty_in_every_way(scopes, answer):
    found = answer(production=scopes)
    stack = found["stacks"]["production"]
    assert (stack["clusters"], found["assumed_clusters"]) == (40, None)
    # A cluster has 20 events a month: 0.50 for each of two rules, and 0.05 for each further time series. A wide scope of several
    # clusters has digests of four hours instead.
    assert prices(stack)["this config"] == pytest.approx(40 * 1.00 + (40 * 20 - 80) * 0.05)
    assert prices(stack)["scopes: their subscriptions"] == pytest.approx(1.00 + (4 * 20 - 2) * 0.05)
    groups, digests = (1, 4 * 20) if scopes is IN_ONE_GROUP else (40, 40 * 20)
    assert prices(stack)["scopes: their resource groups"] == pytest.approx(
        groups * 1.00 + (digests - 2 * groups) * 0.05
    )


@pytest.mark.parametrize(
    ("scopes", "clusters"),
    [
        ([WIDE], 10),
        ([WIDE, resource_group("rg-b")], 20),
        ([WIDE, IN_ONE_GROUP[0]], 10),  # it is one of the ten
        ([WIDE, *IN_ONE_GROUP[:12]], 12),
        ([WIDE, cluster("other", "rg-b")], 11),
        ([f"/subscriptions/{SUBSCRIPTION}", WIDE, resource_group("rg-b")], 20),
        ([f"/subscriptions/{SUBSCRIPTION}"], 10),
    ],
)
def test_a_wide_scope_has_the_assumed_clusters_or_those_listed_in_it(scopes, clusters, answer):
    found = answer(production=scopes)
    assert (found["stacks"]["production"]["clusters"], found["assumed_clusters"]) == (clusters, 10)


def test_the_stacks_are_added_up(answer):
    found = answer("--clusters", "7", one=IN_ONE_GROUP[:2], two=[WIDE])
    one, two = found["stacks"].values()
    total = found["total"]
    assert total["clusters"] == 2 + 7
    assert total["alert_rules"] == one["alert_rules"] + two["alert_rules"] == 6
    for price in ("least", "most"):
        expected = one["usd_a_month"][price] + two["usd_a_month"][price]
        assert total["usd_a_month"][price] == pytest.approx(expected)


def test_the_table_says_what_it_assumes(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    text = STACK.format(name="one", scopes=WIDE) + STACK.format(name="two", scopes=IN_MANY_GROUPS[0])
    (tmp_path / "communication-manager.yaml").write_text(f"stacks:\n{text}")
    shown = run("cost")
    digests = "Assumed: the events of one maintenance fall into 4 hours, each with a digest.\n"
    assert shown.err == f"{digests}Assumed: 10 clusters in each watched resource group and subscription (--clusters).\n"
    titles = [
        line.strip() for line in shown.out.splitlines() if "cluster" in line and ":" in line and "scopes" not in line
    ]
    assert titles == ["one: 10 clusters", "two: 1 cluster", "all stacks: 11 clusters"]
    assert run("cost", "--stack", "two").err == digests  # its other ways have some
