package httpapi

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/heyan-id/heyan/cmd/internal/api"
	"github.com/heyan-id/heyan/policy/consent"
)

type changeInput struct {
	ID   string `path:"id" maxLength:"110" doc:"ID:present, ID:give, ID:refuse or ID:withdraw"`
	Body *api.ConsentChange
}

// told are the kinds that a caller may tell. That a consent expired or was superseded
// is for the store to find.
func told() []consent.Kind {
	return []consent.Kind{consent.Present, consent.Give, consent.Refuse, consent.Withdraw}
}

func (c consentAPI) change(ctx context.Context, in *changeInput) (*consentOutput, error) {
	id, action, _ := strings.Cut(in.ID, ":")
	kind := consent.Kind(action)
	if !slices.Contains(told(), kind) {
		return nil, newProblem(http.StatusNotFound, "not_found", "a consent can be told :present, :give, :refuse or :withdraw")
	}
	event := consent.Event{Kind: kind}
	if in.Body != nil {
		if member := in.Body.Foreign(kind); member != "" {
			return nil, badField("body."+member, "does not belong to :"+action)
		}
		event.Text, event.Proof = in.Body.TextHash, in.Body.Proof(c.desk, api.DefaultTenant)
	}
	record, err := c.desk.Change(detached(ctx), api.DefaultTenant, id, event)
	if err != nil {
		return nil, ofDesk(err)
	}
	return &consentOutput{api.ConsentOf(&record, time.Now())}, nil
}
