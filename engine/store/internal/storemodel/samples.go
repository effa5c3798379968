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

// The persons of the tests, by their tokens, and a recipient.
const (
	Alice     idv.SubjectToken = "k1:alice"
	AliceOld  idv.SubjectToken = "k0:alice" // under the key of before
	Bob       idv.SubjectToken = "k1:bob"
	Recipient                  = "张三数据有限公司"
)

// Then is a moment long ago, to the microsecond, as every store keeps it.
func Then() time.Time { return time.Date(2026, 3, 1, 12, 0, 0, 123_456_000, time.UTC) }

// Yuan returns an amount of millionths of a yuan.
func Yuan(micros int64) idv.Money { return idv.Money{Micros: micros, Currency: idv.CNY} }

// Intent is the n-th call of a verification, at provider p, long past its deadline.
func Intent(verification string, n int, at time.Time) idv.Intent {
	return idv.Intent{
		Attempt: fmt.Sprintf("%s-%d", verification, n), Verification: verification, Provider: "p", Check: idv.CheckIDName,
		Tenant: "t1", App: "app", Purpose: "test", Basis: "contract", At: at, Deadline: at.Add(3 * time.Second), Price: Yuan(69_000),
	}
}

// Outcome is how a held call went.
func Outcome(i idv.Intent, h idv.Reservation, c idv.Charge) idv.Attempt {
	return idv.Attempt{
		ID: i.Attempt, Provider: i.Provider, Check: i.Check, Verdict: idv.Match, Origin: idv.OriginVendor, Delivery: idv.Answered, Charge: c,
		VendorCode: "01", VendorRef: "ref", StartedAt: i.At, Duration: 1234567 * time.Nanosecond, Lot: h.Lot, Price: h.Price,
	}
}

// Hold makes the n-th call of verification v and settles it, unless charge is 255.
func Hold(ctx context.Context, s store.Calls, v string, n int, charge idv.Charge) (idv.Reservation, error) {
	i := Intent(v, n, Then())
	h, err := s.Hold(ctx, i)
	if err != nil || charge == Leave {
		return h, err
	}
	return h, s.Settle(ctx, Outcome(i, h, charge))
}

// Leave is the charge of a call that is not settled.
const Leave idv.Charge = 255

// Verification returns a verification with a match.
func Verification() idv.Verification {
	return idv.Verification{ID: "v1", Tenant: "t1", Check: idv.CheckIDName, Verdict: idv.Match, CreatedAt: Then()}
}

// Audit tests the equation of every lot.
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

// Mark returns the n-th blind index.
func Mark(n int) policy.BlindIndex { return policy.BlindIndex{byte(n), byte(n >> 8), 7} }

// Hit is a hit on a counter, of a member if it is not 0.
func Hit(counter, member, most int) policy.Hit {
	h := policy.Hit{Counter: Mark(counter), Most: most, Until: time.Now().Add(time.Hour)}
	if member != 0 {
		h.Member = Mark(member)
	}
	return h
}
