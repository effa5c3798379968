package heyan

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"io"
	"math/rand/v2"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// maxResponse is the largest body of a response in bytes.
const maxResponse = 1 << 20

// The back-off of tries without a Retry-After.
const (
	firstPause = 200 * time.Millisecond
	maxPause   = 5 * time.Second
)

var (
	errID   = errors.New("the id must have 1 to 200 letters, digits, hyphens or underscores")
	errKey  = errors.New("the IdempotencyKey must have 1 to 255 ASCII characters")
	idForm  = regexp.MustCompile(`^[A-Za-z0-9_-]{1,200}$`)
	keyForm = regexp.MustCompile(`^[ -~]{0,255}$`)
)

// operation is a request of the API.
type operation struct {
	name, method, path string
	id                 *string // after the path, if any
	action             string  // after the id
	body               any     // nil for none
	key                string  // the Idempotency-Key, "" for none
	required           string  // a member that every answer has

	// repeatable says that a second request does no harm if the first was processed.
	repeatable bool
}

// outcome is the error of one try.
type outcome struct {
	err   error
	after time.Duration // from Retry-After
	again bool          // another try may succeed
}

// do sends an operation until it has an answer, and decodes the answer into out.
func (c *Client) do(ctx context.Context, op operation, out any) error {
	failed := &Error{Operation: op.name, IdempotencyKey: op.key}
	if !keyForm.MatchString(op.key) {
		failed.Err = errKey
		return failed
	}
	if op.id != nil {
		if !idForm.MatchString(*op.id) {
			failed.Err = errID
			return failed
		}
		op.path += *op.id + op.action
	}
	var body []byte
	if op.body != nil {
		var err error
		if body, err = json.Marshal(op.body); err != nil {
			failed.Err = err
			return failed
		}
	}
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	for {
		failed.Tries++
		result := c.try(ctx, op, body, out)
		if result.err == nil {
			return nil
		}
		failed.Err = result.err
		if !result.again || !pause(ctx, max(result.after, backOff(failed.Tries))) {
			return failed
		}
	}
}

// backOff returns a random pause whose bound doubles with each try, so that many clients do
// not come back at once.
func backOff(tries int) time.Duration {
	bound := min(maxPause, firstPause<<min(tries-1, 10))
	return rand.N(bound) + time.Millisecond
}

// pause waits, and reports whether there is time for another try. It does not wait if the
// deadline comes first.
func pause(ctx context.Context, d time.Duration) bool {
	if end, ok := ctx.Deadline(); ok && time.Until(end) <= d {
		return false
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}

// try sends one request.
func (c *Client) try(parent context.Context, op operation, body []byte, out any) outcome {
	ctx, cancel := context.WithTimeout(parent, c.tryTimeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, op.method, c.base+op.path, bytes.NewReader(body))
	if err != nil {
		return outcome{err: err}
	}
	c.setHeaders(request, op)
	response, err := c.http.Do(request)
	if err != nil {
		return outcome{err: err, again: op.repeatable && parent.Err() == nil && !refusedCertificate(err)}
	}
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(io.LimitReader(response.Body, maxResponse+1))
	switch {
	case err != nil:
		return outcome{err: err, again: op.repeatable && parent.Err() == nil}
	case len(text) > maxResponse:
		return outcome{err: &ResponseError{response.StatusCode, "it is larger than 1 MiB"}}
	case response.StatusCode == http.StatusOK, response.StatusCode == http.StatusCreated:
		return outcome{err: decode(response.StatusCode, text, op.required, out)}
	}
	return refused(response, text, op)
}

func (c *Client) setHeaders(r *http.Request, op operation) {
	r.Header.Set("Accept", "application/json")
	r.Header.Set("User-Agent", "heyan-go")
	if op.body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	if !c.key.IsZero() {
		r.Header.Set("Authorization", "Bearer "+c.key.Reveal())
	}
	if op.key != "" {
		r.Header.Set("Idempotency-Key", op.key)
	}
}

// refusedCertificate reports whether another try would fail alike.
func refusedCertificate(err error) bool {
	var certificate *tls.CertificateVerificationError
	return errors.As(err, &certificate)
}

// decode reads an answer. The decoder's own errors are dropped, since they may repeat values.
func decode(status int, text []byte, required string, out any) error {
	var members map[string]json.RawMessage
	if json.Unmarshal(text, &members) != nil {
		return &ResponseError{status, "it is not a JSON object"}
	}
	if value := members[required]; value == nil || string(value) == "null" {
		return &ResponseError{status, "it has no " + required}
	}
	if json.Unmarshal(text, out) != nil {
		return &ResponseError{status, "a member has another type than in the API"}
	}
	return nil
}

// refused reads a response that is no answer.
func refused(response *http.Response, text []byte, op operation) outcome {
	status := response.StatusCode
	result := outcome{after: retryAfter(response.Header.Get("Retry-After"))}
	var raw struct{ Type string }
	problem := &Problem{}
	if json.Unmarshal(text, &raw) != nil || !strings.HasPrefix(raw.Type, problemPrefix) || json.Unmarshal(text, problem) != nil {
		result.err = &ResponseError{status, "it is neither an answer nor a problem; a proxy may have sent it"}
		result.again = op.repeatable && (status == http.StatusTooManyRequests || status == http.StatusServiceUnavailable)
		return result
	}
	problem.Status, problem.RetryAfter = status, result.after
	result.err = problem
	switch {
	case problem.Type == ProblemUnconfirmed, problem.Type == ProblemInProgress:
		result.again = op.repeatable
	case status == http.StatusTooManyRequests, status == http.StatusServiceUnavailable:
		result.again = true // heyan did nothing
	}
	return result
}

// retryAfter returns the time of the header, 0 if there is none.
func retryAfter(text string) time.Duration {
	const most = 365 * 24 * 60 * 60
	if seconds, err := strconv.ParseUint(text, 10, 63); err == nil {
		return time.Duration(min(seconds, most)) * time.Second
	}
	if at, err := http.ParseTime(text); err == nil {
		return max(0, time.Until(at))
	}
	return 0
}
