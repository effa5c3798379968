package sqlstore

import (
	"reflect"
	"strconv"
	"strings"
)

// forms returns the form of a statement for many sets of arguments at once, which arrive as one
// array for each argument. A statement for each set would cost more than the row it is for. The
// rows of a result say which set they belong to.
func forms() map[string]string {
	const (
		claimRows  = `SELECT c.tenant, c.idempotency_key, c.fingerprint, c.verification, c.deadline, c.expires_at, c.done, CASE WHEN v.id IS NULL THEN 0 ELSE 1 END`
		keys       = ` FROM unnest($1::text[], $2::text[]) AS k(tenant, id) `
		unnestText = `unnest($1::text[])`
	)
	return map[string]string{
		selectLotsOf:    `SELECT ` + lotColumns + ` FROM lots WHERE provider = ANY($1::text[])`,
		selectLot:       `SELECT ` + lotColumns + ` FROM lots WHERE id = ANY($1::text[])`,
		selectLotOfHold: `SELECT ` + lotColumns + ` FROM lots WHERE id IN (SELECT h.lot FROM ` + unnestText + ` AS k(id) JOIN holds h ON h.attempt = k.id)`,
		selectHold:      `SELECT ` + holdColumns + ` FROM holds WHERE attempt = ANY($1::text[])`,
		selectHoldsOf:   `SELECT ` + holdColumns + ` FROM holds WHERE verification = ANY($1::text[]) ORDER BY at, attempt`,
		selectClaim: claimRows + keys + `JOIN claims c ON c.tenant = k.tenant AND c.idempotency_key = k.id
			LEFT JOIN verifications v ON c.done = 1 AND v.tenant = c.tenant AND v.id = c.verification`,
		selectStored:       `SELECT v.tenant, v.id, v.kind` + keys + `JOIN verifications v ON v.tenant = k.tenant AND v.id = k.id`,
		selectConsent:      `SELECT c.data` + keys + `JOIN consents c ON c.tenant = k.tenant AND c.id = k.id ORDER BY c.tenant, c.id FOR UPDATE OF c {skip}`,
		selectConsentThere: `SELECT c.tenant, c.id` + keys + `JOIN consents c ON c.tenant = k.tenant AND c.id = k.id`,
		selectErased: `SELECT d.mark, e.tenant, e.id, e.at, e.verifications, e.consents, e.keys FROM unnest($1::text[], $2::bytea[]) AS k(tenant, mark)
			JOIN erased d ON d.tenant = k.tenant AND d.mark = k.mark JOIN erasures e ON e.tenant = d.tenant AND e.id = d.erasure ORDER BY e.at, e.id`,
		selectCounter: `SELECT c.tenant, c.counter, c.member, c.n, c.until FROM unnest($1::text[], $2::bytea[], $3::bytea[]) AS k(tenant, counter, member)
			JOIN counters c ON c.tenant = k.tenant AND c.counter = k.counter AND c.member = k.member`,

		insertRowSQL: inserted(insertRowSQL, "tiiiiiiiiiiii"),
		updateRowSQL: `UPDATE lot_rows SET units = lot_rows.units + d.units, total_micros = lot_rows.total_micros + d.total_micros,
			available = lot_rows.available + d.available, left_micros = lot_rows.left_micros + d.left_micros, held = lot_rows.held + d.held,
			posted = lot_rows.posted + d.posted, unknown = lot_rows.unknown + d.unknown, written_off = lot_rows.written_off + d.written_off,
			seq = lot_rows.seq + d.seq, last_at = d.last_at, moved = lot_rows.moved + d.moved FROM ` + arrays("tiiiiiiiiiiii") +
			` AS d(lot, n, units, total_micros, available, left_micros, held, posted, unknown, written_off, seq, last_at, moved)
			WHERE lot_rows.lot = d.lot AND lot_rows.n = d.n`,
		insertHoldSQL: inserted(insertHoldSQL, "ttitiittttttit"+"tttttttiitiiitt"),
		updateHoldSQL: `UPDATE holds SET state = d.state, changed_at = d.changed_at, why = d.why, told = d.told, failed = d.failed, ending = d.ending,
			origin = d.origin, sent = d.sent, charge = d.charge, vendor_code = d.vendor_code, vendor_ref = d.vendor_ref, duration_ns = d.duration_ns,
			phase = d.phase FROM ` + arrays("ttitiittttttit") + ` AS d(attempt, state, changed_at, why, told, failed, ending, origin, sent, charge,
			vendor_code, vendor_ref, duration_ns, phase) WHERE holds.attempt = d.attempt`,
		insertEntrySQL:        inserted(insertEntrySQL, "tiiitttiitt"),
		insertVerificationSQL: inserted(insertVerificationSQL, "ttittttttttt"),
		upsertClaim:           inserted(upsertClaim, "ttbtiii"),
		endClaim:              `UPDATE claims SET done = 1` + keys + `WHERE claims.tenant = k.tenant AND claims.idempotency_key = k.id`,
		deleteClaim: `DELETE FROM claims USING unnest($1::text[], $2::text[]) AS k(tenant, id)
			WHERE claims.tenant = k.tenant AND claims.idempotency_key = k.id AND done = 0`,
		upsertCounter:    inserted(upsertCounter, "tbbii"),
		insertMessageSQL: insertMessages,
	}
}

