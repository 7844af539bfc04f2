"""Virtual machines of Google Cloud, one for each worker: dask-cloudprovider's ``GCPCluster``."""

from __future__ import annotations

from typing import Any, ClassVar

from ..model.explanation import Advice
from ..model.scaling import Scaling
from ._cloud_options import environ, number, options, switch, text
from ._vm_clusters import vm_cluster
from ._wrapped import Wrapped

__all__ = ("GCP",)


class GCP(Wrapped):
    """Instances of Google's Compute Engine."""

    name = "gcp"
    title = "Google Cloud"
    description = "Virtual machines of Google Cloud, one for each worker."
    factory = "dask_cloudprovider.gcp:GCPCluster"
    needs = ("dask_cloudprovider", "googleapiclient", "google.auth")
    requirement = "dask-cloudprovider[gcp]"
    section = "cloudprovider.gcp"
    stop_patience = 300.0
    by_hand = (
        'List it with: gcloud compute instances list --filter="name~^dask-{short}-"; remove it '
        "with: gcloud compute instances delete, and those names."
    )
    options: ClassVar[dict[str, Any]] = options(
        projectid=text("Project", "Such as my-project-123; who pays."),
        zone=text("Zone", "Such as europe-west3-a; where the machines are.", default="us-east1-c"),
        worker_machine_type=text(
            "Machine of a worker", "Such as n2-standard-4.", default="n1-standard-1"
        ),
        scheduler_machine_type=text(
            "Machine of the scheduler", "Such as n2-standard-2.", default="n1-standard-1"
        ),
        network=text(
            "Network", "Such as default; its firewall opens 8786 and 8787 to this machine only.",
            "Network", default="default",
        ),
        network_projectid=text("Network's project", "Such as shared-net; if another one's.",
                               "Network"),
        docker_image=text(
            "Image", "Such as ghcr.io/dask/dask:2026.8.0; scheduler and workers run in it.",
            "Software", default="daskdev/dask:latest",
        ),
        source_image=text("Machine image", "Such as projects/x/global/images/y.", "Software"),
        bootstrap=switch("Install Docker", "Such as off, for a machine image that has it.",
                         "Software", default=True),
        environ=environ(),
        ngpus=number("GPUs", "Such as 1; of each machine.", "Cost"),
        gpu_type=text("Kind of GPU", "Such as nvidia-tesla-t4.", "Cost"),
        filesystem_size=number("Disk", "Such as 100; of each machine.", "Cost", default=50,
                               **{"x-unit": "GB"}),
        preemptible=switch(
            "Preemptible", "Such as on; cheaper, and taken away within a day.", "Cost",
            default=False,
        ),
        service_account=text("Service account", "Such as x@y.iam.gserviceaccount.com.", "Access"),
    )  # fmt: skip

    @classmethod
    def keywords(cls, options: dict[str, Any], cluster_id: str) -> dict[str, Any]:
        names = {"environ": "env_vars"}
        return {names.get(key, key): value for key, value in options.items()}

    @classmethod
    def warnings(cls, options: dict[str, Any], scaling: Scaling | None) -> list[Advice]:
        if options.get("projectid") or cls.configured("projectid"):
            return []
        return [
            Advice(
                "cloud.incomplete",
                "Google Cloud needs a project.",
                "Set projectid here, or under cloudprovider.gcp in Dask's configuration.",
                "error",
            )
        ]

    def _improved(self, found: Any) -> Any:
        return vm_cluster(found, self.context.id, self._tell)
