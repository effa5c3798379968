package sqlstore

import "context"

// statement is one SQL statement with $1, $2, … for its arguments, which both
// databases take. each gets every row of its result, if it is not nil.
type statement struct {
	sql  string
	args []any
	each func(row) error
}

// row is a row of a result.
type row interface{ Scan(dest ...any) error }

// backend is a database: what SQLite and PostgreSQL do each in their own way.
type backend interface {
	// begin starts a transaction that sees and does everything as if no other were
	// there until its end.
	begin(ctx context.Context) (transaction, error)
	// read runs a statement that writes nothing, outside of transactions.
	read(ctx context.Context, s statement) error
	// again reports whether a transaction that ended with this error certainly did
	// nothing and may do better when tried again at once.
	again(err error) bool
	// clean takes deleted bytes out of the files, as far as the database can. Of remains
	// it makes sure.
	clean(ctx context.Context, remains [][]byte) error
	close() error
}

// transaction is used by one goroutine, and ends with commit or rollback.
type transaction interface {
	// clock is the statement that tells the database's time in microseconds, "" if this
	// process is the only one that dates anything.
	clock() string
	run(ctx context.Context, list []statement) error
	// commit makes the transaction durable. After an error it is rolled back, unless
	// the error is errUncertain.
	commit(ctx context.Context) error
	rollback()
}
