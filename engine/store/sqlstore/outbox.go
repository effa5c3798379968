package sqlstore

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/ledger"
	"github.com/heyan-id/heyan/engine/store"
)

const (
	messageColumns   = `id, webhook, tenant, app, verification, created_at, due_at, attempts, failure, dead, data`
	insertMessageSQL = `INSERT INTO outbox (` + messageColumns + `) VALUES ($1, $2, $3, $4, $5, $6, $6, 0, '', 0, $7)`
	selectDue        = `SELECT id FROM outbox WHERE webhook = $1 AND dead = 0 AND due_at <= $2 ORDER BY due_at LIMIT $3`
	takeMessages     = `UPDATE outbox SET due_at = $4 WHERE id IN (` + selectDue + `) AND dead = 0 AND due_at <= $2 RETURNING ` + messageColumns
	deleteMessage    = `DELETE FROM outbox WHERE id = $1`
	failMessage      = `UPDATE outbox SET attempts = attempts + 1, due_at = $2, failure = $3, dead = $4 WHERE id = $1`
	selectMessages   = `SELECT ` + messageColumns + ` FROM outbox WHERE (created_at, id) < ($1, $2) AND ($3 = '' OR tenant = $3) AND dead >= $4`
	selectMessage    = `SELECT ` + messageColumns + ` FROM outbox WHERE id = $1`
	orderMessages    = ` ORDER BY created_at DESC, id DESC LIMIT $5`
	resendMessage    = `UPDATE outbox SET due_at = $2, attempts = 0, dead = 0 WHERE id = $1`
	tenantsOfOutbox  = `SELECT DISTINCT tenant FROM outbox WHERE created_at < $1`
	pruneOutbox      = `DELETE FROM outbox WHERE id IN (SELECT id FROM outbox WHERE tenant = $4 AND created_at < $1 AND created_at >= $3
		ORDER BY created_at LIMIT $2 ` + freeRows + `) RETURNING created_at, 1`
)

// storedMessage is what the column data holds of a message. The tags never change, as those
// of storedVerification.
type storedMessage struct {
	Check     idv.Check   `json:"check"`
	Verdict   idv.Verdict `json:"verdict"`
	Reason    string      `json:"reason,omitempty"`
	ConsentID string      `json:"consent_id,omitempty"`
	CreatedAt time.Time   `json:"created_at"`
}

// Subscribe sets who gets messages about verifications.
func (s *Store) Subscribe(subscriber store.Subscriber) { s.writer.tells.Store(&subscriber) }

// tell stores the messages about a verification.
func (u *unit) tell(v *idv.Verification) error {
	if u.subscriber == nil || *u.subscriber == nil {
		return nil
	}
	for _, m := range store.NewMessages((*u.subscriber)(v), v, u.now) {
		insert, err := insertMessage(&m)
		if err != nil {
			return err
		}
		u.writes = append(u.writes, insert)
	}
	return nil
}

func insertMessage(m *store.Message) (statement, error) {
	data, err := json.Marshal(storedMessage{m.Check, m.Verdict, string(m.Reason), m.ConsentID, m.CreatedAt})
	return statement{sql: insertMessageSQL, args: []any{m.ID, m.Webhook, m.Tenant, m.App, m.Verification, micros(m.At), string(data)}}, err
}

// TakeMessages returns messages that are due, and postpones them.
func (s *Store) TakeMessages(ctx context.Context, webhook string, n int, lease time.Duration) (taken []store.Message, err error) {
	now, _ := s.clock.Now()
	// A look without a write first, since mostly nothing is due. It goes by the clock of the
	// node: one that is behind only delays the messages.
	due, err := list(ctx, s.backend, selectDue, []any{webhook, micros(now), int64(1)}, scanText)
	if err != nil || len(due) == 0 {
		return nil, err
	}
	err = s.admin(ctx, &operation{kind: maintenance, need: func(*needs) {}, do: func(u *unit) error {
		taken = nil
		u.writes = append(u.writes, statement{takeMessages, []any{webhook, micros(u.now), int64(n), micros(u.now.Add(lease))}, func(r row) error {
			m, err := scanMessage(r)
			taken = append(taken, m)
			return err
		}})
		return nil
	}})
	if err != nil {
		return nil, err
	}
	slices.SortFunc(taken, func(a, b store.Message) int { return a.At.Compare(b.At) })
	return taken, nil
}

