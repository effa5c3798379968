package httpapi

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/heyan-id/heyan/cmd/internal/api"
	"github.com/heyan-id/heyan/engine"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/store"
	"github.com/heyan-id/heyan/policy/access"
	"github.com/heyan-id/heyan/policy/audit"
)

type providers struct{ Dependencies }

func (p providers) register(h huma.API) {
	register(h, access.Admin, huma.Operation{
		OperationID: "listProviders", Method: http.MethodGet, Path: "/v1/providers",
		Summary: "List the providers and their availability",
	}, p.list)
	register(h, access.Admin, huma.Operation{
		OperationID: "drainProvider", Method: http.MethodPost, Path: "/v1/providers/{name}:drain", MaxBodyBytes: maxBody,
		Summary:     "Stop calling a provider",
		Description: "It is not called until it is resumed, or until the time given. Calls in flight complete. The order holds on every node and survives a restart.",
	}, p.order(store.OrderDrain, audit.ProviderDrain), notFound, invalidInput)
	register(h, access.Admin, huma.Operation{
		OperationID: "resumeProvider", Method: http.MethodPost, Path: "/v1/providers/{name}:resume", MaxBodyBytes: maxBody,
		Summary: "Call a provider again", Description: "It ends a drain, a close, and a pause after a used-up package or rejected credentials.",
	}, p.order(store.OrderResume, audit.ProviderResume), notFound, invalidInput)
	register(h, access.Admin, huma.Operation{
		OperationID: "closeProvider", Method: http.MethodPost, Path: "/v1/providers/{name}:close", MaxBodyBytes: maxBody,
		Summary:     "Stop calling a provider for an announced maintenance",
		Description: "As drain, but a reason is required, and after the time given one call tries whether the provider is back before others follow.",
	}, p.order(store.OrderClose, audit.ProviderClose), notFound, invalidInput)
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
		if d.Orders != nil {
			if o, ok := d.Orders.Standing(s.Name); ok {
				view.Order = api.OrderOf(&o)
			}
		}
		if d.Plugin != nil {
			if state, ok := d.Plugin(s.Name); ok {
				view.Plugin = api.PluginOf(&state)
			}
		}
		list = append(list, view)
	}
	return list
}

type orderInput struct {
	Name string `path:"name" doc:"The provider's name"`
	Body *struct {
		Reason string    `json:"reason,omitempty" maxLength:"200" doc:"Shown with the provider and recorded in the audit log; no personal data. Required to close"`
		Until  time.Time `json:"until,omitzero" doc:"When the order ends; without it, when the provider is resumed"`
	}
}

// order returns the handler of an order.
func (p providers) order(kind store.OrderKind, act audit.Kind) func(context.Context, *orderInput) (*listOutput, error) {
	return func(ctx context.Context, in *orderInput) (*listOutput, error) {
		o := store.Order{Provider: in.Name, Kind: kind, Principal: principalName(ctx)}
		if in.Body != nil {
			o.Reason, o.Until = in.Body.Reason, in.Body.Until
		}
		ctx, cancel := detached(ctx)
		defer cancel()
		if err := p.Orders.Set(p.acting(ctx, act, in.Name, o.Reason), o); err != nil {
			return nil, orderProblem(err)
		}
		return p.list(ctx, nil)
	}
}

// orderProblem translates an error of an order.
func orderProblem(err error) *Problem {
	var fault *store.OrderError
	var text *idv.TextError
	switch {
	case errors.As(err, &fault):
		return invalidProblem("body."+fault.Field, fault.Message)
	case errors.As(err, &text) && text.Field == "reason":
		return invalidProblem("body.reason", text.Fault.Help())
	case errors.Is(err, audit.ErrPersonal):
		return invalidProblem("body.reason", err.Error())
	case errors.Is(err, engine.ErrNoProvider):
		return engineProblem(err)
	}
	return storeProblem(err)
}
