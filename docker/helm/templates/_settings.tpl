{{/* Variables of the servers. */}}

{{/* A setting's value as text: large numbers without an exponent. */}}
{{- define "microseg.text" -}}
{{- if and (kindIs "float64" .) (eq (floor .) .) }}{{ int64 . }}{{ else }}{{ . }}{{ end }}
{{- end }}

{{/* The settings of one kind of servers, as JSON: its own over those of all. */}}
{{- define "microseg.settings" -}}
{{- $own := default dict .own }}
{{- mergeOverwrite (deepCopy .root.Values.settings) $own | toJson }}
{{- end }}

{{/* One variable for each setting. */}}
{{- define "microseg.settingsEnv" -}}
{{- range $name, $value := . }}
{{- if not (kindIs "invalid" $value) }}
- name: MICROSEG_{{ upper $name }}
  value: {{ include "microseg.text" $value | quote }}
{{- end }}
{{- end }}
{{- end }}

{{/* Where a server of .component keeps its records. */}}
{{- define "microseg.storeEnv" -}}
{{- if eq .component "records" }}
- name: MICROSEG_STORE
  value: sqlite:///var/lib/microseg/records.db
{{- else if eq .root.Values.store.kind "postgres" }}
- name: MICROSEG_STORE
  valueFrom:
    secretKeyRef:
      name: {{ include "microseg.storeSecret" .root }}
      key: url
- name: MICROSEG_STORE_PASSWORD_FILE
  value: /run/secrets/store/password
# A container that is restarted in its pod resumes the job that it was computing.
- name: MICROSEG_INSTANCE
  valueFrom:
    fieldRef:
      fieldPath: metadata.name
{{- else }}
- name: MICROSEG_STORE
  value: "sqlite::memory:"
{{- end }}
{{- end }}

{{/* What the values beside `settings` decide. */}}
{{- define "microseg.chartEnv" -}}
{{- with .Values }}
- name: MICROSEG_API_KEYS_FILE
  value: /run/secrets/microseg/keys
{{- if .stateTokenKeys.existingSecret }}
- name: MICROSEG_STATE_TOKEN_KEYS_FILE
  value: /run/secrets/state-tokens/keys
{{- end }}
{{- if .tls.existingSecret }}
- name: MICROSEG_TLS_CERTIFICATE
  value: /run/secrets/tls/tls.crt
- name: MICROSEG_TLS_KEY
  value: /run/secrets/tls/tls.key
{{- else }}
# TLS ends at the ingress or in the mesh.
- name: MICROSEG_ALLOW_NO_TLS
  value: "true"
{{- end }}
{{- if .metrics.ownPort }}
- name: MICROSEG_METRICS_ADDR
  value: 0.0.0.0:9464
# The network policy restricts it.
- name: MICROSEG_ALLOW_OPEN_METRICS
  value: "true"
{{- end }}
{{- with .tracing.endpoint }}
- name: MICROSEG_OTLP_ENDPOINT
  value: {{ . | quote }}
{{- end }}
{{- with .pod.extraEnv }}
{{ toYaml . }}
{{- end }}
{{- end }}
{{- end }}
