package sandbox

import (
	"net/http"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers"
	"github.com/heyan-id/heyan/providers/sandbox/internal/replica"
)

// composer makes the reply of a mode, or says why the mode has no meaning for the product.
type composer func(replica.Asked) (replica.Answer, error)

// learn returns the behavior of a mode. It tries the mode on a fictitious person, so that a
// mode without a meaning is refused when it is set, not when it is played.
func (p *product) learn(m Mode) (behavior, error) {
	compose, send := p.composer(m)
	if compose == nil {
		return behavior{}, errNoRow
	}
	if m != ModeTokenRevoked { // trying it would revoke tokens
		if _, err := compose(p.replica.Fictitious()); err != nil {
			return behavior{}, err
		}
	} else if !p.replica.HasTokens() {
		return behavior{}, errNoToken
	}
	return behavior{compose: func(c *call) reply {
		asked, _ := c.asked.(replica.Asked)
		if m == ModeSwapAnswers {
			asked = p.swapped(c, asked)
		}
		answer, err := compose(asked)
		if err != nil {
			return notPlayable(err)
		}
		out := replied(answer)
		if m == ModeRedirect {
			out.header.Set("Location", p.moved()+"?"+c.r.URL.RawQuery)
		}
		return out
	}, send: send}, nil
}

func (p *product) composer(m Mode) (composer, func(*call, reply)) {
	r := p.replica
	switch m {
	case ModeSlowDrip:
		return p.steered, drip
	case ModeStall:
		return p.lost(m), stall
	case ModeResetBefore:
		return p.lost(m), resetBefore
	case ModeResetAfter:
		return p.named(m, r.Match), resetAfter
	case ModeGzipBomb:
		return p.named(m, r.Match), gzipBomb
	case ModeHuge:
		return p.named(m, r.Match), huge
	}
	for _, kind := range []func(Mode) composer{p.whole, p.redecided, p.refusals, p.damaged} {
		if c := kind(m); c != nil {
			return c, sendAll
		}
	}
	return nil, nil
}

// whole returns the composers of undamaged replies.
func (p *product) whole(m Mode) composer {
	switch m {
	case ModeNormal:
		return p.steered
	case ModeMaintenance:
		return p.row(p.replica.Maintenance())
	case ModeSwapAnswers:
		return p.swappable
	case ModeWrongEcho:
		return p.replica.WrongEcho
	case ModeTokenRevoked:
		return p.tokenRevoked
	case modeFollowed:
		return p.named(m, p.replica.Match)
	}
	return nil
}

// redecided returns the composers that change the deciding member.
func (p *product) redecided(m Mode) composer {
	switch m {
	case ModeDuplicateStatus:
		return p.named(m, p.replica.Duplicate)
	case ModeCaseStatus:
		return p.named(m, p.replica.OtherCase)
	case ModeNumberStatus:
		return p.named(m, p.replica.OtherType)
	}
	return nil
}

// damaged returns the composers that change a whole reply.
func (p *product) damaged(m Mode) composer {
	r := p.replica
	switch m {
	case ModeEmpty:
		return p.named(m, func(a replica.Asked) (replica.Answer, error) { return r.Cut(a, 0) })
	case ModeTruncated:
		return p.named(m, func(a replica.Asked) (replica.Answer, error) { return r.Cut(a, 2) })
	case ModeHTML:
		return p.fixed(m, page(nil), true)
	case ModeHTTP500:
		return p.fixed(m, backendError(nil), false)
	case ModeRedirect:
		return p.fixed(m, reply{status: http.StatusFound, header: http.Header{}}, false)
	case ModeExtraFields:
		return func(a replica.Asked) (replica.Answer, error) {
			answer, err := p.steered(a)
			if err != nil {
				return answer, err
			}
			return r.Extra(answer)
		}
	case ModeGBK:
		return p.named(m, func(a replica.Asked) (replica.Answer, error) {
			answer, err := p.steered(a)
			if err != nil {
				return answer, err
			}
			return r.GBK(answer)
		})
	case ModeHTTP450:
		return func(a replica.Asked) (replica.Answer, error) {
			code, err := r.NoRecord()
			if err != nil {
				return replica.Answer{}, err
			}
			return r.WithStatus(a, r.Answer(code, a), 450), nil
		}
	}
	return nil
}

