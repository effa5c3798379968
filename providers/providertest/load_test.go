package providertest

import (
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers"
)

func TestLoad(t *testing.T) {
	t.Parallel()
	list, err := Load(fstest.MapFS{
		"01.json":             {Data: []byte(`{"status":"01"}`)},
		"200+1.json":          {Data: []byte(`{"code":200,"result":1}`)},
		"200+1@text.json":     {Data: []byte(`{"code":200,"result":"1"}`)},
		"true+DIRECT_M.json":  {Data: []byte(`{}`)},
		"0+-1+2.http":         {Data: []byte("HTTP/1.1 450 Whatever\r\nX-Vendor: v\r\n\r\nbody")},
		"drift/x.json":        {Data: []byte(`x`)},
		"readme.txt":          {Data: []byte(`x`)},
		"gateway/G1@old.http": {Data: []byte("HTTP/1.1 403 Forbidden\r\nX-Ca-Error-Code: G1\r\n\r\nno")},
	})
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, f := range list {
		got[f.Layer+" "+f.Code] += string(f.Reply.Body)
	}
	want := map[string]string{
		"vendor 01": `{"status":"01"}`, "vendor 200/1": `{"code":200,"result":1}{"code":200,"result":"1"}`,
		"vendor true/DIRECT_M": "{}", "vendor 0/-1/2": "body", "gateway G1": "no",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("fixtures (-want +got):\n%s", diff)
	}
	vendor, gateway := list[4].Reply, list[5].Reply
	if vendor.Status != 450 || vendor.Header.Get("X-Vendor") != "v" || gateway.Status != 403 || gateway.Header.Get("X-Ca-Error-Code") != "G1" {
		t.Errorf("the whole replies: %+v and %+v", vendor, gateway)
	}
}

func TestLoadNamesTheInvalidFile(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"gateway/G1.http", "0+2.http"} {
		if _, err := Load(fstest.MapFS{name: {Data: []byte("403")}}); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("a reply that is none: %v, want an error that names %s", err, name)
		}
	}
}

// FuzzRecorded: whatever stands in a file is read within bounds or refused.
func FuzzRecorded(f *testing.F) {
	f.Add([]byte("HTTP/1.1 403 Forbidden\nX-Ca-Error-Code: B403MQ\n\n"))
	f.Add([]byte("HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n5\nhello\n0\n\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		reply, err := recorded(text)
		if err == nil && len(reply.Body) > maxFixture {
			t.Errorf("%d bytes of a body", len(reply.Body))
		}
	})
}

// What the fixtures do not show clearly is reported with the remedy.
func TestPlacesOfCodes(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		files map[string]string
		want  string // "" for the paths data/result and code
	}{
		{"clear", map[string]string{"0+1": `{"code":"0","n":1,"data":{"result":1}}`, "0+2": `{"code":"0","n":1,"data":{"result":2}}`}, ""},
		{"a number that is there by chance", map[string]string{"0+1": `{"code":"0","n":1,"data":{"result":1}}`}, "the members n and data/result all hold the code \"1\" in each fixture"},
		{"chance taken away", map[string]string{
			"0+1": `{"code":"0","n":1,"data":{"result":1}}`, "0+1@2": `{"code":"0","n":5,"data":{"result":1}}`,
		}, ""},
		{"two parts of the same value", map[string]string{"0+0": `{"code":"0","data":{"result":0}}`}, ""},
		{"no member", map[string]string{"0+1": `{"code":"00","data":{"result":1}}`}, `no member holds the code "0"`},
		{"other members", map[string]string{"0+1": `{"code":"0","data":{"result":1}}`, "0+2": `{"code":"0","result":2}`}, `no member holds the code "2"`},
		{"not JSON", map[string]string{"0+1": `{"code":"0"`}, "its body is not strict JSON"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var rows []idv.CodeRow
			var fixtures []Fixture
			for file, body := range tt.files {
				rows = append(rows, answered(idv.Match, idv.Charged, codeOf(file)))
				fixtures = append(fixtures, Fixture{Layer: providers.LayerVendor, Code: codeOf(file), Reply: providers.Reply{Status: 200, Body: []byte(body)}})
			}
			slices.SortFunc(fixtures, func(a, b Fixture) int { return strings.Compare(a.Code, b.Code) })
			j, err := Harness{Codec: product{descriptor: described("x", rows)}, Fixtures: fixtures}.judge()
			switch {
			case tt.want != "":
				if err == nil || !strings.Contains(err.Error(), tt.want) {
					t.Errorf("got %v, want %q", err, tt.want)
				}
			case err != nil || !slices.Equal(j.places[0].paths, []string{"code", "data/result"}):
				t.Errorf("got %v, %v", j.places, err)
			}
		})
	}
}
