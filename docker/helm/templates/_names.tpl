{{/* Names and labels of the objects. */}}

{{- define "microseg.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 40 | trimSuffix "-" }}
{{- end }}

{{- define "microseg.fullname" -}}
{{- $name := include "microseg.name" . }}
{{- if .Values.fullnameOverride }}
{{- .Values.fullnameOverride | trunc 40 | trimSuffix "-" }}
{{- else if contains $name .Release.Name }}
{{- .Release.Name | trunc 40 | trimSuffix "-" }}
{{- else }}
{{- printf "%s-%s" .Release.Name $name | trunc 40 | trimSuffix "-" }}
{{- end }}
{{- end }}

{{/* What selects all pods of the release; with a component, those of one kind. */}}
{{- define "microseg.selector" -}}
app.kubernetes.io/name: {{ include "microseg.name" .root }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
{{- with .component }}
app.kubernetes.io/component: {{ . }}
{{- end }}
{{- end }}

{{- define "microseg.labels" -}}
{{ include "microseg.selector" . }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version | replace "+" "_" }}
{{- end }}

{{- define "microseg.image" -}}
{{- if .Values.image.digest }}
{{- printf "%s@%s" .Values.image.repository .Values.image.digest }}
{{- else }}
{{- printf "%s:%s" .Values.image.repository (default .Chart.AppVersion .Values.image.tag) }}
{{- end }}
{{- end }}

{{- define "microseg.serviceAccount" -}}
{{- if .Values.serviceAccount.create }}
{{- default (include "microseg.fullname" .) .Values.serviceAccount.name }}
{{- else }}
{{- default "default" .Values.serviceAccount.name }}
{{- end }}
{{- end }}

{{- define "microseg.keysSecret" -}}
{{- if .Values.keys.entries }}
{{- printf "%s-keys" (include "microseg.fullname" .) }}
{{- else }}
{{- required "keys: name a secret with the servers' API keys (keys.existingSecret), or give their entries (keys.entries)" .Values.keys.existingSecret }}
{{- end }}
{{- end }}

{{- define "microseg.storeSecret" -}}
{{- if .Values.postgres.existingSecret }}
{{- .Values.postgres.existingSecret }}
{{- else }}
{{- if not (and .Values.postgres.url .Values.postgres.password) }}
{{- fail "postgres: the store postgres needs a secret with the keys url and password (postgres.existingSecret), or both values (postgres.url, postgres.password)" }}
{{- end }}
{{- printf "%s-store" (include "microseg.fullname" .) }}
{{- end }}
{{- end }}

{{/* The component whose pods answer requests for records; empty where none are kept. */}}
{{- define "microseg.recordsComponent" -}}
{{- if eq .Values.store.kind "sqlite" }}records{{ else if eq .Values.store.kind "postgres" }}scoring{{ end }}
{{- end }}
