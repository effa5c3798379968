package storetest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/ledger"
	"github.com/heyan-id/heyan/engine/store"
	"github.com/heyan-id/heyan/engine/store/internal/storemodel"
	"github.com/heyan-id/heyan/policy/audit"
)

func outboxes() []rule {
	return []rule{
		{"every stored verification has a message for each webhook that wants it, and no other", messagesStored},
		{"a verification that is not stored has no message", messagesOfNothing},
		{"of several nodes, one takes a message until its lease ends", messagesTaken},
		{"a delivered message is deleted", messagesDelivered},
		{"a failed message is due again later, and a dead one never", messagesFailed},
		{"a dead message is sent again with all its attempts", messagesResent},
		{"a tenant sees and sends no message of another tenant or app", messagesOfOthers},
		{"messages are listed by pages, newest first", messagesListed},
		{"messages from before the verifications that are kept are deleted", messagesPruned},
	}
}

// subscribed stores a verification with a message for webhook h.
func subscribed(ctx context.Context, s store.Store) (store.Message, error) {
	s.Subscribe(func(*idv.Verification) []string { return []string{"h"} })
	v := storemodel.Verification()
	v.App, v.ConsentID, v.Verdict, v.Reason = "web", "c1", idv.Undetermined, "timeout"
	if err := s.Complete(ctx, store.Key{}, v); err != nil {
		return store.Message{}, err
	}
	list, _, err := s.Messages(ctx, store.MessageFilter{}, ledger.Page{})
	if err != nil || len(list) != 1 {
		return store.Message{}, fmt.Errorf("%d messages are stored, %w", len(list), err)
	}
	return list[0], nil
}

func messagesStored(ctx context.Context, s store.Store) error {
	s.Subscribe(func(v *idv.Verification) []string {
		if v.App == "web" {
			return []string{"a", "b"}
		}
		return nil
	})
	web, other := storemodel.Verification(), storemodel.Verification()
	web.App, web.ConsentID, other.ID = "web", "c1", "v2"
	if err := errors.Join(s.Complete(ctx, store.Key{}, web), s.Complete(ctx, store.Key{}, other)); err != nil {
		return err
	}
	list, _, err := s.Messages(ctx, store.MessageFilter{Tenant: "t1"}, ledger.Page{})
	if err != nil || len(list) != 2 || list[0].ID == list[1].ID || list[0].Webhook == list[1].Webhook {
		return fmt.Errorf("got %+v, %w", list, err)
	}
	for _, m := range list {
		if m.Tenant != "t1" || m.App != "web" || m.Verification != web.ID || m.Verdict != web.Verdict || m.Check != web.Check || m.ConsentID != "c1" ||
			!m.CreatedAt.Equal(web.CreatedAt) || m.Attempts != 0 || m.Dead || m.Failure != "" || m.At.IsZero() || !m.Due.Equal(m.At) {
			return fmt.Errorf("got %+v of %+v", m, web)
		}
	}
	return nil
}

func messagesOfNothing(ctx context.Context, s store.Store) error {
	if _, err := subscribed(ctx, s); err != nil {
		return err
	}
	if err := want(s.Complete(ctx, store.Key{}, storemodel.Verification()), store.ErrStored); err != nil {
		return err
	}
	s.Subscribe(nil)
	other := storemodel.Verification()
	other.ID = "v2"
	if err := s.Complete(ctx, store.Key{}, other); err != nil {
		return err
	}
	list, _, err := s.Messages(ctx, store.MessageFilter{}, ledger.Page{})
	if err != nil || len(list) != 1 {
		return fmt.Errorf("%d messages are stored, %w", len(list), err)
	}
	return nil
}

func messagesTaken(ctx context.Context, s store.Store) error {
	m, err := subscribed(ctx, s)
	if err != nil {
		return err
	}
	var all sync.WaitGroup
	taken, errs := make([][]store.Message, 8), make([]error, 8)
	for i := range taken {
		all.Go(func() { taken[i], errs[i] = s.TakeMessages(ctx, "h", 10, time.Hour) })
	}
	all.Wait()
	n := 0
	for _, list := range taken {
		n += len(list)
		for _, got := range list {
			if got.ID != m.ID {
				return fmt.Errorf("took %+v", got)
			}
		}
	}
	other, err := s.TakeMessages(ctx, "other", 10, time.Hour)
	if err := errors.Join(append(errs, err)...); err != nil || n != 1 || len(other) != 0 {
		return fmt.Errorf("%d were taken, and %d of another webhook, %w", n, len(other), err)
	}
	return nil
}

func messagesDelivered(ctx context.Context, s store.Store) error {
	m, err := subscribed(ctx, s)
	if err != nil {
		return err
	}
	results := []store.Delivery{{ID: m.ID, Delivered: true}, {ID: "msg_unknown"}, {ID: "msg_unknown", Delivered: true}}
	if err := s.SettleMessages(ctx, results); err != nil {
		return err
	}
	list, _, err := s.Messages(ctx, store.MessageFilter{}, ledger.Page{})
	if err != nil || len(list) != 0 {
		return fmt.Errorf("%d messages are left, %w", len(list), err)
	}
	_, err = s.ResendMessage(ctx, store.MessageFilter{}, m.ID)
	return want(err, store.ErrNoMessage)
}

