package httpapi

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/heyan-id/heyan/cmd/internal/api"
	"github.com/heyan-id/heyan/cmd/internal/auth"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/ledger"
	"github.com/heyan-id/heyan/policy/access"
	"github.com/heyan-id/heyan/policy/audit"
)

// keys are the API keys of the caller's tenant. Those of other tenants are managed by the
// command line alone.
type keys struct{ Dependencies }

func (k keys) register(h huma.API) {
	register(h, access.Admin, huma.Operation{
		OperationID: "listKeys", Method: http.MethodGet, Path: "/v1/keys",
		Summary: "List the API keys of the tenant, oldest first", Description: "The keys themselves are not stored and cannot be shown.",
	}, k.list, invalidInput)
	register(h, access.Admin, huma.Operation{
		OperationID: "createKey", Method: http.MethodPost, Path: "/v1/keys", MaxBodyBytes: maxBody, DefaultStatus: http.StatusCreated,
		Summary:     "Create an API key of the tenant",
		Description: "The response is the only place where the key is shown. It may have any scope, and only apps that the caller's key has.",
	}, k.create, invalidInput, tooMany)
	register(h, access.Admin, huma.Operation{
		OperationID: "revokeKey", Method: http.MethodPost, Path: "/v1/keys/{id}:revoke",
		Summary: "Revoke an API key of the tenant", Description: "No node accepts it after a second. A second revocation has no effect and is not an error.",
	}, k.revoke, notFound)
}

type keysInput struct {
	After string `query:"after" maxLength:"200" doc:"The next member of the previous page"`
	Limit int    `query:"limit" minimum:"1" maximum:"1000" default:"100"`
}

type keyListOutput struct {
	Body struct {
		Keys []api.Key `json:"keys" nullable:"false"`
		Next string    `json:"next,omitempty" doc:"Cursor of the next page; absent on the last one"`
	}
}

// list returns one page of keys.
func (k keys) list(ctx context.Context, in *keysInput) (*keyListOutput, error) {
	list, next, err := k.Keys.Store.APIKeys(ctx, auth.From(ctx).Tenant, ledger.Page{After: in.After, Limit: in.Limit})
	if err != nil {
		return nil, storeProblem(err)
	}
	var out keyListOutput
	out.Body.Keys, out.Body.Next = []api.Key{}, next
	for i := range list {
		out.Body.Keys = append(out.Body.Keys, api.KeyOf(&list[i], time.Now()))
	}
	return &out, nil
}

type newKeyInput struct{ Body api.NewKey }

type keyOutput struct{ Body api.Key }

// create makes a key. One of some apps cannot make one of other apps.
func (k keys) create(ctx context.Context, in *newKeyInput) (*keyOutput, error) {
	principal := auth.From(ctx)
	wanted, err := in.Body.Key(principal.Tenant)
	if err != nil {
		return nil, bodyFault(err)
	}
	if len(wanted.Apps) == 0 {
		wanted.Apps = principal.Apps
	}
	for _, app := range wanted.Apps {
		if _, err := appOf(ctx, "body.apps", app); err != nil {
			return nil, err
		}
	}
	ctx, cancel := detached(ctx)
	defer cancel()
	made, text, err := k.Keys.Issue(k.acting(ctx, audit.KeyCreate, "", ""), wanted)
	if err != nil {
		return nil, keyProblem(err)
	}
	view := api.KeyOf(&made, time.Now())
	view.Key = api.RevealKey(text)
	return &keyOutput{view}, nil
}

type keyInput struct {
	ID string `path:"id" doc:"The key's id"`
}

// revoke revokes a key.
func (k keys) revoke(ctx context.Context, in *keyInput) (*keyOutput, error) {
	principal := auth.From(ctx)
	ctx, cancel := detached(ctx)
	defer cancel()
	revoked, err := k.Keys.Store.RevokeAPIKey(k.acting(ctx, audit.KeyRevoke, in.ID, ""), principal.Tenant, in.ID)
	if err != nil {
		return nil, keyProblem(err)
	}
	return &keyOutput{api.KeyOf(&revoked, time.Now())}, nil
}

// keyProblem translates an error of the keys' store.
func keyProblem(err error) *Problem {
	var fault *access.FieldError
	switch {
	case errors.As(err, &fault):
		return invalidProblem("body."+fault.Field, fault.Message)
	case errors.Is(err, access.ErrTooMany):
		return newProblem(http.StatusConflict, "too_many_keys", access.ErrTooMany.Error())
	case errors.Is(err, access.ErrNotFound):
		return newProblem(http.StatusNotFound, "not_found", "no key of the tenant has this id; GET /v1/keys lists them")
	}
	return storeProblem(err)
}

// bodyFault returns the problem of a member that breaks a local rule.
func bodyFault(err error) *Problem {
	var f *api.FieldError
	if errors.As(err, &f) {
		return invalidProblem("body."+f.Field, f.Message)
	}
	return storeProblem(err)
}

func invalidProblem(location, message string) *Problem {
	p := newProblem(http.StatusUnprocessableEntity, idv.InvalidInput.String(), "a part of the request breaks a rule; correct what errors lists")
	p.Errors = []Fault{{Location: location, Message: message}}
	return p
}
