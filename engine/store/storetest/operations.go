package storetest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/ledger"
	"github.com/heyan-id/heyan/engine/route"
	"github.com/heyan-id/heyan/engine/store"
	"github.com/heyan-id/heyan/engine/store/internal/storemodel"
	"github.com/heyan-id/heyan/policy/access"
	"github.com/heyan-id/heyan/policy/audit"
)

func operations() []rule {
	return []rule{
		{"a change under an act is recorded with it, one without an act or that fails is not", actRecorded},
		{"every change that may have an act records it", everyAct},
		{"records of many changes at once make one chain", actsAtOnce},
		{"the records of a tenant are its own, in pages", actsOfTenant},
		{"an act with a text that cannot be kept changes nothing", actRefused},
		{"an act without a change is recorded", actAlone},
		{"the last order for a provider is kept, with its reason and expiry", orderKept},
		{"an order that cannot be given changes nothing", orderRefused},
		{"while a gap is open nothing is held, and it closes under its own name only", gapOpen},
		{"a second gap extends the first one", gapJoined},
	}
}

// sealer is a keyed hash that can be read.
type sealer struct{}

// SealAudit returns the hash.
func (sealer) SealAudit(parts ...string) string { return "k:" + fmt.Sprintf("%x", hash(parts)) }

// MatchesAudit compares the hash.
func (s sealer) MatchesAudit(seal string, parts ...string) bool { return seal == s.SealAudit(parts...) }

func hash(parts []string) (sum uint64) {
	sum = 14695981039346656037
	for _, b := range []byte(strings.Join(parts, "\x00")) {
		sum = (sum ^ uint64(b)) * 1099511628211
	}
	return sum
}

func as(ctx context.Context, k audit.Kind, target string) context.Context {
	return audit.With(ctx, sealer{}, audit.Act{Tenant: "t1", Principal: "key:p", Kind: k, Target: target, Reason: "因为"})
}

// recorded returns the records of a log that must be sound.
func recorded(ctx context.Context, s store.Store) ([]audit.Record, error) {
	if _, err := store.VerifyAudit(ctx, s, sealer{}, audit.Head{}); err != nil {
		return nil, err
	}
	list, next, err := s.Acts(ctx, "", ledger.Page{Limit: 1000})
	if next != "" {
		err = errors.Join(err, errors.New("there is another page"))
	}
	return list, err
}

func kindsOf(ctx context.Context, s store.Store, want ...audit.Kind) error {
	list, err := recorded(ctx, s)
	var got []audit.Kind
	for _, r := range list {
		got = append(got, r.Kind)
	}
	if err != nil || !slices.Equal(got, want) {
		return fmt.Errorf("recorded %v, want %v, %w", got, want, err)
	}
	return nil
}

func actRecorded(ctx context.Context, s store.Store) error {
	err := first(
		func() error { return kindsOf(ctx, s) },
		func() error { return s.AddAPIKey(as(ctx, audit.KeyCreate, "a"), apiKey("a", "web")) },
		func() error { return s.AddAPIKey(ctx, apiKey("b", "web")) },
		func() error {
			return want(s.AddAPIKey(as(ctx, audit.KeyCreate, "a"), apiKey("a", "other")), access.ErrTwice)
		},
		func() error { return kindsOf(ctx, s, audit.KeyCreate) },
	)
	if err != nil {
		return err
	}
	list, err := recorded(ctx, s)
	if err != nil {
		return err
	}
	got := list[0]
	wanted := audit.Act{Tenant: "t1", Principal: "key:p", Kind: audit.KeyCreate, Target: "a", Reason: "因为"}
	if diff := cmp.Diff(wanted, got.Act); diff != "" || got.Seq != 1 || got.MAC == "" || got.At.IsZero() {
		return fmt.Errorf("recorded %+v:\n%s", got, diff)
	}
	return nil
}

