package helm

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	core "k8s.io/api/core/v1"
	networking "k8s.io/api/networking/v1"
	"sigs.k8s.io/yaml"
)

// vendors is a configuration that every mode needs.
const vendors = `
config:
  policy:
    purposes: [{name: account_opening, title: 开立账户的实名核验}]
    consent: {controller: {name: 某某有限公司, contact: 400-000-0001}}
  providers: [{name: main, use: idcert, recipient_contact: 400-000-0000, settings: {appcode: "env:HEYAN_IDCERT_APPCODE"}}]
  routes: [{check: id_name, providers: [main]}]
secretEnv: [{name: HEYAN_IDCERT_APPCODE, secret: heyan-vendors, key: appcode}]
`

const (
	tls    = "tls: {secret: heyan-tls}\n"
	mesh   = "tls: {mode: terminated_elsewhere}\n"
	single = "mode: single\n" + vendors
	dropin = "dropin: {port: 443, clients: [{purpose: account_opening, consent_id: form-1}]}\nservice: {port: 8443}\n"
	fleet  = "mode: fleet\npostgres: {secret: heyan-db}\nkeys: {secret: heyan-keys}\n" + vendors
)

// modes are the ways to install the chart, with the objects that each renders.
func modes() []struct{ name, values, kinds string } {
	const one, several = "config statefulset service account network", "config deployment service account pdb network migrate"
	monitor := "serviceMonitor: {enabled: true, key: {secret: heyan-metrics, key: key}}\n"
	return []struct{ name, values, kinds string }{
		{"single", single + tls, one},
		{"single in a mesh", single + mesh, one},
		{"single on a volume", single + tls + "persistence: {existingClaim: ledger}\n", one},
		{"fleet", fleet + tls, several},
		{"fleet in a mesh", fleet + mesh, several},
		{"fleet that migrates", fleet + tls + "migrate: {mode: run}\n", several},
		{"fleet without a hook", fleet + tls + "migrate: {mode: \"off\"}\n", strings.TrimSuffix(several, " migrate")},
		{"fleet without a budget", fleet + tls + "podDisruptionBudget: {enabled: false}\n", strings.ReplaceAll(several, "pdb ", "")},
		{"monitor", single + tls + monitor, one + " monitor"},
		{"monitor with authorities", fleet + tls + strings.Replace(monitor, "{enabled", "{ca: {secret: heyan-tls}, enabled", 1), strings.Replace(several, "network", "network monitor", 1)},
		{"monitor in a mesh", single + mesh + monitor, one + " monitor"},
		{"drop-in", strings.Replace(single, "consent: {", "consent: {mode: external, ", 1) + tls + dropin, one},
		{"drop-in of a fleet", strings.Replace(fleet, "consent: {", "consent: {mode: external, ", 1) + mesh + dropin, several},
		{"client certificates", single + strings.Replace(tls, "}", ", clientCA: true}", 1), one},
		{"files", single + tls + "files: {notices/own.md: text, rules.yaml: text}\nsecretFiles: [{name: vendors, secret: heyan-vendors}]\n", one},
		{"no network policy", single + tls + "networkPolicy: {enabled: false}\n", "config statefulset service account"},
		{"every other value", fleet + tls + others, several},
	}
}

const others = `
replicas: 5
image: {repository: registry.example/heyan, digest: "sha256:` + "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef" + `"}
imagePullSecrets: [{name: registry}]
fullnameOverride: kyc
extraEnv: [{name: OTEL_EXPORTER_OTLP_ENDPOINT, value: "http://collector:4318"}]
service: {type: LoadBalancer, annotations: {a: b}}
serviceAccount: {annotations: {a: b}}
networkPolicy:
  from: [{namespaceSelector: {}}]
  adminFrom: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: monitoring}}}]
  postgresTo: [{ipBlock: {cidr: 10.0.0.0/8}}]
  egress: [{to: [{ipBlock: {cidr: 10.0.0.5/32}}], ports: [{port: 3128}]}]
podAnnotations: {a: b}
podLabels: {a: b}
nodeSelector: {a: b}
tolerations: [{key: a, operator: Exists}]
affinity: {nodeAffinity: {}}
priorityClassName: high
`

