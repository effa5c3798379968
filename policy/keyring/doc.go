// Package pseudonym makes the keyed names that stand for people, and the keys that
// seal what has to be read again. A plain hash of a resident number is no protection:
// all numbers can be tried in hours on one core. So every hash is keyed, per tenant,
// with a key that lies apart from the data.
package keyring
