"""Rules that all pods obey, wherever they come from."""

from __future__ import annotations

import re

from objects import ROOT, Object, of_kind, pods, selects


def restriction_faults(name: str, pod: Object) -> list[str]:
    """What the restricted pod security standard and a read-only root forbid."""
    security = pod["securityContext"]
    found = []
    if security.get("runAsNonRoot") is not True or security.get("runAsUser") != 10001:
        found.append("may run as root")
    if security.get("seccompProfile") != {"type": "RuntimeDefault"}:
        found.append("has no seccomp profile")
    if pod.get("automountServiceAccountToken") is not False:
        found.append("has a token of the cluster")
    if pod.get("enableServiceLinks") is not False:
        found.append("has variables of the cluster's services")
    for container in pod["containers"]:
        of_container = container["securityContext"]
        if of_container.get("readOnlyRootFilesystem") is not True:
            found.append("may write to its root")
        if of_container.get("allowPrivilegeEscalation") is not False:
            found.append("may gain privileges")
        if of_container.get("capabilities") != {"drop": ["ALL"]}:
            found.append("has capabilities")
        if "memory" not in container["resources"]["limits"]:
            found.append("has no limit of memory")
    return [f"{name} {fault}" for fault in found]


def reference_faults(objects: list[Object]) -> list[str]:
    """Names that one object uses of another one, and that the other does not have."""
    found = []
    templates = list(pods(objects))
    for name, _, pod in templates:
        volumes = [volume["name"] for volume in pod.get("volumes", [])]
        for claim in (one for one in of_kind(objects, "StatefulSet") if one["metadata"]["name"] == name):
            volumes += [one["metadata"]["name"] for one in claim["spec"].get("volumeClaimTemplates", [])]
        mounts = [mount["name"] for mount in pod["containers"][0].get("volumeMounts", [])]
        if sorted(volumes) != sorted(mounts):
            found.append(f"{name}: volumes {volumes}, mounts {mounts}")
    for service in of_kind(objects, "Service"):
        name = service["metadata"]["name"]
        behind = [pod for _, metadata, pod in templates if selects(service["spec"]["selector"], metadata["labels"])]
        if len(behind) != 1:
            found.append(f"{name} selects {len(behind)} kinds of pods")
            continue
        ports = {port["name"] for port in behind[0]["containers"][0]["ports"]}
        found += [f"{name}: no port {port}" for port in service["spec"]["ports"] if port["targetPort"] not in ports]
    for budget in of_kind(objects, "PodDisruptionBudget"):
        selector = budget["spec"]["selector"]["matchLabels"]
        if sum(selects(selector, metadata["labels"]) for _, metadata, _ in templates) != 1:
            found.append("the disruption budget does not select one kind of pods")
    for scaler in of_kind(objects, "HorizontalPodAutoscaler"):
        target = scaler["spec"]["scaleTargetRef"]
        deployments = [one["metadata"]["name"] for one in of_kind(objects, target["kind"])]
        if target["name"] not in deployments:
            found.append(f"the autoscaler scales {target['name']}, which does not exist")
    services = [one["metadata"]["name"] for one in of_kind(objects, "Service")]
    for ingress in of_kind(objects, "Ingress"):
        paths = ingress["spec"]["rules"][0]["http"]["paths"]
        used = {path["backend"]["service"]["name"] for path in paths}
        found += [f"the ingress uses {name}, which does not exist" for name in used - set(services)]
    return found


def paths_of_scopes(*scopes: str) -> set[str]:
    """The paths below /v1 that need one of these scopes, with a word for each parameter."""
    rows = (ROOT / "docs/security.md").read_text(encoding="utf-8").splitlines()
    found = [row for row in rows if row.startswith(tuple(f"| `{scope}` |" for scope in scopes))]
    assert len(found) == len(scopes)
    listed = re.findall(r"`(?:GET|POST) (/v1/[^`]*)`", " ".join(found))
    return {re.sub(r"\{\w+\}", "some", path) for path in listed}


def backend(ingress: Object, path: str) -> str:
    """The service that an ingress sends a path to: an exact one first, then the longest prefix."""
    rules = ingress["spec"]["rules"][0]["http"]["paths"]
    fitting = [
        (rule["pathType"] == "Exact", len(rule["path"]), rule["backend"]["service"]["name"])
        for rule in rules
        if path == rule["path"] or (rule["pathType"] == "Prefix" and path.startswith(rule["path"] + "/"))
    ]
    return max(fitting)[2]
