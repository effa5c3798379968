package httpapi_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"strings"
	"syscall"
	"testing"

	"github.com/heyan-id/heyan/cmd/internal/httpapi"
	"github.com/heyan-id/heyan/engine"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/ledger"
	"github.com/heyan-id/heyan/engine/store"
	"github.com/heyan-id/heyan/engine/store/memory"
	"github.com/heyan-id/heyan/policy/consent"
)

// stateError is an error of a database, as its driver returns it.
type stateError string

func (s stateError) Error() string    { return "ERROR: 张三 (SQLSTATE " + string(s) + ")" }
func (s stateError) SQLState() string { return string(s) }

// broken is a store whose reads fail.
type broken struct {
	store.Store

	err error
}

func (b broken) Consents(context.Context, idv.Tenant, []idv.SubjectToken, ledger.Page) ([]consent.Record, string, error) {
	return nil, "", b.err
}
func (b broken) AllConsents(context.Context, idv.Tenant, ledger.Page) ([]consent.Record, string, error) {
	return nil, "", b.err
}
func (b broken) Consent(context.Context, idv.Tenant, string) (consent.Record, error) {
	return consent.Record{}, b.err
}
func (b broken) ChangeConsent(context.Context, idv.Tenant, string, consent.Event) (consent.Record, error) {
	return consent.Record{}, b.err
}
func (b broken) Entries(context.Context, ledger.Filter, ledger.Page) ([]ledger.Entry, string, error) {
	return nil, "", b.err
}
func (b broken) AddLot(context.Context, ledger.Lot) error               { return b.err }
func (b broken) Lots(context.Context, string) ([]ledger.Balance, error) { return nil, b.err }
func (b broken) Verification(context.Context, idv.Tenant, string) (idv.Verification, error) {
	return idv.Verification{}, b.err
}
func (b broken) DataKey(context.Context, idv.Tenant, idv.SubjectToken, []byte) ([]byte, error) {
	return nil, b.err
}

// Every path reports a store failure the same way. The cause is logged without personal
// data.
func TestStoreProblems(t *testing.T) {
	t.Parallel()
	number := `{"id_number":"11010519491231002X"}`
	paths := []struct{ method, path, body string }{
		{"POST", "/v1/consents", `{` + asks + `,` + adult + `}`},
		{"GET", "/v1/consents", ""},
		{"GET", "/v1/consents/con_1", ""},
		{"GET", "/v1/consents/con_1/text", ""},
		{"GET", "/v1/consents/con_1/receipt", ""},
		{"POST", "/v1/subjects:find", number},
		{"POST", "/v1/subjects:export", number},
		{"POST", "/v1/subjects:erase", number},
		{"GET", "/v1/verifications/ver_1", ""},
		{"GET", "/v1/ledger/lots", ""},
	}
	for _, test := range []struct {
		name   string
		err    error
		status int
		kind   string
		logged string
	}{
		{"away", fmt.Errorf("%w: %w", store.ErrUnavailable, &net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}), 503, "store_unwritable", "connection refused"},
		{"of a fault", stateError("42P01"), 500, "internal", "SQLSTATE 42P01"},
		{"of a row that cannot be read", fmt.Errorf("张三: %w", errors.New("张三")), 500, "internal", "kind=*errors.errorString"},
	} {
		t.Run(test.name, func(t *testing.T) {
			var log bytes.Buffer
			c := newCounter(t, func(o *engine.Options) { o.Store = broken{memory.New(0), test.err} })
			c.deps.Log = slog.New(slog.NewTextHandler(&log, nil))
			c.Handler = httpapi.API(c.deps)
			for _, p := range paths {
				log.Reset()
				w := do(c, p.method, p.path, p.body)
				problem(t, w, test.status, test.kind)
				if again := w.Header().Get("Retry-After"); (again != "") != (test.status == 503) {
					t.Errorf("%s %s: Retry-After %q", p.method, p.path, again)
				}
				if !strings.Contains(log.String(), test.logged) || !strings.Contains(log.String(), "operation=") || strings.Contains(log.String(), "张三") {
					t.Errorf("%s %s logged %q", p.method, p.path, log.String())
				}
			}
		})
	}
}

// An invalid cursor is the caller's error, not the store's.
func TestBadCursor(t *testing.T) {
	t.Parallel()
	c := newCounter(t)
	for _, path := range []string{"/v1/consents?after=x", "/v1/ledger/entries?after=x", "/v1/verifications?cursor=x", "/v1/webhooks/messages?cursor=x"} {
		_, name, _ := strings.Cut(strings.TrimSuffix(path, "=x"), "?")
		if p := problem(t, do(c, "GET", path, ""), 422, "bad_request"); len(p.Errors) != 1 || p.Errors[0].Location != "query."+name {
			t.Errorf("%s: %+v", path, p.Errors)
		}
	}
}

// TestGuideListsProblems: the guide has a row for each problem.
func TestGuideListsProblems(t *testing.T) {
	t.Parallel()
	guide, err := os.ReadFile("../../../docs/guide.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range documented() {
		for _, problem := range o.problems() {
			if _, kind, _ := strings.Cut(problem, " "); !strings.Contains(string(guide), "`"+kind+"`") {
				t.Errorf("docs/guide.md does not name %s", kind)
			}
		}
	}
}
