// Command driver runs the cases of the clients' test with the Go client: it reads a case as
// a line of JSON and prints its result as one. docs/clients/driver.md describes the lines.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/heyan-id/heyan/docs/clients/go/heyan"
)

// task is a line of input.
type task struct {
	Op             string `json:"op"`
	BaseURL        string `json:"base_url"`
	Key            string `json:"key"`
	TimeoutMS      int    `json:"timeout_ms"`
	TryTimeoutMS   int    `json:"try_timeout_ms"`
	AllowPlainHTTP bool   `json:"allow_plain_http"`
	Check          string `json:"check"`
	Name           string `json:"name"`
	IDNumber       string `json:"id_number"`
	Mobile         string `json:"mobile"`
	Purpose        string `json:"purpose"`
	ConsentID      string `json:"consent_id"`
	App            string `json:"app"`
	IdempotencyKey string `json:"idempotency_key"`
	ID             string `json:"id"`
}

// result is a line of output.
type result struct {
	Error          string    `json:"error"` // "", problem, response, timeout, network, argument or config
	Problem        string    `json:"problem"`
	Status         int       `json:"status"`
	Rule           string    `json:"rule"`
	RetryAfterMS   int64     `json:"retry_after_ms"`
	Tries          int       `json:"tries"`
	IdempotencyKey string    `json:"idempotency_key"`
	ID             string    `json:"id"`
	Verdict        string    `json:"verdict"`
	Reason         string    `json:"reason"`
	State          string    `json:"state"`
	Attempts       []attempt `json:"attempts"`
	Names          []string  `json:"names"`
	Printed        string    `json:"printed"`

	Answer  any            `json:"answer,omitempty"`  // what the method returned
	Refusal *heyan.Problem `json:"refusal,omitempty"` // the whole problem
}

type attempt struct {
	Provider string `json:"provider"`
	Verdict  string `json:"verdict"`
	Failure  string `json:"failure"`
	Charge   string `json:"charge"`
}

func main() {
	out := json.NewEncoder(os.Stdout)
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		var t task
		if err := json.Unmarshal(lines.Bytes(), &t); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		_ = out.Encode(run(context.Background(), &t))
	}
}

func run(ctx context.Context, t *task) (r result) {
	options := heyan.Options{
		BaseURL: t.BaseURL, Key: heyan.NewSensitive(t.Key), AllowPlainHTTP: t.AllowPlainHTTP,
		Timeout: time.Duration(t.TimeoutMS) * time.Millisecond, TryTimeout: time.Duration(t.TryTimeoutMS) * time.Millisecond,
	}
	client, err := heyan.New(options)
	if err != nil {
		return result{Error: "config", Printed: err.Error()}
	}
	request := heyan.VerifyRequest{
		Check: heyan.Check(t.Check), Purpose: t.Purpose, ConsentID: t.ConsentID, App: t.App, IdempotencyKey: t.IdempotencyKey,
		Subject: heyan.Subject{Name: heyan.NewSensitive(t.Name), IDNumber: heyan.NewSensitive(t.IDNumber), Mobile: heyan.NewSensitive(t.Mobile)},
	}
	switch t.Op {
	case "verify":
		err = r.verification(client.Verify(ctx, request))
	case "get":
		err = r.verification(client.Verification(ctx, t.ID))
	case "explain":
		var plan heyan.Plan
		plan, err = client.Explain(ctx, request)
		r.Answer = plan
		for _, s := range plan.Steps {
			r.Names = append(r.Names, s.Provider)
		}
	case "consent":
		err = r.consent(ctx, client, request)
	case "withdraw":
		var c heyan.Consent
		c, err = client.WithdrawConsent(ctx, t.ID)
		r.State = c.State
	case "balances":
		var list []heyan.Balance
		list, err = client.Balances(ctx)
		for _, b := range list {
			r.Names = append(r.Names, b.Provider)
		}
	case "providers":
		var list []heyan.Provider
		list, err = client.Providers(ctx)
		r.Answer = map[string]any{"providers": list}
		for _, p := range list {
			r.Names = append(r.Names, p.Name)
		}
	case "print":
		text, _ := json.Marshal(request)
		r.Printed = fmt.Sprintf("%v %+v %#v %+v %#v %s", request, request, request, client, options, text)
	}
	r.failure(err)
	return r
}

func (r *result) verification(v heyan.Verification, err error) error {
	if err != nil {
		return err
	}
	r.Answer = v
	r.ID, r.Verdict, r.Reason = v.ID, v.Verdict.String(), string(v.Reason)
	for _, a := range v.Attempts {
		r.Attempts = append(r.Attempts, attempt{a.Provider, a.Verdict.String(), string(a.Failure), a.Charge})
	}
	return nil
}

// consent makes a consent as a registration page does.
func (r *result) consent(ctx context.Context, client *heyan.Client, v heyan.VerifyRequest) error {
	c, err := client.DraftConsent(ctx, heyan.ConsentDraft{App: v.App, Purpose: v.Purpose, Check: v.Check, Subject: v.Subject, Uses: 50})
	if err != nil {
		return err
	}
	r.ID, r.Printed = c.ID, fmt.Sprintf("%+v", c)
	if c.Text.IsZero() {
		return errors.New("the draft has no text")
	}
	if _, err = client.PresentConsent(ctx, c.ID); err != nil {
		return err
	}
	c, err = client.GiveConsent(ctx, c.ID, heyan.Decision{TextHash: c.TextHash, Action: "checkbox"})
	r.State = c.State
	return err
}

func (r *result) failure(err error) {
	if err == nil {
		return
	}
	var failed *heyan.Error
	var problem *heyan.Problem
	var response *heyan.ResponseError
	r.Error = "network"
	if errors.As(err, &failed) {
		r.Tries, r.IdempotencyKey = failed.Tries, failed.IdempotencyKey
	}
	switch {
	case r.Tries == 0:
		r.Error = "argument"
	case errors.As(err, &problem):
		r.Refusal = problem
		r.Error, r.Problem, r.Status, r.RetryAfterMS = "problem", string(problem.Type), problem.Status, problem.RetryAfter.Milliseconds()
		if len(problem.Rules) > 0 {
			r.Rule = problem.Rules[0].Rule
		} else if len(problem.Errors) > 0 {
			r.Rule = problem.Errors[0].Rule
		}
	case errors.As(err, &response):
		r.Error, r.Status = "response", response.Status
	case errors.Is(err, context.DeadlineExceeded):
		r.Error = "timeout"
	}
	r.Printed += fmt.Sprintf("%+v", err)
}
