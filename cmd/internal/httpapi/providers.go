package httpapi

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/heyan-id/heyan/cmd/internal/api"
	"github.com/heyan-id/heyan/policy/access"
)

type providers struct{ Dependencies }

func (p providers) register(h huma.API) {
	register(h, access.Admin, huma.Operation{
		OperationID: "listProviders", Method: http.MethodGet, Path: "/v1/providers",
		Summary: "List the providers and their availability",
	}, p.list)
	register(h, access.Admin, huma.Operation{
		OperationID: "drainProvider", Method: http.MethodPost, Path: "/v1/providers/{name}:drain",
		Summary: "Stop calling a provider", Description: "It is not called until it is resumed. Calls in flight complete.",
	}, func(ctx context.Context, in *providerInput) (*listOutput, error) {
		return p.changed(ctx, p.Engine.Drain(in.Name))
	}, notFound)
	register(h, access.Admin, huma.Operation{
		OperationID: "resumeProvider", Method: http.MethodPost, Path: "/v1/providers/{name}:resume",
		Summary: "Call a provider again", Description: "It ends a drain, a close, and a pause after a used-up package or rejected credentials.",
	}, func(ctx context.Context, in *providerInput) (*listOutput, error) {
		return p.changed(ctx, p.Engine.Resume(in.Name))
	}, notFound)
	register(h, access.Admin, huma.Operation{
		OperationID: "closeProvider", Method: http.MethodPost, Path: "/v1/providers/{name}:close", MaxBodyBytes: maxBody,
		Summary: "Stop calling a provider for an announced maintenance", Description: "Calls in flight complete.",
	}, p.close, notFound)
	register(h, access.Admin, huma.Operation{
		OperationID: "scoreProvider", Method: http.MethodGet, Path: "/v1/providers/{name}/score",
		Summary: "Get the score card of a provider",
		Description: "Availability, latency, verdicts, unlisted codes and cost per verdict, from the stored calls. With an API key: of the calls of its tenant. " +
			"What is known of a change of the answers concerns all tenants, and the node that answers.",
	}, p.score, notFound, storeDown)
	register(h, access.Admin, huma.Operation{
		OperationID: "listFindings", Method: http.MethodGet, Path: "/v1/providers/{name}/findings",
		Summary:     "List what a vendor changed in its replies",
		Description: "Codes that the table does not list, and new and missing members: their names and types, never a value.",
	}, p.findings, notFound, storeDown)
}

type listOutput struct {
	Body struct {
		Providers []api.Provider `json:"providers"`
	}
}

// list returns all providers in the order of the configuration.
func (p providers) list(context.Context, *struct{}) (*listOutput, error) {
	var out listOutput
	out.Body.Providers = p.providers()
	return &out, nil
}

func (d Dependencies) providers() []api.Provider {
	list := []api.Provider{}
	for _, s := range d.Engine.Providers() {
		view := api.ProviderOf(&s)
		if d.Plugin != nil {
			if state, ok := d.Plugin(s.Name); ok {
				view.Plugin = api.PluginOf(&state)
			}
		}
		list = append(list, view)
	}
	return list
}

type providerInput struct {
	Name string `path:"name" doc:"The provider's name"`
}

type closeInput struct {
	Name string `path:"name" doc:"The provider's name"`
	Body *struct {
		Until time.Time `json:"until,omitzero" doc:"When the provider is tried again; without it, when it is resumed"`
	}
}

func (p providers) close(ctx context.Context, in *closeInput) (*listOutput, error) {
	var until time.Time
	if in.Body != nil {
		until = in.Body.Until
	}
	return p.changed(ctx, p.Engine.SetUnavailable(in.Name, until))
}

// changed returns all providers after a change, or its error.
func (p providers) changed(ctx context.Context, err error) (*listOutput, error) {
	if err != nil {
		return nil, engineProblem(err)
	}
	return p.list(ctx, nil)
}
