package sandbox

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/url"

	"github.com/heyan-id/heyan/engine/idv"
)

// person is whom a vendor was asked about.
type person struct{ number, name idv.Sensitive }

// personOf reads the vendor's two parameters. Of a repeated one the first counts.
func personOf(query url.Values) person {
	return person{
		number: idv.NewSensitive(query.Get("idCard")),
		name:   idv.NewSensitive(query.Get("name")),
	}
}

// clear returns both claims in clear. The steering, the masks, the fingerprint and
// the older answer's extra fields need them; nothing else may.
func (p person) clear() (number, name string) { return p.number.Reveal(), p.name.Reveal() }

// hash is a fingerprint under the run's key: two runs of the sandbox do not give
// the same one, so a list of them is worth nothing later.
func (p person) hash(key []byte) string {
	number, name := p.clear()
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(number + "\x00" + name))
	return hex.EncodeToString(mac.Sum(nil))
}

// masks returns the echo of number and name as the vendor's guide shows them:
// 51*****1111, which is five stars whatever they hide, and 张*.
func (p person) masks() (number, name string) {
	number, name = p.clear()
	digits, chars := []rune(number), []rune(name)
	number = "*****"
	if len(digits) > 6 {
		number = string(digits[:2]) + number + string(digits[len(digits)-4:])
	}
	switch len(chars) {
	case 0:
		return number, ""
	case 1:
		return number, "*"
	}
	return number, string(chars[0]) + "*"
}

// stranger returns a made-up person whose masked echo differs from p's in both
// parts. Their numbers are even, so a client that takes the answer for its own
// takes it for a match. They are born in 2099 and so belong to nobody.
func stranger(p person) person {
	number, name := p.masks()
	for _, other := range [][2]string{
		{"110101209901010076", "测试"}, {"110101209901010084", "试样"}, {"110101209901010092", "样例"},
	} {
		s := person{idv.NewSensitive(other[0]), idv.NewSensitive(other[1])}
		if n, m := s.masks(); n != number && m != name {
			return s
		}
	}
	panic("sandbox: three strangers cannot all resemble one person")
}
