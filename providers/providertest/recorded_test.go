package providertest

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers"
)

// recording is a reply of a product that is sold today, and what must come of it.
type recording struct {
	file    string
	Status  int               `json:"status"`
	Headers map[string]string `json:"headers"`
	Body    string            `json:"body"`
	Expect  struct {
		Verdict    idv.Verdict `json:"verdict"`
		Failure    idv.Failure `json:"failure"`
		Charge     idv.Charge  `json:"charge"`
		VendorCode string      `json:"vendor_code"` // "" for any
		VendorRef  string      `json:"vendor_ref"`  // "" for any
		Field      string      `json:"field"`
	} `json:"expect"`
}

func (r recording) reply() providers.Reply {
	header := http.Header{}
	for name, value := range r.Headers {
		header.Set(name, value)
	}
	return providers.Reply{Status: r.Status, Header: header, Body: []byte(r.Body)}
}

// Do returns the reply to every call.
func (r recording) Do(context.Context, providers.Call) (providers.Reply, error) {
	return r.reply(), nil
}

func recordings(t *testing.T, folder string) []recording {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("testdata", folder, "*.json"))
	if err != nil || len(files) == 0 {
		t.Fatalf("%d recordings of %s, %v", len(files), folder, err)
	}
	var list []recording
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		r := recording{file: strings.TrimSuffix(filepath.Base(file), ".json")}
		if err := json.Unmarshal(text, &r); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		list = append(list, r)
	}
	return list
}

// sold are the products with the folders of their recordings.
type sold struct {
	product
	gateway string // the folder of its gateway's recordings, "" if there is none
}

func soldToday() []sold {
	const aliyun = "_gateway-aliyun"
	return []sold{{kz(), aliyun}, {sxidcheck(), aliyun}, {tencent(), ""}}
}

// Each recorded reply gives exactly what it must, through the provider as in production.
func TestRecordedReplies(t *testing.T) {
	t.Parallel()
	for _, p := range soldToday() {
		list := recordings(t, p.descriptor.Name)
		if p.gateway != "" {
			list = append(list, recordings(t, p.gateway)...)
		}
		for _, r := range list {
			t.Run(p.descriptor.Name+"/"+r.file, func(t *testing.T) {
				answer, err := providers.NewProvider(p.product, r).Ask(t.Context(), toyQuery())
				r.compare(t, answer, err)
				if toyQuery().Subject.ContainedIn(fmt.Sprintf("%+v %v %#v", answer, err, err)) {
					t.Error("a claim in clear")
				}
			})
		}
	}
}

func (r recording) compare(t *testing.T, answer idv.Answer, err error) {
	t.Helper()
	want := r.Expect
	code, ref, charge, failure, field := answer.VendorCode, answer.VendorRef, answer.Charge, idv.FailureUnknown, idv.NoField
	if err != nil {
		e := idv.AsError(err)
		code, ref, charge, failure, field = e.Code, e.Ref, e.Charge, e.Failure, e.Field
	}
	if answer.Verdict != want.Verdict || failure != want.Failure || (err == nil) != (want.Verdict != idv.Undetermined) {
		t.Errorf("got %v, %v, want %v, %v", answer.Verdict, failure, want.Verdict, want.Failure)
	}
	if charge != want.Charge || field.String() != want.Field {
		t.Errorf("charge %v, field %v, want %v, %v", charge, field, want.Charge, want.Field)
	}
	if want.VendorCode != "" && code != want.VendorCode {
		t.Errorf("code %q, want %q", code, want.VendorCode)
	}
	if want.VendorRef != "" && ref != want.VendorRef {
		t.Errorf("ref %q, want %q", ref, want.VendorRef)
	}
}

// harness takes the recordings with a code of the table for the fixtures.
func (p sold) harness(t *testing.T) Harness {
	t.Helper()
	h := Harness{Codec: p.product, Query: toyQuery(), NotEchoed: toyQuery().Check.Claims()}
	add := func(layer, folder string) {
		for _, r := range recordings(t, folder) {
			if r.Expect.VendorCode != "" {
				h.Fixtures = append(h.Fixtures, Fixture{Layer: layer, Code: r.Expect.VendorCode, Reply: r.reply()})
			}
		}
	}
	add(providers.LayerVendor, p.descriptor.Name)
	if p.gateway != "" {
		add(providers.LayerGateway, p.gateway)
		return h
	}
	h.Fixtures = append(h.Fixtures, Fixture{Layer: providers.LayerGateway, Code: "http_429", Reply: providers.Reply{Status: 429}})
	return h
}

// The contract holds for composite codes, errors in another shape and charge flags.
func TestProductsKeepTheContract(t *testing.T) {
	t.Parallel()
	for _, p := range soldToday() {
		t.Run(p.descriptor.Name, func(t *testing.T) { Run(t, p.harness(t)) })
	}
}
