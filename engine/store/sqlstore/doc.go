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
// Consents and counters go the same way: what a hold rests on is looked at in the
// transaction that writes it, so no call follows on a withdrawal, on any node.
//
// Nothing personal is stored in clear but the masked subject in a verification. Beside
// it stand a person's token, a wrapped data key and what is sealed with that; an
// erasure takes all four out, and on SQLite their bytes out of the files.
package sqlstore
