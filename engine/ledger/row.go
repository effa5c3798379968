package ledger

import "time"

// Row is a part of a lot that one transaction changes at a time, so that the nodes of a fleet
// draw on a lot without waiting for each other. A lot in memory or in a file has one row.
//
// The counts are those of the row, except Units and Total: these are the lot's as bought, plus
// what this row bought or returned since the Row was made. Held, Posted and Unknown of one row
// may be negative, since a call may be settled on another row than it was held on; their sums
// over a lot are not.
type Row struct {
	Balance

	N     int       // from 0
	Moved int64     // units that came from other rows of the lot, less those that went; 0 over a lot
	Seq   int64     // of its last entry
	Last  time.Time // of its last entry
}

// Bought returns the units that the entries of this row bought.
func (r *Row) Bought() int64 {
	return r.Available + r.Held + r.Posted + r.Unknown + r.WrittenOff - r.Moved
}

// divide adds a new lot with empty rows.
func (b *Book) divide(l Balance) []*account {
	rows := make([]*account, max(b.rows, 1))
	for n := range rows {
		rows[n] = b.put(Row{Balance: l, N: n})
		b.touchRow(rows[n])
	}
	return rows
}

// Spread divides the available units of a lot, and their money, evenly over so many rows, of
// which it adds those that are missing. Rows beyond them keep their counts without available
// units. The Book needs all rows of the lot.
func (b *Book) Spread(lot string, rows int) error {
	all := b.lots[lot]
	if len(all) == 0 {
		return ErrNoLot
	}
	for n := len(all); n < rows; n++ {
		b.put(Row{Balance: Balance{Lot: all[0].before.Lot}, N: n})
	}
	all = b.lots[lot]
	spread(all, rows)
	for _, a := range all {
		b.touchRow(a)
	}
	return nil
}

// spread moves the available units of rows, and their money, evenly over the first ones.
func spread(all []*account, rows int) {
	var units, money, given, paid int64
	for _, a := range all {
		units += a.Available
		money += a.Left
	}
	count := int64(rows)
	for n, a := range all {
		var share int64
		if n < rows {
			share = units / count
			if int64(n) < units%count {
				share++
			}
		}
		given += share
		upTo := money
		if units > 0 {
			upTo = ratio(given, money, units, false)
		}
		a.Moved += share - a.Available
		a.Available, a.Left = share, upTo-paid
		paid = upTo
	}
}
