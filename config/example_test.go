package config_test

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/heyan-id/heyan/config"
	"github.com/heyan-id/heyan/engine/idv"
)

// The environment overrides the file, and each value has its origin.
func ExampleLoad() {
	dir, err := os.MkdirTemp("", "heyan")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = os.RemoveAll(dir) }()
	path := filepath.Join(dir, "heyan.yaml")
	if err := os.WriteFile(path, []byte("timeout: 5s\ngrace: 20s\n"), 0o600); err != nil {
		fmt.Println(err)
		return
	}
	loaded, err := config.Load(path, []string{"HEYAN_TIMEOUT=3s"})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, v := range loaded.Values() {
		if v.Path == "timeout" || v.Path == "grace" || v.Path == "listen" {
			fmt.Println(v.Path, v.Value, v.Origin)
		}
	}
	// Output:
	// grace 20s file
	// listen 127.0.0.1:8080 default
	// timeout 3s env
}

// Every fault names its path and the remedy.
func ExampleValidate() {
	c := config.Defaults()
	c.Policy.Consent.Mode = "off"
	c.MaxBillableCalls = 11
	for _, fault := range config.Validate(c, func(config.Provider) (idv.Descriptor, error) { return idv.Descriptor{}, config.ErrNoAdapter }) {
		fmt.Println(fault)
	}
	// Output:
	// max_billable_calls: must be from 0 to 10
	// routes: there is none, so that no question could be answered; add one with check and providers
}
