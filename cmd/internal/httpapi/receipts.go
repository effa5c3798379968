package httpapi

import (
	"bytes"
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/heyan-id/heyan/cmd/internal/api"
	"github.com/heyan-id/heyan/policy/consent/receipt"
)

func (c consentAPI) registerReceipts(h huma.API) {
	huma.Register(h, huma.Operation{
		OperationID: "getReceipt", Method: http.MethodGet, Path: "/v1/consents/{id}/receipt",
		Summary:     "Make the signed receipt of a consent that was decided on",
		Description: "For the person to keep. The bytes are those that were signed: hand them on as they are. It names no person.",
		Responses:   signedResponse("The receipt and its signature; `heyan consent receipt verify` checks it without a network"),
	}, c.receipt)
	huma.Register(h, huma.Operation{
		OperationID: "getReceiptPage", Method: http.MethodGet, Path: "/v1/consents/{id}/receipt.html",
		Summary: "Make the receipt as a page in Chinese, to read and to print",
		Responses: map[string]*huma.Response{"200": {Content: map[string]*huma.MediaType{
			"text/html": {Schema: &huma.Schema{Type: huma.TypeString, Description: "One page, which loads and runs nothing"}},
		}}},
	}, c.receiptPage)
	huma.Register(h, huma.Operation{
		OperationID: "listReceiptKeys", Method: http.MethodGet, Path: "/v1/receipt-keys",
		Summary: "List the public keys that receipts and proofs of erasures are checked with, the current one first",
	}, c.receiptKeys)
}

// signedResponse describes a document that is handed out as it was signed.
func signedResponse(description string) map[string]*huma.Response {
	return map[string]*huma.Response{"200": {Content: map[string]*huma.MediaType{
		"application/json": {Schema: &huma.Schema{Type: huma.TypeObject, Description: description}},
	}}}
}

// signedOutput is a document byte for byte: encoding it anew could break its signature.
type signedOutput struct {
	ContentType string `header:"Content-Type"`
	Body        []byte
}

func signed(document []byte) *signedOutput { return &signedOutput{"application/json", document} }

func (c consentAPI) receipt(ctx context.Context, in *consentInput) (*signedOutput, error) {
	document, err := c.desk.Receipt(ctx, api.DefaultTenant, in.ID)
	if err != nil {
		return nil, ofDesk(err)
	}
	return signed(document), nil
}

type pageOutput struct {
	ContentType string `header:"Content-Type"`
	Policy      string `header:"Content-Security-Policy"`
	Body        []byte
}

func (c consentAPI) receiptPage(ctx context.Context, in *consentInput) (*pageOutput, error) {
	document, err := c.desk.Receipt(ctx, api.DefaultTenant, in.ID)
	if err != nil {
		return nil, ofDesk(err)
	}
	checked, err := receipt.Verify(document, c.desk.Signer.Keys()...)
	if err != nil {
		return nil, ofDesk(err)
	}
	var page bytes.Buffer
	if err := receipt.HTML(&page, checked); err != nil {
		return nil, ofDesk(err)
	}
	return &pageOutput{"text/html; charset=utf-8", "default-src 'none'; style-src 'unsafe-inline'", page.Bytes()}, nil
}

// ReceiptKey is a public key that receipts are checked with.
type ReceiptKey struct {
	KeyID     string `json:"kid" doc:"As a document's signature names it"`
	PublicKey string `json:"public_key" doc:"Ed25519, 64 hexadecimal digits"`
}

type keysOutput struct {
	Body struct {
		Keys []ReceiptKey `json:"keys" nullable:"false"`
	}
}

func (c consentAPI) receiptKeys(context.Context, *struct{}) (*keysOutput, error) {
	var out keysOutput
	for _, k := range c.desk.Signer.Keys() {
		out.Body.Keys = append(out.Body.Keys, ReceiptKey{receipt.KeyID(k), receipt.FormatPublic(k)})
	}
	return &out, nil
}