// refusals returns the composers of refused calls, the gateway's row before the vendor's.
func (p *product) refusals(m Mode) composer {
	switch m {
	case ModeQuotaExhausted:
		return p.row(p.replica.Find(idv.QuotaExhausted, "B403MQ"))
	case ModeQuotaExpired:
		return p.row(p.replica.Named("B403ME", "classic.quota_expired"))
	case ModeBadAppCode:
		return p.row(p.replica.Find(idv.BadCredentials, "A400AC"))
	case ModeThrottled429:
		code, ok := p.replica.Find(idv.Throttled, "T429PA")
		return p.retrying(p.row(code, ok))
	case ModeThrottled403:
		return p.named(m, p.row(p.replica.Named("classic.throttled")))
	case ModeGateway504:
		code, ok := p.replica.Named("D504TO")
		return func(a replica.Asked) (replica.Answer, error) {
			answer := replica.Answer{Reply: providers.Reply{Status: http.StatusGatewayTimeout}, Code: "http_504"}
			if ok {
				answer = p.replica.Answer(code, a)
			}
			answer.Charge, answer.Refused = idv.Charged, false
			return answer, nil
		}
	}
	return nil
}

// row returns a composer of one row.
func (p *product) row(c replica.Code, ok bool) composer {
	if !ok {
		return func(replica.Asked) (replica.Answer, error) { return replica.Answer{}, errNoRow }
	}
	return func(a replica.Asked) (replica.Answer, error) { return p.replica.Answer(c, a), nil }
}

// retrying adds Retry-After to a reply with status 429. A product without a row for throttling
// answers with the status alone.
func (p *product) retrying(c composer) composer {
	return func(a replica.Asked) (replica.Answer, error) {
		answer, err := c(a)
		if err != nil {
			answer = replica.Answer{Reply: providers.Reply{Status: http.StatusTooManyRequests, Header: http.Header{}}, Code: "http_429", Charge: idv.NotCharged, Refused: true}
		}
		if answer.Reply.Status == http.StatusTooManyRequests {
			answer.Reply.Header.Set("Retry-After", "1")
		}
		return answer, nil
	}
}

// steered answers as the person selects.
func (p *product) steered(a replica.Asked) (replica.Answer, error) {
	code, err := p.replica.Steer(a)
	if err != nil {
		return replica.Answer{}, err
	}
	return p.replica.Answer(code, a), nil
}

// named counts an answer under the mode's name, and as billed: it is a match that does not
// arrive in the product's form.
func (p *product) named(m Mode, c composer) composer {
	return func(a replica.Asked) (replica.Answer, error) {
		answer, err := c(a)
		answer.Code = string(m)
		if !answer.Refused {
			answer.Charge = idv.Charged
		}
		return answer, err
	}
}

// lost is a reply that is never sent.
func (p *product) lost(m Mode) composer { return p.fixed(m, reply{}, true) }

func (p *product) fixed(m Mode, out reply, billed bool) composer {
	charge := idv.NotCharged
	if billed {
		charge = idv.Charged
	}
	return func(replica.Asked) (replica.Answer, error) {
		return replica.Answer{Reply: providers.Reply{Status: out.status, Header: out.header.Clone(), Body: out.body}, Code: string(m), Charge: charge}, nil
	}
}

// swappable answers as the person selects, if a client can notice that it is another one.
func (p *product) swappable(a replica.Asked) (replica.Answer, error) {
	if _, err := p.replica.WrongEcho(a); err != nil {
		return replica.Answer{}, err
	}
	return p.steered(a)
}

// swapped returns whom another call asks for, or a fictitious person.
func (p *product) swapped(c *call, a replica.Asked) replica.Asked {
	if met, ok := c.swap.pair(c.r.Context(), a, swapBound); ok {
		if other, ok := met.(replica.Asked); ok {
			return other
		}
	}
	return p.replica.Other(a)
}

// tokenRevoked revokes all tokens and refuses the one of the call.
func (p *product) tokenRevoked(replica.Asked) (replica.Answer, error) {
	p.replica.Revoke()
	return p.replica.Refuse(&replica.Fault{Kind: replica.FaultToken}), nil
}
