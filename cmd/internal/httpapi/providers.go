package httpapi

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/plugins"
)

type providers struct{ house Dependencies }

func (p providers) register(api huma.API) {
	huma.Register(api, huma.Operation{
		OperationID: "listProviders", Method: http.MethodGet, Path: "/v1/providers",
		Summary: "List the providers and whether they are asked now",
	}, p.list)
	huma.Register(api, huma.Operation{
		OperationID: "operateProvider", Method: http.MethodPost, Path: "/v1/providers/{action}", MaxBodyBytes: maxBody,
		Summary:     "Drain, resume or close a provider",
		Description: "The path ends in NAME:drain, NAME:resume or NAME:close. A drained or closed provider is not asked until it is resumed; a close may say until when.",
	}, p.operate)
}

// Provider is a provider as the API shows it.
type Provider struct {
	Name      string         `json:"name" doc:"The configured name"`
	Use       string         `json:"use" doc:"The adapter"`
	Version   string         `json:"version" doc:"Of the adapter"`
	Checks    []idv.Check    `json:"checks" doc:"The questions it can answer"`
	Fidelity  idv.Fidelity   `json:"fidelity"`
	Recipient string         `json:"recipient" doc:"Legal name of the body that receives the personal data"`
	Price     idv.CostView   `json:"price" doc:"Of one call"`
	Available bool           `json:"available" doc:"Whether it would be asked now"`
	Why       idv.SkipReason `json:"reason,omitempty" doc:"Why it would not"`
	Until     time.Time      `json:"until,omitzero" doc:"When it is tried again, where that is known"`
	Plugin    *Plugin        `json:"plugin,omitempty" doc:"Its process, if it is a plugin"`
}

// Plugin is a plugin's process as the API shows it.
type Plugin struct {
	Phase    plugins.Phase  `json:"phase" doc:"starting, ready, restarting, failed or stopped"`
	Since    time.Time      `json:"since"`
	Reason   plugins.Reason `json:"reason,omitempty" doc:"Why it is not ready, or was last started again"`
	Text     string         `json:"text,omitempty" doc:"The reason as a sentence"`
	RetryAt  time.Time      `json:"retry_at,omitzero" doc:"When the next start is tried"`
	Restarts int            `json:"restarts"`
	Version  string         `json:"version,omitempty"`
	SHA256   string         `json:"sha256,omitempty"`
}

type listOutput struct {
	Body struct {
		Providers []Provider `json:"providers"`
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

func (h Dependencies) views() []Provider {
	list := []Provider{}
	for _, s := range h.Engine.Providers() {
		list = append(list, Provider{
			Name: s.Name, Use: s.Descriptor.Name, Version: s.Descriptor.Version, Checks: s.Descriptor.Checks,
			Fidelity: s.Descriptor.Fidelity, Recipient: s.Recipient,
			Price:     idv.CostView{Amount: s.Price.Amount(), Currency: s.Price.Currency},
			Available: s.Availability.Reason == "", Why: s.Availability.Reason, Until: s.Availability.Until,
			Plugin: h.plugin(s.Name),
		})
	}
	return list
}

func (h Dependencies) plugin(provider string) *Plugin {
	if h.Plugin == nil {
		return nil
	}
	s, ok := h.Plugin(provider)
	if !ok {
		return nil
	}
	return &Plugin{
		Phase: s.Phase, Since: s.Since, Reason: s.Reason, Text: s.Text(), RetryAt: s.RetryAt,
		Restarts: s.Restarts, Version: s.Version, SHA256: s.SHA256,
	}
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
