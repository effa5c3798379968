// Package helm holds the Helm chart of heyan and its tests. It is a module of its own, so
// that heyan's module does not depend on Helm and Kubernetes.
package helm

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	monitoring "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	"helm.sh/helm/v4/pkg/chart/common"
	"helm.sh/helm/v4/pkg/chart/common/util"
	"helm.sh/helm/v4/pkg/chart/v2/loader"
	"helm.sh/helm/v4/pkg/engine"
	apps "k8s.io/api/apps/v1"
	batch "k8s.io/api/batch/v1"
	core "k8s.io/api/core/v1"
	networking "k8s.io/api/networking/v1"
	policy "k8s.io/api/policy/v1"
	"sigs.k8s.io/yaml"
)

// manifest is what the chart renders, by kind. Of the ConfigMaps and Jobs, those of the hook
// are apart.
type manifest struct {
	config        *core.ConfigMap
	deployment    *apps.Deployment
	statefulSet   *apps.StatefulSet
	service       *core.Service
	account       *core.ServiceAccount
	pdb           *policy.PodDisruptionBudget
	network       *networking.NetworkPolicy
	monitor       *monitoring.ServiceMonitor
	migrateConfig *core.ConfigMap
	migrate       *batch.Job
	notes         string
}

// render does what helm template does: it validates the values, renders the chart and decodes
// each document strictly into the type of its kind.
func render(values string) (m manifest, err error) {
	chart, err := loader.Load("heyan")
	if err != nil {
		return m, err
	}
	var given map[string]any
	if err := yaml.UnmarshalStrict([]byte(values), &given); err != nil {
		return m, err
	}
	release := common.ReleaseOptions{Name: "heyan", Namespace: "identity", Revision: 1, IsInstall: true}
	all, err := util.ToRenderValues(chart, given, release, common.DefaultCapabilities)
	if err != nil {
		return m, err
	}
	files, err := engine.Engine{Strict: true}.Render(chart, all)
	if err != nil {
		return m, err
	}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		text := files[name]
		if strings.HasSuffix(name, "NOTES.txt") {
			m.notes = text
			continue
		}
		for document := range strings.SplitSeq("\n"+text, "\n---\n") {
			if err := m.decode(document); err != nil {
				return m, fmt.Errorf("%s: %w\n%s", name, err, document)
			}
		}
	}
	return m, nil
}

// decode decodes one document, and refuses unknown fields, an unknown kind and a second object of a kind.
func (m *manifest) decode(document string) error {
	var head struct {
		APIVersion string `json:"apiVersion"`
		Kind       string `json:"kind"`
		Metadata   struct {
			Annotations map[string]string `json:"annotations"`
		} `json:"metadata"`
	}
	if err := yaml.Unmarshal([]byte(document), &head); err != nil || head.Kind == "" {
		return err // of an empty document too
	}
	kind := head.APIVersion + " " + head.Kind
	if head.Metadata.Annotations["helm.sh/hook"] != "" {
		kind += " hook"
	}
	switch kind {
	case "v1 ConfigMap":
		return into(document, &m.config)
	case "apps/v1 Deployment":
		return into(document, &m.deployment)
	case "apps/v1 StatefulSet":
		return into(document, &m.statefulSet)
	case "v1 Service":
		return into(document, &m.service)
	case "v1 ServiceAccount":
		return into(document, &m.account)
	case "policy/v1 PodDisruptionBudget":
		return into(document, &m.pdb)
	case "networking.k8s.io/v1 NetworkPolicy":
		return into(document, &m.network)
	case "monitoring.coreos.com/v1 ServiceMonitor":
		return into(document, &m.monitor)
	case "v1 ConfigMap hook":
		return into(document, &m.migrateConfig)
	case "batch/v1 Job hook":
		return into(document, &m.migrate)
	}
	return fmt.Errorf("unexpected %s", kind)
}

func into[T any](document string, field **T) error {
	if *field != nil {
		return errors.New("a second object of this kind")
	}
	*field = new(T)
	return yaml.UnmarshalStrict([]byte(document), *field)
}

// kinds names the objects, for comparison.
func (m *manifest) kinds() string {
	var list []string
	for _, one := range []struct {
		name    string
		present bool
	}{
		{"config", m.config != nil},
		{"deployment", m.deployment != nil},
		{"statefulset", m.statefulSet != nil},
		{"service", m.service != nil},
		{"account", m.account != nil},
		{"pdb", m.pdb != nil},
		{"network", m.network != nil},
		{"monitor", m.monitor != nil},
		{"migrate", m.migrate != nil && m.migrateConfig != nil},
	} {
		if one.present {
			list = append(list, one.name)
		}
	}
	return strings.Join(list, " ")
}

// pod returns the template of the daemon's pods.
func (m *manifest) pod() core.PodTemplateSpec {
	if m.deployment != nil {
		return m.deployment.Spec.Template
	}
	return m.statefulSet.Spec.Template
}

// mustRender renders values that the chart accepts.
func mustRender(t *testing.T, values string) *manifest {
	t.Helper()
	m, err := render(values)
	if err != nil {
		t.Fatal(err)
	}
	return &m
}
