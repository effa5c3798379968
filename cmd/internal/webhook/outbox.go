package webhook

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/heyan-id/heyan/cmd/internal/api"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/store"
)

// The times of an outbox.
const (
	pollEvery  = 500 * time.Millisecond // how long a new message waits at most
	lease      = time.Minute            // of a message that is being sent; far above totalLimit
	settleTime = 5 * time.Second
)

// outboxBatch is the number of messages of one webhook that are sent at once.
const outboxBatch = maxConns

// resendDelays are the times between the attempts of one message, about 28 hours together.
// Each is varied by a tenth, so that the messages of an outage do not come back together.
func resendDelays() []time.Duration {
	return []time.Duration{
		5 * time.Second, 30 * time.Second, 2 * time.Minute, 10 * time.Minute, 30 * time.Minute,
		time.Hour, 2 * time.Hour, 4 * time.Hour, 8 * time.Hour, 12 * time.Hour,
	}
}

// Result is what became of an attempt to send a message.
type Result string

// The results.
const (
	Delivered Result = "delivered"
	Failed    Result = "failed" // it is sent again later
	Dead      Result = "dead"   // it is not sent again
)

// Outbox sends the messages of a store to webhooks, each at least once. Every webhook has a
// worker of its own, so a receiver that does not answer delays no other, and no verification.
// Several nodes may send the messages of one store.
type Outbox struct {
	Store store.Outbox
	Hooks []*Hook // of format Generic; Run closes them
	Log   *slog.Logger
	Count func(ctx context.Context, webhook string, r Result) // counts an attempt; may be nil
}

// Run sends until ctx is done. A message whose attempt ctx cuts off is sent again later.
func (o *Outbox) Run(ctx context.Context) {
	var workers sync.WaitGroup
	for _, h := range o.Hooks {
		workers.Go(func() { o.serve(ctx, h) })
	}
	workers.Wait()
}

// serve sends the messages of one webhook.
func (o *Outbox) serve(ctx context.Context, h *Hook) {
	defer h.Close()
	failing := false
	for {
		n, err := o.round(ctx, h)
		if ctx.Err() != nil {
			return
		}
		if (err != nil) != failing { // once when it begins and once when it ends
			if failing = err != nil; failing {
				o.Log.Warn("webhook messages cannot be read or written; they are sent later", slog.Any("hook", h))
			} else {
				o.Log.Info("webhook messages can be read and written again", slog.Any("hook", h))
			}
		}
		if err == nil && n == outboxBatch {
			continue // more may be due
		}
		if !sleep(ctx, pollEvery) {
			return
		}
	}
}

// round sends the messages that are due, and returns how many there were.
func (o *Outbox) round(ctx context.Context, h *Hook) (int, error) {
	list, err := o.Store.TakeMessages(ctx, h.name, outboxBatch, lease)
	if err != nil || len(list) == 0 {
		return 0, err
	}
	results := make([]store.Delivery, len(list))
	var sending sync.WaitGroup
	for i := range list {
		sending.Go(func() { results[i] = o.send(ctx, h, &list[i]) })
	}
	sending.Wait()
	settled := results[:0]
	for _, r := range results {
		if r.ID != "" {
			settled = append(settled, r)
		}
	}
	if len(settled) == 0 {
		return len(list), nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), settleTime)
	defer cancel()
	return len(list), o.Store.SettleMessages(ctx, settled)
}

// send makes one attempt. The result has no id if ctx cut it off.
func (o *Outbox) send(ctx context.Context, h *Hook, m *store.Message) store.Delivery {
	fault := h.Post(ctx, m)
	if fault == nil {
		o.count(ctx, h, Delivered)
		return store.Delivery{ID: m.ID, Delivered: true}
	}
	if ctx.Err() != nil {
		return store.Delivery{}
	}
	d := store.Delivery{ID: m.ID, Failure: fault.Failure.String()}
	delays := resendDelays()
	if m.Attempts < len(delays) && fault.Code != strconv.Itoa(http.StatusGone) { // the receiver wants no more
		d.Retry = max(delays[m.Attempts]/10*9+rand.N(delays[m.Attempts]/5), fault.Retry)
		o.count(ctx, h, Failed)
		return d
	}
	o.count(ctx, h, Dead)
	o.Log.Error("webhook message not delivered; heyan webhook resend sends it again", slog.Any("hook", h), slog.String("message", m.ID),
		slog.String("verification", m.Verification), slog.Int("attempts", m.Attempts+1), slog.Any("error", fault))
	return d
}

func (o *Outbox) count(ctx context.Context, h *Hook, r Result) {
	if o.Count != nil {
		o.Count(ctx, h.name, r)
	}
}

// Post makes one attempt to send a message. Any response of 2xx delivers it.
func (h *Hook) Post(ctx context.Context, m *store.Message) *idv.Error {
	call, err := h.post(m.ID, api.EventOf(m))
	if err != nil {
		return fault(idv.Internal, "the message cannot be encoded")
	}
	return h.do(ctx, call)
}
