package providertest

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers"
)

// bodies returns fixtures of the vendor by their code: the bodies of replies with status
// 200. More than one of a code differ in what follows "@".
func bodies(files map[string]string) []Fixture {
	var list []Fixture
	for _, name := range slices.Sorted(maps.Keys(files)) {
		code, _, _ := strings.Cut(name, "@")
		list = append(list, Fixture{Layer: providers.LayerVendor, Code: code, Reply: providers.Reply{Status: 200, Body: []byte(files[name])}})
	}
	return list
}

// What the fixtures do not show clearly is reported with the remedy.
func TestPlacesOfCodes(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		files map[string]string
		want  string // "" for the paths data/result and code
	}{
		{"clear", map[string]string{"0/1": `{"code":"0","n":1,"data":{"result":1}}`, "0/2": `{"code":"0","n":1,"data":{"result":2}}`}, ""},
		{"a number that is there by chance", map[string]string{"0/1": `{"code":"0","n":1,"data":{"result":1}}`}, "the members n and data/result all hold the code \"1\" in each fixture"},
		{"chance taken away", map[string]string{
			"0/1": `{"code":"0","n":1,"data":{"result":1}}`, "0/1@2": `{"code":"0","n":5,"data":{"result":1}}`,
		}, ""},
		{"two parts of the same value", map[string]string{"0/0": `{"code":"0","data":{"result":0}}`}, ""},
		{"no member", map[string]string{"0/1": `{"code":"00","data":{"result":1}}`}, `no member holds the code "0"`},
		{"other members", map[string]string{"0/1": `{"code":"0","data":{"result":1}}`, "0/2": `{"code":"0","result":2}`}, `no member holds the code "2"`},
		{"not JSON", map[string]string{"0/1": `{"code":"0"`}, "its body is not strict JSON"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var rows []idv.CodeRow
			fixtures := bodies(tt.files)
			for _, f := range fixtures {
				rows = append(rows, answered(idv.Match, idv.Charged, f.Code))
			}
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
