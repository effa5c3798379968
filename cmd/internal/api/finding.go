package api

import (
	"fmt"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
)

// Finding is a change in the replies of a provider.
type Finding struct {
	Provider string    `json:"provider"`
	Kind     string    `json:"kind" enum:"code,new,missing" doc:"code: a code that the table does not list; new, missing: a member of the replies"`
	Path     string    `json:"path,omitempty" doc:"A JSON pointer with * for the items of an array and ? for a name that may be a value, or the path of an XML element"`
	Type     string    `json:"type,omitempty" doc:"The type of a new member; for a code, the layer that sent it: vendor or gateway"`
	Code     string    `json:"code,omitempty" doc:"The code; for a missing member, the code of the replies that lack it, absent if they are garbled"`
	Version  string    `json:"version" doc:"The version of the adapter"`
	Count    int64     `json:"count" doc:"Replies that were looked at; in a busy second not all are"`
	First    time.Time `json:"first"`
	Last     time.Time `json:"last"`
	Row      string    `json:"row,omitempty" doc:"For a code of the vendor: a row for the code table of a declared product. What the code means is to be filled in from the vendor's document"`
}

// FindingsOf returns the views of findings, without the members that are merely known.
func FindingsOf(all []idv.Finding) []Finding {
	views := []Finding{}
	for i := range all {
		f := &all[i]
		if f.Kind == idv.FindingSeen {
			continue
		}
		views = append(views, Finding{
			Provider: f.Provider, Kind: string(f.Kind), Path: f.Path, Type: f.Type, Code: f.Code, Version: f.Version,
			Count: f.Count, First: f.First, Last: f.Last, Row: row(f),
		})
	}
	return views
}

// row proposes a row of a code table. The verdict, the vendor's sentence and its source are
// empty, so that the file is refused until they are filled in: a guess could turn an error
// into a match.
func row(f *idv.Finding) string {
	if f.Kind != idv.FindingCode || f.Type != "vendor" {
		return ""
	}
	return fmt.Sprintf(`  - {code: %q, verdict: "", charge: unknown, text: "", source: ""}`, f.Code)
}
