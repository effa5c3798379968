package providertest

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"testing"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers"
	"github.com/heyan-id/heyan/providers/body"
)

// recordings checks every recording, and reports all that fail.
func recordings(ctx context.Context, h Harness) error {
	var faults []error
	for _, r := range h.Recordings {
		if err := r.Check(ctx, h.Codec); err != nil {
			faults = append(faults, fmt.Errorf("%s: %w", r.Name, err))
		}
	}
	return errors.Join(faults...)
}

// NewHarness returns the harness of a product: its fixtures are the recordings that have a
// code, and a reply with nothing but its HTTP status for each row of [providers.StatusRows]
// without a recording.
//
// A harness has one query, about the person of the first match. Recordings about others are
// left out; [Recording.Check] checks them.
func NewHarness(c providers.Codec, list []Recording, notEchoed idv.ClaimSet) (Harness, error) {
	d := c.Describe()
	q, err := firstMatch(list).query(d)
	if err != nil {
		return Harness{}, err
	}
	h, table := Harness{Codec: c, Query: q, NotEchoed: notEchoed, Recordings: list}, providers.Table(d.Codes)
	h.Format = formatOf(c, list)
	recorded := map[string]bool{}
	for _, r := range list {
		if own, err := r.query(d); r.Want.Code == "" || err != nil || !sameSubject(own.Subject, q.Subject) {
			continue
		}
		layer := providers.LayerVendor
		if _, ok := table.Row(layer, r.Want.Code); !ok {
			if _, ok := table.Row(providers.LayerGateway, r.Want.Code); ok {
				layer = providers.LayerGateway
			}
		}
		recorded[r.Want.Code] = true
		h.Fixtures = append(h.Fixtures, Fixture{Layer: layer, Code: r.Want.Code, Reply: r.Reply})
	}
	for _, row := range table {
		var status int
		if _, err := fmt.Sscanf(row.Code, "http_%d", &status); err == nil && row.Layer == providers.LayerGateway && !recorded[row.Code] {
			h.Fixtures = append(h.Fixtures, Fixture{Layer: row.Layer, Code: row.Code, Reply: providers.Reply{Status: status, Header: http.Header{}}})
		}
	}
	return h, nil
}

// formatOf returns the format that the codec states, else that of the recordings.
func formatOf(c providers.Codec, list []Recording) body.Format {
	if f, ok := c.(body.Formatted); ok {
		return f.Format()
	}
	var bodies [][]byte
	for _, r := range list {
		if r.Want.Verdict != idv.Undetermined {
			bodies = append(bodies, r.Reply.Body)
		}
	}
	return body.Sniff(bodies...)
}

// firstMatch returns the first recording of a match, or the zero one, which is about
// [Person].
func firstMatch(list []Recording) Recording {
	for _, r := range list {
		if r.Want.Verdict == idv.Match {
			return r
		}
	}
	return Recording{}
}

func sameSubject(a, b idv.Subject) bool {
	for _, claim := range idv.CheckIDNameMobileBankCard.Claims().List() {
		if !a.Claim(claim).Equal(b.Claim(claim)) {
			return false
		}
	}
	return true
}

// RecordingsOf returns the recordings that a built-in product ships.
func RecordingsOf(f providers.Factory) ([]Recording, error) {
	folders, err := f.Fixtures()
	if err != nil {
		return nil, err
	}
	return Recordings(folders...)
}

// RunFactory tests every rule of the contract with a built-in product and its own
// recordings, each rule as a subtest.
func RunFactory(t *testing.T, f providers.Factory, s providers.Settings) {
	t.Helper()
	codec, err := f.New(s)
	if err != nil {
		t.Fatal(err)
	}
	list, err := RecordingsOf(f)
	if err != nil {
		t.Fatal(err)
	}
	RunRecordings(t, codec, list, f.NotEchoed)
}

// RunRecordings tests every rule of the contract with the harness of [NewHarness], each
// rule as a subtest.
func RunRecordings(t *testing.T, c providers.Codec, list []Recording, notEchoed idv.ClaimSet) {
	t.Helper()
	h, err := NewHarness(c, list, notEchoed)
	if err != nil {
		t.Fatal(err)
	}
	Run(t, h)
}