func everyAct(ctx context.Context, s store.Store) error {
	l := lot("l1", 3)
	hold := func() error {
		_, err := storemodel.Hold(ctx, s, "v1", 1, idv.ChargeUnknown)
		return err
	}
	gap := store.NewGap(storemodel.Then(), storemodel.Then().Add(time.Hour))
	err := first(
		func() error { return storemodel.AddDraft(ctx, s, storemodel.Draft("c1"), 0) },
		func() error {
			_, err := s.ChangeConsent(as(ctx, audit.ConsentRecord, "c1"), "t1", "c1", storemodel.Present())
			return err
		},
		func() error { return s.AddLot(as(ctx, audit.LotAdd, "l1"), l) },
		hold,
		func() error {
			return s.Resolve(as(ctx, audit.HoldResolve, "h"), storemodel.Intent("v1", 1, storemodel.Then()).Attempt, idv.Charged, "bill")
		},
		func() error { return s.WriteOff(as(ctx, audit.LotWriteOff, "l1"), "l1", 1, "lost") },
		func() error { _, err := s.SpreadLot(as(ctx, audit.LotSpread, "l1"), "l1"); return err },
		func() error { return s.CancelLot(as(ctx, audit.LotCancel, "l1"), "l1", "wrong") },
		func() error { return s.AddAPIKey(as(ctx, audit.KeyCreate, "a"), apiKey("a", "web")) },
		func() error { _, err := s.RevokeAPIKey(as(ctx, audit.KeyRevoke, "a"), "t1", "a"); return err },
		func() error {
			_, err := s.SetOrder(as(ctx, audit.ProviderDrain, "p"), store.Order{Provider: "p", Kind: store.OrderDrain})
			return err
		},
		func() error {
			_, err := s.Erase(as(ctx, audit.SubjectErase, "e"), "t1", []idv.SubjectToken{"k1:x"}, "e")
			return err
		},
		func() error { return s.AddWindow(as(ctx, audit.CalendarAdd, "w"), window("w", storemodel.Then())) },
		func() error { _, err := s.RemoveWindow(as(ctx, audit.CalendarRemove, "w"), "w"); return err },
		func() error {
			_, err := s.RemoveWindow(as(ctx, audit.CalendarRemove, "w"), "w")
			return want(err, route.ErrNoWindow)
		},
		func() error {
			_, err := s.ResendMessage(as(ctx, audit.MessageResend, "m"), store.MessageFilter{}, "m")
			return want(err, store.ErrNoMessage)
		},
		func() error { return s.MarkGap(as(ctx, audit.BackupRestore, "g"), gap) },
		func() error { return s.AcceptGap(as(ctx, audit.GapAccept, "g"), gap) },
	)
	if err != nil {
		return err
	}
	return kindsOf(ctx, s, audit.ConsentRecord, audit.LotAdd, audit.HoldResolve, audit.LotWriteOff, audit.LotSpread, audit.LotCancel, audit.KeyCreate, audit.KeyRevoke, audit.ProviderDrain,
		audit.SubjectErase, audit.CalendarAdd, audit.CalendarRemove, audit.BackupRestore, audit.GapAccept)
}

func actsAtOnce(ctx context.Context, s store.Store) error {
	const workers, each = 8, 8
	errs := make([]error, workers)
	var all sync.WaitGroup
	for w := range workers {
		all.Go(func() {
			for i := range each {
				name := fmt.Sprintf("p%d-%d", w, i)
				_, err := s.SetOrder(as(ctx, audit.ProviderDrain, name), store.Order{Provider: name, Kind: store.OrderDrain})
				errs[w] = errors.Join(errs[w], err)
			}
		})
	}
	all.Wait()
	list, err := recorded(ctx, s)
	if err := errors.Join(append(errs, err)...); err != nil {
		return err
	}
	seen := map[string]bool{}
	for _, r := range list {
		seen[r.Target] = true
	}
	if len(list) != workers*each || len(seen) != len(list) {
		return fmt.Errorf("%d records of %d targets", len(list), len(seen))
	}
	return nil
}

func actsOfTenant(ctx context.Context, s store.Store) error {
	for i, tenant := range []idv.Tenant{"t1", "t2", "", "t1"} {
		err := s.Record(audit.With(ctx, sealer{}, audit.Act{Tenant: tenant, Principal: "cli:0", Kind: audit.ConfigReload, Target: fmt.Sprint(i)}))
		if err != nil {
			return err
		}
	}
	var got []string
	for page := (ledger.Page{Limit: 1}); ; {
		list, next, err := s.Acts(ctx, "t1", page)
		if err != nil || len(list) != 1 {
			return fmt.Errorf("a page of %d, %w", len(list), err)
		}
		got = append(got, list[0].Target)
		if page.After = next; next == "" {
			break
		}
	}
	if !slices.Equal(got, []string{"0", "3"}) {
		return fmt.Errorf("t1 has %v", got)
	}
	all, _, err := s.Acts(ctx, "", ledger.Page{})
	if err != nil || len(all) != 4 {
		return fmt.Errorf("%d records in all, %w", len(all), err)
	}
	if _, _, err := s.Acts(ctx, "", ledger.Page{After: "\x00"}); !errors.Is(err, store.ErrPage) {
		return fmt.Errorf("a foreign cursor: %w", err)
	}
	list, _, err := s.Acts(ctx, "t1\x00", ledger.Page{})
	if err != nil || len(list) != 0 {
		return fmt.Errorf("an impossible tenant has %d, %w", len(list), err)
	}
	return nil
}

func actRefused(ctx context.Context, s store.Store) error {
	for _, a := range []audit.Act{
		{Principal: "p\x00"}, {Target: "t\x00"}, {Reason: "r\x00"}, {Tenant: "t\x00"}, {Target: strings.Repeat("a", 300)}, {Reason: "of 13800138000"},
	} {
		a.Kind = audit.KeyCreate
		if err := s.AddAPIKey(audit.With(ctx, sealer{}, a), apiKey("a", "web")); err == nil {
			return fmt.Errorf("%+v was recorded", a)
		}
	}
	list, _, err := s.APIKeys(ctx, "", ledger.Page{})
	if err != nil || len(list) != 0 {
		return fmt.Errorf("%d keys were added, %w", len(list), err)
	}
	return kindsOf(ctx, s)
}