// TestModes renders each way to install the chart, and looks at what every one must have.
func TestModes(t *testing.T) {
	t.Parallel()
	for _, tt := range modes() {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			m := mustRender(t, tt.values)
			if got := m.kinds(); got != tt.kinds {
				t.Errorf("rendered %q, want %q", got, tt.kinds)
			}
			pod := m.pod()
			hardened(t, &pod.Spec)
			whole(t, &pod.Spec)
			selected(t, m)
			scheme := core.URISchemeHTTPS
			if strings.Contains(tt.values, "terminated_elsewhere") {
				scheme = core.URISchemeHTTP
			}
			probed(t, &pod.Spec.Containers[0], scheme)
			if m.migrate != nil {
				hardened(t, &m.migrate.Spec.Template.Spec)
				whole(t, &m.migrate.Spec.Template.Spec)
			}
		})
	}
}

// hardened looks at the rights of a pod.
func hardened(t *testing.T, s *core.PodSpec) {
	t.Helper()
	p, c := s.SecurityContext, s.Containers[0].SecurityContext
	switch {
	case !*p.RunAsNonRoot || *p.RunAsUser != 65532 || *p.RunAsGroup != 65532 || *p.FSGroup != 65532:
		t.Errorf("the user: %+v", p)
	case *p.FSGroupChangePolicy != core.FSGroupChangeOnRootMismatch:
		t.Error("the modes of the database would be changed at each start")
	case p.SeccompProfile.Type != core.SeccompProfileTypeRuntimeDefault:
		t.Errorf("the profile: %+v", p.SeccompProfile)
	case *c.AllowPrivilegeEscalation || !*c.ReadOnlyRootFilesystem || !slices.Equal(c.Capabilities.Drop, []core.Capability{"ALL"}) || len(c.Capabilities.Add) > 0:
		t.Errorf("the container: %+v", c)
	case *s.AutomountServiceAccountToken:
		t.Error("the pod has a token of the cluster")
	case *s.EnableServiceLinks:
		t.Error("variables such as HEYAN_SERVICE_HOST would be taken for settings")
	case len(s.Containers[0].Resources.Requests) == 0:
		t.Error("no resources")
	}
}

// whole looks at references inside a pod: each mount has a volume, each path is taken once, and
// no secret is written as a value.
func whole(t *testing.T, s *core.PodSpec) {
	t.Helper()
	volumes := map[string]bool{"data": true} // also of the claim template
	for _, v := range s.Volumes {
		volumes[v.Name] = true
	}
	paths, names := map[string]bool{}, map[string]bool{}
	for _, m := range s.Containers[0].VolumeMounts {
		if !volumes[m.Name] || paths[m.MountPath] {
			t.Errorf("the mount %s at %s: volume %v, a second one %v", m.Name, m.MountPath, volumes[m.Name], paths[m.MountPath])
		}
		paths[m.MountPath] = true
	}
	for _, e := range s.Containers[0].Env {
		if names[e.Name] || strings.HasPrefix(e.Name, "HEYAN_") && e.ValueFrom == nil {
			t.Errorf("the variable %s is a second one, or its value is written in the chart", e.Name)
		}
		names[e.Name] = true
	}
}

// selected looks at selectors: Service, workload, budget and policy mean the daemon's pods, and
// those of the hook get no request.
func selected(t *testing.T, m *manifest) {
	t.Helper()
	pod := m.pod()
	matches := func(selector map[string]string, labels map[string]string) bool {
		for k, v := range selector {
			if labels[k] != v {
				return false
			}
		}
		return len(selector) > 0
	}
	selectors := map[string]map[string]string{"Service": m.service.Spec.Selector}
	if m.deployment != nil {
		selectors["Deployment"] = m.deployment.Spec.Selector.MatchLabels
	} else {
		selectors["StatefulSet"] = m.statefulSet.Spec.Selector.MatchLabels
	}
	if m.pdb != nil {
		selectors["PodDisruptionBudget"] = m.pdb.Spec.Selector.MatchLabels
	}
	for kind, selector := range selectors {
		if !matches(selector, pod.Labels) {
			t.Errorf("%s selects %v, the pods have %v", kind, selector, pod.Labels)
		}
		if m.migrate != nil && matches(selector, m.migrate.Spec.Template.Labels) {
			t.Errorf("%s selects the pod of the hook", kind)
		}
	}
	if n := m.network; n != nil && (!matches(n.Spec.PodSelector.MatchLabels, pod.Labels) || m.migrate != nil && !matches(n.Spec.PodSelector.MatchLabels, m.migrate.Spec.Template.Labels)) {
		t.Error("NetworkPolicy does not select the pods of the daemon and of the hook")
	}
	ports := map[string]bool{}
	for _, p := range pod.Spec.Containers[0].Ports {
		ports[p.Name] = true
	}
	for _, p := range m.service.Spec.Ports {
		if !ports[p.TargetPort.StrVal] {
			t.Errorf("the Service leads to the port %s, which the container does not have", p.TargetPort.StrVal)
		}
	}
	if s := m.monitor; s != nil && (!matches(s.Spec.Selector.MatchLabels, m.service.Labels) || s.Spec.Endpoints[0].Authorization == nil) {
		t.Error("ServiceMonitor does not find the Service, or has no key")
	}
}

