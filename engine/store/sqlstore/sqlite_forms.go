package sqlstore

import (
	"math/bits"
	"strings"
)

// liteForm is the form of a statement for many sets of arguments: set stands once for each,
// separated by commas.
type liteForm struct{ before, set, after string }

// liteForms returns the forms of the statements of which a batch has many. One statement for many
// rows costs a fraction of one for each. The rows of a result say which set they belong to.
func liteForms() map[string]liteForm {
	return map[string]liteForm{
		selectHold:    {`SELECT ` + holdColumns + ` FROM holds WHERE attempt IN (`, `?`, `)`},
		selectClaim:   amongSets(selectClaim, `c.tenant, c.idempotency_key`, 2),
		selectStored:  amongSets(selectStored, `tenant, id`, 2),
		selectCounter: amongSets(selectCounter, `tenant, counter, member`, 3),
		endClaim:      amongSets(endClaim, `tenant, idempotency_key`, 2),

		updateHoldSQL: {`UPDATE holds SET state = d.column2, changed_at = d.column3, why = d.column4, told = d.column5, failed = d.column6,
			ending = d.column7, origin = d.column8, sent = d.column9, charge = d.column10, vendor_code = d.column11, vendor_ref = d.column12,
			duration_ns = d.column13, phase = d.column14 FROM (VALUES `, setOf(14), `) AS d WHERE holds.attempt = d.column1`},

		insertHoldSQL:         ofValues(insertHoldSQL),
		insertEntrySQL:        ofValues(insertEntrySQL),
		insertVerificationSQL: ofValues(insertVerificationSQL),
		upsertClaim:           ofValues(upsertClaim),
		upsertCounter:         ofValues(upsertCounter),
	}
}

// amongSets replaces the condition of a statement by one of several columns.
func amongSets(sql, columns string, n int) liteForm {
	before, _, _ := strings.Cut(sql, "WHERE ")
	return liteForm{before + "WHERE (" + columns + ") IN (VALUES ", setOf(n), ")"}
}

// ofValues returns the form of an INSERT.
func ofValues(sql string) liteForm {
	before, values, _ := strings.Cut(sql, "VALUES ")
	set, after, _ := strings.Cut(values, ")")
	return liteForm{before + "VALUES ", setOf(strings.Count(set, "$")), after}
}

// setOf returns the places of n arguments.
func setOf(n int) string { return "(" + strings.TrimSuffix(strings.Repeat("?, ", n), ", ") + ")" }

// text returns the statement for n sets.
func (f liteForm) text(n int) string {
	return f.before + strings.TrimSuffix(strings.Repeat(f.set+", ", n), ", ") + f.after
}

// longestPiece is the maximum number of sets in one statement.
const longestPiece = 32

// pieceOf returns how many of n sets the next statement has, a power of two: so that
// few statements are prepared.
func pieceOf(n int) int { return min(longestPiece, 1<<(bits.Len(uint(n))-1)) } //nolint:gosec // not negative

// together groups the statements that run together. Any other statement is a group of its own.
func together(list []statement, forms map[string]liteForm) (groups [][]statement) {
	at := map[string]int{}
	for _, s := range list {
		if n, known := at[s.sql]; known {
			groups[n] = append(groups[n], s)
			continue
		}
		if _, many := forms[s.sql]; many {
			at[s.sql] = len(groups)
		}
		groups = append(groups, []statement{s})
	}
	return groups
}