// insertMessages is insertMessageSQL for many messages. due_at begins as created_at.
const insertMessages = `INSERT INTO outbox (` + messageColumns + `)
	SELECT id, webhook, tenant, app, verification, created_at, created_at, 0, '', 0, data
	FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::bigint[], $7::text[])
	AS d(id, webhook, tenant, app, verification, created_at, data)`

// arrays returns unnest of arrays of the types t (text), i (integer) and b (bytes).
func arrays(types string) string {
	names := map[rune]string{'t': "text", 'i': "bigint", 'b': "bytea"}
	words := make([]string, 0, len(types))
	for n, t := range types {
		words = append(words, "$"+strconv.Itoa(n+1)+"::"+names[t]+"[]")
	}
	return "unnest(" + strings.Join(words, ", ") + ")"
}

// inserted replaces the VALUES of an INSERT by arrays.
func inserted(sql, types string) string {
	before, after, _ := strings.Cut(sql, "VALUES (")
	_, after, _ = strings.Cut(after, ")")
	return before + "SELECT * FROM " + arrays(types) + after
}

// merge joins statements that have a form for many, at the place of the first of each. What is
// joined must not depend on what stands between.
func merge(list []statement, forms map[string]string) []statement {
	at := map[string]int{}
	var merged []statement
	var columns [][]reflect.Value
	for _, s := range list {
		form, ok := forms[s.sql]
		if !ok {
			merged, columns = append(merged, s), append(columns, nil)
			continue
		}
		n, known := at[s.sql]
		if !known {
			n = len(merged)
			at[s.sql] = n
			merged, columns = append(merged, statement{sql: form, each: s.each}), append(columns, make([]reflect.Value, len(s.args)))
		}
		for i, arg := range s.args {
			columns[n][i] = appended(columns[n][i], arg)
		}
	}
	for n, list := range columns {
		for _, c := range list {
			merged[n].args = append(merged[n].args, c.Interface())
		}
	}
	return merged
}

// appended appends an argument to a column, whose type is that of its kind.
func appended(column reflect.Value, arg any) reflect.Value {
	v := reflect.ValueOf(arg)
	plain := v.Type()
	switch v.Kind() {
	case reflect.String:
		plain = reflect.TypeFor[string]()
	case reflect.Int, reflect.Int16, reflect.Int32, reflect.Int64:
		plain = reflect.TypeFor[int64]()
	}
	if !column.IsValid() {
		column = reflect.MakeSlice(reflect.SliceOf(plain), 0, 16)
	}
	return reflect.Append(column, v.Convert(plain))
}