func probed(t *testing.T, c *core.Container, scheme core.URIScheme) {
	t.Helper()
	for path, probe := range map[string][]*core.Probe{"/healthz": {c.StartupProbe, c.LivenessProbe}, "/readyz": {c.ReadinessProbe}} {
		for _, p := range probe {
			if p.HTTPGet.Path != path || p.HTTPGet.Port.StrVal != "admin" || p.HTTPGet.Scheme != scheme {
				t.Errorf("the probe %+v, want %s of admin by %s", p.HTTPGet, path, scheme)
			}
		}
	}
}

// TestMigrate: the database of a fleet is migrated only where the values say so.
func TestMigrate(t *testing.T) {
	t.Parallel()
	for mode, dry := range map[string]bool{"check": true, "run": false} {
		m := mustRender(t, fleet+tls+"migrate: {mode: "+mode+"}\n")
		args := m.migrate.Spec.Template.Spec.Containers[0].Args
		if args[0] != "migrate" || slices.Contains(args, "--dry-run") != dry {
			t.Errorf("%s runs %v", mode, args)
		}
		if got := m.migrate.Annotations["helm.sh/hook"]; got != "pre-upgrade" {
			t.Errorf("%s runs at %q", mode, got)
		}
		if *m.migrate.Spec.BackoffLimit != 0 {
			t.Errorf("%s is repeated after a failure", mode)
		}
		if !maps.Equal(m.migrateConfig.Data, m.config.Data) {
			t.Errorf("%s runs with another configuration than the nodes", mode)
		}
	}
}

// TestRestart: only a change that a running daemon cannot take changes the pods.
func TestRestart(t *testing.T) {
	t.Parallel()
	base := mustRender(t, fleet+tls).pod().Annotations["checksum/restart"]
	for _, tt := range []struct {
		name, values string
		same         bool
	}{
		{"limits of a provider", strings.Replace(fleet+tls, "use: idcert", "use: idcert, limits: {rate: 5}", 1), true},
		{"keys of people", strings.Replace(fleet+tls, "  policy:", "  policy:\n    keys: [{id: k2, secret: \"env:A\"}, {id: k1, secret: \"env:HEYAN_PEOPLE_KEY\"}]", 1), false},
		{"mode of TLS", fleet + mesh, false},
	} {
		if got := mustRender(t, tt.values).pod().Annotations["checksum/restart"]; (got == base) != tt.same {
			t.Errorf("%s: the pods stay the same %v, want %v", tt.name, got == base, tt.same)
		}
	}
}

// TestDropin: the port of the configuration is that of the container, and callers reach it.
// Without clients there is none.
func TestDropin(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, values, config, service string }{
		{"clients", single + tls + dropin, "listen: :8082", "api 8443 dropin 443 admin 8081"},
		{"no clients", single + tls, "", "api 443 admin 8081"},
	} {
		m := mustRender(t, tt.values)
		text := m.config.Data["heyan.yaml"]
		if tt.config == "" && strings.Contains(text, "dropin") || !strings.Contains(text, tt.config) {
			t.Errorf("%s: the configuration is %s", tt.name, text)
		}
		var ports []string
		for _, p := range m.service.Spec.Ports {
			ports = append(ports, fmt.Sprint(p.Name, " ", p.Port))
		}
		if got := strings.Join(ports, " "); got != tt.service {
			t.Errorf("%s: the Service has %s, want %s", tt.name, got, tt.service)
		}
		open := slices.ContainsFunc(m.network.Spec.Ingress[0].Ports, func(p networking.NetworkPolicyPort) bool { return p.Port.StrVal == "dropin" })
		listens := slices.ContainsFunc(m.pod().Spec.Containers[0].Ports, func(p core.ContainerPort) bool { return p.Name == "dropin" && p.ContainerPort == 8082 })
		if open != (tt.config != "") || listens != open {
			t.Errorf("%s: the network policy opens the port: %v, the container has it: %v", tt.name, open, listens)
		}
	}
}

