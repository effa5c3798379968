package store

import (
	"crypto/rand"
	"errors"
	"slices"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
)

// ErrNoMessage means that the tenant has no undelivered message with this id.
var ErrNoMessage = errors.New("no such message")

// Subscriber returns the names of the webhooks that get a message about a verification. It is
// called while a verification is stored, so it must neither wait nor change it.
type Subscriber func(*idv.Verification) []string

// Message is an undelivered message to a webhook: a verification is complete. It has no
// personal data.
type Message struct {
	ID           string // the receiver knows a repeated message by it
	Webhook      string
	Tenant       idv.Tenant
	App          string
	Verification string
	Check        idv.Check
	Verdict      idv.Verdict
	Reason       idv.Reason
	ConsentID    string
	CreatedAt    time.Time // of the verification

	At       time.Time // when it was stored, by the clock of the store
	Due      time.Time // when it is sent next
	Attempts int
	Failure  string // of the last attempt: the name of an idv.Failure, "" if there was none
	Dead     bool   // no further attempt is made unless it is sent again
}

// NewMessages returns the messages about a verification that is stored at an instant.
func NewMessages(hooks []string, v *idv.Verification, now time.Time) []Message {
	list := make([]Message, len(hooks))
	for i, hook := range hooks {
		list[i] = Message{
			ID: "msg_" + rand.Text(), Webhook: hook, Tenant: v.Tenant, App: v.App, Verification: v.ID, Check: v.Check, Verdict: v.Verdict,
			Reason: v.Reason, ConsentID: v.ConsentID, CreatedAt: v.CreatedAt, At: now, Due: now,
		}
	}
	return list
}

// Delivery is the result of one attempt to send a message.
type Delivery struct {
	ID        string // of the message
	Delivered bool   // the message is deleted
	Failure   string
	Retry     time.Duration // until the next attempt; if it is 0 or less, the message is dead
}

// MessageFilter selects undelivered messages. A field with its zero value selects all.
type MessageFilter struct {
	Tenant idv.Tenant
	Apps   []string
	Dead   bool // only those that are not sent any more
}

// Selects reports whether the filter selects a message.
func (f *MessageFilter) Selects(m *Message) bool {
	return (f.Tenant == "" || m.Tenant == f.Tenant) && (len(f.Apps) == 0 || slices.Contains(f.Apps, m.App)) && (!f.Dead || m.Dead)
}
