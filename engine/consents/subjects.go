package consents

import (
	"context"
	"slices"
	"time"

	"github.com/heyan-id/heyan/engine/identity"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/ledger"
	"github.com/heyan-id/heyan/engine/store"
	"github.com/heyan-id/heyan/policy/audit"
	"github.com/heyan-id/heyan/policy/consent"
	"github.com/heyan-id/heyan/policy/consent/notice"
	"github.com/heyan-id/heyan/policy/consent/receipt"
)

// SubjectRecords is everything that is stored about a person.
type SubjectRecords struct {
	Tokens        []idv.SubjectToken
	Consents      []consent.Record // including those that the person gave for a child, see AsGuardian
	Verifications []idv.Verification
	Erasures      []store.Erasure // earlier erasures of the person
}

// AsGuardian reports whether the person gave one of the consents for a child.
func (f *SubjectRecords) AsGuardian(r *consent.Record) bool {
	return !slices.Contains(f.Tokens, r.Subject)
}

// tokens returns the tokens of a person: by the ID number, by the bank card, or by both, in
// whichever of their forms they are typed.
func (s *Service) tokens(t idv.Tenant, person idv.Subject) (list []idv.SubjectToken, err error) {
	now := time.Now()
	if !person.IDNumber.IsZero() || person.BankCard.IsZero() {
		n := identity.CheckNumber(person.IDNumber, identity.Options{Today: identity.DateOf(now), Lenient: true, Want: person.Document})
		if !n.Valid {
			return nil, notFindable(idv.FieldIDNumber, n.Reason)
		}
		known := idv.Subject{IDNumber: n.Canonical(), Document: n.Type}
		if n.Type == idv.Resident15 {
			known.IDNumber = n.Upgraded
		}
		list = s.Keyring.Tokens(t, known.Person())
	}
	if !person.BankCard.IsZero() {
		card := identity.CheckBankCard(person.BankCard)
		if !card.Valid {
			return nil, notFindable(idv.FieldBankCard, card.Reason)
		}
		list = append(list, s.Keyring.Tokens(t, idv.Subject{BankCard: card.Canonical()}.Person())...)
	}
	return list, nil
}

func notFindable(field idv.Field, reason identity.Reason) error {
	return &idv.Error{
		Failure: idv.InvalidInput, Origin: idv.OriginCaller, Delivery: idv.NotSent, Charge: idv.NotCharged,
		Field: field, Code: string(reason), Detail: "is not a valid number, so no record can exist for it; correct the number",
	}
}

// Find returns everything that is stored about a person, who is known by the ID number and,
// in records of checks without one, by the bank card. The error is an *idv.Error of class
// InvalidInput for an invalid number, or the store's.
func (s *Service) Find(ctx context.Context, t idv.Tenant, person idv.Subject) (f SubjectRecords, err error) {
	if f.Tokens, err = s.tokens(t, person); err != nil {
		return f, err
	}
	f.Consents, err = all(func(p ledger.Page) ([]consent.Record, string, error) { return s.Store.Consents(ctx, t, f.Tokens, p) })
	if err != nil {
		return f, err
	}
	f.Verifications, err = all(func(p ledger.Page) ([]idv.Verification, string, error) {
		return s.Store.Verifications(ctx, t, f.Tokens, p)
	})
	if err != nil {
		return f, err
	}
	f.Erasures, err = s.Store.Erasures(ctx, t, f.Tokens)
	return f, err
}

// all reads every page of a list.
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

// SubjectExport is the copy that a person may request (PIPL art. 45): what is stored, and
// the texts of the consents, which contain the person's name and number.
type SubjectExport struct {
	SubjectRecords

	Texts      map[string]notice.Rendered // by the consent's id
	Unreadable []string                   // ids of the consents whose text cannot be rendered again
}

// Export returns the copy of a person. A text that cannot be rendered again, because its
// template or key is missing, is listed as unreadable and does not withhold the rest.
func (s *Service) Export(ctx context.Context, t idv.Tenant, person idv.Subject) (SubjectExport, error) {
	found, err := s.Find(ctx, t, person)
	if err != nil {
		return SubjectExport{}, err
	}
	e := SubjectExport{SubjectRecords: found, Texts: map[string]notice.Rendered{}}
	for i := range found.Consents {
		c := &found.Consents[i]
		if c.Sealed == nil {
			continue
		}
		wrapped, err := s.Store.DataKey(ctx, t, c.Subject, nil)
		if err != nil {
			return SubjectExport{}, err
		}
		text, err := s.renderAgain(c, wrapped)
		if err != nil {
			e.Unreadable = append(e.Unreadable, c.ID)
			continue
		}
		e.Texts[c.ID] = text
	}
	return e, nil
}

// Erase erases a person and returns the signed proof of the erasure. It does not change the
// ledger, which contains no personal data; the proof states its sums before and after. An act
// of the context is recorded on the erasure's id.
func (s *Service) Erase(ctx context.Context, t idv.Tenant, person idv.Subject) ([]byte, error) {
	tokens, err := s.tokens(t, person)
	if err != nil {
		return nil, err
	}
	before, err := s.ledgerSums(ctx)
	if err != nil {
		return nil, err
	}
	id := newID("era_")
	done, err := s.Store.Erase(audit.On(ctx, id), t, tokens, id)
	if err != nil {
		return nil, err
	}
	if s.PurgeCache != nil {
		s.PurgeCache()
	}
	after, err := s.ledgerSums(ctx)
	if err != nil {
		return nil, err
	}
	return s.Signer.SignErasure(receipt.Erasure{
		SchemaVersion: receipt.ErasureVersion, Tenant: t, ID: done.ID, At: done.At.UTC(),
		Verifications: int64(done.Verifications), Consents: int64(done.Consents), KeysDestroyed: int64(done.Keys),
		Before: before, After: after, Kept: retained(),
	})
}

// retained lists what an erasure does not delete, and why.
func retained() []receipt.Kept {
	return []receipt.Kept{
		{What: "核验与同意记录的条数、时间、结论与费用，不再指向任何人", Why: "处理记录至少保存三年（《个人信息保护法》第五十六条，《网络数据安全管理条例》第十二条）"},
		{What: "本次删除的编号与以密钥计算的人员代号", Why: "用于证明已经删除，并在再次收到请求时作答"},
		{What: "账簿", Why: "其中没有个人信息"},
	}
}

// ledgerSums returns the sums of the ledger over all lots.
func (s *Service) ledgerSums(ctx context.Context) (b receipt.Book, err error) {
	lots, err := s.Store.Lots(ctx, "")
	if err != nil {
		return b, err
	}
	for _, l := range lots {
		b.Units, b.Available, b.Held = b.Units+l.Units, b.Available+l.Available, b.Held+l.Held
		b.Posted, b.Unknown, b.WrittenOff = b.Posted+l.Posted, b.Unknown+l.Unknown, b.WrittenOff+l.WrittenOff
	}
	uses, err := s.Store.Usage(ctx, ledger.Filter{})
	for _, u := range uses {
		b.Entries += u.Calls
	}
	return b, err
}
