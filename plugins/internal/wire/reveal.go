package wire

import (
	"github.com/heyan-id/heyan/engine/idv"
	pb "github.com/heyan-id/heyan/plugins/proto/heyan/provider/v2"
	"github.com/heyan-id/heyan/providers"
)

// Only this file reveals claims, to put them into messages. Messages are never logged.

func subject(s idv.Subject) *pb.Subject {
	return &pb.Subject{
		Name: s.Name.Reveal(), IdNumber: s.IDNumber.Reveal(), Mobile: s.Mobile.Reveal(), BankCard: s.BankCard.Reveal(),
	}
}

func subjectFrom(s *pb.Subject) idv.Subject {
	return idv.Subject{
		Name: idv.NewSensitive(s.GetName()), IDNumber: idv.NewSensitive(s.GetIdNumber()),
		Mobile: idv.NewSensitive(s.GetMobile()), BankCard: idv.NewSensitive(s.GetBankCard()),
	}
}

func params(list []providers.Param) []*pb.Param {
	var out []*pb.Param
	for _, p := range list {
		out = append(out, &pb.Param{Name: p.Name, Value: p.Value.Reveal()})
	}
	return out
}

func call(c providers.Call) *pb.Call {
	return &pb.Call{
		Method: c.Method, Path: c.Path, Headers: params(c.Header), Query: params(c.Query), Form: params(c.Form),
		Body: []byte(c.Body.Reveal()), ContentType: c.ContentType, Accept: c.Accept,
	}
}

// Secrets puts vendor credentials into a message, for a plugin with a custom transport.
// Codecs receive none.
func Secrets(secrets map[string]idv.Sensitive) map[string]string {
	out := make(map[string]string, len(secrets))
	for name, secret := range secrets {
		out[name] = secret.Reveal()
	}
	return out
}

// SecretsFrom reads vendor credentials from a message.
func SecretsFrom(secrets map[string]string) map[string]idv.Sensitive {
	out := make(map[string]idv.Sensitive, len(secrets))
	for name, secret := range secrets {
		out[name] = idv.NewSensitive(secret)
	}
	return out
}
