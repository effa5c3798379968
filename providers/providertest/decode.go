package providertest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"sync"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers"
)

func decodeRules() []Rule {
	return append([]Rule{
		{"fixtures", "Every vendor row has a fixture, and every fixture decodes to its row, without the headers that the descriptor does not list.", fixtures},
		{"recordings", "Every recorded reply has the outcome that its file states.", recordings},
		{"gateway-first", "A gateway error takes precedence over the body.", gatewayFirst},
		{"gateway-and-answer", "A gateway's error code beside an answer yields no verdict, and leaves open what was charged.", gatewayAndAnswer},
		{"status-first", "A reply whose status the descriptor does not list yields no verdict, whatever its body.", statusFirst},
		{"decode-pure", "Decoding a reply twice gives the same result and leaves the reply unchanged.", decodePure},
		{"decode-concurrent", "Decode is safe for concurrent use.", decodeConcurrent},
		{"honest", "Decode returns a verdict or an *idv.Error, never both and never neither.", honest},
		{"bytes-left", "A failure of Decode never has delivery not_sent.", bytesLeft},
	}, onDocuments([]Rule{
		{"no-leak", "No error and no vendor code holds a claim, even if the vendor echoes it everywhere.", noLeak},
	})...)
}

func fixtures(_ context.Context, h Harness) error {
	have := map[string]bool{}
	for _, layer := range []string{providers.LayerVendor, providers.LayerGateway} {
		list, err := h.samples(layer)
		if err != nil {
			return err
		}
		for _, s := range list {
			have[layer+s.row.Code] = true
			if layer == providers.LayerVendor && !h.Codec.Describe().Replies.HasBody(s.reply.Status) {
				return fmt.Errorf("the fixture %s has the status %d, which the descriptor does not list; add it to reply.statuses (in Go: Replies.Statuses)", s.row.Code, s.reply.Status)
			}
			if err := h.decodes(s.row, h.seen(s.reply), ""); err != nil {
				return err
			}
		}
	}
	for _, row := range h.Codec.Describe().Codes {
		if row.Layer == providers.LayerVendor && !have[row.Layer+row.Code] {
			return fmt.Errorf("the vendor row %q has no fixture", row.Code)
		}
	}
	return nil
}

func gatewayFirst(_ context.Context, h Harness) error {
	gateway, err := h.samples(providers.LayerGateway)
	if err != nil {
		return err
	}
	bodies, err := h.verdicts()
	if err != nil {
		return err
	}
	for _, g := range gateway {
		if inHeader(g) && h.Codec.Describe().Replies.HasBody(g.reply.Status) {
			continue // an answer beside the code: gateway-and-answer
		}
		for _, v := range bodies {
			if err := h.decodes(g.row, g.with(v.reply.Body), " with the body of "+v.row.Code); err != nil {
				return err
			}
		}
	}
	return nil
}

// gatewayAndAnswer sends the headers of each gateway error that has its code in one of them
// with a complete answer and the status of one.
func gatewayAndAnswer(_ context.Context, h Harness) error {
	gateway, err := h.samples(providers.LayerGateway)
	if err != nil {
		return err
	}
	bodies, err := h.verdicts()
	if err != nil {
		return err
	}
	for _, g := range gateway {
		if !inHeader(g) {
			continue
		}
		for _, v := range bodies {
			r := v.reply
			r.Header = g.reply.Header
			what := "with the gateway's code " + g.row.Code
			if err := h.fails(v, r, what); err != nil {
				return err
			}
			_, err := h.Codec.Decode(h.Query, r)
			e := providers.Table(h.Codec.Describe().Codes).ValidateFailure(*idv.AsError(err))
			if e.Charge == idv.NotCharged || e.Delivery == idv.RefusedByGateway {
				return fmt.Errorf("the fixture %s, %s: %v, %v, want that the charge is open", v.row.Code, what, e.Delivery, e.Charge)
			}
		}
	}
	return nil
}

// inHeader reports whether a header of a gateway's reply is its code.
func inHeader(g sample) bool {
	for _, values := range g.reply.Header {
		if slices.Contains(values, g.row.Code) {
			return true
		}
	}
	return false
}

