// Package storemodel has what storetest and the tests of this module's stores share:
// sample values, random models that run against a store, and races between goroutines or
// nodes.
package storemodel

import (
	"context"
	"fmt"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/store"
	"github.com/heyan-id/heyan/policy"
)

// The subjects of the tests, by their tokens, and a recipient.
const (
	Alice     idv.SubjectToken = "k1:alice"
	AliceOld  idv.SubjectToken = "k0:alice" // under the previous key
	Bob       idv.SubjectToken = "k1:bob"
	Recipient                  = "张三数据有限公司"
)

// Then returns a time in the past, in microseconds as every store keeps them.
func Then() time.Time { return time.Date(2026, 3, 1, 12, 0, 0, 123_456_000, time.UTC) }

// Yuan returns an amount of yuan in micros.
func Yuan(micros int64) idv.Money { return idv.Money{Micros: micros, Currency: idv.CNY} }

// CallTime is the time until the deadline of a sample call.
const CallTime = time.Minute

// Intent returns the n-th call of a verification at provider p, which was dated at another
// time than its deadline supposes.
func Intent(verification string, n int, at time.Time) idv.Intent {
	return idv.Intent{
		Attempt: fmt.Sprintf("%s-%d", verification, n), Verification: verification, Provider: "p", Check: idv.CheckIDName,
		Tenant: "t1", App: "app", Purpose: "test", Basis: "contract", At: at, Deadline: time.Now().Add(CallTime), Price: Yuan(69_000),
	}
}

// Outcome returns the outcome of a held call.
func Outcome(i idv.Intent, h idv.Reservation, c idv.Charge) idv.Attempt {
	return idv.Attempt{
		ID: i.Attempt, Provider: i.Provider, Check: i.Check, Verdict: idv.Match, Origin: idv.OriginVendor, Delivery: idv.Answered, Charge: c,
		VendorCode: "01", VendorRef: "ref", StartedAt: i.At, Duration: 1234567 * time.Nanosecond, Lot: h.Lot, Price: h.Price,
	}
}

// Hold holds the n-th call of verification v and settles it, unless charge is Leave.
func Hold(ctx context.Context, s store.Calls, v string, n int, charge idv.Charge) (idv.Reservation, error) {
	i := Intent(v, n, Then())
	h, err := s.Hold(ctx, i)
	if err != nil || charge == Leave {
		return h, err
	}
	return h, s.Settle(ctx, Outcome(i, h, charge))
}

// Leave is the charge of a call that Hold does not settle.
const Leave idv.Charge = 255

// Verification returns a verification with the required fields.
func Verification() idv.Verification {
	return idv.Verification{ID: "v1", Tenant: "t1", Check: idv.CheckIDName, Verdict: idv.Match, CreatedAt: Then()}
}

// Audit checks the balance of every lot.
func Audit(ctx context.Context, s Racer) error {
	list, err := s.Lots(ctx, "")
	if err != nil {
		return err
	}
	for _, l := range list {
		if err := l.Check(); err != nil {
			return err
		}
	}
	return nil
}

// Mark returns the blind index with a number.
func Mark(n int) policy.BlindIndex { return policy.BlindIndex{byte(n), byte(n >> 8), 7} }

// Hit returns a hit on a counter, by a member if member is not 0.
func Hit(counter, member, most int) policy.Hit {
	h := policy.Hit{Counter: Mark(counter), Most: most, Until: time.Now().Add(time.Hour)}
	if member != 0 {
		h.Member = Mark(member)
	}
	return h
}
