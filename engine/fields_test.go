package engine_test

import (
	"testing"

	"github.com/heyan-id/heyan/engine/enginetest"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/store/memory"
)

// TestFieldsAreKept shows that the result says which claims agree, with a verdict and
// without one, and nothing about claims that the check does not have.
func TestFieldsAreKept(t *testing.T) {
	t.Parallel()
	said := idv.Fields{idv.ClaimName: idv.FieldMatched, idv.ClaimIDNumber: idv.FieldMismatched, idv.ClaimBankCard: idv.FieldMatched}
	want := idv.Fields{idv.ClaimName: idv.FieldMatched, idv.ClaimIDNumber: idv.FieldMismatched}
	mismatch := enginetest.Answer(idv.Mismatch)
	mismatch.Answer.Fields = said
	partial := enginetest.Fail(idv.PartialMatch, idv.Answered)
	idv.AsError(partial.Err).Fields = said
	unlisted := enginetest.Fail(idv.FailureUnknown, idv.Answered)
	idv.AsError(unlisted.Err).Fields = said
	for _, test := range []struct {
		name    string
		reply   enginetest.Reply
		verdict idv.Verdict
		reason  idv.Reason
		want    idv.Fields
	}{
		{"mismatch", mismatch, idv.Mismatch, "", want},
		{"partial match", partial, idv.Undetermined, "partial_match", want},
		{"a code without a meaning", unlisted, idv.Undetermined, "unknown", want},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			second := enginetest.New("second")
			o := enginetest.Options(enginetest.New("first", test.reply), second)
			o.Store = memory.New(0)
			e := enginetest.Engine(t, o)
			v, err := e.Verify(t.Context(), enginetest.Request())
			if err != nil || v.Verdict != test.verdict || v.Reason != test.reason || v.Fields != test.want {
				t.Errorf("got %v (%s) with %v, %v; want %v (%s) with %v", v.Verdict, v.Reason, v.Fields, err, test.verdict, test.reason, test.want)
			}
			stored, err := o.Store.Verification(t.Context(), v.Tenant, v.ID)
			if err != nil || stored.Fields != test.want {
				t.Errorf("stored with %v, %v", stored.Fields, err)
			}
			if second.Calls() != 0 {
				t.Error("an answer is not final")
			}
		})
	}
}
