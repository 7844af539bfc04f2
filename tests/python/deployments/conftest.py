"""The real systems that deployments are tested against."""

from ..backends.kubernetes import kubernetes
from ..backends.schedulers import running_scheduler, running_tls_scheduler
from ..backends.sshd import sshd

__all__ = ("kubernetes", "running_scheduler", "running_tls_scheduler", "sshd")
