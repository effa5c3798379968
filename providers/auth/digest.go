package auth

import (
	"crypto/hmac"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"hash"
	"strings"

	"github.com/heyan-id/heyan/engine/idv"
)

// Hash is the function that a recipe signs with. MD5 and SHA-1 are broken as hashes; they
// are here because vendors require them.
type Hash string

// The hashes.
const (
	MD5        Hash = "md5"
	SHA1       Hash = "sha1"
	SHA256     Hash = "sha256"
	SHA512     Hash = "sha512"
	HMACMD5    Hash = "hmac-md5"
	HMACSHA1   Hash = "hmac-sha1"
	HMACSHA256 Hash = "hmac-sha256"
	HMACSHA512 Hash = "hmac-sha512"
)

// Encoding is how a digest is written.
type Encoding string

// The encodings. Base64 is the standard alphabet with padding.
const (
	Hex    Encoding = "hex"
	Base64 Encoding = "base64"
)

// function returns the constructor of a hash, nil for an unknown one, and whether it is
// used as an HMAC.
func (h Hash) function() (newHash func() hash.Hash, keyed bool) {
	name, keyed := strings.CutPrefix(string(h), "hmac-")
	switch Hash(name) {
	case MD5:
		return md5.New, keyed
	case SHA1:
		return sha1.New, keyed
	case SHA256:
		return sha256.New, keyed
	case SHA512:
		return sha512.New, keyed
	}
	return nil, keyed
}

// digest returns the signature of a text as it is sent.
func (s Signature) digest(text string, key idv.Sensitive) string {
	newHash, keyed := s.Hash.function()
	h := newHash()
	if keyed {
		h = hmac.New(newHash, []byte(key.Reveal()))
	}
	h.Write([]byte(text))
	switch sum := h.Sum(nil); {
	case s.Encoding == Base64:
		return base64.StdEncoding.EncodeToString(sum)
	case s.Upper:
		return strings.ToUpper(hex.EncodeToString(sum))
	default:
		return hex.EncodeToString(sum)
	}
}
