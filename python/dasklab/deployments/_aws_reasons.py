"""What AWS refuses, in words, with what to change. Pure: an exception in, an error of ours out."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ..errors import DasklabError, StartFailed

__all__ = ("refused",)


@dataclass(frozen=True)
class _Refusal:
    codes: str
    message: str
    hint: str


REFUSALS = (
    _Refusal(
        r"AuthFailure|InvalidClientTokenId|UnrecognizedClientException|SignatureDoesNotMatch"
        r"|ExpiredToken.*|RequestExpired|InvalidSecurity|InvalidAccessKeyId",
        "AWS does not accept the credentials that this machine has.",
        "Sign in again (aws sso login, or aws configure); aws sts get-caller-identity says who "
        "you are.",
    ),
    _Refusal(
        r"UnauthorizedOperation|AccessDenied.*|Client\.UnauthorizedOperation",
        "Your account at AWS may not do this.",
        "Ask its administrator for the permission that AWS names here.",
    ),
    _Refusal(
        r"VcpuLimitExceeded|InstanceLimitExceeded|MaxSpotInstanceCountExceeded"
        r"|SpotInstanceCountLimitExceeded|VolumeLimitExceeded|LimitExceeded.*",
        "More was asked for than your quota at AWS allows.",
        "Ask for fewer or smaller workers, or for more in the console under Service Quotas.",
    ),
    _Refusal(
        r"InsufficientInstanceCapacity|InsufficientHostCapacity|SpotMaxPriceTooLow",
        "AWS has no machine of this kind left there at the moment.",
        "Try again later, another zone, or another kind of machine.",
    ),
    _Refusal(
        r"InvalidAMIID\..*",
        "AWS has no such machine image in this region.",
        "Give one of this region (--ami); images have another id in each.",
    ),
    _Refusal(
        r"InvalidGroup\..*|InvalidGroupId\..*|InvalidSecurityGroupID\..*",
        "AWS has no such security group there.",
        "It must be one of the same VPC (--security-groups).",
    ),
    _Refusal(
        r"InvalidSubnetID\..*|InvalidVpcID\..*",
        "AWS has no such network in this region.",
        "Compare VPC and subnet with: aws ec2 describe-subnets.",
    ),
    _Refusal(
        r"InvalidInstanceType|Unsupported|UnsupportedOperation",
        "AWS does not offer this kind of machine there.",
        "Give another one, or another zone; a machine image is made for one kind of processor.",
    ),
    _Refusal(
        r"OptInRequired|PendingVerification|Blocked",
        "AWS has not enabled this account for it.",
        "Its message says what is missing.",
    ),
)

BEFORE = {
    "NoCredentialsError": (
        "There are no credentials for AWS on this machine.",
        "Sign in with: aws configure, or aws sso login.",
    ),
    "PartialCredentialsError": (
        "The credentials for AWS on this machine are incomplete.",
        "Sign in with: aws configure.",
    ),
    "NoRegionError": (
        "It is not said which region of AWS is meant.",
        "Give one, such as --region eu-central-1, or run: aws configure.",
    ),
    "ProfileNotFound": (
        "The AWS profile that the environment names is not there.",
        "Compare AWS_PROFILE with: aws configure list-profiles.",
    ),
    "EndpointConnectionError": (
        "AWS cannot be reached from this machine.",
        "Look at the network, the proxy, and the name of the region.",
    ),
}
"""What botocore says before it has an answer."""


def refused(error: BaseException | None) -> DasklabError | None:
    """What AWS has refused, if that is what an exception, or its cause, comes from."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        if isinstance(error, DasklabError):
            return error
        found = _known(error)
        if found is not None:
            return found
        error = error.__cause__ or error.__context__
    return None


def _known(error: BaseException) -> DasklabError | None:
    said = getattr(error, "response", None)
    if isinstance(said, dict) and isinstance(said.get("Error"), dict):
        code = str(said["Error"].get("Code", ""))
        text = str(said["Error"].get("Message", "")).strip().rstrip(".")[:600]
        for one in REFUSALS:
            if re.fullmatch(one.codes, code):
                return StartFailed(f"{one.message} It says {code}: {text}.", one.hint)
        return StartFailed(
            f"AWS refused: {code}: {text}.", "The log of the host says more: %dask logs host."
        )
    if type(error).__name__ in BEFORE and type(error).__module__.startswith("botocore"):
        return StartFailed(*BEFORE[type(error).__name__])
    return None
