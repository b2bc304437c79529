"""Values that the tests render the chart with: a change of each value, and sets of values as an operator gives them."""

from __future__ import annotations

from typing import Any

Values = dict[str, Any]

ENTRY = "crm:score+explain:" + "0" * 64
POSTGRES: Values = {"store": {"kind": "postgres"}, "postgres": {"existingSecret": "microseg-store"}}
MONITORED: Values = {"metrics": {"serviceMonitor": {"enabled": True}, "prometheusRule": {"enabled": True}}}
OWN_PORT: Values = {"metrics": {"ownPort": True, "serviceMonitor": {"enabled": True}}}
INGRESS: Values = {"ingress": {"enabled": True}}
TRACED: Values = {"tracing": {"endpoint": "http://collector.observability:4318"}}
TLS: Values = {"tls": {"existingSecret": "microseg-tls"}}
PEER = [{"ipBlock": {"cidr": "10.0.0.0/8"}}]
VOLUMES = [{"name": "a", "emptyDir": {}}]
MOUNTS = [{"name": "a", "mountPath": "/a"}]
RESOURCES = {"limits": {"cpu": "4", "memory": "5Gi"}, "requests": {"cpu": "3", "memory": "1Gi"}}

SETS: dict[str, Values] = {
    "defaults": {},
    "sqlite, one server": {"scoring": {"enabled": False}} | INGRESS,
    "memory": {"store": {"kind": "memory"}} | INGRESS | MONITORED,
    "postgres": POSTGRES | INGRESS | TRACED | MONITORED,
    "postgres, the chart's secrets": {
        "store": {"kind": "postgres"},
        "postgres": {"url": "postgres://microseg@db/microseg", "password": "example"},
        "keys": {"entries": [ENTRY]},
    },
    "TLS in the pods": TLS | MONITORED | INGRESS,
    "metrics on a port of their own": OWN_PORT | TRACED,
    "KServe alone": {"store": {"kind": "memory"}, "scoring": {"enabled": False}, "kserve": {"enabled": True}},
    "everything": POSTGRES
    | INGRESS
    | TRACED
    | TLS
    | {"metrics": {"ownPort": True, "serviceMonitor": {"enabled": True}, "prometheusRule": {"enabled": True}}}
    | {
        "kserve": {"enabled": True},
        "keys": {"entries": [ENTRY]},
        "stateTokenKeys": {"existingSecret": "microseg-state-tokens"},
        "models": {"volume": {"persistentVolumeClaim": {"claimName": "microseg-models", "readOnly": True}}},
        "image": {"pullSecrets": [{"name": "registry"}], "digest": "sha256:" + "1" * 64},
        "pod": {
            "annotations": {"example.com/a": "b"},
            "labels": {"example.com/c": "d"},
            "nodeSelector": {"kubernetes.io/arch": "amd64"},
            "tolerations": [{"key": "dedicated", "operator": "Exists"}],
            "priorityClassName": "high",
            "affinity": {"nodeAffinity": {}},
            "extraEnv": [{"name": "OTEL_SERVICE_NAME", "value": "scoring"}],
            "extraVolumes": [{"name": "authority", "configMap": {"name": "authority"}}],
            "extraVolumeMounts": [{"name": "authority", "mountPath": "/etc/authority", "readOnly": True}],
        },
    },
}

