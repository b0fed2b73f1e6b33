# terraform test: no account and no Azure, the provider only pretends. Terraform 1.7 or later.
mock_provider "azurerm" {}

run "both_notices_of_the_cluster_have_a_rule" {
  command = plan

  assert {
    condition     = toset([for name in keys(output.alert_rule_ids) : split("-prod", name)[0]]) == toset(["cluster-auto-upgrade", "node-os-auto-upgrade"])
    error_message = "The alert rules are ${join(", ", keys(output.alert_rule_ids))}."
  }
}

run "an_address_without_a_mailbox_is_refused" {
  command = plan

  module {
    source = "./cdktf.out/stacks/aks-notices"
  }

  variables {
    resource_group_name = "rg-aks-notices"
    platform_email      = "platform"
  }

  expect_failures = [var.platform_email]
}
