package sandbox

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
)

// controlPrefix is where a sandbox is steered; no vendor has such a path.
const controlPrefix = "/_sandbox/"

// control steers the whole sandbox from the address of one vendor.
func (s *Sandbox) control(v *vendor) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST "+controlPrefix+"scenario", func(w http.ResponseWriter, r *http.Request) {
		s.postScenario(w, r, v.name)
	})
	mux.HandleFunc("GET "+controlPrefix+"stats", func(w http.ResponseWriter, _ *http.Request) {
		writeJSON(w, http.StatusOK, s.Stats())
	})
	mux.HandleFunc("POST "+controlPrefix+"reset", func(w http.ResponseWriter, _ *http.Request) {
		s.Reset()
		writeJSON(w, http.StatusOK, s.Stats())
	})
	return mux
}

// postScenario installs a scenario and answers with it as it was understood.
func (s *Sandbox) postScenario(w http.ResponseWriter, r *http.Request, addressed string) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBodyBytes))
	if err != nil {
		writeJSON(w, http.StatusBadRequest, &ScenarioError{Detail: "the body is too long or was cut off"})
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
	_ = json.NewEncoder(w).Encode(v) // a client that has gone away needs no answer
}
