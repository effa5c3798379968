package declared

import (
	"context"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers"
	"github.com/heyan-id/heyan/providers/auth"
)

// rehearse makes a call about a fictitious person with made-up settings, and returns why the host could
// not authenticate it: a parameter that is there twice, a signature over a member of JSON
// that is an object. It returns "" if it could, or if the claims do not suit the request.
// token is nil, or where an access token is added first.
func (c *codec) rehearse(own auth.Recipe, token *Token) string {
	const digits = "1"
	settings := providers.Settings{}
	for _, s := range c.descriptor.Settings {
		settings[s.Name] = digits
	}
	call, err := c.call(idv.Query{Subject: idv.Subject{
		Name: idv.NewSensitive("TEST PERSON"), IDNumber: idv.NewSensitive("110101209901010050"),
		Mobile: idv.NewSensitive("19900000000"), BankCard: idv.NewSensitive("6228480000000000000"),
	}}, settings)
	if err != nil || len(own.Fields) == 0 && own.Sign.Hash == "" {
		return ""
	}
	recipes := []auth.Recipe{own}
	if token != nil {
		recipes = []auth.Recipe{{Fields: []auth.Field{{To: target(token.To), From: auth.Source{Const: digits}}}}, own}
	}
	for _, recipe := range recipes {
		scheme, err := recipe.Scheme(schemeName).New(auth.Env{Value: func(string) idv.Sensitive { return idv.NewSensitive(digits) }})
		if err == nil {
			call, err = scheme.Authenticate(context.Background(), call, providers.Stamp{Host: "host", At: time.UnixMilli(0), Nonce: "00000000-0000-4000-8000-000000000001"})
		}
		if err != nil {
			return idv.AsError(err).Detail + "; see the parameters of request"
		}
	}
	return ""
}
