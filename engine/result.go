package engine

import (
	"context"
	"crypto/rand"
	"encoding/base32"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"time"

	"github.com/heyan-id/heyan/engine/dispatch"
	"github.com/heyan-id/heyan/engine/identity"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/telemetry"
)

// open begins a verification. Its id sorts by time; without tracing the trace id
// is made of the same bytes, so that there always is one to quote.
func (e *Engine) open(ctx context.Context, r idv.Request, q question) *idv.Verification {
	now := time.Now().UTC()
	var raw [16]byte
	_, _ = rand.Read(raw[6:]) // never fails; it ends the process instead
	binary.BigEndian.PutUint16(raw[:], uint16(now.UnixMilli()>>32))
	binary.BigEndian.PutUint32(raw[2:], uint32(now.UnixMilli()))
	trace := telemetry.TraceID(ctx)
	if trace == "" {
		trace = hex.EncodeToString(raw[:])
	}
	id := [30]byte{'v', 'e', 'r', '_'}
	base32.HexEncoding.WithPadding(base32.NoPadding).Encode(id[4:], raw[:])
	return &idv.Verification{
		ID:     string(id[:]),
		Tenant: r.Tenant, App: r.App, Check: q.check, Document: q.document,
		Subject: q.subject.Masked(), Flags: q.flags,
		Purpose: r.Purpose, ConsentID: r.ConsentID, CreatedAt: now, TraceID: trace,
	}
}

// conclude writes the outcome of the walk into the verification.
func (e *Engine) conclude(v *idv.Verification, out dispatch.Outcome) {
	v.Attempts = out.Attempts
	v.Skipped = append(v.Skipped, out.LeftOut...)
	if out.Err != nil {
		v.Reason = out.Err.Failure.String()
		v.NextSteps = adviceOn(out.Err.Failure)
		return
	}
	m := e.members[out.Provider]
	v.Verdict = out.Answer.Verdict
	v.Fidelity = m.descriptor.Fidelity
	v.NextSteps = advice(v.Verdict)
	last := &out.Attempts[len(out.Attempts)-1]
	v.Evidence = []idv.Evidence{{
		Type: "electronic_record", CheckMethod: "data", Organization: m.recipient, Provider: out.Provider,
		CheckID: out.Answer.VendorRef, Source: m.descriptor.Source, Time: last.StartedAt.Add(last.Duration),
	}}
}

// neverAsked reports whether the walk ended by a fault of heyan's own before any
// call, as the intent could not be written, or by a consent that ended meanwhile. That
// is no verification but an error, and the request may be made again.
func neverAsked(out dispatch.Outcome) bool {
	return len(out.Attempts) == 0 && out.Err != nil && (out.Err.Failure == idv.Internal || out.Err.Failure == idv.Denied)
}

func replay(earlier *idv.Verification) idv.Verification {
	if earlier == nil {
		return idv.Verification{}
	}
	return *earlier
}

func noRoute(c idv.Check) error {
	return &idv.Error{
		Failure: idv.Unsupported, Origin: idv.OriginEngine, Delivery: idv.NotSent, Charge: idv.NotCharged, Field: idv.FieldCheck,
		Detail: fmt.Sprintf("no route is configured for the check %s", c),
	}
}

func illegible(f idv.Field) error {
	return &idv.Error{
		Failure: idv.InvalidInput, Origin: idv.OriginCaller, Delivery: idv.NotSent, Charge: idv.NotCharged, Field: f, Code: string(identity.ReasonCharset),
		Detail: "it holds a character that cannot be seen; type it anew",
	}
}

// notStored is the one error that comes beside a verification: it was answered,
// and may have been paid, but a later look-up will not find it.
func notStored(v *idv.Verification) error {
	return &idv.Error{
		Failure: idv.Internal, Origin: idv.OriginEngine, Delivery: idv.Answered, Ref: v.ID,
		Detail: "the verification ended, and its record could not be written",
	}
}
