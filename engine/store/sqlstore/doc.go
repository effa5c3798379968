// Package sqlstore keeps the store in SQLite, for one process, or in PostgreSQL, for a
// fleet.
//
// One writer makes every change. It collects the operations that arrive during a commit,
// loads what they need, lets package ledger decide, and commits them together. One process
// owns a SQLite file; an attached process, such as a command, writes between its
// transactions. On PostgreSQL each transaction takes an advisory lock, so the nodes of a
// fleet write one after another: entries are numbered without a gap, and no isolation level
// allows an overdraft. The constraints of the tables would reject one as well.
//
// Consents and counters are written in the same way. The transaction that writes a hold
// checks its consent, so no call follows a withdrawal, on any node.
//
// The only personal data in clear is the masked subject of a verification. Beside it are the
// person's token, a wrapped data key and the data that this key encrypts. An erasure deletes
// all four, and on SQLite also their bytes in the files.
package sqlstore
