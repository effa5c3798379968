package sqlstore

import (
	"context"
	"strings"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/ledger"
)

// The statements read the holds of a period once each, by the index holds_by_time. They agree
// with ledger.Gauge.
const (
	ofPeriod = ` FROM holds WHERE at >= $1 AND at < $2 AND ($3 = '' OR tenant = $3) AND ($4 = '' OR app = $4)
		AND ($5 = '' OR purpose = $5) AND ($6 = '' OR provider = $6)`
	// A day of China begins at 16:00 UTC.
	chinaDay        = `(at + 28800000000) / 86400000000`
	selectCallSums  = `SELECT provider, ` + chinaDay + `, ending, failed, phase, state, currency, count(*), CAST(sum(price_micros) AS BIGINT)` + ofPeriod + ` GROUP BY provider, ` + chinaDay + `, ending, failed, phase, state, currency`
	millis          = `duration_ns / 1000000`
	latencyClass    = `CASE WHEN ` + millis + ` < 100 THEN ` + millis + ` WHEN ` + millis + ` < 1000 THEN ` + millis + ` / 10 * 10 WHEN ` + millis + ` < 10000 THEN ` + millis + ` / 100 * 100 WHEN ` + millis + ` < 100000 THEN ` + millis + ` / 1000 * 1000 ELSE ` + millis + ` / 10000 * 10000 END`
	selectLatencies = `SELECT provider, ` + latencyClass + `, count(*)` + ofPeriod + ` AND told = 1 AND failed = 0 GROUP BY provider, ` + latencyClass
	selectCodes     = `SELECT provider, vendor_code, count(*), min(at), max(at)` + ofPeriod + ` AND told = 1 AND failed = 1 AND ending = 'unknown'
		AND vendor_code <> '' GROUP BY provider, vendor_code ORDER BY count(*) DESC, provider, vendor_code LIMIT $7`
)

// selectDown returns the statement of the minutes in which a provider served no call.
func selectDown() string {
	served, failed := []string{}, []string{}
	for _, f := range idv.Failures() {
		switch word := "'" + f.String() + "'"; {
		case ledger.Served(f):
			served = append(served, word)
		case ledger.Fault(f):
			failed = append(failed, word)
		}
	}
	faults := `sum(CASE WHEN failed = 1 AND ending IN (` + strings.Join(failed, ", ") + `) THEN 1 ELSE 0 END)`
	return `SELECT provider, at / 60000000, CAST(` + faults + ` AS BIGINT)` + ofPeriod + ` AND told = 1 GROUP BY provider, at / 60000000
		HAVING ` + faults + ` > 0 AND sum(CASE WHEN failed = 0 OR ending IN (` + strings.Join(served, ", ") + `) THEN 1 ELSE 0 END) = 0`
}

// Performance returns the sums of the calls of a period.
func (s *Store) Performance(ctx context.Context, f ledger.Filter) (p ledger.Performance, err error) {
	args := []any{from(f.From), to(f.To), f.Tenant, f.App, f.Purpose, f.Provider}
	if p.Calls, err = list(ctx, s.backend, selectCallSums, args, scanCallSum); err != nil {
		return p, err
	}
	if p.Latency, err = list(ctx, s.backend, selectLatencies, args, scanLatency); err != nil {
		return p, err
	}
	if p.Down, err = list(ctx, s.backend, selectDown(), args, scanDown); err != nil {
		return p, err
	}
	p.Codes, err = list(ctx, s.backend, selectCodes, append(args, int64(ledger.MaxCodes)), scanCode)
	p.Sort()
	return p, err
}

func scanCallSum(r row) (c ledger.CallSum, err error) {
	var day, failed int64
	var state string
	if err = r.Scan(&c.Provider, &day, &c.Outcome, &failed, &c.Phase, &state, &c.Amount.Currency, &c.Calls, &c.Amount.Micros); err != nil {
		return c, err
	}
	var s ledger.State
	err = wordsOf(&s, state)
	c.Day, c.Failed, c.Charge = time.Unix(day*86400, 0).UTC().Format(time.DateOnly), failed != 0, s.Charge()
	return c, err
}

func scanLatency(r row) (l ledger.LatencySum, err error) {
	var ms int64
	err = r.Scan(&l.Provider, &ms, &l.Calls)
	l.Least = time.Duration(ms) * time.Millisecond
	return l, err
}

func scanDown(r row) (d ledger.DownMinute, err error) {
	var minute int64
	err = r.Scan(&d.Provider, &minute, &d.Failed)
	d.At = time.Unix(minute*60, 0).UTC()
	return d, err
}

func scanCode(r row) (c ledger.CodeSum, err error) {
	var first, last int64
	err = r.Scan(&c.Provider, &c.Code, &c.Calls, &first, &last)
	c.First, c.Last = timeOf(first), timeOf(last)
	return c, err
}
