package config

import _ "embed"

// Example is a commented configuration with two accounts at one vendor. It loads
// and validates as it stands, if the two variables it names are set.
//
//go:embed example.yaml
var Example string