// TestMonitorTLS: the certificate is verified where there are authorities.
func TestMonitorTLS(t *testing.T) {
	t.Parallel()
	on := "serviceMonitor: {enabled: true, key: {secret: a, key: b}%s}\n"
	for _, tt := range []struct{ name, values, want string }{
		{"TLS", single + tls + fmt.Sprintf(on, ""), "insecureSkipVerify: true\n"},
		{"authorities", single + tls + fmt.Sprintf(on, ", ca: {secret: c}"), "ca:\n  secret:\n    key: ca.crt\n    name: c\ncert: {}\nserverName: heyan.identity.svc\n"},
		{"mesh", single + mesh + fmt.Sprintf(on, ""), "null\n"},
	} {
		m := mustRender(t, tt.values)
		got, err := yaml.Marshal(m.monitor.Spec.Endpoints[0].TLSConfig)
		if err != nil {
			t.Fatal(err)
		}
		if strings.ReplaceAll(string(got), "ca: {}\ncert: {}\n", "") != tt.want {
			t.Errorf("%s: %s, want %s", tt.name, got, tt.want)
		}
	}
}

// TestSchemaRefuses: a wrong value is refused with the name of its field.
func TestSchemaRefuses(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, values, field string }{
		{"nothing given", "", "config"},
		{"no providers", "config: {routes: [{}]}\n" + tls, "providers"},
		{"mode", strings.Replace(single, "single", "double", 1) + tls, "/mode"},
		{"unknown value", single + tls + "replica: 2\n", "replica"},
		{"unknown value inside", single + tls + "image: {repo: a}\n", "repo"},
		{"text as a number", fleet + tls + "replicas: many\n", "/replicas"},
		{"no nodes", fleet + tls + "replicas: 0\n", "/replicas"},
		{"fleet without a database", strings.Replace(fleet, "postgres: {secret: heyan-db}", "", 1) + tls, "/postgres/secret"},
		{"fleet without keys", strings.Replace(fleet, "keys: {secret: heyan-keys}", "", 1) + tls, "/keys/secret"},
		{"no certificate", single, "/tls/secret"},
		{"certificate in a mesh", single + "tls: {mode: terminated_elsewhere, secret: a}\n", "/tls/secret"},
		{"address in config", strings.Replace(single, "config:", "config:\n  listen: 0.0.0.0:80", 1) + tls, "/config/listen"},
		{"store in config", strings.Replace(single, "config:", "config:\n  store: {driver: memory}", 1) + tls, "/config/store"},
		{"secret as a value", strings.Replace(single, "secret: heyan-vendors", "value: b", 1) + tls, "/secretEnv/0"},
		{"name of a secret", strings.Replace(single, "secret: heyan-vendors", "secret: B_C", 1) + tls, "/secretEnv/0/secret"},
		{"monitor without a key", single + tls + "serviceMonitor: {enabled: true}\n", "/serviceMonitor/key"},
		{"migrate", fleet + tls + "migrate: {mode: always}\n", "/migrate/mode"},
		{"drop-in address in config", strings.Replace(single, "config:", "config:\n  dropin: {listen: \":8082\"}", 1) + tls, "/config/dropin"},
		{"drop-in client", single + tls + "dropin: {clients: [{purpse: a}]}\n", "purpse"},
		{"drop-in port", single + tls + "dropin: {port: 8081}\n", "/dropin/port"},
		{"path of a file", single + tls + "files: {../a: b}\n", "/files"},
		{"another configuration", single + tls + "files: {heyan.yaml: b}\n", "/files/heyan.yaml"},
		{"grace", single + tls + "terminationGracePeriodSeconds: 5\n", "/terminationGracePeriodSeconds"},
		{"size", single + tls + "persistence: {size: ten}\n", "/persistence/size"},
		{"budget", fleet + tls + "podDisruptionBudget: {maxUnavailable: 0}\n", "/podDisruptionBudget/maxUnavailable"},
		{"digest", single + tls + "image: {digest: latest}\n", "/image/digest"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := render(tt.values)
			if err == nil || !strings.Contains(err.Error(), tt.field) {
				t.Errorf("%v, want the field %s", err, tt.field)
			}
		})
	}
}
