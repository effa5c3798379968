package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"
)

// patience is how long a client waits for an answer.
const patience = 10 * time.Second

// system is what clients send their requests to.
type system interface {
	// verify returns match, mismatch or no_record. An error is a failed request.
	verify(ctx context.Context, p person) (string, error)
	// books returns what the system has in its books for each vendor, or under "" for all.
	books(ctx context.Context) (map[string]book, error)
	// resume is what an operator does after a package was bought.
	resume(ctx context.Context, vendor string) error
	// killAdapter kills the process of the first vendor's adapter.
	killAdapter() error
	close() error
}

// book is the number of calls that a system takes for charged, and for possibly charged.
type book struct{ charged, possible int64 }

// maker starts a system in front of vendors. dir is a folder for its files.
type maker func(ctx context.Context, o options, s story, v *vendors, dir string) (system, error)

// failure is why a request has no verdict, for the progress.
type failure string

// Error returns the reason.
func (f failure) Error() string { return string(f) }

// reasonOf returns why a request failed, "" if it did not.
func reasonOf(err error) string {
	var f failure
	switch {
	case err == nil:
		return ""
	case errors.As(err, &f):
		return string(f)
	case errors.Is(err, context.DeadlineExceeded):
		return "timeout"
	}
	return "no answer"
}

// get is a call of a vendor, or of a proxy in front of it, as a team would write it.
func get(ctx context.Context, client *http.Client, base string, p person) (string, error) {
	query := url.Values{"idCard": {p.number}, "name": {p.name}}
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, base+"/idcard?"+query.Encode(), nil)
	if err != nil {
		return "", err
	}
	r.Header.Set("Authorization", "APPCODE "+appCode)
	resp, err := client.Do(r)
	if err != nil {
		return "", err
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		return "", err
	}
	if resp.StatusCode != http.StatusOK {
		return "", failure(fmt.Sprint(resp.StatusCode))
	}
	var answer struct {
		Status string `json:"status"`
	}
	if err := json.Unmarshal(text, &answer); err != nil {
		return "", failure("no JSON")
	}
	switch answer.Status {
	case "01":
		return "match", nil
	case "02":
		return "mismatch", nil
	case "202":
		return "no_record", nil
	}
	return "", failure("code " + answer.Status)
}

func newClient() *http.Client {
	return &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 1000}}
}
