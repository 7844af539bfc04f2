"""Virtual machines of Azure, one for each worker: dask-cloudprovider's ``AzureVMCluster``."""

from __future__ import annotations

from typing import Any, ClassVar

from ..model.explanation import Advice
from ..model.scaling import Scaling
from ._cloud_options import environ, number, options, switch, text
from ._vm_clusters import vm_cluster
from ._wrapped import Wrapped

__all__ = ("Azure",)


class Azure(Wrapped):
    """Virtual machines of Azure."""

    name = "azure"
    title = "Azure"
    description = "Virtual machines of Microsoft Azure, one for each worker."
    factory = "dask_cloudprovider.azure:AzureVMCluster"
    needs = ("dask_cloudprovider", "azure.identity", "azure.mgmt.compute", "azure.mgmt.network")
    requirement = "dask-cloudprovider[azure]"
    section = "cloudprovider.azure"
    stop_patience = 900.0  # it waits for each machine to be deleted
    by_hand = (
        "List it with: az resource list --tag cluster-id={short} --query [].id --output tsv; "
        "remove it with: az resource delete --ids, and disks named dask-{short}-… with: az disk "
        "delete."
    )
    settings: ClassVar[dict[str, str]] = {
        name: f"azurevm.{name}"
        for name in ("vnet", "security_group", "vm_size", "scheduler_vm_size", "public_ingress",
                     "docker_image", "disk_size", "bootstrap", "subnet")
    }  # fmt: skip
    options: ClassVar[dict[str, Any]] = options(
        location=text("Location", "Such as westeurope; where the machines are."),
        resource_group=text("Resource group", "Such as my-group; it must be there."),
        vnet=text("Virtual network", "Such as my-network; of the resource group."),
        security_group=text(
            "Security group", "Such as my-rules; it opens 8786 and 8787 to this machine only."
        ),
        vm_size=text("Size of a machine", "Such as Standard_D4s_v5.", default="Standard_DS1_v2"),
        scheduler_vm_size=text("Size", "Such as Standard_D2s_v5; unset: that of workers.",
                               "Scheduler"),
        public_ingress=switch(
            "Public address", "Such as off, where this machine is in the same network.",
            "Scheduler", default=True,
        ),
        subnet=text("Subnet", "Such as default; of the virtual network.", "Network"),
        docker_image=text(
            "Image", "Such as ghcr.io/dask/dask:2026.8.0; scheduler and workers run in it.",
            "Software", default="daskdev/dask:latest",
        ),
        bootstrap=switch("Install Docker", "Such as off, for a machine image that has it.",
                         "Software", default=True),
        environ=environ(),
        disk_size=number("Disk", "Such as 100; of each machine.", "Cost", maximum=1023,
                         default=50, **{"x-unit": "GB"}),
        subscription_id=text("Subscription", "Such as its id; unset: that of az login.", "Access"),
    )  # fmt: skip

    @classmethod
    def keywords(cls, options: dict[str, Any], cluster_id: str) -> dict[str, Any]:
        names = {"environ": "env_vars"}
        return {names.get(key, key): value for key, value in options.items()}

    @classmethod
    def missing(cls, options: dict[str, Any]) -> list[str]:
        """What the class needs and neither options nor configuration say."""
        needed = ("location", "resource_group", "vnet", "security_group")
        return [name for name in needed if not (options.get(name) or cls.configured(name))]

    @classmethod
    def warnings(cls, options: dict[str, Any], scaling: Scaling | None) -> list[Advice]:
        missing = cls.missing(options)
        if not missing:
            return []
        return [
            Advice(
                "cloud.incomplete",
                f"Azure needs {', '.join(missing)} as well.",
                "Set them here, or under cloudprovider.azure in Dask's configuration.",
                "error",
            )
        ]

    def _improved(self, found: Any) -> Any:
        return vm_cluster(found, self.context.id, self._tell)
