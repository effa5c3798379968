package sqlstore

import (
	"strings"
	"testing"
)

// TestPlans looks how SQLite would find what is kept of one person: by an index of
// persons, however many consents the tenant has.
func TestPlans(t *testing.T) {
	t.Parallel()
	s := openFile(t, newPath(t))
	defer closeStore(t, s)
	for _, test := range []struct {
		name, sql string
		args      int
		want      []string
	}{
		{"the consents of a person", selectConsentsOfSubject, 2, []string{"consents_by_subject"}},
		{"that a guardian gave", selectConsentsOfGuardian, 2, []string{"consents_by_guardian"}},
		{"those refused", selectRefused, 2, []string{"consents_by_subject"}},
		{"those open", selectOpen, 2, []string{"consents_by_subject"}},
		{"a page of them", selectConsents("$5"), 5, []string{"consents_by_subject", "consents_by_guardian"}},
		{"a page under two keys", selectConsents("$5, $6"), 6, []string{"consents_by_subject", "consents_by_guardian"}},
		{"a page of everybody's", selectAllConsents, 4, []string{"consents_by_time"}},
		{"those that are over", selectOver, 5, []string{"consents_over"}},
		{"the old verifications of a tenant", pruneVerifications, 4, []string{"verifications_listed"}},
		{"those without a call", pruneUncalled, 4, []string{"verifications_uncalled"}},
		{"a key that opens nothing", deleteIdleKey, 2, []string{"consents_by_subject"}},
		{"the verifications of a person", selectVerificationsOf, 2, []string{"verifications_by_subject"}},
		{"the calls that met a maintenance code", selectSightings, 1, []string{"holds_maintenance"}},
		{"a page of a tenant's verifications", selectFound + orderFound, 7, []string{"verifications_listed"}},
		{"with all filters", selectFound + " AND verdict IN ('match') AND app IN ($8)" + orderFound, 8, []string{"verifications_listed"}},
		{"the messages that are due", selectDue, 3, []string{"outbox_due"}},
		{"a page of messages", selectMessages + orderMessages, 5, []string{"outbox_listed"}},
		{"the performance of a period", selectPerformance(), 6, []string{"holds_by_time"}},
		{"the findings of a provider", upsertFinding, 10, []string{"sqlite_autoindex_findings_1"}},
		{"the verifications without filter columns", selectUnfilled, 1, []string{"verifications_unfilled"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			var plan []string
			args := make([]any, test.args)
			err := s.backend.read(t.Context(), statement{"EXPLAIN QUERY PLAN " + test.sql, args, func(r row) error {
				var id, parent, unused int
				var step string
				err := r.Scan(&id, &parent, &unused, &step)
				plan = append(plan, step)
				return err
			}})
			if err != nil {
				t.Fatal(err)
			}
			if strings.Contains(strings.Join(plan, "\n"), "TEMP B-TREE") && strings.Contains(test.sql, "DESC") && !strings.Contains(test.sql, "GROUP BY") { // sums are few
				t.Errorf("the rows are sorted: %q", plan)
			}
			for _, index := range test.want {
				if !strings.Contains(strings.Join(plan, " \n")+" ", "INDEX "+index+" ") {
					t.Errorf("%s is not used: %q", index, plan)
				}
			}
		})
	}
}
