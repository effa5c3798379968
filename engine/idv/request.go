package idv

// Request is what a caller asks the engine.
type Request struct {
	Tenant         Tenant  `json:"-"` // from the caller's key, never from the body
	Caller         string  `json:"-"` // the id of the caller's API key, for limits; "" if it has none
	App            string  `json:"app,omitempty"`
	Check          Check   `json:"check"`
	Subject        Subject `json:"subject"`
	Purpose        string  `json:"purpose,omitempty"`
	ConsentID      string  `json:"consent_id,omitempty"`
	IdempotencyKey string  `json:"-"` // from the header; "" means that nothing ties two requests together
}