func actAlone(ctx context.Context, s store.Store) error {
	return first(
		func() error { return s.Record(as(ctx, audit.BackupMake, "")) },
		func() error { return s.Record(as(ctx, audit.ConfigReload, "listen")) },
		func() error { return want(s.Record(ctx), store.ErrNoAct) },
		func() error { return kindsOf(ctx, s, audit.BackupMake, audit.ConfigReload) },
	)
}

func orderKept(ctx context.Context, s store.Store) error {
	later := time.Now().UTC().Truncate(time.Microsecond).AddDate(100, 0, 0)
	orders := []store.Order{
		{Provider: "b", Kind: store.OrderDrain, Principal: "cli:0"},
		{Provider: "a", Kind: store.OrderClose, Reason: "公告停机", Principal: "key:p", Until: later},
		{Provider: "b", Kind: store.OrderResume, Reason: "done", Principal: "cli:0"},
	}
	var set []store.Order
	for _, o := range orders {
		got, err := s.SetOrder(ctx, o)
		o.At = got.At
		if err != nil || got != o || got.At.IsZero() {
			return fmt.Errorf("set %+v, want %+v, %w", got, o, err)
		}
		set = append(set, got)
	}
	got, err := s.Orders(ctx)
	if diff := cmp.Diff([]store.Order{set[1], set[2]}, got); err != nil || diff != "" {
		return fmt.Errorf("%w, want -, got +:\n%s", err, diff)
	}
	return kindsOf(ctx, s)
}

func orderRefused(ctx context.Context, s store.Store) error {
	for _, test := range []struct {
		field string
		order store.Order
	}{
		{"kind", store.Order{Provider: "p", Kind: "stop"}},
		{"reason", store.Order{Provider: "p", Kind: store.OrderClose, Reason: " "}},
		{"until", store.Order{Provider: "p", Kind: store.OrderDrain, Until: time.Unix(1, 0)}},
		{"until", store.Order{Provider: "p", Kind: store.OrderResume, Until: time.Now().AddDate(100, 0, 0)}},
	} {
		o := test.order
		_, err := s.SetOrder(ctx, o)
		var fault *store.OrderError
		if !errors.As(err, &fault) || fault.Field != test.field {
			return fmt.Errorf("%+v: got %w", o, err)
		}
	}
	for _, o := range []store.Order{{Provider: "p\x00", Kind: store.OrderDrain}, {Provider: "p", Kind: store.OrderDrain, Reason: "of 13800138000"}} {
		if _, err := s.SetOrder(ctx, o); err == nil {
			return fmt.Errorf("%+v was set", o)
		}
	}
	got, err := s.Orders(ctx)
	if err != nil || len(got) != 0 {
		return fmt.Errorf("orders %+v, %w", got, err)
	}
	return nil
}

func gapOpen(ctx context.Context, s store.Store) error {
	gap := store.NewGap(storemodel.Then(), storemodel.Then().Add(90*time.Minute))
	other := gap
	other.To = other.To.Add(time.Second)
	held := func() error { _, err := s.Hold(ctx, storemodel.Intent("v1", 1, storemodel.Then())); return err }
	return first(
		func() error { return want(s.AcceptGap(ctx, gap), store.ErrNoGap) },
		func() error { return s.MarkGap(ctx, gap) },
		func() error {
			got, open, err := s.OpenGap(ctx)
			if err != nil || !open || got != gap {
				return fmt.Errorf("the gap is %v, %v, %w", got, open, err)
			}
			return nil
		},
		func() error {
			var refused *store.GapError
			if err := held(); !errors.As(err, &refused) || refused.Gap != gap {
				return fmt.Errorf("a hold returned %w", err)
			}
			holds, _, err := s.Holds(ctx, ledger.Filter{}, ledger.Page{})
			if err != nil || len(holds) != 0 {
				return fmt.Errorf("%d holds, %w", len(holds), err)
			}
			return nil
		},
		func() error { return want(s.AcceptGap(ctx, other), store.ErrNoGap) },
		func() error { return s.AcceptGap(ctx, gap) },
		held,
		func() error {
			if _, open, err := s.OpenGap(ctx); err != nil || open {
				return fmt.Errorf("open: %v, %w", open, err)
			}
			return nil
		},
	)
}

func gapJoined(ctx context.Context, s store.Store) error {
	start := storemodel.Then()
	early := store.NewGap(start, start.Add(time.Hour))
	late := store.NewGap(start.Add(2*time.Hour), start.Add(3*time.Hour))
	if err := errors.Join(s.MarkGap(ctx, late), s.MarkGap(ctx, early)); err != nil {
		return err
	}
	got, open, err := s.OpenGap(ctx)
	if wanted := (store.Gap{From: early.From, To: late.To}); err != nil || !open || got != wanted {
		return fmt.Errorf("the gap is %v, %v, %w", got, open, err)
	}
	return nil
}
