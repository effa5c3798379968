package storetest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/ledger"
	"github.com/heyan-id/heyan/engine/store"
	"github.com/heyan-id/heyan/engine/store/internal/storemodel"
)

func finding() []rule {
	return []rule{
		{"verifications are found by tenant, time, verdict, reason, provider and app, newest first", foundByFilter},
		{"pages of found verifications neither repeat nor miss a row while others are stored", foundByPages},
		{"a filter that no store can keep finds nothing, and a cursor of another list is refused", foundNothing},
	}
}

// listed returns a verification that filters tell from others.
func listed(id string, hour int, verdict idv.Verdict, reason, provider, app string) idv.Verification {
	v := storemodel.Verification()
	v.ID, v.CreatedAt, v.Verdict, v.Reason, v.App = id, storemodel.Then().Add(time.Duration(hour)*time.Hour), verdict, idv.Reason(reason), app
	v.Evidence, v.Attempts = nil, []idv.Attempt{{ID: id + "-1", Provider: provider, StartedAt: v.CreatedAt}}
	return v
}

func addListed(ctx context.Context, s store.Store) error {
	foreign := listed("v9", 1, idv.Match, "", "p", "web")
	foreign.Tenant = "t2"
	var errs []error
	for _, v := range []idv.Verification{
		listed("v1", 1, idv.Match, "", "p", "web"), listed("v2", 2, idv.Mismatch, "", "q", "web"),
		listed("v3", 3, idv.Undetermined, "timeout", "p", "shop"), listed("v4", 3, idv.Undetermined, "maintenance", "q", ""), foreign,
	} {
		errs = append(errs, s.Complete(ctx, store.Key{}, v))
	}
	return errors.Join(errs...)
}

func idsOf(list []idv.Verification) string {
	var ids []string
	for i := range list {
		ids = append(ids, list[i].ID)
	}
	return strings.Join(ids, " ")
}

func foundByFilter(ctx context.Context, s store.Store) error {
	if err := addListed(ctx, s); err != nil {
		return err
	}
	at := func(hour int) time.Time { return storemodel.Then().Add(time.Duration(hour) * time.Hour) }
	for _, c := range []struct {
		name string
		f    store.VerificationFilter
		want string
	}{
		{"all", store.VerificationFilter{}, "v4 v3 v2 v1"},
		{"from", store.VerificationFilter{From: at(2)}, "v4 v3 v2"},
		{"to", store.VerificationFilter{To: at(3)}, "v2 v1"},
		{"verdict", store.VerificationFilter{Verdicts: []idv.Verdict{idv.Undetermined}}, "v4 v3"},
		{"two verdicts", store.VerificationFilter{Verdicts: []idv.Verdict{idv.Match, idv.Mismatch}}, "v2 v1"},
		{"reason", store.VerificationFilter{Reason: "timeout"}, "v3"},
		{"provider", store.VerificationFilter{Provider: "q"}, "v4 v2"},
		{"app", store.VerificationFilter{Apps: []string{"shop"}}, "v3"},
		{"apps", store.VerificationFilter{Apps: []string{"shop", "web"}}, "v3 v2 v1"},
		{"several", store.VerificationFilter{Verdicts: []idv.Verdict{idv.Match}, Provider: "p", Apps: []string{"web"}, From: at(0), To: at(9)}, "v1"},
		{"none", store.VerificationFilter{Provider: "r"}, ""},
	} {
		c.f.Tenant = "t1"
		list, next, err := s.FindVerifications(ctx, c.f, ledger.Page{})
		if got := idsOf(list); err != nil || got != c.want || next != "" {
			return fmt.Errorf("%s: found %q and %q, %w, want %q", c.name, got, next, err, c.want)
		}
	}
	list, _, err := s.FindVerifications(ctx, store.VerificationFilter{Tenant: "t3"}, ledger.Page{})
	if err != nil || len(list) != 0 {
		return fmt.Errorf("another tenant finds %q, %w", idsOf(list), err)
	}
	return nil
}

func foundByPages(ctx context.Context, s store.Store) error {
	for n := range 9 { // three of each time
		if err := s.Complete(ctx, store.Key{}, listed(fmt.Sprintf("v%d", n), n/3, idv.Match, "", "p", "")); err != nil {
			return err
		}
	}
	var got []string
	for p, later := (ledger.Page{Limit: 2}), 0; ; later++ {
		list, next, err := s.FindVerifications(ctx, store.VerificationFilter{Tenant: "t1"}, p)
		if err != nil || len(list) > 2 || (next == "") != (len(got)+len(list) == 9) {
			return fmt.Errorf("%d rows and %q after %v, %w", len(list), next, got, err)
		}
		got = append(got, strings.Fields(idsOf(list))...)
		if p.After = next; next == "" {
			break
		}
		if err := s.Complete(ctx, store.Key{}, listed(fmt.Sprintf("late%d", later), 10, idv.Match, "", "p", "")); err != nil {
			return err
		}
	}
	want := []string{"v8", "v7", "v6", "v5", "v4", "v3", "v2", "v1", "v0"}
	if !slices.Equal(got, want) {
		return fmt.Errorf("got %v, want %v", got, want)
	}
	return nil
}

func foundNothing(ctx context.Context, s store.Store) error {
	if err := addListed(ctx, s); err != nil {
		return err
	}
	for _, text := range illegible() {
		for _, f := range []store.VerificationFilter{{Tenant: idv.Tenant(text)}, {Tenant: "t1", Reason: text}, {Tenant: "t1", Provider: text}, {Tenant: "t1", Apps: []string{text}}} {
			if list, _, err := s.FindVerifications(ctx, f, ledger.Page{}); err != nil || len(list) != 0 {
				return fmt.Errorf("%.20q: found %q, %w", text, idsOf(list), err)
			}
		}
	}
	for _, cursor := range []string{"x", "1.v1", "====", "MQ", "MS4", "eC52MQ", "MS4A"} {
		_, _, err := s.FindVerifications(ctx, store.VerificationFilter{Tenant: "t1"}, ledger.Page{After: cursor})
		_, _, err2 := s.Messages(ctx, store.MessageFilter{}, ledger.Page{After: cursor})
		if err := errors.Join(want(err, store.ErrPage), want(err2, store.ErrPage)); err != nil {
			return fmt.Errorf("%q: %w", cursor, err)
		}
	}
	return nil
}
