package sqlstore

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// fillPiece is how many calls are filled in by one transaction, a multiple of DefaultRows.
const fillPiece = 20_000

// backdate makes the purchase and the first verification old, by {age} microseconds.
var backdate = []string{
	`UPDATE entries SET at = at - {age}`,
	`UPDATE lot_rows SET last_at = last_at - {age} WHERE last_at > 0`,
	`UPDATE holds SET at = at - {age}, changed_at = changed_at - {age}, deadline = deadline - {age}`,
	`UPDATE verifications SET created_at = created_at - {age}`,
}

// fillLedger, fillResults and fillClaims write the calls {first} to {last}, each {step}
// microseconds after the one before: copies of the first verification, which the store itself
// wrote, with ids, keys and tokens of their own. They are drawn from all {rows} rows of the
// package in turn.
var fillLedger = []string{
	`INSERT INTO holds (attempt, verification, at, changed_at, deadline, ` + heldAlike + `) {numbers}
		SELECT {id} || '-1', {id}, at + i * {step}, changed_at + i * {step}, deadline + i * {step}, ` + heldAlike + ` FROM n CROSS JOIN holds WHERE verification = '{model}'`,
	`INSERT INTO entries (lot, n, seq, at, hold, from_account, to_account, units, amount_micros, currency, reason) {numbers}, e AS MATERIALIZED (SELECT * FROM entries
		WHERE hold = '{model}-1' AND at <= (SELECT changed_at FROM holds WHERE attempt = '{model}-1')) SELECT e.lot, r.n, r.seq + 2 * ((i - {first}) / {rows}) + CASE WHEN e.from_account = 'available' THEN 1 ELSE 2 END, e.at + i * {step}, {id} || '-1',
		e.from_account, e.to_account, e.units, e.amount_micros, e.currency, e.reason
		FROM n JOIN lot_rows r ON r.lot = 'l1' AND r.n = i % {rows} CROSS JOIN e`,
	`UPDATE lot_rows SET available = available - {each}, posted = posted + {each}, seq = seq + 2 * {each},
		left_micros = left_micros - {each} * (SELECT price_micros FROM holds WHERE verification = '{model}'),
		last_at = (SELECT max(at) FROM entries) WHERE lot = 'l1'`,
}

const (
	fillResults = `INSERT INTO verifications (tenant, id, created_at, details, subject, ` + verifiedAlike + `) {numbers}
		SELECT tenant, {id}, created_at + i * {step}, replace(replace(details, '{model}', {id}), '{token}', {newToken}), {newToken}, ` + verifiedAlike + `
		FROM n CROSS JOIN verifications WHERE tenant = 't' AND id = '{model}'`
	fillClaims = `INSERT INTO claims (tenant, idempotency_key, fingerprint, verification, deadline, expires_at, done) {numbers}
		SELECT tenant, {newKey}, fingerprint, {id}, deadline, expires_at, done FROM n CROSS JOIN claims WHERE tenant = 't' AND idempotency_key = '{key}'`
)

// heldAlike and verifiedAlike are the columns that all copies have alike.
const (
	heldAlike = `provider, check_name, tenant, app, purpose, lot, open, price_micros, currency, month, state, why, told, failed, ending, origin,
		sent, charge, vendor_code, vendor_ref, duration_ns, phase, consent, basis`
	verifiedAlike = `check_name, verdict, reason, provider, app, purpose, kind`
)

// fill writes what the statements write for calls of a time that ends a day ago.
func fill(b testing.TB, s *Store, calls int, period time.Duration, statements ...string) {
	b.Helper()
	calls = (calls + fillPiece - 1) / fillPiece * fillPiece
	if err := verifyPerson(b.Context(), s, 0); err != nil {
		b.Fatal(err)
	}
	rows := 1
	if s.backend.overlaps() {
		rows = DefaultRows
	}
	common := strings.NewReplacer(
		"{age}", fmt.Sprint((period + 24*time.Hour).Microseconds()), "{step}", fmt.Sprint(period.Microseconds()/int64(calls)), "{rows}", fmt.Sprint(rows),
		"{each}", fmt.Sprint(fillPiece/rows), "{model}", bookID(0), "{key}", bookKey(0), "{token}", string(bookToken(0)),
		"{id}", `'v' || substr(CAST(10000000000000000 + i AS TEXT), 2)`,
		"{newKey}", fmt.Sprintf(`'key-' || CAST(1000000000000000 + i * %d %% %d AS TEXT)`, int64(spreadKeys), int64(spreadMost)),
		"{newToken}", fmt.Sprintf(`'k1:' || CAST(1000000000000000 + i * %d %% %d AS TEXT) || '%s'`, int64(spread), int64(spreadMost), strings.Repeat("T", 24)),
		"{numbers}", `WITH RECURSIVE n (i) AS (SELECT CAST({first} AS BIGINT) UNION ALL SELECT i + 1 FROM n WHERE i < {last})`,
	)
	writeAll(b, s, backdate, common)
	begun := time.Now()
	for first := 1; first < calls; first += fillPiece {
		piece := strings.NewReplacer("{first}", fmt.Sprint(first), "{last}", fmt.Sprint(first+fillPiece-1))
		list := make([]string, len(statements))
		for n, sql := range statements {
			list[n] = piece.Replace(common.Replace(sql))
		}
		writeAll(b, s, list, piece)
		if n := first / fillPiece; n%10 == 9 {
			b.Logf("%d of %d calls after %v", (n+1)*fillPiece, calls, time.Since(begun).Round(time.Second))
		}
	}
	if p, ok := s.backend.(*postgres); ok { // as the server would do in time
		if _, err := p.pool.Exec(b.Context(), "VACUUM ANALYZE"); err != nil {
			b.Fatal(err)
		}
	}
	b.Logf("%d calls are filled in after %v", calls, time.Since(begun).Round(time.Second))
}

// writeAll runs statements in one transaction.
func writeAll(b testing.TB, s *Store, list []string, names *strings.Replacer) {
	b.Helper()
	err := s.writer.submit(b.Context(), &operation{kind: maintenance, need: func(*needs) {}, do: func(u *unit) error {
		for _, sql := range list {
			u.writes = append(u.writes, statement{sql: names.Replace(sql)})
		}
		return nil
	}})
	if err != nil {
		b.Fatal(err)
	}
}
