package sqlstore

import (
	"context"
	"database/sql/driver"
	"errors"
	"io"
)

// liteConn is the writing connection with its prepared statements, for one goroutine. It calls the driver itself:
// database/sql would lock, copy and convert for each statement what one goroutine uses, and it
// returns a connection to its pool with the transaction still open when COMMIT fails on a full
// disk.
type liteConn struct {
	conn     driver.Conn
	forms    map[string]liteForm
	prepared map[piece]driver.Stmt
	args     []driver.NamedValue // of the statement that runs
}

func newLiteConn(conn driver.Conn) *liteConn {
	return &liteConn{conn: conn, forms: liteForms(), prepared: map[piece]driver.Stmt{}}
}

// piece is a statement for n sets of arguments.
type piece struct {
	sql string
	n   int
}

func (c *liteConn) prepare(p piece) (driver.Stmt, error) {
	if s := c.prepared[p]; s != nil {
		return s, nil
	}
	text := p.sql
	if form, many := c.forms[p.sql]; many {
		text = form.text(p.n)
	}
	s, err := c.conn.Prepare(text)
	if err == nil {
		c.prepared[p] = s
	}
	return s, err
}

// bind sets the arguments of the next statement.
func (c *liteConn) bind(list []statement) error {
	c.args = c.args[:0]
	for _, s := range list {
		for _, arg := range s.args {
			value, err := driver.DefaultParameterConverter.ConvertValue(arg)
			if err != nil {
				return err
			}
			c.args = append(c.args, driver.NamedValue{Ordinal: len(c.args) + 1, Value: value})
		}
	}
	return nil
}

// exec runs a statement without arguments.
func (c *liteConn) exec(text string) error { return c.runPiece([]statement{{sql: text}}) }

// run runs statements. Those that have a form for many sets of arguments run together, at the
// place of the first of each.
func (c *liteConn) run(_ context.Context, list []statement) error {
	for _, same := range together(list, c.forms) {
		for len(same) > 0 {
			n := pieceOf(len(same))
			if err := c.runPiece(same[:n]); err != nil {
				return err
			}
			same = same[n:]
		}
	}
	return nil
}

// runPiece runs equal statements as one. It passes no context that can end: the driver would
// start a goroutine for it, and a statement waits only for the disk.
func (c *liteConn) runPiece(list []statement) error {
	s, err := c.prepare(piece{list[0].sql, len(list)})
	if err != nil {
		return err
	}
	if err := c.bind(list); err != nil {
		return err
	}
	if list[0].each == nil {
		_, err = s.(driver.StmtExecContext).ExecContext(context.Background(), c.args)
		return err
	}
	rows, err := s.(driver.StmtQueryContext).QueryContext(context.Background(), c.args)
	if err != nil {
		return err
	}
	return errors.Join(eachLiteRow(rows, list[0].each), rows.Close())
}

func eachLiteRow(rows driver.Rows, each func(row) error) error {
	values := make(liteRow, len(rows.Columns()))
	for {
		switch err := rows.Next(values); {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		}
		if err := each(values); err != nil {
			return err
		}
	}
}

// clock returns "", since all processes with the file run on the same machine.
func (c *liteConn) clock() string { return "" }

func (c *liteConn) notify() string { return "" }

func (c *liteConn) commit(ctx context.Context, list []statement) error {
	if err := c.run(ctx, list); err != nil {
		return err
	}
	return c.exec("COMMIT")
}

// The transaction has the whole file, so nothing is locked by itself and a lot has one row.

func (c *liteConn) divides() bool { return false }

func (c *liteConn) newRows() int { return 1 }

func (c *liteConn) lock(*needs, map[int64]bool) []statement { return nil }

func (c *liteConn) rows(n *lotNeeds, each func(row) error) (list []statement) {
	for _, part := range []struct {
		sql string
		set map[string]bool
	}{{selectRowsOf, n.providers}, {selectRowsOf, n.expiring}, {selectRow, n.lots}, {selectRow, n.whole}, {selectRowOfHold, n.attempts}} {
		for id := range part.set {
			list = append(list, statement{part.sql, []any{id}, each})
		}
	}
	return list
}

func (c *liteConn) moreRows(string, []int64, int64, func(row) error) []statement { return nil }

func (c *liteConn) unitsElsewhere([]string, int64, []rowID, func(row) error) []statement { return nil }

// rollback ignores its error, since SQLite itself ends the transaction on some errors.
func (c *liteConn) rollback() { _ = c.exec("ROLLBACK") }

// drop closes the connection, which rolls a transaction back.
func (c *liteConn) drop() {
	for _, s := range c.prepared {
		_ = s.Close()
	}
	_ = c.conn.Close()
}
