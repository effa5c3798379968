package httpapi

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/heyan-id/heyan/cmd/internal/api"
)

type providers struct{ Dependencies }

func (p providers) register(h huma.API) {
	register(h, huma.Operation{
		OperationID: "listProviders", Method: http.MethodGet, Path: "/v1/providers",
		Summary: "List the providers and their availability",
	}, p.list)
	register(h, huma.Operation{
		OperationID: "operateProvider", Method: http.MethodPost, Path: "/v1/providers/{action}", MaxBodyBytes: maxBody,
		Summary: "Drain, resume or close a provider",
		Description: "The path ends in NAME:drain, NAME:resume or NAME:close. A drained or closed provider is not called until it is " +
			"resumed; calls in flight complete. A close may set the time at which the provider is tried again.",
	}, p.operate)
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

type operateInput struct {
	Action string `path:"action" doc:"NAME:drain, NAME:resume or NAME:close"`
	Body   *struct {
		Until time.Time `json:"until,omitzero" doc:"For close: when the provider is tried again"`
	}
}

// operate changes a provider's availability and returns all providers.
func (p providers) operate(ctx context.Context, in *operateInput) (*listOutput, error) {
	name, action, _ := strings.Cut(in.Action, ":")
	var until time.Time
	if in.Body != nil {
		until = in.Body.Until
	}
	do := map[string]func() error{
		"drain":  func() error { return p.Engine.Drain(name) },
		"resume": func() error { return p.Engine.Resume(name) },
		"close":  func() error { return p.Engine.SetUnavailable(name, until) },
	}[action]
	if do == nil {
		return nil, newProblem(http.StatusNotFound, "not_found", "unknown action of a provider; use NAME:drain, NAME:resume or NAME:close")
	}
	if err := do(); err != nil {
		return nil, engineProblem(err)
	}
	return p.list(ctx, nil)
}
