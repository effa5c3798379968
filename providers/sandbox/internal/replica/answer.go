package replica

import (
	"net/http"
	"strings"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers"
)

// Answer is a reply and what the vendor counts for it.
type Answer struct {
	Reply   providers.Reply
	Code    string // of the table, or "http_" and the status
	Charge  idv.Charge
	Refused bool // by the gateway: the vendor did not see the request
}

// Answer returns the reply for a row about a person.
func (r *Replica) Answer(c Code, a Asked) Answer {
	p := r.plays[c]
	return p.answer(p.about(a.Query))
}

func (p play) answer(reply providers.Reply) Answer {
	return Answer{reply, p.row.Code, p.charge, p.row.Delivery == idv.RefusedByGateway}
}

// Refuse returns the reply to a request with a fault: the row of the code table that comes
// closest, or the bare HTTP status.
func (r *Replica) Refuse(f *Fault) Answer {
	codes, class, status := f.rows()
	for _, code := range codes {
		for _, layer := range []string{providers.LayerGateway, providers.LayerVendor} {
			if p, ok := r.plays[Code{layer, code}]; ok {
				return p.answer(p.about(r.form.query))
			}
		}
	}
	if c, ok := r.closest(f, class); ok {
		p := r.plays[c]
		return p.answer(p.about(r.form.query))
	}
	return r.bare(status)
}

// closest returns a row of the fault's class: for a token one that renews it, for a claim one
// that names it.
func (r *Replica) closest(f *Fault, class idv.Failure) (Code, bool) {
	switch {
	case f.Kind == FaultToken:
		if c, ok := r.firstOf(func(row idv.CodeRow) bool { return row.RenewsToken }); ok {
			return c, true
		}
		return r.firstOf(failureIs(class))
	case class == idv.InvalidInput:
		return r.firstOf(fieldIs(f.Field), fieldIs(idv.NoField), failureIs(class))
	case class == idv.BadCredentials:
		return r.firstOf(func(row idv.CodeRow) bool { return failureIs(class)(row) && !row.RenewsToken }, failureIs(class))
	}
	return Code{}, false
}

// bare returns a reply of which the status says all.
func (r *Replica) bare(status int) Answer {
	e := providers.StatusFailure(status)
	return Answer{providers.Reply{Status: status, Header: http.Header{}}, e.Code, idv.NotCharged, true}
}

// rows returns how vendors answer a fault: the codes of those whose gateways are known, the
// class of the failure, and the HTTP status of the others.
func (f *Fault) rows() (codes []string, class idv.Failure, status int) {
	switch f.Kind {
	case FaultPath:
		return []string{"I404NF"}, idv.Unavailable, http.StatusNotFound
	case FaultMethod:
		return []string{"I405UM"}, idv.Unavailable, http.StatusMethodNotAllowed
	case FaultSize:
		return []string{"I413RL"}, idv.Unsupported, http.StatusRequestEntityTooLarge
	case FaultMalformed:
		return []string{"I400RU"}, idv.InvalidInput, http.StatusBadRequest
	case FaultAnonymous:
		return []string{"A400MA", "AuthFailure.InvalidAuthorization"}, idv.BadCredentials, http.StatusUnauthorized
	case FaultKey:
		return []string{"A400AC", "AuthFailure.SecretIdNotFound", "InvalidAccessKeyId.NotFound"}, idv.BadCredentials, http.StatusUnauthorized
	case FaultSignature:
		return []string{"A403IS", "AuthFailure.SignatureFailure", "SignatureDoesNotMatch"}, idv.BadCredentials, http.StatusUnauthorized
	case FaultTime:
		return []string{"I400HD", "AuthFailure.SignatureExpire", "InvalidTimeStamp.Expired"}, idv.BadCredentials, http.StatusUnauthorized
	case FaultNonce:
		return []string{"I400HD", "SignatureNonceUsed"}, idv.BadCredentials, http.StatusUnauthorized
	case FaultToken:
		return nil, idv.BadCredentials, http.StatusUnauthorized
	}
	return nil, idv.InvalidInput, http.StatusBadRequest
}

// Named returns the first of some codes of the gateway that can be played.
func (r *Replica) Named(codes ...string) (Code, bool) {
	for _, code := range codes {
		c := Code{providers.LayerGateway, code}
		if _, ok := r.plays[c]; ok {
			return c, true
		}
	}
	return Code{}, false
}

// Find returns a code of the gateway, else the first playable row of a class, the gateway's
// before the vendor's.
func (r *Replica) Find(class idv.Failure, code string) (Code, bool) {
	if c, ok := r.Named(code); ok {
		return c, true
	}
	for _, layer := range []string{providers.LayerGateway, providers.LayerVendor} {
		for _, row := range r.card.Codes {
			c := Code{row.Layer, row.Code}
			if p, ok := r.plays[c]; ok && row.Layer == layer && failureIs(class)(p.row) && !row.RenewsToken && !strings.HasPrefix(row.Code, "http_") {
				return c, true
			}
		}
	}
	return Code{}, false
}
