// Package audit has the rules of the audit log: what operators did, as a chain in which each
// record holds a keyed hash of itself and of the one before it. It stores nothing.
//
// The log has operators' acts only, never a verification, and no personal data. A store
// appends the act of a context, see [With], in the transaction that makes the change, so
// there is neither a change without a record nor a record without a change.
package audit

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
)

// Kind is what was done. Kinds are stored, so a name never changes.
type Kind string

// The kinds of acts.
const (
	KeyCreate       Kind = "key.create"
	KeyRevoke       Kind = "key.revoke"
	ProviderDrain   Kind = "provider.drain"
	ProviderResume  Kind = "provider.resume"
	ProviderClose   Kind = "provider.close"
	LotAdd          Kind = "lot.add"
	LotCancel       Kind = "lot.cancel"
	LotWriteOff     Kind = "lot.write_off"
	LotSpread       Kind = "lot.spread"   // over the rows that the nodes of a fleet draw on
	HoldResolve     Kind = "hold.resolve" // by hand
	ReconcileApply  Kind = "reconcile.apply"
	ConsentRecord   Kind = "consent.record"
	ConsentWithdraw Kind = "consent.withdraw"
	SubjectErase    Kind = "subject.erase"
	ConfigReload    Kind = "config.reload"
	PolicyKey       Kind = "policy_key.rotate" // a new current key of the keyring
	BackupMake      Kind = "backup.make"
	BackupRestore   Kind = "backup.restore"
	GapAccept       Kind = "backup.accept_gap"
	CalendarAdd     Kind = "calendar.add"
	CalendarRemove  Kind = "calendar.remove"
	MessageResend   Kind = "message.resend" // to a webhook
	SecondOpinion   Kind = "verification.second_opinion"
)

// Act is one act of an operator.
type Act struct {
	Tenant    idv.Tenant // whose administrators may read it; "" for the operators of the installation alone
	Principal string     // who did it: key:ID, cli:UID or daemon
	Kind      Kind
	Target    string // what it was done to: an id or a name of the configuration
	Reason    string // in the operator's words; may be empty
}

// Record is an act as it is stored.
type Record struct {
	Act

	Seq int64 // from 1, without a gap
	At  time.Time
	MAC string // of the record and of the one before it
}

// Head is the end of the chain. A head that is kept apart proves later that the log was
// neither cut nor replaced. The zero value is the head of an empty log.
type Head struct {
	Seq   int64
	MAC   string // of the last record
	Proof string // that the log ends here
}

// String returns the sequence number and the hash, as ParseHead reads them.
func (h Head) String() string { return fmt.Sprintf("%d@%s", h.Seq, h.MAC) }

// ParseHead reads a head without its proof.
func ParseHead(text string) (h Head, err error) {
	for i := range len(text) {
		if text[i] == '@' && i > 0 {
			h.Seq, err = strconv.ParseInt(text[:i], 10, 64)
			h.MAC = text[i+1:]
			break
		}
	}
	if err != nil || h.Seq < 1 || h.MAC == "" || h.String() != text {
		return Head{}, errors.New("expected a head as heyan audit verify prints it, such as 42@k1:…")
	}
	return h, nil
}

// Sealer makes and checks the keyed hashes; a *keyring.Keyring.
type Sealer interface {
	// SealAudit returns the hash of the parts, under the current key.
	SealAudit(parts ...string) string
	// MatchesAudit reports whether a hash is that of the parts, under any key.
	MatchesAudit(seal string, parts ...string) bool
}

// digits is the length of a run of digits that may be a number of a person: that of a mobile
// number, the shortest of them.
const digits = 11

// Check returns an *idv.TextError if a text cannot be kept, and for a reason with a long
// number, which may be that of a person.
func (a *Act) Check() error {
	err := idv.CheckTexts(
		idv.KeptText{Field: "tenant", Text: string(a.Tenant)}, idv.KeptText{Field: "principal", Text: a.Principal},
		idv.KeptText{Field: "target", Text: a.Target}, idv.KeptText{Field: "reason", Text: a.Reason, Most: idv.MaxNote},
	)
	if err != nil {
		return err
	}
	run := 0
	for _, r := range a.Reason {
		switch {
		case r >= '0' && r <= '9' || r >= '０' && r <= '９':
			if run++; run == digits {
				return ErrPersonal
			}
		case r != ' ' && r != '-':
			run = 0
		}
	}
	return nil
}

