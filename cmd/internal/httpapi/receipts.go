package httpapi

import (
	"bytes"
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/heyan-id/heyan/cmd/internal/auth"
	"github.com/heyan-id/heyan/policy/access"
	"github.com/heyan-id/heyan/policy/consent/receipt"
)

func (c consentAPI) registerReceipts(h huma.API) {
	register(h, access.Consent, huma.Operation{
		OperationID: "getReceipt", Method: http.MethodGet, Path: "/v1/consents/{id}/receipt",
		Summary:     "Get the signed receipt of a decided consent",
		Description: "The person keeps it. Forward the bytes unchanged, since the signature covers them. It contains no personal data.",
		Responses:   signedResponse("The receipt and its signature; `heyan consent receipt verify` checks it offline"),
	}, c.receipt, notFound, consentState, erased, storeDown)
	register(h, access.Consent, huma.Operation{
		OperationID: "getReceiptPage", Method: http.MethodGet, Path: "/v1/consents/{id}/receipt.html",
		Summary: "Get the receipt as a printable page in Chinese",
		Responses: map[string]*huma.Response{"200": {Content: map[string]*huma.MediaType{
			"text/html": {Schema: &huma.Schema{Type: huma.TypeString, Description: "A page that loads and runs nothing"}},
		}}},
	}, c.receiptPage, notFound, consentState, erased, storeDown)
	register(h, access.Consent, huma.Operation{
		OperationID: "listReceiptKeys", Method: http.MethodGet, Path: "/v1/receipt-keys",
		Summary: "List the public keys that verify receipts and proofs of erasure, the current one first",
	}, c.receiptKeys)
}

// signedResponse describes the response with a signed document.
func signedResponse(description string) map[string]*huma.Response {
	return map[string]*huma.Response{"200": {Content: map[string]*huma.MediaType{
		"application/json": {Schema: &huma.Schema{Type: huma.TypeObject, Description: description}},
	}}}
}

// signedOutput is a signed document. It is sent byte for byte, since encoding it again
// could break its signature.
type signedOutput struct {
	ContentType string `header:"Content-Type"`
	Body        []byte
}

func signed(document []byte) *signedOutput { return &signedOutput{"application/json", document} }

// receipt returns the signed receipt of a consent.
func (c consentAPI) receipt(ctx context.Context, in *consentInput) (*signedOutput, error) {
	if err := c.check(ctx, in.ID); err != nil {
		return nil, consentProblem(err)
	}
	document, err := c.service.Receipt(ctx, auth.From(ctx).Tenant, in.ID)
	if err != nil {
		return nil, consentProblem(err)
	}
	return signed(document), nil
}

type pageOutput struct {
	ContentType string `header:"Content-Type"`
	Policy      string `header:"Content-Security-Policy"`
	Body        []byte
}

// receiptPage returns the receipt as HTML. It verifies its own signature first.
func (c consentAPI) receiptPage(ctx context.Context, in *consentInput) (*pageOutput, error) {
	if err := c.check(ctx, in.ID); err != nil {
		return nil, consentProblem(err)
	}
	document, err := c.service.Receipt(ctx, auth.From(ctx).Tenant, in.ID)
	if err != nil {
		return nil, consentProblem(err)
	}
	checked, err := receipt.Verify(document, c.service.Signer.Keys()...)
	if err != nil {
		return nil, consentProblem(err)
	}
	var page bytes.Buffer
	if err := receipt.HTML(&page, checked); err != nil {
		return nil, consentProblem(err)
	}
	return &pageOutput{"text/html; charset=utf-8", "default-src 'none'; style-src 'unsafe-inline'", page.Bytes()}, nil
}

// ReceiptKey is a public key that verifies receipts.
type ReceiptKey struct {
	KeyID     string `json:"kid" doc:"The key id in a document's signature"`
	PublicKey string `json:"public_key" doc:"Ed25519, 64 hexadecimal digits"`
}

type keysOutput struct {
	Body struct {
		Keys []ReceiptKey `json:"keys" nullable:"false"`
	}
}

// receiptKeys returns the public keys.
func (c consentAPI) receiptKeys(context.Context, *struct{}) (*keysOutput, error) {
	var out keysOutput
	for _, k := range c.service.Signer.Keys() {
		out.Body.Keys = append(out.Body.Keys, ReceiptKey{receipt.KeyID(k), receipt.FormatPublic(k)})
	}
	return &out, nil
}
