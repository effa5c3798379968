package sqlstore

import (
	"fmt"
	"testing"
	"time"

	"github.com/heyan-id/heyan/engine/ledger"
)

// fillCalls writes $2 calls of 30 days before $1, with three providers and one failure in
// twenty.
const fillCalls = `INSERT INTO holds (attempt, verification, provider, check_name, tenant, app, purpose, lot, open, price_micros, currency, at, month,
	deadline, state, changed_at, why, told, failed, ending, origin, sent, charge, vendor_code, vendor_ref, duration_ns, consent, basis, phase)
	WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < $2)
	SELECT 'v' || (1000000000 + i) || '-1', 'v' || (1000000000 + i), 'p' || (i % 3), 'id_name', 't' || (i % 5), '', 'signup', 'l1', 0, 500000, 'CNY',
	CAST($1 AS BIGINT) - CAST(30 * 86400 AS BIGINT) * 1000000 * ($2 - i) / $2, 202611, 0, CASE WHEN i % 20 = 0 THEN 'unknown' ELSE 'posted' END, 0, '', 1,
	CASE WHEN i % 20 = 0 THEN 1 ELSE 0 END, CASE WHEN i % 20 = 0 THEN 'timeout' WHEN i % 7 = 0 THEN 'mismatch' ELSE 'match' END,
	'vendor', 'yes', 'charged', '01', 'ref-' || i, CAST(40 + i % 400 AS BIGINT) * 1000000, '', '', CASE WHEN i % 20 = 0 THEN 'first_byte' ELSE '' END FROM n`

// BenchmarkPerformance is the score card of a month with HEYAN_SCORE_CALLS calls, of one
// provider as over REST, and of all as the command prints them.
func BenchmarkPerformance(b *testing.B) {
	calls := fromEnv(b, "HEYAN_SCORE_CALLS", 130_000)
	s := openFile(b, newPath(b))
	defer closeStore(b, s)
	now := time.Now()
	if err := s.AddLot(b.Context(), lotOf("l1", 100_000_000)); err != nil {
		b.Fatal(err)
	}
	if _, err := s.backend.(*lite).writes.ExecContext(b.Context(), fillCalls, now.UnixMicro(), calls); err != nil {
		b.Fatal(err)
	}
	for name, provider := range map[string]string{"one": "p0", "all": ""} {
		b.Run(fmt.Sprintf("%d/%s", calls, name), func(b *testing.B) {
			for b.Loop() {
				p, err := s.Performance(b.Context(), ledger.Filter{From: now.AddDate(0, 0, -31), To: now, Provider: provider})
				if err != nil || len(p.Calls) == 0 {
					b.Fatal(len(p.Calls), err)
				}
			}
		})
	}
}
