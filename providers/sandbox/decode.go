package sandbox

import (
	"encoding/json"
	"maps"
	"slices"

	"github.com/heyan-id/heyan/providers/strictjson"
)

// decodeScenario reads the body of POST /_sandbox/scenario strictly: a field
// that is unknown, misspelt in case or of another type is an error that names
// it, for a test with a scenario that was not played proves nothing. addressed is
// the vendor to take when none is named. The error is a *ScenarioError and
// repeats no value.
func decodeScenario(body []byte, addressed string, vendors []string) (Scenario, error) {
	var sc Scenario
	if err := sc.fill(body); err != nil {
		return Scenario{}, err
	}
	if sc.Vendor == "" {
		sc.Vendor = addressed
	}
	if err := sc.check(vendors); err != nil {
		return Scenario{}, err
	}
	return sc, nil
}

// fill sets the fields that the body holds.
func (sc *Scenario) fill(body []byte) error {
	into := map[string]any{
		"vendor": &sc.Vendor, "mode": &sc.Mode,
		"for_ms": &sc.ForMS, "count": &sc.Count, "latency_ms": &sc.LatencyMS,
	}
	members := map[string]json.RawMessage{}
	_, err := strictjson.Members(body)
	if err != nil || json.Unmarshal(body, &members) != nil {
		return &ScenarioError{Detail: "want one JSON object with no field twice", Known: fields()}
	}
	for _, name := range slices.Sorted(maps.Keys(members)) {
		target, known := into[name]
		if !known {
			return &ScenarioError{Detail: "unknown field", Field: short(name), Known: fields()}
		}
		if json.Unmarshal(members[name], target) != nil {
			return &ScenarioError{Detail: "vendor and mode are strings, the others whole numbers", Field: name}
		}
	}
	return nil
}

func fields() []string { return []string{"vendor", "mode", "for_ms", "count", "latency_ms"} }

// maxField is the longest part of an unknown field's name that is repeated.
const maxField = 40

func short(name string) string {
	runes := []rune(name)
	return string(runes[:min(len(runes), maxField)])
}
