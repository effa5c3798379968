package access

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/base32"
	"encoding/binary"
	"hash/crc32"
	"regexp"
	"strings"

	"github.com/heyan-id/heyan/engine/idv"
)

// Form is the regular expression of a key, for scanners that look for leaked ones: the
// prefix, the id, and the secret of 260 bits with its checksum.
const Form = `heyan_[a-z2-7]{12}_[a-z2-7]{52}[a-z2-7]{7}`

const (
	idLength     = 12
	secretLength = 52
)

var form = regexp.MustCompile(`^` + Form + `$`)

// Secret is a key in clear, by its parts.
type Secret struct {
	ID     string
	Secret idv.Sensitive
}

// NewSecret returns a fresh key.
func NewSecret() Secret {
	random := func(n int) string { return strings.ToLower((rand.Text() + rand.Text())[:n]) } // rand.Text has 26 characters
	return Secret{ID: random(idLength), Secret: idv.NewSensitive(random(secretLength))}
}

// Text returns the key as the caller sends it.
func (s Secret) Text() idv.Sensitive {
	text := "heyan_" + s.ID + "_" + s.Secret.Reveal()
	return idv.NewSensitive(text + checksum(text))
}

// ParseSecret reads a key, and reports false if the text is none, such as one that was
// copied incompletely. It looks nothing up, so that most wrong texts cost nothing.
func ParseSecret(text idv.Sensitive) (Secret, bool) {
	key := text.Reveal()
	if !form.MatchString(key) {
		return Secret{}, false
	}
	body, sum := key[:len(key)-checksumLength], key[len(key)-checksumLength:]
	if subtle.ConstantTimeCompare([]byte(checksum(body)), []byte(sum)) == 0 {
		return Secret{}, false
	}
	id, secret, _ := strings.Cut(strings.TrimPrefix(body, "heyan_"), "_")
	return Secret{ID: id, Secret: idv.NewSensitive(secret)}, true
}

// checksumLength is the length of 32 bits in base32.
const checksumLength = 7

var alphabet = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)

func checksum(text string) string {
	return alphabet.EncodeToString(binary.BigEndian.AppendUint32(nil, crc32.ChecksumIEEE([]byte(text))))
}
