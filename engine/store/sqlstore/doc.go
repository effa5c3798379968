// Package sqlstore keeps the store in SQLite, for one process, or in PostgreSQL,
// for a fleet.
//
// Every change goes through one writer that lets operations gather, loads what they
// need, lets the rules of package ledger decide, and commits once for all. On
// SQLite a transaction locks the file, which one process owns; a guest, such as a
// command, may write between. On PostgreSQL the writer takes an advisory lock for each transaction, so that the nodes of a fleet
// write one after another: the book's sequence has no gap and no disorder, and an
// overdraft is impossible whatever the isolation level; the checks of the tables
// would refuse one besides.
//
// Nothing personal is stored but the masked subject in a verification.
package sqlstore
