# What a team has already: its provider, its backend, its resources; the notices are one module among others.
terraform {
  required_version = ">= 1.6"
  required_providers {
    azurerm = {
      source  = "hashicorp/azurerm"
      version = "~> 4.55"
    }
  }
}

provider "azurerm" {
  features {}
  subscription_id = "11111111-1111-1111-1111-111111111111"
}

resource "azurerm_resource_group" "notices" {
  name     = "rg-aks-notices"
  location = "westeurope"
}

module "aks_notices" {
  source = "./cdktf.out/stacks/aks-notices"

  resource_group_name = azurerm_resource_group.notices.name
  platform_email      = "platform@example.com"
}

output "alert_rule_ids" {
  value = module.aks_notices.notices_alert_rule_ids
}