func statusFirst(_ context.Context, h Harness) error {
	list, err := h.verdicts()
	if err != nil {
		return err
	}
	format := h.Codec.Describe().Replies
	for _, status := range slices.Concat(format.Statuses, otherStatuses()) {
		try := h.fails
		if format.HasBody(status) {
			try = h.sameOrFails
		}
		for _, s := range list {
			r := s.reply
			r.Status = status
			if err := try(s, r, fmt.Sprintf("status %d", status)); err != nil {
				return err
			}
		}
	}
	return nil
}

// otherStatuses returns statuses that most products use for no answer.
func otherStatuses() []int {
	return []int{0, 100, 199, 200, 201, 202, 203, 204, 205, 206, 301, 302, 307, 400, 401, 403, 404, 429, 450, 451, 500, 502, 503, 504}
}

// result is what one call of Decode returned.
type result struct {
	answer idv.Answer
	err    error
}

func (h Harness) result(r providers.Reply) result {
	a, err := h.Codec.Decode(h.Query, r)
	return result{a, err}
}

func decodePure(_ context.Context, h Harness) error {
	for _, f := range h.Fixtures {
		body, header, length := bytes.Clone(f.Reply.Body), f.Reply.Header.Clone(), len(f.Reply.Header)
		first, second := h.result(f.Reply), h.result(f.Reply)
		if !reflect.DeepEqual(first, second) {
			return fmt.Errorf("the fixture %s: two calls give different results", f.Code)
		}
		if !bytes.Equal(body, f.Reply.Body) || length > 0 && !reflect.DeepEqual(header, f.Reply.Header) {
			return fmt.Errorf("the fixture %s: the reply was changed", f.Code)
		}
	}
	return nil
}

// rounds is how often each fixture is decoded concurrently with the others.
const rounds = 8

func decodeConcurrent(_ context.Context, h Harness) error {
	want := make([]result, len(h.Fixtures))
	for i, f := range h.Fixtures {
		want[i] = h.result(f.Reply)
		if !reflect.DeepEqual(want[i], h.result(f.Reply)) {
			return nil // decode-pure reports it
		}
	}
	wrong := make(chan string, rounds*len(h.Fixtures))
	start := make(chan struct{})
	var group sync.WaitGroup
	for range rounds {
		for i, f := range h.Fixtures {
			group.Go(func() {
				defer func() {
					if recover() != nil {
						wrong <- f.Code
					}
				}()
				<-start
				if !reflect.DeepEqual(h.result(f.Reply), want[i]) {
					wrong <- f.Code
				}
			})
		}
	}
	close(start)
	group.Wait()
	close(wrong)
	if code, broken := <-wrong; broken {
		return fmt.Errorf("the fixture %s decodes differently while others are decoded concurrently", code)
	}
	return nil
}

func honest(_ context.Context, h Harness) error {
	for _, r := range h.replies() {
		answer, err := h.Codec.Decode(h.Query, r)
		var e *idv.Error
		switch {
		case err == nil && (answer.Verdict == idv.Undetermined || !answer.Verdict.Valid()):
			return fmt.Errorf("status %d: no error and no verdict", r.Status)
		case err != nil && answer != (idv.Answer{}):
			return fmt.Errorf("status %d: an error and an answer", r.Status)
		case err != nil && !errors.As(err, &e):
			return fmt.Errorf("status %d: an error that is not an *idv.Error", r.Status)
		}
	}
	return nil
}

func bytesLeft(_ context.Context, h Harness) error {
	for _, r := range h.replies() {
		if _, err := h.Codec.Decode(h.Query, r); err != nil && idv.AsError(err).Delivery == idv.NotSent {
			return fmt.Errorf("status %d: the failure has delivery not_sent", r.Status)
		}
	}
	return nil
}

// replies returns the fixtures and some replies that are not answers.
func (h Harness) replies() []providers.Reply {
	list := []providers.Reply{
		{Status: http.StatusOK},
		{Status: http.StatusOK, Body: []byte(`{}`)},
		{Status: http.StatusOK, Body: []byte(page)},
		{Status: http.StatusFound},
		{Status: http.StatusForbidden},
		{Status: http.StatusInternalServerError, Body: []byte(page)},
	}
	for _, f := range h.Fixtures {
		list = append(list, f.Reply)
	}
	return list
}
