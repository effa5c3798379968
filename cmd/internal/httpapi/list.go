package httpapi

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"mime"
	"net/http"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/heyan-id/heyan/cmd/internal/api"
	"github.com/heyan-id/heyan/cmd/internal/auth"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/ledger"
	"github.com/heyan-id/heyan/engine/ledger/csvfile"
	"github.com/heyan-id/heyan/engine/store"
	"github.com/heyan-id/heyan/policy/access"
	"github.com/heyan-id/heyan/providers/strictjson"
)

// lists are the lists and exports of verifications.
type lists struct{ Dependencies }

// The forms of a list.
const (
	formJSON  = "application/json"
	formLines = "application/jsonl"
	formCSV   = "text/csv"
)

// The sizes of pages, in rows. An export holds one page in memory.
const (
	listSize   = 100
	exportSize = 500
)

// pageTime bounds the reading, and the writing, of one page of an export.
const pageTime = 30 * time.Second

func (l lists) register(h huma.API) {
	row := h.OpenAPI().Components.Schemas.Schema(reflect.TypeFor[api.Verification](), true, "Verification")
	register(h, access.Read, huma.Operation{
		OperationID: "listVerifications", Method: http.MethodGet, Path: "/v1/verifications",
		Summary: "List or export verifications, newest first",
		Description: "The verifications of the tenant of the API key, and of its apps. Accept: application/json returns one page; application/jsonl and " +
			"text/csv stream all that the filters select, up to limit. A stream that ends early was cut off: repeat the request.",
		Responses: map[string]*huma.Response{"200": {Description: "The verifications", Content: map[string]*huma.MediaType{
			formJSON:  {Schema: h.OpenAPI().Components.Schemas.Schema(reflect.TypeFor[VerificationPage](), true, "VerificationPage")},
			formLines: {Schema: &huma.Schema{Type: huma.TypeString, Description: "One object of the schema Verification per line"}, Extensions: map[string]any{"x-line-schema": row.Ref}},
			formCSV: {Schema: &huma.Schema{
				Type: huma.TypeString, Description: "A header and one row per verification: " + strings.Join(api.VerificationColumns(), ", ") +
					". Text that a spreadsheet would read as a formula begins with an apostrophe",
			}},
		}}},
	}, l.list, invalidInput, notAcceptable)
}

// VerificationPage is one page of verifications.
type VerificationPage struct {
	Verifications []api.Verification `json:"verifications" nullable:"false"`
	Next          string             `json:"next,omitempty" doc:"Cursor of the next page; absent on the last one"`
}

type listInput struct {
	From     time.Time `query:"from" doc:"Created at or after this time" example:"2026-11-01T00:00:00+08:00"`
	To       time.Time `query:"to" doc:"Created before this time" example:"2026-12-01T00:00:00+08:00"`
	Verdict  string    `query:"verdict" enum:"undetermined,match,mismatch,no_record,mismatch_or_no_record" doc:"Only this verdict"`
	Reason   string    `query:"reason" maxLength:"40" doc:"Only this reason of an undetermined verdict, such as timeout"`
	Provider string    `query:"provider" maxLength:"40" doc:"Only verifications with the answer of this provider, or without an answer that called it last"`
	App      string    `query:"app" maxLength:"100" doc:"Only this app"`
	Cursor   string    `query:"cursor" maxLength:"1000" doc:"The next member of the previous page"`
	Limit    int       `query:"limit" minimum:"1" maximum:"1000000" doc:"The rows of a page, 100 if absent and 1000 at most; of an export, all if absent"`
	Accept   string    `header:"Accept" doc:"application/json, application/jsonl or text/csv"`
}

// filter returns what a principal may see of what it asks for. The error is a problem.
func (in *listInput) filter(ctx context.Context) (store.VerificationFilter, error) {
	principal := auth.From(ctx)
	f := store.VerificationFilter{Tenant: principal.Tenant, From: in.From, To: in.To, Reason: in.Reason, Provider: in.Provider, Apps: principal.Apps}
	if !in.From.IsZero() && !in.To.IsZero() && !in.From.Before(in.To) {
		return f, fieldProblem("query.to", "must be after from")
	}
	if in.App != "" {
		app, err := appOf(ctx, "query.app", in.App)
		if err != nil {
			return f, err
		}
		f.Apps = []string{app}
	}
	if in.Verdict != "" {
		var v idv.Verdict
		if err := v.UnmarshalText([]byte(in.Verdict)); err != nil {
			return f, fieldProblem("query.verdict", "must be a verdict of the schema")
		}
		f.Verdicts = []idv.Verdict{v}
	}
	return f, nil
}