// takes returns how many messages of webhook h are due.
func takes(ctx context.Context, s store.Store) (int, error) {
	list, err := s.TakeMessages(ctx, "h", 10, time.Nanosecond)
	return len(list), err
}

func messagesFailed(ctx context.Context, s store.Store) error {
	m, err := subscribed(ctx, s)
	if err != nil {
		return err
	}
	err = s.SettleMessages(ctx, []store.Delivery{{ID: m.ID, Failure: "timeout", Retry: time.Hour}})
	due, err2 := takes(ctx, s)
	list, _, err3 := s.Messages(ctx, store.MessageFilter{}, ledger.Page{})
	if err := errors.Join(err, err2, err3); err != nil || due != 0 || len(list) != 1 || list[0].Attempts != 1 || list[0].Failure != "timeout" || list[0].Dead {
		return fmt.Errorf("%d are due of %+v, %w", due, list, err)
	}
	err = s.SettleMessages(ctx, []store.Delivery{{ID: m.ID, Failure: "unavailable"}})
	due, err2 = takes(ctx, s)
	list, _, err3 = s.Messages(ctx, store.MessageFilter{Dead: true}, ledger.Page{})
	if err := errors.Join(err, err2, err3); err != nil || due != 0 || len(list) != 1 || list[0].Attempts != 2 || !list[0].Dead {
		return fmt.Errorf("%d are due of %+v, %w", due, list, err)
	}
	return nil
}

func messagesResent(ctx context.Context, s store.Store) error {
	m, err := subscribed(ctx, s)
	if err != nil {
		return err
	}
	err = s.SettleMessages(ctx, []store.Delivery{{ID: m.ID, Failure: "timeout"}})
	sent, err2 := s.ResendMessage(as(ctx, audit.MessageResend, m.ID), store.MessageFilter{Tenant: "t1", Dead: true}, m.ID)
	due, err3 := takes(ctx, s)
	if err := errors.Join(err, err2, err3); err != nil || due != 1 || sent.Dead || sent.Attempts != 0 || sent.ID != m.ID {
		return fmt.Errorf("%d are due, sent %+v, %w", due, sent, err)
	}
	for _, id := range append(illegible(), "msg_unknown", "") {
		if _, err := s.ResendMessage(ctx, store.MessageFilter{}, id); !errors.Is(err, store.ErrNoMessage) {
			return fmt.Errorf("%.20q: %w", id, err)
		}
	}
	return kindsOf(ctx, s, audit.MessageResend)
}

func messagesOfOthers(ctx context.Context, s store.Store) error {
	m, err := subscribed(ctx, s)
	if err != nil {
		return err
	}
	for _, f := range []store.MessageFilter{{Tenant: "t2"}, {Tenant: "t1", Apps: []string{"shop"}}, {Tenant: "t1", Dead: true}} {
		list, _, err := s.Messages(ctx, f, ledger.Page{})
		_, refused := s.ResendMessage(ctx, f, m.ID)
		if err := errors.Join(err, want(refused, store.ErrNoMessage)); err != nil || len(list) != 0 {
			return fmt.Errorf("%+v: %d are listed, %w", f, len(list), err)
		}
	}
	list, _, err := s.Messages(ctx, store.MessageFilter{Tenant: "t1", Apps: []string{"shop", "web"}}, ledger.Page{})
	if err != nil || len(list) != 1 {
		return fmt.Errorf("%d are listed, %w", len(list), err)
	}
	return nil
}

func messagesListed(ctx context.Context, s store.Store) error {
	s.Subscribe(func(*idv.Verification) []string { return []string{"h"} })
	for n := range 5 {
		v := storemodel.Verification()
		v.ID = fmt.Sprintf("v%d", n)
		if err := s.Complete(ctx, store.Key{}, v); err != nil {
			return err
		}
	}
	names, err := pages(func(p ledger.Page) ([]store.Message, string, error) { return s.Messages(ctx, store.MessageFilter{}, p) },
		func(m store.Message) string { return m.Verification })
	seen := map[string]bool{}
	for _, name := range names {
		seen[name] = true
	}
	if err != nil || len(names) != 5 || len(seen) != 5 {
		return fmt.Errorf("listed %v, %w", names, err)
	}
	return nil
}

func messagesPruned(ctx context.Context, s store.Store) error {
	if _, err := subscribed(ctx, s); err != nil {
		return err
	}
	own := storemodel.Verification().Tenant
	for _, c := range []struct {
		keep store.Retention
		want int
	}{
		{store.Retention{}, 1},
		{store.Retention{Verifications: time.Hour}, 1},
		{store.Retention{Tenant: own + "x", Verifications: time.Nanosecond}, 1},
		{store.Retention{Except: []idv.Tenant{own}, Verifications: time.Nanosecond}, 1},
		{store.Retention{Tenant: own, Verifications: time.Nanosecond}, 0},
	} {
		_, err := s.Prune(ctx, c.keep)
		list, _, err2 := s.Messages(ctx, store.MessageFilter{}, ledger.Page{})
		if err := errors.Join(err, err2); err != nil || len(list) != c.want {
			return fmt.Errorf("after %v %d are left, %w, want %d", c.keep, len(list), err, c.want)
		}
	}
	return nil
}
