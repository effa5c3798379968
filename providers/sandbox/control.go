package sandbox

import (
	"encoding/json"
	"errors"
	"io"
	"maps"
	"net/http"
	"slices"

	"github.com/heyan-id/heyan/providers/strictjson"
)

// controlPrefix is the path prefix of the control API. No vendor has such a path.
const controlPrefix = "/_sandbox/"

// control returns the control API of the whole sandbox on the address of one vendor.
func (s *Sandbox) control(v *vendor) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST "+controlPrefix+"scenario", func(w http.ResponseWriter, r *http.Request) {
		s.postScenario(w, r, v.name)
	})
	mux.HandleFunc("GET "+controlPrefix+"stats", func(w http.ResponseWriter, _ *http.Request) {
		writeJSON(w, http.StatusOK, s.Stats())
	})
	mux.HandleFunc("GET "+controlPrefix+"codes", func(w http.ResponseWriter, _ *http.Request) {
		writeJSON(w, http.StatusOK, s.codes())
	})
	mux.HandleFunc("POST "+controlPrefix+"reset", func(w http.ResponseWriter, _ *http.Request) {
		s.Reset()
		writeJSON(w, http.StatusOK, s.Stats())
	})
	return mux
}

// codes returns the code table of each vendor.
func (s *Sandbox) codes() map[string]any {
	all := map[string]any{}
	for _, v := range s.vendors {
		all[v.name] = v.backend.codes()
	}
	return all
}

// postScenario sets a scenario and returns it as parsed.
func (s *Sandbox) postScenario(w http.ResponseWriter, r *http.Request, addressed string) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBodyBytes))
	if err != nil {
		writeJSON(w, http.StatusBadRequest, &ScenarioError{Detail: "the body is too long or incomplete"})
		return
	}
	sc, err := decodeScenario(body, addressed, s.names())
	if err == nil {
		err = s.SetScenario(sc)
	}
	var fault *ScenarioError
	if errors.As(err, &fault) {
		writeJSON(w, http.StatusBadRequest, fault)
		return
	}
	writeJSON(w, http.StatusOK, sc)
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v) // the client may have disconnected
}

// decodeScenario decodes the body of POST /_sandbox/scenario strictly: a field that is
// unknown, in another case or of another type is an error that names it, since a test
// whose scenario is ignored proves nothing. addressed is the vendor if the body names
// none. The error is a *ScenarioError and repeats no value.
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

// fill sets the fields of the body.
func (sc *Scenario) fill(body []byte) error {
	into := map[string]any{
		"vendor": &sc.Vendor, "mode": &sc.Mode,
		"for_ms": &sc.ForMS, "count": &sc.Count, "latency_ms": &sc.LatencyMS,
	}
	members := map[string]json.RawMessage{}
	_, err := strictjson.Members(body)
	if err != nil || json.Unmarshal(body, &members) != nil {
		return &ScenarioError{Detail: "must be one JSON object without duplicate fields", Known: fields()}
	}
	for _, name := range slices.Sorted(maps.Keys(members)) {
		target, known := into[name]
		if !known {
			return &ScenarioError{Detail: "unknown field", Field: short(name), Known: fields()}
		}
		if json.Unmarshal(members[name], target) != nil {
			return &ScenarioError{Detail: "vendor and mode must be strings, the other fields integers", Field: name}
		}
	}
	return nil
}

func fields() []string { return []string{"vendor", "mode", "for_ms", "count", "latency_ms"} }

// maxField limits how much of an unknown field's name an error repeats.
const maxField = 40

func short(name string) string {
	runes := []rune(name)
	return string(runes[:min(len(runes), maxField)])
}
