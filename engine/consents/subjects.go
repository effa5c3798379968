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

// tokens returns the tokens of a number, in whichever of its forms it is typed.
func (s *Service) tokens(t idv.Tenant, number idv.Sensitive) ([]idv.SubjectToken, error) {
	n := identity.CheckNumber(number, identity.Options{Today: identity.DateOf(time.Now()), Lenient: true})
	if !n.Valid {
		return nil, &idv.Error{
			Failure: idv.InvalidInput, Origin: idv.OriginCaller, Delivery: idv.NotSent, Charge: idv.NotCharged,
			Field: idv.FieldIDNumber, Code: string(n.Reason), Detail: "is not a valid document number, so no record can exist for it; correct the number",
		}
	}
	canonical := n.Canonical()
	if n.Type == idv.Resident15 {
		canonical = n.Upgraded
	}
	return s.Keyring.Tokens(t, canonical), nil
}

// Find returns everything that is stored about the person with this number. The error is
// an *idv.Error of class InvalidInput for an invalid number, or the store's.
func (s *Service) Find(ctx context.Context, t idv.Tenant, number idv.Sensitive) (f SubjectRecords, err error) {
	if f.Tokens, err = s.tokens(t, number); err != nil {
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
func (s *Service) Export(ctx context.Context, t idv.Tenant, number idv.Sensitive) (SubjectExport, error) {
	found, err := s.Find(ctx, t, number)
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
// ledger, which contains no personal data; the proof states its sums before and after.
func (s *Service) Erase(ctx context.Context, t idv.Tenant, number idv.Sensitive) ([]byte, error) {
	tokens, err := s.tokens(t, number)
	if err != nil {
		return nil, err
	}
	before, err := s.ledgerSums(ctx)
	if err != nil {
		return nil, err
	}
	done, err := s.Store.Erase(ctx, t, tokens, newID("era_"))
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
