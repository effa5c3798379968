package consents

import (
	"context"
	"slices"
	"time"

	"github.com/heyan-id/heyan/engine/identity"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/ledger"
	"github.com/heyan-id/heyan/engine/store"
	"github.com/heyan-id/heyan/policy/consent"
	"github.com/heyan-id/heyan/policy/consent/notice"
	"github.com/heyan-id/heyan/policy/consent/receipt"
)

// SubjectRecords is what is kept of a person.
type SubjectRecords struct {
	Tokens        []idv.SubjectToken
	Consents      []consent.Record // also those that the person gave for a child, see AsGuardian
	Verifications []idv.Verification
	Erasures      []store.Erasure // that took the person out before
}

// AsGuardian reports whether a consent that was found is a child's, for whom the person
// decides.
func (f *SubjectRecords) AsGuardian(r *consent.Record) bool {
	return !slices.Contains(f.Tokens, r.Subject)
}

// tokens returns the tokens of a number in whatever form it was typed.
func (d *Service) tokens(t idv.Tenant, number idv.Sensitive) ([]idv.SubjectToken, error) {
	n := identity.CheckNumber(number, identity.Options{Today: identity.DateOf(time.Now()), Lenient: true})
	if !n.Valid {
		return nil, &idv.Error{
			Failure: idv.InvalidInput, Origin: idv.OriginCaller, Delivery: idv.NotSent, Charge: idv.NotCharged,
			Field: idv.FieldIDNumber, Code: string(n.Reason), Detail: "this is no document number; nothing is kept under one that cannot be",
		}
	}
	canonical := n.Canonical()
	if n.Type == idv.Resident15 {
		canonical = n.Upgraded
	}
	return d.Keyring.Tokens(t, canonical), nil
}

// Find returns all that is kept of the person with this number.
func (d *Service) Find(ctx context.Context, t idv.Tenant, number idv.Sensitive) (f SubjectRecords, err error) {
	if f.Tokens, err = d.tokens(t, number); err != nil {
		return f, err
	}
	f.Consents, err = all(func(p ledger.Page) ([]consent.Record, string, error) { return d.Store.Consents(ctx, t, f.Tokens, p) })
	if err != nil {
		return f, err
	}
	f.Verifications, err = all(func(p ledger.Page) ([]idv.Verification, string, error) {
		return d.Store.Verifications(ctx, t, f.Tokens, p)
	})
	if err != nil {
		return f, err
	}
	f.Erasures, err = d.Store.Erasures(ctx, t, f.Tokens)
	return f, err
}

// all reads a list to its end.
func all[T any](read func(ledger.Page) ([]T, string, error)) (list []T, err error) {
	for p := (ledger.Page{}); ; {
		part, next, err := read(p)
		if err != nil {
			return nil, err
		}
		if list = append(list, part...); next == "" {
			return list, nil
		}
		p.After = next
	}
}

// SubjectExport is what a person gets who asks for a copy (PIPL art. 45): what is kept, and
// the texts that were agreed to, with the person's own name and number in them.
type SubjectExport struct {
	SubjectRecords

	Texts      map[string]notice.Rendered // by the consent's id
	Unreadable []string                   // the consents whose text cannot be made again
}

// Export returns a person's copy. A text that cannot be made again, as its template is
// gone or its key, is named: the rest is the person's all the same.
func (d *Service) Export(ctx context.Context, t idv.Tenant, number idv.Sensitive) (SubjectExport, error) {
	found, err := d.Find(ctx, t, number)
	if err != nil {
		return SubjectExport{}, err
	}
	e := SubjectExport{SubjectRecords: found, Texts: map[string]notice.Rendered{}}
	for i := range found.Consents {
		c := &found.Consents[i]
		if c.Sealed == nil {
			continue
		}
		wrapped, err := d.Store.DataKey(ctx, t, c.Subject, nil)
		if err != nil {
			return SubjectExport{}, err
		}
		text, err := d.open(c, wrapped)
		if err != nil {
			e.Unreadable = append(e.Unreadable, c.ID)
			continue
		}
		e.Texts[c.ID] = text
	}
	return e, nil
}

// Erase takes a person out and returns the signed proof of it. The book stays as it
// is: it holds nobody's data, and its sums are in the proof.
func (d *Service) Erase(ctx context.Context, t idv.Tenant, number idv.Sensitive) ([]byte, error) {
	tokens, err := d.tokens(t, number)
	if err != nil {
		return nil, err
	}
	before, err := d.book(ctx)
	if err != nil {
		return nil, err
	}
	done, err := d.Store.Erase(ctx, t, tokens, name("era_"))
	if err != nil {
		return nil, err
	}
	if d.PurgeCache != nil {
		d.PurgeCache()
	}
	after, err := d.book(ctx)
	if err != nil {
		return nil, err
	}
	return d.Signer.SignErasure(receipt.Erasure{
		SchemaVersion: receipt.ErasureVersion, Tenant: t, ID: done.ID, At: done.At.UTC(),
		Verifications: int64(done.Verifications), Consents: int64(done.Consents), KeysDestroyed: int64(done.Keys),
		Before: before, After: after, Kept: kept(),
	})
}

// kept says what an erasure leaves.
func kept() []receipt.Kept {
	return []receipt.Kept{
		{What: "核验与同意记录的条数、时间、结论与费用，不再指向任何人", Why: "处理记录至少保存三年（《个人信息保护法》第五十六条，《网络数据安全管理条例》第十二条）"},
		{What: "本次删除的编号与以密钥计算的人员代号", Why: "用于证明已经删除，并在再次收到请求时作答"},
		{What: "账簿", Why: "其中没有个人信息"},
	}
}

// book sums the book up.
func (d *Service) book(ctx context.Context) (b receipt.Book, err error) {
	lots, err := d.Store.Lots(ctx, "")
	if err != nil {
		return b, err
	}
	for _, l := range lots {
		b.Units, b.Available, b.Held = b.Units+l.Units, b.Available+l.Available, b.Held+l.Held
		b.Posted, b.Unknown, b.WrittenOff = b.Posted+l.Posted, b.Unknown+l.Unknown, b.WrittenOff+l.WrittenOff
	}
	uses, err := d.Store.Usage(ctx, ledger.Filter{})
	for _, u := range uses {
		b.Entries += u.Calls
	}
	return b, err
}