// list returns a page, or streams all pages. The first page is read before anything is
// written, so that a failure is a problem.
func (l lists) list(ctx context.Context, in *listInput) (*huma.StreamResponse, error) {
	form, ok := formOf(in.Accept)
	if !ok {
		return nil, newProblem(http.StatusNotAcceptable, "not_acceptable", "the header Accept names no form of this list; use application/json, application/jsonl or text/csv")
	}
	f, err := in.filter(ctx)
	if err != nil {
		return nil, err
	}
	e := export{lists: l, filter: f, page: ledger.Page{After: in.Cursor, Limit: exportSize}, left: in.Limit}
	if form == formJSON {
		e.left = min(max(in.Limit, 0), ledger.MaxPage)
		if e.left == 0 {
			e.left = listSize
		}
	}
	if err := e.read(ctx); err != nil {
		if errors.Is(err, store.ErrPage) {
			return nil, fieldProblem("query.cursor", "must be the next member of the previous page of this list")
		}
		return nil, storeFailure(err)
	}
	return &huma.StreamResponse{Body: func(ctx huma.Context) {
		r, w := humago.Unwrap(ctx)
		if form == formJSON {
			writeJSON(w, http.StatusOK, VerificationPage{Verifications: views(e.rows), Next: e.page.After})
			return
		}
		e.stream(r.Context(), w, form)
	}}, nil
}

func views(rows []idv.Verification) []api.Verification {
	list := make([]api.Verification, len(rows))
	for i := range rows {
		list[i] = api.VerificationOf(&rows[i])
	}
	return list
}

// formOf returns the form that a header Accept prefers, the first of several. Without the
// header it is JSON.
func formOf(accept string) (string, bool) {
	if strings.TrimSpace(accept) == "" {
		return formJSON, true
	}
	best, preferred := 0.0, ""
	for part := range strings.SplitSeq(accept, ",") {
		kind, parameters, err := mime.ParseMediaType(part)
		if err != nil {
			continue
		}
		q := 1.0
		if text, given := parameters["q"]; given {
			if q, err = strconv.ParseFloat(text, 64); err != nil {
				continue
			}
		}
		form, known := map[string]string{
			"*/*": formJSON, "application/*": formJSON, formJSON: formJSON, formLines: formLines, "text/*": formCSV, formCSV: formCSV,
		}[kind]
		if known && q > best {
			best, preferred = q, form
		}
	}
	return preferred, preferred != ""
}

// export reads a list page by page.
type export struct {
	lists

	filter store.VerificationFilter
	page   ledger.Page // the next one
	left   int         // rows that are still wanted; 0 for all
	rows   []idv.Verification
}

// read reads the next page.
func (e *export) read(ctx context.Context) (err error) {
	if e.left > 0 {
		e.page.Limit = min(e.left, ledger.MaxPage)
	}
	e.rows, e.page.After, err = e.Store.FindVerifications(ctx, e.filter, e.page)
	return err
}

// stream writes all pages. The deadline of the request does not apply, but each page has one.
// After a failure the connection is cut off, so that the client does not take the part for the
// whole.
func (e *export) stream(ctx context.Context, w http.ResponseWriter, form string) {
	w.Header().Set("Content-Type", map[string]string{formLines: formLines, formCSV: "text/csv; charset=utf-8; header=present"}[form])
	ctx = context.WithoutCancel(ctx) // a write fails once the client is gone
	table := csvfile.NewWriter(w, false)
	if form == formCSV {
		table.Head(api.VerificationColumns()...)
	}
	for {
		_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(pageTime)) // a writer without deadlines has no limit
		if e.write(w, table, form) != nil {
			panic(http.ErrAbortHandler)
		}
		if e.left > 0 {
			e.left -= len(e.rows)
			if e.left <= 0 {
				return
			}
		}
		if e.page.After == "" {
			return
		}
		page, cancel := context.WithTimeout(ctx, pageTime)
		err := e.read(page)
		cancel()
		if err != nil {
			e.Log.Error("an export was cut off, since the store failed", slog.String("operation", "listVerifications"), slog.String("kind", store.Kind(err)))
			panic(http.ErrAbortHandler)
		}
	}
}

// write writes the rows of a page.
func (e *export) write(w io.Writer, table *csvfile.Writer, form string) error {
	for i := range e.rows {
		if form == formCSV {
			table.Row(api.VerificationCells(&e.rows[i]))
			continue
		}
		if err := strictjson.Write(w, api.VerificationOf(&e.rows[i])); err != nil {
			return err
		}
		if _, err := io.WriteString(w, "\n"); err != nil {
			return err
		}
	}
	if form == formCSV {
		return table.Flush()
	}
	return nil
}
