package plugins

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers"
)

// toyCard describes a vendor that answers "status|number" with the status 01 or 02.
func toyCard(version string) idv.Descriptor {
	row := func(code string, v idv.Verdict) idv.CodeRow {
		return idv.CodeRow{Layer: providers.LayerVendor, Code: code, Verdict: v, Delivery: idv.Answered, Charge: idv.Charged, Text: "t", Source: "s"}
	}
	return idv.Descriptor{
		Name: "toy", Version: version, Title: "toy", Fidelity: idv.ThreeWay, Source: "none", Recipient: "example",
		Check: idv.CheckIDName, Documents: []idv.Document{idv.Resident18}, Schemes: []string{"none"},
		Settings: []idv.Setting{{Name: "base_url", Help: "where"}, {Name: "mood", Help: "bad is refused"}},
		Codes:    []idv.CodeRow{row("01", idv.Match), row("02", idv.Mismatch)},
	}
}

func toy(version string) providers.Factory {
	return providers.Factory{Descriptor: toyCard(version), New: func(s providers.Settings) (providers.Codec, error) {
		if s["mood"] == "bad" {
			return nil, fmt.Errorf("the mood is bad")
		}
		return toyCodec{toyCard(version)}, nil
	}}
}

// changedToy is the toy with another descriptor.
func changedToy(change func(*idv.Descriptor)) providers.Factory {
	card := toyCard("1.0.0")
	change(&card)
	return providers.Factory{Descriptor: card, New: func(providers.Settings) (providers.Codec, error) { return toyCodec{card}, nil }}
}

// toyProduct is the toy as one of several products. Its path holds its name.
func toyProduct(name string) providers.Factory {
	return changedToy(func(d *idv.Descriptor) { d.Name = name })
}

type toyCodec struct{ card idv.Descriptor }

func (c toyCodec) Describe() idv.Descriptor { return c.card }

func (c toyCodec) Encode(q idv.Query) (providers.Call, error) {
	if !c.card.Supports(q.Check, q.Document) {
		return providers.Call{}, &idv.Error{Failure: idv.Unsupported, Origin: idv.OriginEngine}
	}
	return providers.Call{Method: http.MethodGet, Path: "/" + c.card.Name, Query: []providers.Param{
		{Name: "number", Value: q.Subject.IDNumber}, {Name: "name", Value: q.Subject.Name},
	}}, nil
}

func (c toyCodec) Decode(q idv.Query, r providers.Reply) (idv.Answer, error) {
	status, echo, _ := strings.Cut(string(r.Body), "|")
	if !q.Subject.IDNumber.FitsMask(echo) {
		return idv.Answer{}, providers.Garbled("another person")
	}
	return providers.Table(c.card.Codes).Decode(providers.Reading{Codes: []string{status}, Ref: "ref-1"})
}

// toyVendor plays the vendor: a number that ends in an even digit matches. It counts
// the calls for each person.
type toyVendor struct {
	mu    sync.Mutex
	calls map[string]int
}

func (h *toyVendor) Do(_ context.Context, c providers.Call) (providers.Reply, error) {
	number := c.Query[0].Value
	h.mu.Lock()
	defer h.mu.Unlock()
	h.calls[number.Reveal()]++
	status := "02"
	if want(number) == idv.Match {
		status = "01"
	}
	return providers.Reply{Status: http.StatusOK, Body: []byte(status + "|" + number.Reveal())}, nil
}

func (h *toyVendor) count(number idv.Sensitive) int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.calls[number.Reveal()]
}

// want returns the true verdict about a number.
func want(number idv.Sensitive) idv.Verdict {
	if text := number.Reveal(); (text[len(text)-1]-'0')%2 == 0 {
		return idv.Match
	}
	return idv.Mismatch
}

// person returns a query about the nth fictitious person, born in 2099.
func person(n int) idv.Query {
	return idv.Query{ID: fmt.Sprintf("q-%d", n), Check: idv.CheckIDName, Document: idv.Resident18, Subject: idv.Subject{
		Name: idv.NewSensitive("测试"), IDNumber: idv.NewSensitive(fmt.Sprintf("110101209901%06d", n)),
	}}
}

// toyReply is a sound answer about a person.
func toyReply(q idv.Query) providers.Reply {
	return providers.Reply{Status: http.StatusOK, Body: []byte("01|" + q.Subject.IDNumber.Reveal())}
}
