package httpapi

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/heyan-id/heyan/cmd/internal/api"
)

type providers struct{ house Dependencies }

func (p providers) register(h huma.API) {
	huma.Register(h, huma.Operation{
		OperationID: "listProviders", Method: http.MethodGet, Path: "/v1/providers",
		Summary: "List the providers and whether they are asked now",
	}, p.list)
	huma.Register(h, huma.Operation{
		OperationID: "operateProvider", Method: http.MethodPost, Path: "/v1/providers/{action}", MaxBodyBytes: maxBody,
		Summary:     "Drain, resume or close a provider",
		Description: "The path ends in NAME:drain, NAME:resume or NAME:close. A drained or closed provider is not asked until it is resumed; a close may say until when.",
	}, p.operate)
}

type listOutput struct {
	Body struct {
		Providers []api.Provider `json:"providers"`
	}
}

func (p providers) list(context.Context, *struct{}) (*listOutput, error) {
	return p.listed(), nil
}

func (p providers) listed() *listOutput {
	var out listOutput
	out.Body.Providers = p.house.views()
	return &out
}

func (h Dependencies) views() []api.Provider {
	list := []api.Provider{}
	for _, s := range h.Engine.Providers() {
		view := api.ProviderOf(&s)
		if h.Plugin != nil {
			if state, ok := h.Plugin(s.Name); ok {
				view.Plugin = api.PluginOf(&state)
			}
		}
		list = append(list, view)
	}
	return list
}

type operateInput struct {
	Action string `path:"action" maxLength:"64" doc:"NAME:drain, NAME:resume or NAME:close"`
	Body   *struct {
		Until time.Time `json:"until,omitzero" doc:"For close: when the provider is tried again"`
	}
}

func (p providers) operate(_ context.Context, in *operateInput) (*listOutput, error) {
	name, action, _ := strings.Cut(in.Action, ":")
	var until time.Time
	if in.Body != nil {
		until = in.Body.Until
	}
	do := map[string]func() error{
		"drain":  func() error { return p.house.Engine.Drain(name) },
		"resume": func() error { return p.house.Engine.Resume(name) },
		"close":  func() error { return p.house.Engine.SetUnavailable(name, until) },
	}[action]
	if do == nil {
		return nil, newProblem(http.StatusNotFound, "not_found", "a provider can be told :drain, :resume or :close")
	}
	if err := do(); err != nil {
		return nil, problemOf(err)
	}
	return p.listed(), nil
}
