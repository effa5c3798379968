package api

import "time"

// Configuration says whether the configuration in its files is the one in use.
type Configuration struct {
	State    string    `json:"state"`                // current, changed (not read yet) or rejected
	LoadedAt time.Time `json:"loaded_at"`            // when the one in use was loaded
	Rejected time.Time `json:"rejected_at,omitzero"` // when the last reload was rejected, if no later one succeeded
	Changed  []string  `json:"changed,omitempty"`    // the settings that the rejected one changes
	Errors   []string  `json:"errors,omitempty"`     // why it was rejected
}
