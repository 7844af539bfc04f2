"""What the stand-in of an API server keeps: objects of a few kinds, versions, who is watching.

Custom resources are validated against the definitions (CRDs) that dask-kubernetes ships, and a
field that a definition does not know is an error here (``fieldValidation=Strict``).
"""

from __future__ import annotations

import asyncio
import copy
import functools
import time
import uuid
from importlib.resources import files
from typing import Any

import jsonschema
import yaml

DASK = "kubernetes.dask.org/v1"
KINDS: dict[str, tuple[str, str]] = {
    # plural: (version, kind); all of them belong to a namespace but the last three
    "pods": ("v1", "Pod"),
    "services": ("v1", "Service"),
    "events": ("v1", "Event"),
    "resourcequotas": ("v1", "ResourceQuota"),
    "deployments": ("apps/v1", "Deployment"),
    "daskclusters": (DASK, "DaskCluster"),
    "daskworkergroups": (DASK, "DaskWorkerGroup"),
    "daskjobs": (DASK, "DaskJob"),
    "daskautoscalers": (DASK, "DaskAutoscaler"),
    "namespaces": ("v1", "Namespace"),
    "nodes": ("v1", "Node"),
    "customresourcedefinitions": ("apiextensions.k8s.io/v1", "CustomResourceDefinition"),
}


class Failure(Exception):
    """An answer other than 2xx, with the reason as an API server words it."""

    def __init__(self, status: int, reason: str, message: str) -> None:
        super().__init__(message)
        self.status, self.reason, self.message = status, reason, message


@functools.cache
def definition(plural: str) -> Any:
    """A validator made of the CRD of a kind; ``None`` for kinds that are Kubernetes' own."""
    if KINDS[plural][0] != DASK:
        return None
    name = plural.removesuffix("s")
    folder = files("dask_kubernetes") / "operator/deployment/helm/dask-kubernetes-operator/crds"
    crd = yaml.safe_load((folder / f"{name}.yaml").read_text(encoding="utf-8"))
    schema = strict(crd["spec"]["versions"][0]["schema"]["openAPIV3Schema"])
    schema["properties"] |= {"apiVersion": {}, "kind": {}, "metadata": {}, "status": {}}
    return jsonschema.Draft202012Validator(schema)


