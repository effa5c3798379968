{{- define "heyan.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride -}}
{{- else -}}
{{- $name := default .Chart.Name .Values.nameOverride -}}
{{- if contains $name .Release.Name -}}
{{- .Release.Name | trunc 50 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name $name | trunc 50 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "heyan.selector" -}}
app.kubernetes.io/name: {{ default .Chart.Name .Values.nameOverride }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "heyan.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{ include "heyan.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end -}}

{{- define "heyan.image" -}}
{{- if .Values.image.digest -}}
{{ .Values.image.repository }}@{{ .Values.image.digest }}
{{- else -}}
{{ .Values.image.repository }}:{{ default .Chart.AppVersion .Values.image.tag }}
{{- end -}}
{{- end -}}

{{- define "heyan.scheme" -}}
{{ ternary "HTTPS" "HTTP" (eq .Values.tls.mode "files") }}
{{- end -}}

{{/* What the chart adds to config. Of hosts, both lists count; else the value in config, if there is one. */}}
{{- define "heyan.added" -}}
{{- $name := include "heyan.fullname" . -}}
hosts:
  - {{ $name }}
  - {{ $name }}.{{ .Release.Namespace }}
  - {{ $name }}.{{ .Release.Namespace }}.svc
  - {{ $name }}.{{ .Release.Namespace }}.svc.{{ .Values.service.clusterDomain }}
  {{- range (dig "hosts" list .Values.config) }}
  - {{ . }}
  {{- end }}
shutdown_delay: 5s
{{- with .Values.dropin.clients }}
dropin:
  clients:
    {{- toYaml . | nindent 4 }}
{{- end }}
{{- if eq .Values.mode "fleet" }}
idempotency: {key: "env:HEYAN_IDEMPOTENCY_KEY"}
policy:
  consent: {receipt_key: "env:HEYAN_RECEIPT_KEY"}
  keys: [{id: k1, secret: "env:HEYAN_PEOPLE_KEY"}]
{{- end }}
{{- end -}}

{{/* What config cannot change. */}}
{{- define "heyan.fixed" -}}
listen: ":8080"
admin_listen: ":8081"
{{- if .Values.dropin.clients }}
dropin: {listen: ":8082"}
{{- end }}
{{- if eq .Values.mode "fleet" }}
store: {driver: postgres, dsn: "env:HEYAN_STORE_DSN"}
{{- else }}
store: {driver: sqlite, dsn: "file:/var/lib/heyan/heyan.db"}
{{- end }}
tls:
  mode: {{ .Values.tls.mode }}
  {{- if eq .Values.tls.mode "files" }}
  cert: /run/secrets/heyan-tls/tls.crt
  key: /run/secrets/heyan-tls/tls.key
  {{- end }}
  {{- if .Values.tls.clientCA }}
  client_ca: /run/secrets/heyan-tls/ca.crt
  {{- end }}
{{- end -}}

{{- define "heyan.config" -}}
{{- $config := omit (deepCopy .Values.config) "hosts" -}}
{{- $config = merge $config (include "heyan.added" . | fromYaml) -}}
{{- mergeOverwrite $config (include "heyan.fixed" . | fromYaml) | toYaml -}}
{{- end -}}

{{- define "heyan.files" -}}
heyan.yaml: {{ include "heyan.config" . | quote }}
{{- range $name, $text := .Values.files }}
{{ $name | replace "/" "__" }}: {{ $text | quote }}
{{- end }}
{{- end -}}

{{/* The configuration as a volume. Arguments: the root and the name of the ConfigMap. */}}
{{- define "heyan.configVolume" -}}
{{- $root := index . 0 -}}
- name: config
  configMap:
    name: {{ index . 1 }}
    items:
      - {key: heyan.yaml, path: heyan.yaml}
      {{- range $name, $text := $root.Values.files }}
      - {key: {{ $name | replace "/" "__" | quote }}, path: {{ $name | quote }}}
      {{- end }}
{{- end -}}

{{- define "heyan.env" -}}
{{- if eq .Values.mode "fleet" }}
- name: HEYAN_STORE_DSN
  valueFrom: {secretKeyRef: {name: {{ .Values.postgres.secret }}, key: {{ .Values.postgres.key }}}}
- name: HEYAN_IDEMPOTENCY_KEY
  valueFrom: {secretKeyRef: {name: {{ .Values.keys.secret }}, key: {{ .Values.keys.idempotency }}}}
- name: HEYAN_RECEIPT_KEY
  valueFrom: {secretKeyRef: {name: {{ .Values.keys.secret }}, key: {{ .Values.keys.receipt }}}}
- name: HEYAN_PEOPLE_KEY
  valueFrom: {secretKeyRef: {name: {{ .Values.keys.secret }}, key: {{ .Values.keys.people }}}}
{{- end }}
{{- range .Values.secretEnv }}
- name: {{ .name }}
  valueFrom: {secretKeyRef: {name: {{ .secret }}, key: {{ .key }}}}
{{- end }}
{{- range .Values.extraEnv }}
- {name: {{ .name }}, value: {{ .value | quote }}}
{{- end }}
{{- end -}}

{{- define "heyan.podSecurity" -}}
runAsNonRoot: true
runAsUser: 65532
runAsGroup: 65532
fsGroup: 65532
# Always would open the database to the group at each start, and heyan refuses such a file.
fsGroupChangePolicy: OnRootMismatch
seccompProfile: {type: RuntimeDefault}
{{- end -}}

{{- define "heyan.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: {drop: [ALL]}
{{- end -}}

{{/* A change of one of these keys of config takes a restart; others are taken by the running daemon. */}}
{{- define "heyan.restart" -}}
{{- $c := include "heyan.config" . | fromYaml -}}
{{- $parts := list (include "heyan.fixed" .) (dig "idempotency" "" $c) (dig "policy" "keys" "" $c) (dig "policy" "lost_keys" "" $c) -}}
{{- concat $parts (list (dig "policy" "consent" "receipt_key" "" $c) (dig "policy" "consent" "old_receipt_keys" "" $c)) | toJson | sha256sum -}}
{{- end -}}

{{- define "heyan.pod" -}}
metadata:
  labels:
    {{- include "heyan.labels" . | nindent 4 }}
    app.kubernetes.io/component: daemon
    {{- with .Values.podLabels }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  annotations:
    checksum/restart: {{ include "heyan.restart" . }}
    {{- with .Values.podAnnotations }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
spec:
  serviceAccountName: {{ include "heyan.fullname" . }}
  automountServiceAccountToken: false
  # Variables of Services begin with HEYAN_ too, if a Service has that name, and would be taken for settings.
  enableServiceLinks: false
  terminationGracePeriodSeconds: {{ .Values.terminationGracePeriodSeconds }}
  securityContext:
    {{- include "heyan.podSecurity" . | nindent 4 }}
  {{- with .Values.imagePullSecrets }}
  imagePullSecrets:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  containers:
    - name: heyan
      image: {{ include "heyan.image" . }}
      imagePullPolicy: {{ .Values.image.pullPolicy }}
      args: [serve, --config, /etc/heyan/heyan.yaml]
      securityContext:
        {{- include "heyan.containerSecurity" . | nindent 8 }}
      {{- with include "heyan.env" . }}
      env:
        {{- . | trim | nindent 8 }}
      {{- end }}
      ports:
        - {name: api, containerPort: 8080}
        - {name: admin, containerPort: 8081}
        {{- if .Values.dropin.clients }}
        - {name: dropin, containerPort: 8082}
        {{- end }}
      # The first start of a new version may migrate a SQLite file, for ten minutes at most.
      startupProbe:
        httpGet: {path: /healthz, port: admin, scheme: {{ include "heyan.scheme" . }}}
        periodSeconds: 2
        timeoutSeconds: 2
        failureThreshold: 300
      livenessProbe:
        httpGet: {path: /healthz, port: admin, scheme: {{ include "heyan.scheme" . }}}
        periodSeconds: 10
        timeoutSeconds: 5
        failureThreshold: 6
      readinessProbe:
        httpGet: {path: /readyz, port: admin, scheme: {{ include "heyan.scheme" . }}}
        periodSeconds: 2
        timeoutSeconds: 5
        failureThreshold: 1
      resources:
        {{- toYaml .Values.resources | nindent 8 }}
      volumeMounts:
        - {name: config, mountPath: /etc/heyan, readOnly: true}
        - {name: tmp, mountPath: /tmp}
        {{- if eq .Values.mode "single" }}
        - {name: data, mountPath: /var/lib/heyan}
        {{- end }}
        {{- if .Values.tls.secret }}
        - {name: tls, mountPath: /run/secrets/heyan-tls, readOnly: true}
        {{- end }}
        {{- range .Values.secretFiles }}
        - {name: secret-{{ .name }}, mountPath: /run/secrets/heyan/{{ .name }}, readOnly: true}
        {{- end }}
  volumes:
    {{- include "heyan.configVolume" (list . (include "heyan.fullname" .)) | nindent 4 }}
    - name: tmp
      emptyDir: {medium: Memory, sizeLimit: 64Mi}
    {{- if and (eq .Values.mode "single") .Values.persistence.existingClaim }}
    - name: data
      persistentVolumeClaim: {claimName: {{ .Values.persistence.existingClaim }}}
    {{- end }}
    {{- if .Values.tls.secret }}
    - name: tls
      secret: {secretName: {{ .Values.tls.secret }}, defaultMode: 0440}
    {{- end }}
    {{- range .Values.secretFiles }}
    - name: secret-{{ .name }}
      secret: {secretName: {{ .secret }}, defaultMode: 0440}
    {{- end }}
  {{- if eq .Values.mode "fleet" }}
  topologySpreadConstraints:
    - maxSkew: 1
      topologyKey: kubernetes.io/hostname
      whenUnsatisfiable: ScheduleAnyway
      labelSelector:
        matchLabels:
          {{- include "heyan.selector" . | nindent 10 }}
          app.kubernetes.io/component: daemon
  {{- end }}
  {{- with .Values.nodeSelector }}
  nodeSelector:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .Values.tolerations }}
  tolerations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .Values.affinity }}
  affinity:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .Values.priorityClassName }}
  priorityClassName: {{ . }}
  {{- end }}
{{- end -}}
