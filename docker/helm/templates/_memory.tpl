{{/* The most memory of a server, by the formula of docs/deployment.md. */}}

{{/* Bytes of a quantity such as 2560Mi. */}}
{{- define "microseg.bytes" -}}
{{- $quantity := toString . }}
{{- $unit := regexFind "[A-Za-z]*$" $quantity }}
{{- $factors := dict "" 1 "k" 1000 "M" 1000000 "G" 1000000000 "T" 1000000000000 "Ki" 1024 "Mi" 1048576 "Gi" 1073741824 "Ti" 1099511627776 }}
{{- mulf (trimSuffix $unit $quantity | float64) (get $factors $unit | float64) | floor | int64 }}
{{- end }}

{{/* Processors that a server sees of a limit such as 2, 2.5 or 1500m: whole ones, at least 1. */}}
{{- define "microseg.processors" -}}
{{- $quantity := toString . }}
{{- if hasSuffix "m" $quantity }}
{{- max 1 (div (trimSuffix "m" $quantity | int64) 1000) }}
{{- else }}
{{- max 1 ($quantity | float64 | floor | int64) }}
{{- end }}
{{- end }}

{{/* Bytes that a server with .settings takes at most on .cpu. */}}
{{- define "microseg.memoryCeiling" -}}
{{- $processors := include "microseg.processors" .cpu | int64 }}
{{- $defaults := dict "threads" $processors "explanation_threads" (div (add $processors 1) 2) "explanation_queue" 128 "max_held_bytes" 536870912 "max_body_bytes" 33554432 "max_connections" 10000 "max_concurrent_requests" 4096 "trial_memory_bytes" 1073741824 }}
{{- $of := dict }}
{{- range $name, $default := $defaults }}
{{- $given := get $.settings $name }}
{{- $_ := set $of $name (int64 (ternary $default $given (kindIs "invalid" $given))) }}
{{- if eq (toString $given) "" }}
{{- $_ := set $of $name (int64 $default) }}
{{- end }}
{{- end }}
{{- $mib := 1048576 }}
{{- $process := mul 320 $mib }}
{{- $held := mul 4 $of.max_held_bytes }}
{{- $threads := mul $of.threads (add (mul 32 $mib) (mul 8 $of.max_body_bytes)) }}
{{- $explanations := mul $mib (add (mul 64 $of.explanation_threads) $of.explanation_queue) }}
{{- $connections := mul $of.max_connections 112 1024 }}
{{- $requests := mul $of.max_concurrent_requests 80 1024 }}
{{- $job := mul 2 $of.max_body_bytes }}
{{- $trial := ternary (add (mul 192 $mib) $of.trial_memory_bytes) 0 (gt $of.trial_memory_bytes (int64 0)) }}
{{- add $process $held $threads $explanations $connections $requests $job $trial }}
{{- end }}

{{/* Refuses a limit of memory that is smaller than that. */}}
{{- define "microseg.checkMemory" -}}
{{- $limits := .resources.limits }}
{{- $ceiling := include "microseg.memoryCeiling" (dict "settings" .settings "cpu" $limits.cpu) | int64 }}
{{- if lt (include "microseg.bytes" $limits.memory | int64) $ceiling }}
{{- fail (printf "%s.resources.limits.memory: %s is less than the %dMi that the settings of these servers admit; raise it, or lower max_held_bytes, max_body_bytes, max_connections, max_concurrent_requests or trial_memory_bytes" .component (toString $limits.memory) (div (add $ceiling 1048575) 1048576)) }}
{{- end }}
{{- end }}
