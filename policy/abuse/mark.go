package abuse

import (
	"crypto/sha256"
	"encoding/binary"
)

// kind tells the counters apart that one mark stands for.
type kind byte

const (
	kindMinute kind = iota + 1
	kindHour
	kindDay
	kindBlock
	kindNames
	kindMobiles
	kindCards
	kindConsent
)

// kind returns the kind of counters of a window.
func (w Window) kind() kind {
	switch w {
	case Minute:
		return kindMinute
	case Hour:
		return kindHour
	case Day:
	}
	return kindDay
}

// of returns the mark of one counter of what m stands for, which saves a keyed hash
// for each. Marks are 128 bits of a hash, so that the change of 40 of them makes a
// mark that nothing else has.
func (m BlindIndex) of(k kind, window uint32) BlindIndex {
	m[0] ^= byte(k)
	binary.BigEndian.PutUint32(m[1:], binary.BigEndian.Uint32(m[1:])^window)
	return m
}

// scope returns the mark of a tenant, an app or a caller. It needs no key: they are
// programs, not people.
func scope(per Per, id string) BlindIndex {
	sum := sha256.Sum256([]byte(string(per) + "\x00" + id))
	return BlindIndex(sum[:len(BlindIndex{})])
}