// ErrPersonal means that a reason has a number that may be that of a person.
var ErrPersonal = errors.New("reason must not contain a number of 11 or more digits, since it may be that of a person; leave it out")

func (r *Record) parts(before string) []string {
	return []string{
		"record", before, strconv.FormatInt(r.Seq, 10), strconv.FormatInt(r.At.UnixMicro(), 10),
		string(r.Tenant), r.Principal, string(r.Kind), r.Target, r.Reason,
	}
}

// Append returns the record of an act that follows a head, and the new head.
func Append(s Sealer, h Head, a Act, at time.Time) (Record, Head) {
	r := Record{Act: a, Seq: h.Seq + 1, At: at.UTC().Truncate(time.Microsecond)}
	r.MAC = s.SealAudit(r.parts(h.MAC)...)
	return r, Head{r.Seq, r.MAC, s.SealAudit("head", strconv.FormatInt(r.Seq, 10), r.MAC)}
}

// Chain checks records one after the other, in their order.
type Chain struct {
	sealer Sealer
	last   Head
	known  Head
	seen   bool // the known head was passed
}

// NewChain returns a chain that must contain a head that was kept apart; the zero head if
// none was.
func NewChain(s Sealer, known Head) *Chain { return &Chain{sealer: s, known: known} }

// BrokenError is the first place at which a log is not what was written.
type BrokenError struct {
	Seq  int64 // where
	Text string
}

// Error returns the place and what is wrong.
func (e *BrokenError) Error() string { return fmt.Sprintf("record %d: %s", e.Seq, e.Text) }

// Next checks the next record. The error is a *BrokenError.
func (c *Chain) Next(r *Record) error {
	want := c.last.Seq + 1
	switch {
	case r.Seq > want:
		return &BrokenError{want, "is missing; it was removed"}
	case r.Seq < want:
		return &BrokenError{r.Seq, "is there twice or out of order"}
	case !c.sealer.MatchesAudit(r.MAC, r.parts(c.last.MAC)...):
		return &BrokenError{r.Seq, "was changed, moved or inserted, or the key of its time is missing in policy.keys"}
	case r.Seq == c.known.Seq && r.MAC != c.known.MAC:
		return &BrokenError{r.Seq, "is not the one of the head that was kept; the log was replaced"}
	}
	c.seen = c.seen || r.Seq == c.known.Seq
	c.last = Head{Seq: r.Seq, MAC: r.MAC}
	return nil
}

// End checks that the chain ends at the stored head. The error is a *BrokenError.
func (c *Chain) End(stored Head) error {
	at := c.last.Seq
	switch {
	case c.known.Seq > 0 && !c.seen:
		return &BrokenError{at + 1, "is missing; the log had " + idv.Count(c.known.Seq, "record") + " when the head was kept, so its end was cut off or an older copy was put back"}
	case stored.Seq == 0 && at == 0:
		return nil
	case stored.Seq > at:
		return &BrokenError{at + 1, "is missing; the end of the log was cut off"}
	case stored.Seq != at || stored.MAC != c.last.MAC || !c.sealer.MatchesAudit(stored.Proof, "head", strconv.FormatInt(at, 10), stored.MAC):
		return &BrokenError{at, "is not confirmed by the stored head; records were removed or added behind the head, or the head was changed"}
	}
	return nil
}

// Last returns the last record that was checked.
func (c *Chain) Last() Head { return c.last }

// Pending is an act that a store appends with the change that it stands for.
type Pending struct {
	Act
	Sealer
}

type contextKey struct{}

// With returns a context under which a change of the store is recorded as the act.
func With(ctx context.Context, s Sealer, a Act) context.Context {
	return context.WithValue(ctx, contextKey{}, &Pending{a, s})
}

// On returns the context with another target of its act, for a change that makes the id of
// what it changes. Without an act it returns ctx.
func On(ctx context.Context, target string) context.Context {
	p := From(ctx)
	if p == nil {
		return ctx
	}
	a := p.Act
	a.Target = target
	return With(ctx, p.Sealer, a)
}

// From returns the act of a context, nil if it has none.
func From(ctx context.Context) *Pending {
	p, _ := ctx.Value(contextKey{}).(*Pending)
	return p
}
