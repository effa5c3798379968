package api

import (
	"time"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/store"
)

// The states of an undelivered message.
const (
	messagePending = "pending"
	messageDead    = "dead"
)

// VerificationCompleted is the type of the event that a verification is complete.
const VerificationCompleted = "verification.completed"

// Event is the body of a message to a webhook. It has no personal data.
type Event struct {
	Type      string    `json:"type" doc:"verification.completed"`
	Timestamp time.Time `json:"timestamp" doc:"When it was stored"`
	Data      EventData `json:"data"`
}

// EventData tells which verification an event is about, and its verdict.
type EventData struct {
	ID        string      `json:"id" doc:"Of the verification"`
	Verdict   idv.Verdict `json:"verdict"`
	Reason    string      `json:"reason,omitempty"`
	Check     idv.Check   `json:"check"`
	App       string      `json:"app,omitempty"`
	ConsentID string      `json:"consent_id,omitempty"`
	CreatedAt time.Time   `json:"created_at" doc:"When the verification began"`
}

// EventOf returns the body of a message.
func EventOf(m *store.Message) Event {
	return Event{VerificationCompleted, m.At, EventData{m.Verification, m.Verdict, string(m.Reason), m.Check, m.App, m.ConsentID, m.CreatedAt}}
}

// Message is an undelivered message to a webhook.
type Message struct {
	ID       string     `json:"id" doc:"The header webhook-id of the message"`
	Webhook  string     `json:"webhook" doc:"As the configuration names it"`
	State    string     `json:"state" enum:"pending,dead" doc:"dead: every attempt failed; resend it"`
	Attempts int        `json:"attempts"`
	Failure  string     `json:"failure,omitempty" doc:"Why the last attempt failed"`
	Next     *time.Time `json:"next_attempt_at,omitempty" doc:"When the next attempt is due"`
	Tenant   idv.Tenant `json:"tenant"`
	Event    Event      `json:"event"`
}

// MessageOf returns the view of a message.
func MessageOf(m *store.Message) Message {
	view := Message{ID: m.ID, Webhook: m.Webhook, State: messageDead, Attempts: m.Attempts, Failure: m.Failure, Tenant: m.Tenant, Event: EventOf(m)}
	if !m.Dead {
		view.State, view.Next = messagePending, &m.Due
	}
	return view
}