# Each value of values.yaml: another one, and the values without which it does nothing.
CHANGES: dict[str, tuple[Any, Values]] = {
    "nameOverride": ("scores", {}),
    "fullnameOverride": ("scores", {}),
    "image.repository": ("registry.example.com/other", {}),
    "image.tag": ("1.2.3", {}),
    "image.digest": ("sha256:" + "a" * 64, {}),
    "image.pullPolicy": ("Always", {}),
    "image.pullSecrets": ([{"name": "registry"}], {}),
    "store.kind": ("memory", {}),
    "postgres.existingSecret": ("other", POSTGRES),
    "postgres.url": ("postgres://microseg@db/a", {"store": {"kind": "postgres"}, "postgres": {"password": "a"}}),
    "postgres.password": ("b", {"store": {"kind": "postgres"}, "postgres": {"url": "postgres://m@db/a"}}),
    "postgres.port": (6432, POSTGRES),
    "keys.existingSecret": ("other", {}),
    "keys.entries": ([ENTRY], {}),
    "stateTokenKeys.existingSecret": ("tokens", {}),
    "tls.existingSecret": ("tls", {}),
    "models.volume": ({"emptyDir": {}}, {}),
    "settings.drain_delay": (9, {}),
    "settings.grace_period": (20, {}),
    "settings.log": ("debug", {}),
    "settings.log_format": ("text", {}),
    "settings.max_held_bytes": (100_000_000, {}),
    "settings.max_connections": (1000, {}),
    "settings.max_concurrent_requests": (512, {}),
    "settings.trial_memory_bytes": (0, {}),
    "scoring.enabled": (False, {}),
    "scoring.settings": ({"queue": 100}, {}),
    "scoring.replicas": (3, {"scoring": {"autoscaling": {"enabled": False}}}),
    "scoring.autoscaling.enabled": (False, {}),
    "scoring.autoscaling.minReplicas": (3, {}),
    "scoring.autoscaling.maxReplicas": (20, {}),
    "scoring.autoscaling.targetCPUUtilizationPercentage": (70, {}),
    "scoring.podDisruptionBudget.enabled": (False, {}),
    "scoring.podDisruptionBudget.maxUnavailable": ("50%", {}),
    "scoring.resources": (RESOURCES, {}),
    "records.settings.explanation_threads": (1, {}),
    "records.resources": (RESOURCES, {}),
    "records.volume.existingClaim": ("old-records", {}),
    "records.volume.size": ("100Gi", {}),
    "records.volume.storageClassName": ("local", {}),
    "records.volume.accessModes": (["ReadWriteOnce"], {}),
    "service.type": ("LoadBalancer", {}),
    "service.port": (8080, {}),
    "service.annotations": ({"example.com/a": "b"}, {}),
    "ingress.enabled": (True, {}),
    "ingress.className": ("nginx", INGRESS),
    "ingress.annotations": ({"example.com/a": "b"}, INGRESS),
    "ingress.host": ("scores.example.com", INGRESS),
    "ingress.tlsSecret": ("", INGRESS),
    "networkPolicy.enabled": (False, {}),
    "networkPolicy.from": (PEER, {}),
    "networkPolicy.metricsFrom": (PEER, OWN_PORT),
    "networkPolicy.toCollector": (PEER, TRACED),
    "networkPolicy.toPostgres": (PEER, POSTGRES),
    "networkPolicy.extraEgress": ([{"ports": [{"port": 8200}]}], {}),
    "tracing.endpoint": ("https://collector.example.com", {}),
    "metrics.ownPort": (True, {}),
    "metrics.serviceMonitor.enabled": (True, {}),
    "metrics.serviceMonitor.labels": ({"release": "prometheus"}, MONITORED),
    "metrics.serviceMonitor.interval": ("1m", MONITORED),
    "metrics.serviceMonitor.keySecret.name": ("other", MONITORED),
    "metrics.serviceMonitor.keySecret.key": ("other", MONITORED),
    "metrics.serviceMonitor.tlsConfig": ({"serverName": "microseg.example.com"}, MONITORED | TLS),
    "metrics.prometheusRule.enabled": (True, {}),
    "metrics.prometheusRule.labels": ({"release": "prometheus"}, MONITORED),
    "metrics.prometheusRule.alertLabels": ({"team": "risk"}, MONITORED),
    "metrics.prometheusRule.runbook": ("https://docs.example.com/metrics", MONITORED),
    "metrics.prometheusRule.thresholds.errorRatio": (0.02, MONITORED),
    "metrics.prometheusRule.thresholds.overloadRatio": (0.02, MONITORED),
    "metrics.prometheusRule.thresholds.refusedRatio": (0.02, MONITORED),
    "metrics.prometheusRule.thresholds.queueSeconds": (3, MONITORED),
    "metrics.prometheusRule.thresholds.scoreSeconds": (0.3, MONITORED),
    "metrics.prometheusRule.thresholds.distrustRatio": (0.02, MONITORED),
    "metrics.prometheusRule.thresholds.explanations": (1_000_000, MONITORED),
    "metrics.prometheusRule.thresholds.verdictDrop": (0.02, MONITORED),
    "metrics.prometheusRule.thresholds.stabilityIndex": (0.1, MONITORED),
    "metrics.prometheusRule.thresholds.driftHistories": (1_000_000, MONITORED),
    "serviceAccount.create": (False, {}),
    "serviceAccount.name": ("other", {}),
    "serviceAccount.annotations": ({"example.com/a": "b"}, {}),
    "pod.annotations": ({"example.com/a": "b"}, {}),
    "pod.labels": ({"example.com/a": "b"}, {}),
    "pod.nodeSelector": ({"kubernetes.io/arch": "amd64"}, {}),
    "pod.tolerations": ([{"key": "dedicated", "operator": "Exists"}], {}),
    "pod.affinity": ({"nodeAffinity": {}}, {}),
    "pod.priorityClassName": ("high", {}),
    "pod.extraEnv": ([{"name": "OTEL_SERVICE_NAME", "value": "scores"}], {}),
    "pod.extraVolumes": (VOLUMES, {"pod": {"extraVolumeMounts": MOUNTS}}),
    "pod.extraVolumeMounts": (MOUNTS, {"pod": {"extraVolumes": VOLUMES}}),
    "kserve.enabled": (True, {}),
}

