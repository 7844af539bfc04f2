"""The real systems that deployments are tested against."""

from ..backends.schedulers import running_scheduler, running_tls_scheduler
from ..backends.sshd import sshd

__all__ = ("running_scheduler", "running_tls_scheduler", "sshd")
