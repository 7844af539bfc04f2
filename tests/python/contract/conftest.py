"""The real systems that contracts are tested against."""

from ..backends.sshd import sshd

__all__ = ("sshd",)
