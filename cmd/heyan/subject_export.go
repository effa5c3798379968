package main

import (
	"context"
	"encoding/json"
	"io"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/heyan-id/heyan/cmd/internal/api"
	"github.com/heyan-id/heyan/engine/consents"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/policy/consent"
)

func newSubjectExport(t *tool) *cobra.Command {
	var path, input, out string
	cmd := &cobra.Command{
		Use: "export --config FILE --input FILE [--out FILE]", Short: "Write the copy that a person asks for",
		Long: "Writes all that is kept of the person as one JSON document, and the texts that were agreed to with the name and number in\n" +
			"them (PIPL art. 45). Hand it to that person alone. A file can be read by its owner only.\n\n" +
			"Exit codes: 0 done, also if nothing is kept; 4 the number cannot be one.",
		DisableFlagsInUseLine: true,
		Args:                  noArgs("--input gives the person"),
	}
	configFlag(cmd, &path)
	inputFlag(cmd, &input)
	cmd.Flags().StringVar(&out, "out", "", "write to this file, which appears when it is complete; stdout if it is left out")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		return t.withPerson(cmd, path, input, func(ctx context.Context, c *office, number idv.Sensitive) error {
			kept, err := c.Export(ctx, tenant, number)
			if err != nil {
				return t.refuseDesk(err, false)
			}
			return t.export(out, func(w io.Writer) error { return writeCopy(w, &kept, c.Defaults.Controller, time.Now()) })
		})
	}
	return cmd
}

// copyView is a person's copy.
type copyView struct {
	ExportedAt time.Time     `json:"exported_at"`
	Controller consent.Party `json:"controller"` // who keeps it

	api.SubjectRecords
}

// writeCopy writes a person's copy, over several lines, since a person reads it.
func writeCopy(w io.Writer, kept *consents.SubjectExport, controller consent.Party, now time.Time) error {
	v := copyView{now.UTC(), controller, api.SubjectRecordsOf(&kept.SubjectRecords, now)}
	for i := range v.Consents {
		c := &v.Consents[i]
		c.Text, c.Unreadable = legible(kept.Texts[c.ID].Body), slices.Contains(kept.Unreadable, c.ID)
	}
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(v)
}
