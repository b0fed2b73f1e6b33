"""Another team's CDKTF program: its cluster, and the notices for it, in one stack."""

from aks_communication_manager import fast_start

fast_start.enable()  # before anything loads cdktf; without it the program takes longer, with the same output

from cdktf import App, TerraformStack  # noqa: E402
from cdktf_cdktf_provider_azurerm.kubernetes_cluster import (  # noqa: E402
    KubernetesCluster,
    KubernetesClusterDefaultNodePool,
    KubernetesClusterIdentity,
    KubernetesClusterMaintenanceWindowAutoUpgrade,
    KubernetesClusterMaintenanceWindowNodeOs,
)
from cdktf_cdktf_provider_azurerm.provider import AzurermProvider  # noqa: E402
from cdktf_cdktf_provider_azurerm.resource_group import ResourceGroup  # noqa: E402
from constructs import Construct  # noqa: E402

from aks_communication_manager import (  # noqa: E402
    ActionGroup,
    CommunicationManager,
    EmailReceiver,
    add_outputs,
)


class Platform(TerraformStack):
    """A cluster that upgrades itself, and people who are notified."""

    def __init__(self, scope: Construct, id: str) -> None:
        super().__init__(scope, id)
        AzurermProvider(self, "azurerm", features=[{}], subscription_id="11111111-1111-1111-1111-111111111111")
        group = ResourceGroup(self, "group", name="rg-platform", location="westeurope")
        cluster = KubernetesCluster(
            self,
            "cluster",
            name="platform",
            resource_group_name=group.name,
            location=group.location,
            dns_prefix="platform",
            default_node_pool=KubernetesClusterDefaultNodePool(name="default", vm_size="Standard_D4s_v5", node_count=3),
            identity=KubernetesClusterIdentity(type="SystemAssigned"),
            # Without a channel and a maintenance window AKS announces nothing.
            automatic_upgrade_channel="stable",
            maintenance_window_auto_upgrade=KubernetesClusterMaintenanceWindowAutoUpgrade(
                frequency="Weekly",
                interval=1,
                duration=4,
                day_of_week="Sunday",
                start_time="03:00",
                utc_offset="+00:00",
            ),
            node_os_upgrade_channel="NodeImage",
            maintenance_window_node_os=KubernetesClusterMaintenanceWindowNodeOs(
                frequency="Weekly",
                interval=1,
                duration=4,
                day_of_week="Saturday",
                start_time="03:00",
                utc_offset="+00:00",
            ),
        )
        notices = CommunicationManager(
            self,
            "notices",
            scopes=[cluster.id],
            resource_group_name=group.name,
            location=group.location,
            evaluation_frequency="PT15M",
            action_group=ActionGroup.create(
                name="ag-aks-notices",
                short_name="aksnotices",
                receivers=[EmailReceiver(name="platform-team", email_address="platform@example.com")],
            ),
        )
        add_outputs(self, notices)


app = App()
Platform(app, "platform")
app.synth()
