package httpapi

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/heyan-id/heyan/cmd/internal/api"
	"github.com/heyan-id/heyan/cmd/internal/auth"
	"github.com/heyan-id/heyan/engine/ledger"
	"github.com/heyan-id/heyan/engine/store"
	"github.com/heyan-id/heyan/policy/access"
	"github.com/heyan-id/heyan/policy/audit"
)

// auditLog is what operators did for the caller's tenant. What concerns the installation is
// listed by the command line alone.
type auditLog struct{ store store.Audit }

func (a auditLog) register(h huma.API) {
	register(h, access.Admin, huma.Operation{
		OperationID: "listAudit", Method: http.MethodGet, Path: "/v1/audit",
		Summary:     "List what operators did for the tenant, oldest first",
		Description: "Records are never changed or deleted and hold no personal data. heyan audit verify checks the log of the installation.",
	}, a.list)
}

type auditInput struct {
	After string `query:"after" maxLength:"200" doc:"The next member of the previous page"`
	Limit int    `query:"limit" minimum:"1" maximum:"1000" default:"100"`
}

type auditOutput struct {
	Body struct {
		Acts []api.Act `json:"acts" nullable:"false"`
		Next string    `json:"next,omitempty" doc:"Cursor of the next page; absent on the last one"`
	}
}

// list returns one page of records.
func (a auditLog) list(ctx context.Context, in *auditInput) (*auditOutput, error) {
	if len(auth.From(ctx).Apps) > 0 {
		return nil, newProblem(http.StatusForbidden, "forbidden", "the audit log is that of all apps of the tenant; use an API key without apps")
	}
	list, next, err := a.store.Acts(ctx, auth.From(ctx).Tenant, ledger.Page{After: in.After, Limit: in.Limit})
	if err != nil {
		return nil, storeProblem(err)
	}
	var out auditOutput
	out.Body.Acts, out.Body.Next = []api.Act{}, next
	for i := range list {
		out.Body.Acts = append(out.Body.Acts, api.ActOf(&list[i]))
	}
	return &out, nil
}

// principalName returns who calls, for the audit log.
func principalName(ctx context.Context) string {
	if p := auth.From(ctx); p.Key != "" {
		return "key:" + p.Key
	}
	return "unauthenticated" // auth.mode is none
}

// acting returns a context under which a change of the store is recorded as an act of the
// caller.
func (d Dependencies) acting(ctx context.Context, k audit.Kind, target, reason string) context.Context {
	if d.Sealer == nil {
		return ctx
	}
	return audit.With(ctx, d.Sealer, audit.Act{Tenant: auth.From(ctx).Tenant, Principal: principalName(ctx), Kind: k, Target: target, Reason: reason})
}
