package sqlstore

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/ledger"
)

// The parts of the statement of selectPerformance, by their number in its first column.
const (
	callSums = iota
	latencySums
	downMinutes
	codeSums
	agreements
)

// selectPerformance returns the statement of all sums. It reads the rows of the period once, by
// the index holds_by_time. It agrees with ledger.Gauge.
func selectPerformance() string {
	const (
		day   = `(at + 28800000000) / 86400000000` // a day of China begins at 16:00 UTC
		ms    = `duration_ns / 1000000`
		class = `CASE WHEN ` + ms + ` < 100 THEN ` + ms + ` WHEN ` + ms + ` < 1000 THEN ` + ms + ` / 10 * 10 WHEN ` + ms + ` < 10000 THEN ` + ms +
			` / 100 * 100 WHEN ` + ms + ` < 100000 THEN ` + ms + ` / 1000 * 1000 ELSE ` + ms + ` / 10000 * 10000 END`
	)
	served, faults := []string{}, []string{}
	for _, f := range idv.Failures() {
		switch word := "'" + f.String() + "'"; {
		case ledger.Served(f):
			served = append(served, word)
		case ledger.Fault(f):
			faults = append(faults, word)
		}
	}
	failed := `sum(CASE WHEN failed = 1 AND ending IN (` + strings.Join(faults, ", ") + `) THEN 1 ELSE 0 END)`
	return fmt.Sprintf(`WITH h AS MATERIALIZED (SELECT provider, at, told, ending, failed, phase, state, currency, price_micros, duration_ns, vendor_code
		FROM holds WHERE at >= $1 AND at < $2 AND ($3 = '' OR tenant = $3) AND ($4 = '' OR app = $4) AND ($5 = '' OR purpose = $5) AND ($6 = '' OR provider = $6))
		SELECT %d, provider, `+day+`, ending, failed, phase, state, currency, count(*), CAST(sum(price_micros) AS BIGINT) FROM h
			GROUP BY provider, `+day+`, ending, failed, phase, state, currency
		UNION ALL SELECT %d, provider, `+class+`, '', 0, '', '', '', count(*), 0 FROM h WHERE told = 1 AND failed = 0 GROUP BY provider, `+class+`
		UNION ALL SELECT %d, provider, at / 60000000, '', 0, '', '', '', CAST(`+failed+` AS BIGINT), 0 FROM h WHERE told = 1 GROUP BY provider, at / 60000000
			HAVING `+failed+` > 0 AND sum(CASE WHEN failed = 0 OR ending IN (%s) THEN 1 ELSE 0 END) = 0
		UNION ALL SELECT * FROM (SELECT %d, provider, min(at), vendor_code, 0, '', '', '', count(*), max(at) FROM h
			WHERE told = 1 AND failed = 1 AND ending = 'unknown' AND vendor_code <> '' GROUP BY provider, vendor_code
			ORDER BY count(*) DESC, provider, vendor_code LIMIT %d) AS codes
		UNION ALL SELECT %d, h.provider, 0, '', 0, '', '', '', count(*), CAST(sum(CASE WHEN h.ending = o.ending THEN 1 ELSE 0 END) AS BIGINT)
			FROM (`+secondAnswers+`) AS s JOIN holds AS h ON h.verification = s.verification JOIN holds AS o ON o.verification = s.verification
			WHERE ($6 = '' OR h.provider = $6) AND (h.attempt = s.attempt OR o.attempt = s.attempt) AND h.attempt <> o.attempt
			AND h.told = 1 AND h.failed = 0 AND o.told = 1 AND o.failed = 0 AND h.at >= $1 AND h.at < $2 AND o.at >= $1 AND o.at < $2
			GROUP BY h.provider`,
		callSums, latencySums, downMinutes, strings.Join(served, ", "), codeSums, ledger.MaxCodes, agreements)
}

// secondAnswers selects the answers of a period that are not those of first calls, of all
// providers. Few of them are second opinions; most are answers after a failover. The index
// holds_by_time has the ids of the calls, so only rows of later calls are read. It is part of a
// format.
const secondAnswers = `SELECT l.verification, l.attempt FROM (SELECT attempt FROM holds WHERE at >= $1 AND at < $2 AND attempt NOT LIKE '%%-1') AS later
	CROSS JOIN holds AS l WHERE l.attempt = later.attempt AND ($3 = '' OR l.tenant = $3) AND ($4 = '' OR l.app = $4) AND ($5 = '' OR l.purpose = $5) AND l.told = 1 AND l.failed = 0`

// Performance returns the sums of the calls of a period.
func (s *Store) Performance(ctx context.Context, f ledger.Filter) (p ledger.Performance, err error) {
	args := []any{from(f.From), to(f.To), f.Tenant, f.App, f.Purpose, f.Provider}
	err = s.backend.read(ctx, statement{selectPerformance(), args, func(r row) error { return scanPerformance(r, &p) }})
	p.Sort()
	return p, err
}

// scanPerformance adds a row to the sums.
func scanPerformance(r row, p *ledger.Performance) error {
	var kind, at, failed, n, amount int64
	var provider, text, phase, state, currency string
	if err := r.Scan(&kind, &provider, &at, &text, &failed, &phase, &state, &currency, &n, &amount); err != nil {
		return err
	}
	switch kind {
	case latencySums:
		p.Latency = append(p.Latency, ledger.LatencySum{Provider: provider, Least: time.Duration(at) * time.Millisecond, Calls: n})
	case downMinutes:
		p.Down = append(p.Down, ledger.DownMinute{Provider: provider, At: time.Unix(at*60, 0).UTC(), Failed: n})
	case codeSums:
		p.Codes = append(p.Codes, ledger.CodeSum{Provider: provider, Code: text, Calls: n, First: timeOf(at), Last: timeOf(amount)})
	case agreements:
		p.Agreed = append(p.Agreed, ledger.Agreement{Provider: provider, Both: n, Agreed: amount})
	default:
		var s ledger.State
		p.Calls = append(p.Calls, ledger.CallSum{
			Provider: provider, Day: time.Unix(at*86400, 0).UTC().Format(time.DateOnly), Outcome: text, Failed: failed != 0, Phase: phase,
			Calls: n, Amount: idv.Money{Micros: amount, Currency: currency},
		})
		err := wordsOf(&s, state)
		p.Calls[len(p.Calls)-1].Charge = s.Charge()
		return err
	}
	return nil
}
