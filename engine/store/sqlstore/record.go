package sqlstore

import (
	"encoding/json"

	"github.com/heyan-id/heyan/engine/idv"
)

// record is a verification as it is stored: everything that stands in it, where
// the API's form leaves out the tenant and rounds durations. The named types take
// the API's marshalling away.
type record struct {
	plainVerification
	Attempts []plainAttempt
}

type (
	plainVerification idv.Verification
	plainAttempt      idv.Attempt
)

// encode writes a verification for the store. The subject in it is masked.
func encode(v *idv.Verification) (string, error) {
	r := record{plainVerification: plainVerification(*v), Attempts: make([]plainAttempt, len(v.Attempts))}
	r.plainVerification.Attempts = nil
	for i, a := range v.Attempts {
		r.Attempts[i] = plainAttempt(a)
	}
	text, err := json.Marshal(r)
	return string(text), err
}

// decode reads what encode wrote.
func decode(text string) (idv.Verification, error) {
	var r record
	if err := json.Unmarshal([]byte(text), &r); err != nil {
		return idv.Verification{}, err
	}
	v := idv.Verification(r.plainVerification)
	v.Attempts = make([]idv.Attempt, len(r.Attempts))
	for i, a := range r.Attempts {
		v.Attempts[i] = idv.Attempt(a)
	}
	return v, nil
}
