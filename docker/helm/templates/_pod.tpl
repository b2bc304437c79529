{{/* The pod of both kinds of servers: .root, .component, .settings, .resources. */}}

{{- define "microseg.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end }}

{{- define "microseg.podSecurity" -}}
runAsNonRoot: true
runAsUser: 10001
runAsGroup: 10001
seccompProfile:
  type: RuntimeDefault
{{- end }}

{{- define "microseg.probe" -}}
httpGet:
  path: {{ .path }}
  port: http
  {{- if .root.Values.tls.existingSecret }}
  scheme: HTTPS
  {{- end }}
{{- end }}

{{- define "microseg.probes" -}}
# Succeeds when the model is loaded and warm; until then the other probes do not run.
startupProbe:
  {{- include "microseg.probe" (dict "root" . "path" "/health/ready") | nindent 2 }}
  periodSeconds: 2
  failureThreshold: 60
readinessProbe:
  {{- include "microseg.probe" (dict "root" . "path" "/health/ready") | nindent 2 }}
  periodSeconds: 5
  timeoutSeconds: 2
livenessProbe:
  {{- include "microseg.probe" (dict "root" . "path" "/health/live") | nindent 2 }}
  periodSeconds: 10
  timeoutSeconds: 5
  failureThreshold: 6
{{- end }}

{{- define "microseg.mounts" -}}
{{- $values := .root.Values -}}
- name: keys
  mountPath: /run/secrets/microseg
  readOnly: true
{{- if eq .component "records" }}
- name: records
  mountPath: /var/lib/microseg
{{- else if eq $values.store.kind "postgres" }}
- name: store
  mountPath: /run/secrets/store
  readOnly: true
{{- end }}
{{- if $values.stateTokenKeys.existingSecret }}
- name: state-tokens
  mountPath: /run/secrets/state-tokens
  readOnly: true
{{- end }}
{{- if $values.tls.existingSecret }}
- name: tls
  mountPath: /run/secrets/tls
  readOnly: true
{{- end }}
{{- if $values.models.volume }}
- name: models
  mountPath: /models
  readOnly: true
{{- end }}
{{- with $values.pod.extraVolumeMounts }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- define "microseg.volumes" -}}
{{- $values := .root.Values -}}
- name: keys
  secret:
    secretName: {{ include "microseg.keysSecret" .root }}
{{- if eq .component "records" }}
{{- with $values.records.volume.existingClaim }}
- name: records
  persistentVolumeClaim:
    claimName: {{ . }}
{{- end }}
{{- else if eq $values.store.kind "postgres" }}
- name: store
  secret:
    secretName: {{ include "microseg.storeSecret" .root }}
    items:
      - key: password
        path: password
{{- end }}
{{- with $values.stateTokenKeys.existingSecret }}
- name: state-tokens
  secret:
    secretName: {{ . }}
{{- end }}
{{- with $values.tls.existingSecret }}
- name: tls
  secret:
    secretName: {{ . }}
{{- end }}
{{- with $values.models.volume }}
- name: models
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $values.pod.extraVolumes }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- define "microseg.podTemplate" -}}
{{- $values := .root.Values -}}
{{- include "microseg.checkMemory" . -}}
metadata:
  labels:
    {{- include "microseg.selector" . | nindent 4 }}
    {{- with $values.pod.labels }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  annotations:
    # Keys are read at the start: pods are replaced when the chart's secrets change.
    checksum/secrets: {{ include (print .root.Template.BasePath "/secrets.yaml") .root | sha256sum }}
    {{- with $values.pod.annotations }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
spec:
  serviceAccountName: {{ include "microseg.serviceAccount" .root }}
  automountServiceAccountToken: false
  # The cluster's variables for services would begin with MICROSEG_, like the settings.
  enableServiceLinks: false
  # Longer than the server's drain delay and grace period.
  terminationGracePeriodSeconds: {{ add (default 0 .settings.drain_delay | int64) (default 30 .settings.grace_period | int64) 10 }}
  securityContext:
    {{- include "microseg.podSecurity" . | nindent 4 }}
    {{- if eq .component "records" }}
    # The group of the volume's files.
    fsGroup: 10001
    fsGroupChangePolicy: OnRootMismatch
    {{- end }}
  {{- with $values.image.pullSecrets }}
  imagePullSecrets:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with $values.pod.priorityClassName }}
  priorityClassName: {{ . }}
  {{- end }}
  {{- with $values.pod.nodeSelector }}
  nodeSelector:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with $values.pod.tolerations }}
  tolerations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with $values.pod.affinity }}
  affinity:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- if eq .component "scoring" }}
  topologySpreadConstraints:
    {{- range list "kubernetes.io/hostname" "topology.kubernetes.io/zone" }}
    - maxSkew: 1
      topologyKey: {{ . }}
      whenUnsatisfiable: ScheduleAnyway
      labelSelector:
        matchLabels:
          {{- include "microseg.selector" $ | nindent 10 }}
    {{- end }}
  {{- end }}
  containers:
    - name: microseg
      image: {{ include "microseg.image" .root }}
      imagePullPolicy: {{ $values.image.pullPolicy }}
      env:
        {{- include "microseg.storeEnv" . | trim | nindent 8 }}
        {{- include "microseg.chartEnv" .root | trim | nindent 8 }}
        {{- include "microseg.settingsEnv" .settings | trim | nindent 8 }}
      ports:
        - name: http
          containerPort: 8080
        {{- if $values.metrics.ownPort }}
        - name: metrics
          containerPort: 9464
        {{- end }}
      resources:
        {{- toYaml .resources | nindent 8 }}
      securityContext:
        {{- include "microseg.containerSecurity" . | nindent 8 }}
      {{- include "microseg.probes" .root | nindent 6 }}
      volumeMounts:
        {{- include "microseg.mounts" . | nindent 8 }}
  volumes:
    {{- include "microseg.volumes" . | nindent 4 }}
{{- end }}
