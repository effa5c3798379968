package httpapi

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/heyan-id/heyan/engine/consents"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/policy/consent"
)

type changeInput struct {
	ID   string `path:"id" maxLength:"110" doc:"ID:present, ID:give, ID:refuse or ID:withdraw"`
	Body *happening
}

// happening is what is known of what a person saw or did.
type happening struct {
	TextHash  string         `json:"text_hash,omitempty" maxLength:"200" doc:"For give: the hash of the text that the person saw"`
	Action    consent.Action `json:"action,omitempty" enum:"checkbox,typed_name,signature,spoken" doc:"For give: what the person did; a box that was ticked before the person came is no action"`
	Channel   string         `json:"channel,omitempty" enum:"web,app,counter,paper" doc:"For present and give: how the person sees the text"`
	Presenter string         `json:"presenter,omitempty" maxLength:"200" doc:"For present and give: the page or desk that shows the text; nothing personal"`
	Session   idv.Sensitive  `json:"session,omitzero" doc:"For present and give: the person's session; a keyed hash of it is kept"`
	Address   idv.Sensitive  `json:"address,omitzero" doc:"For present and give: the person's network address; a keyed hash of it is kept"`
	Agent     idv.Sensitive  `json:"agent,omitzero" doc:"For present and give: the person's program; a keyed hash of it is kept"`
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
		if member := in.Body.foreign(kind); member != "" {
			return nil, badField("body."+member, "does not belong to :"+action)
		}
		event.Text, event.Proof = in.Body.TextHash, in.Body.proof(c.desk)
	}
	record, err := c.desk.Change(detached(ctx), Tenant, id, event)
	if err != nil {
		return nil, ofDesk(err)
	}
	return &consentOutput{ConsentOf(&record, time.Now())}, nil
}

// foreign names a member that does not belong to a kind, "" if all do. What would be
// ignored is refused, or a caller would think it was kept.
func (h *happening) foreign(k consent.Kind) string {
	seen, gave := k == consent.Present || k == consent.Give, k == consent.Give
	for _, m := range []struct {
		name          string
		there, belong bool
	}{
		{"text_hash", h.TextHash != "", gave},
		{"action", h.Action != "", gave},
		{"channel", h.Channel != "", seen},
		{"presenter", h.Presenter != "", seen},
		{"session", !h.Session.IsZero(), seen},
		{"address", !h.Address.IsZero(), seen},
		{"agent", !h.Agent.IsZero(), seen},
	} {
		if m.there && !m.belong {
			return m.name
		}
	}
	return ""
}

func (h *happening) proof(d *consents.Service) consent.Proof {
	return d.Proof(Tenant, consent.Proof{Channel: h.Channel, Presenter: h.Presenter, Action: h.Action},
		consents.ClientContext{Session: h.Session, Address: h.Address, Agent: h.Agent})
}
