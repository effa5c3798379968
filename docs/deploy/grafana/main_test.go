package main

import (
	"bytes"
	"errors"
	"os"
	"testing"

	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/cog/plugins"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
)

// strict decodes a dashboard in which every key must be one that Grafana knows.
func strict(text []byte) error {
	var d dashboard.Dashboard
	err := d.UnmarshalJSONStrict(text)
	var faults cog.BuildErrors
	if errors.As(err, &faults) && len(faults) == 0 {
		return nil // the SDK returns an empty list for no error
	}
	return err
}

// TestDashboardIsFresh: heyan.json is what the program prints, and Grafana knows every key.
func TestDashboardIsFresh(t *testing.T) {
	plugins.RegisterDefaultPlugins()
	want, err := render()
	if err != nil {
		t.Fatal(err)
	}
	have, err := os.ReadFile("heyan.json")
	if err != nil || !bytes.Equal(have, want) {
		t.Errorf("heyan.json is stale (%v); run go run . >heyan.json", err)
	}
	if err := strict(have); err != nil {
		t.Error(err)
	}
	for _, place := range []string{`"uid": "heyan"`, `"legendFormat": "{{verdict}}"`, `"title": "Days left"`} {
		bad := bytes.Replace(have, []byte(place), []byte(place+`, "nonsense": 1`), 1)
		if bytes.Equal(bad, have) || strict(bad) == nil {
			t.Errorf("an unknown key beside %s is accepted", place)
		}
	}
}