def strict(schema: Any) -> Any:
    """A structural schema as JSON Schema that knows no other fields than those it names."""
    if isinstance(schema, list):
        return [strict(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    found = {k: strict(v) for k, v in schema.items() if not k.startswith("x-") and k != "format"}
    if schema.get("x-kubernetes-int-or-string"):
        found.pop("type", None)
        found["type"] = ["integer", "string"]
    elif (
        isinstance(schema.get("properties"), dict)
        and schema.get("type") == "object"
        and not schema.get("x-kubernetes-preserve-unknown-fields")
    ):
        found.setdefault("additionalProperties", False)
    if schema.get("nullable") and isinstance(found.get("type"), str):
        found["type"] = [found["type"], "null"]
    return found


def pruned(value: Any) -> Any:
    """Without what is null: an API server drops such fields."""
    if isinstance(value, dict):
        return {key: pruned(item) for key, item in value.items() if item is not None}
    return [pruned(item) for item in value] if isinstance(value, list) else value


def merged(old: Any, patch: Any) -> Any:
    """RFC 7386, the merge patch."""
    if not isinstance(patch, dict):
        return patch
    result = dict(old) if isinstance(old, dict) else {}
    for key, value in patch.items():
        if value is None:
            result.pop(key, None)
        else:
            result[key] = merged(result.get(key), value)
    return result


def moment() -> str:
    """Now, as Kubernetes writes it."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())


class Store:
    """All objects by plural, namespace and name."""

    def __init__(self) -> None:
        self.objects: dict[tuple[str, str, str], dict[str, Any]] = {}
        self.history: list[tuple[int, str, str, dict[str, Any]]] = []
        self.version = 1
        self.changed = asyncio.Event()

    # -- reading ---------------------------------------------------------------------------------
    def get(self, plural: str, namespace: str, name: str) -> dict[str, Any]:
        try:
            return self.objects[plural, namespace, name]
        except KeyError:
            raise Failure(404, "NotFound", f'{plural} "{name}" not found') from None

    def list(
        self, plural: str, namespace: str = "", query: str = "", fields: str = ""
    ) -> list[Any]:
        return [
            item
            for (kind, space, _), item in self.objects.items()
            if kind == plural and namespace in ("", space) and selected(item, query, fields)
        ]

    # -- writing ---------------------------------------------------------------------------------
    def create(self, plural: str, namespace: str, body: dict[str, Any]) -> dict[str, Any]:
        version, kind = KINDS[plural]
        item = pruned(copy.deepcopy(body)) | {"apiVersion": version, "kind": kind}
        meta = item.setdefault("metadata", {})
        if "name" not in meta:
            meta["name"] = meta.pop("generateName", "") + uuid.uuid4().hex[:5]
        if (plural, namespace, meta["name"]) in self.objects:
            raise Failure(409, "AlreadyExists", f'{plural} "{meta["name"]}" already exists')
        self.validate(plural, item)
        meta |= {"uid": str(uuid.uuid4()), "creationTimestamp": moment(), "generation": 1}
        if namespace:
            meta["namespace"] = namespace
        self._put("ADDED", plural, item)
        return item

    def validate(self, plural: str, item: dict[str, Any]) -> None:
        validator = definition(plural)
        for error in validator.iter_errors(item) if validator is not None else ():
            where = ".".join(map(str, error.absolute_path))
            name = item["metadata"]["name"]
            raise Failure(
                422,
                "Invalid",
                f'{item["kind"]} "{name}" is invalid: {where}: {error.message[:500]}',
            )

    def patch(self, plural: str, namespace: str, name: str, patch: Any) -> dict[str, Any]:
        old = self.get(plural, namespace, name)
        if isinstance(patch, list):
            import jsonpatch

            new = jsonpatch.apply_patch(old, patch)
        else:
            new = merged(old, patch)
        if new == old:
            return old
        self.validate(plural, new)
        if new.get("spec") != old.get("spec"):
            new["metadata"]["generation"] = old["metadata"].get("generation", 1) + 1
        if new["metadata"].get("deletionTimestamp") and not new["metadata"].get("finalizers"):
            self._remove(plural, new)
        else:
            self._put("MODIFIED", plural, new)
        return new

    def delete(self, plural: str, namespace: str, name: str) -> dict[str, Any]:
        item = copy.deepcopy(self.get(plural, namespace, name))
        if item["metadata"].get("finalizers"):
            if "deletionTimestamp" not in item["metadata"]:
                item["metadata"]["deletionTimestamp"] = moment()
                self._put("MODIFIED", plural, item)
            return item
        self._remove(plural, item)
        return item

    def _put(self, what: str, plural: str, item: dict[str, Any]) -> None:
        self.version += 1
        meta = item["metadata"]
        meta["resourceVersion"] = str(self.version)
        self.objects[plural, meta.get("namespace", ""), meta["name"]] = item
        self._tell(what, plural, item)

    def _remove(self, plural: str, item: dict[str, Any]) -> None:
        meta = item["metadata"]
        self.version += 1
        meta["resourceVersion"] = str(self.version)
        self.objects.pop((plural, meta.get("namespace", ""), meta["name"]), None)
        self._tell("DELETED", plural, item)
        # What it owned goes with it: the garbage collector's work.
        for (kind, space, name), other in list(self.objects.items()):
            owners = other["metadata"].get("ownerReferences", ())
            if any(owner["uid"] == meta["uid"] for owner in owners):
                self.delete(kind, space, name)

    def _tell(self, what: str, plural: str, item: dict[str, Any]) -> None:
        self.history.append((self.version, what, plural, copy.deepcopy(item)))
        self.changed.set()
        self.changed = asyncio.Event()


def selected(item: dict[str, Any], labels: str, fields: str) -> bool:
    """Whether an object has these labels (``a=b,c``) and fields (``status.phase=Running``)."""
    has = item["metadata"].get("labels", {})
    for term in filter(None, labels.split(",")):
        key, sign, value = term.partition("=")
        value = value.removeprefix("=")
        if key not in has or (sign and has[key] != value):
            return False
    for term in filter(None, fields.split(",")):
        path, _, value = term.partition("=")
        found: Any = item
        for part in path.split("."):
            found = found.get(part, "") if isinstance(found, dict) else ""
        if found != value:
            return False
    return True