// SettleMessages stores the results of attempts.
func (s *Store) SettleMessages(ctx context.Context, results []store.Delivery) error {
	return s.admin(ctx, &operation{kind: maintenance, need: func(*needs) {}, do: func(u *unit) error {
		for _, d := range results {
			if d.Delivered {
				delete(u.messages, d.ID)
				u.writes = append(u.writes, statement{sql: deleteMessage, args: []any{d.ID}})
				continue
			}
			if m, ok := u.messages[d.ID]; ok {
				m.Dead = d.Retry <= 0
				u.messages[d.ID] = m
			}
			u.writes = append(u.writes, statement{sql: failMessage, args: []any{d.ID, micros(u.now.Add(max(d.Retry, 0))), d.Failure, flag(d.Retry <= 0)}})
		}
		return nil
	}})
}

// Messages returns undelivered messages, newest first.
func (s *Store) Messages(ctx context.Context, f store.MessageFilter, p ledger.Page) ([]store.Message, string, error) {
	before, err := startOf(math.MaxInt64, p.After)
	if err != nil {
		return nil, "", err
	}
	sql, args := inApps(selectMessages, []any{before.At, before.ID, f.Tenant, flag(f.Dead), int64(p.Size() + 1)}, f.Apps)
	all, err := list(ctx, s.backend, sql+orderMessages, args, scanMessage)
	if err != nil || len(all) <= p.Size() {
		return all, "", err
	}
	all = all[:p.Size()]
	last := &all[len(all)-1]
	return all, store.PositionOf(last.At, last.ID).String(), nil
}

// ResendMessage makes a message due now.
func (s *Store) ResendMessage(ctx context.Context, f store.MessageFilter, id string) (sent store.Message, err error) {
	if idv.CheckText(id, idv.MaxName) != idv.TextFits {
		return sent, store.ErrNoMessage
	}
	err = s.act(ctx, s.admin, &operation{need: func(n *needs) { add(&n.messages, id) }, do: func(u *unit) error {
		m, ok := u.messages[id]
		if !ok || !f.Selects(&m) {
			return store.ErrNoMessage
		}
		m.Due, m.Attempts, m.Dead = u.now.UTC(), 0, false
		u.messages[id] = m
		sent = m
		u.writes = append(u.writes, statement{sql: resendMessage, args: []any{id, micros(u.now)}})
		return nil
	}})
	if err != nil {
		return store.Message{}, err
	}
	return sent, nil
}

// readMessages reads undelivered messages by their ids.
func (u *unit) readMessages(n *needs) (list []statement) {
	for id := range n.messages {
		list = append(list, statement{selectMessage, []any{id}, func(r row) error {
			m, err := scanMessage(r)
			u.messages[m.ID] = m
			return err
		}})
	}
	return list
}

func scanMessage(r row) (m store.Message, err error) {
	var at, due, attempts, dead int64
	var data string
	if err := r.Scan(&m.ID, &m.Webhook, &m.Tenant, &m.App, &m.Verification, &at, &due, &attempts, &m.Failure, &dead, &data); err != nil {
		return m, err
	}
	var d storedMessage
	if err := json.Unmarshal([]byte(data), &d); err != nil {
		return m, fmt.Errorf("reading a stored message: %w", err)
	}
	m.At, m.Due, m.Attempts, m.Dead = timeOf(at), timeOf(due), int(attempts), dead != 0
	m.Check, m.Verdict, m.Reason, m.ConsentID, m.CreatedAt = d.Check, d.Verdict, idv.Reason(d.Reason), d.ConsentID, d.CreatedAt
	return m, nil
}
