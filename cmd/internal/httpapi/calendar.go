package httpapi

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/heyan-id/heyan/cmd/internal/api"
	"github.com/heyan-id/heyan/engine/route"
	"github.com/heyan-id/heyan/engine/store"
	"github.com/heyan-id/heyan/policy/access"
	"github.com/heyan-id/heyan/policy/audit"
)

// calendar is the maintenance windows of the providers, which all tenants share.
type calendar struct{ Dependencies }

func (c calendar) register(h huma.API) {
	register(h, access.Read, huma.Operation{
		OperationID: "listWindows", Method: http.MethodGet, Path: "/v1/calendar",
		Summary: "List the maintenance windows, those of the configuration first",
	}, c.list)
	register(h, access.Admin, huma.Operation{
		OperationID: "addWindow", Method: http.MethodPost, Path: "/v1/calendar", MaxBodyBytes: maxBody, DefaultStatus: http.StatusCreated,
		Summary:     "Declare a maintenance window of a provider",
		Description: "Every node follows it within a second. Calls in flight complete. Give cron and duration for a window that recurs, or from and to for a single one.",
	}, c.add, invalidInput, tooManyWindows)
	register(h, access.Admin, huma.Operation{
		OperationID: "removeWindow", Method: http.MethodPost, Path: "/v1/calendar/{id}:remove",
		Summary: "Remove a maintenance window", Description: "Windows of the configuration are removed there.",
	}, c.remove, notFound)
	register(h, access.Read, huma.Operation{
		OperationID: "suggestWindows", Method: http.MethodGet, Path: "/v1/calendar:suggest",
		Summary:     "Propose maintenance windows from the record of maintenance codes",
		Description: "The rule: " + route.SightingRule + ". A proposal has no effect; declare it if the vendor confirms it.",
	}, c.suggest, invalidInput)
}

type windowsOutput struct {
	Body struct {
		Windows []api.Window `json:"windows" nullable:"false"`
	}
}

func (c calendar) list(ctx context.Context, _ *struct{}) (*windowsOutput, error) {
	stored, err := c.Store.Windows(ctx)
	if err != nil {
		return nil, storeProblem(err)
	}
	var out windowsOutput
	out.Body.Windows = api.WindowsOf(c.Windows, stored, time.Now())
	return &out, nil
}

type newWindowInput struct{ Body api.NewWindow }

type windowOutput struct{ Body api.Window }

func (c calendar) add(ctx context.Context, in *newWindowInput) (*windowOutput, error) {
	w, err := in.Body.Window(c.names(), time.Now())
	if err != nil {
		return nil, bodyFault(err)
	}
	ctx, cancel := detached(ctx)
	defer cancel()
	if err := c.Store.AddWindow(c.acting(ctx, audit.CalendarAdd, api.WindowTarget(&w), api.WindowReason(&w)), w); errors.Is(err, route.ErrTooManyWindows) {
		return nil, newProblem(http.StatusConflict, "too_many_windows", err.Error())
	} else if err != nil {
		return nil, bodyFault(api.WindowFault(err))
	}
	c.refresh(ctx)
	return &windowOutput{api.WindowOf(&w, api.WindowOfStore, time.Now())}, nil
}

type windowInput struct {
	ID string `path:"id" doc:"The window's id"`
}

func (c calendar) remove(ctx context.Context, in *windowInput) (*windowOutput, error) {
	ctx, cancel := detached(ctx)
	defer cancel()
	w, err := store.WindowOf(ctx, c.Store, in.ID)
	if err == nil {
		w, err = c.Store.RemoveWindow(c.acting(ctx, audit.CalendarRemove, api.WindowTarget(&w), ""), in.ID)
	}
	switch {
	case errors.Is(err, route.ErrNoWindow):
		return nil, newProblem(http.StatusNotFound, "not_found", "no stored window has this id; GET /v1/calendar lists them, and those of the configuration are removed there")
	case err != nil:
		return nil, storeProblem(err)
	}
	c.refresh(ctx)
	return &windowOutput{api.WindowOf(&w, api.WindowOfStore, time.Now())}, nil
}

// refresh has this node follow a change before the response. If it fails, the node follows
// within a second like the others.
func (c calendar) refresh(ctx context.Context) {
	if c.RefreshCalendar != nil {
		_ = c.RefreshCalendar(ctx)
	}
}

type suggestInput struct {
	Zone string `query:"zone" maxLength:"100" default:"Asia/Shanghai" doc:"The IANA time zone of the windows"`
}

type suggestOutput struct {
	Body struct {
		Rule        string           `json:"rule" doc:"When a window is proposed"`
		Suggestions []api.Suggestion `json:"suggestions" nullable:"false"`
	}
}

func (c calendar) suggest(ctx context.Context, in *suggestInput) (*suggestOutput, error) {
	now := time.Now()
	stored, err := c.Store.Windows(ctx)
	if err != nil {
		return nil, storeProblem(err)
	}
	seen, err := c.Store.Sightings(ctx, route.SightingsSince(now))
	if err != nil {
		return nil, storeProblem(err)
	}
	declared, _ := route.NewCalendar(slices.Concat(c.Windows, stored)) // an invalid one has no effect
	found, err := route.Suggest(seen, declared, in.Zone, now)
	if err != nil {
		return nil, invalidProblem("query.zone", "must be an IANA time zone such as Asia/Shanghai or UTC")
	}
	var out suggestOutput
	out.Body.Rule, out.Body.Suggestions = route.SightingRule, api.SuggestionsOf(found, c.names())
	return &out, nil
}

// names lists the configured providers.
func (c calendar) names() (names []string) {
	for _, p := range c.Engine.Providers() {
		names = append(names, p.Name)
	}
	return names
}