# Values that must be refused, and a part of the message.
REFUSED: list[tuple[Values, str]] = [
    ({"keys": {"entries": ["crm:score:secret"]}}, "keys"),
    ({"keys": {"existingSecret": ""}}, "keys: name a secret"),
    ({"store": {"kind": "mysql"}}, "kind"),
    ({"store": {"kind": "postgres"}}, "postgres.existingSecret"),
    ({"store": {"kind": "postgres"}, "postgres": {"url": "mysql://db"}}, "url"),
    (POSTGRES | {"scoring": {"enabled": False}}, "scoring.enabled"),
    ({"store": {"kind": "memory"}, "scoring": {"enabled": False}}, "scoring.enabled"),
    ({"settings": {"max_body_byte": 1}}, "max_body_byte"),
    ({"settings": {"addr": "0.0.0.0:80"}}, "addr"),
    ({"settings": {"max_held_bytes": "128Mi"}}, "max_held_bytes"),
    ({"settings": {"max_held_bytes": 536870912}}, "scoring.resources.limits.memory: 2560Mi is less than"),
    ({"settings": {"max_held_bytes": None}}, "is less than the"),
    ({"scoring": {"resources": {"limits": {"memory": "2Gi"}}}}, "limits.memory: 2Gi is less than the 2411Mi"),
    ({"records": {"resources": {"limits": {"cpu": "4"}}}}, "records.resources.limits.memory: 2560Mi is less than"),
    ({"scoring": {"resources": {"limits": {"memory": "lots"}}}}, "memory"),
    ({"scoring": {"autoscaling": {"minReplicas": 9}}}, "maxReplicas is less"),
    ({"image": {"tag": "a b"}}, "tag"),
    ({"tracing": {"endpoint": "collector:4317"}}, "endpoint"),
    ({"networkPolicy": {"from": []}}, "from"),
    ({"records": {"volume": {"accessModes": ["ReadWriteMany"]}}}, "accessModes"),
    ({"kserve": {"enabled": "yes"}}, "enabled"),
]
