package auth

import (
	"context"
	"crypto/rsa"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// The limits of reading keys.
const (
	readTime    = 5 * time.Second  // of one reading
	readEvery   = 5 * time.Minute  // the keys of an issuer without a cause
	fileEvery   = 10 * time.Second // the same for a file
	unknownRest = 30 * time.Second // between readings because of an unknown key
	maxKeySet   = 256 << 10        // bytes of a document
	maxSetKeys  = 100
	minRSABits  = 2048
)

// keySet is the keys of an issuer. The last good ones count for as long as no new ones can be
// read, so that callers do not depend on the issuer being up.
type keySet struct {
	issuer  string
	every   time.Duration
	load    func(context.Context) ([]byte, error)
	log     *slog.Logger
	current atomic.Pointer[jose.JSONWebKeySet] // never nil
	reading chan struct{}                      // has one element while the keys are read
	asked   time.Time                          // when they were read last; of the holder of reading
	failing bool                               // the same
}

// openIssuers reads the key files of issuers. Issuers themselves are asked later, so that the
// daemon starts without them.
func openIssuers(list []TokenIssuer, log *slog.Logger) ([]*trusted, error) {
	var out []*trusted
	var faults []error
	for i, one := range list {
		t := &trusted{TokenIssuer: one, keys: &keySet{issuer: one.Issuer, every: readEvery, log: log, reading: make(chan struct{}, 1)}}
		t.keys.current.Store(new(jose.JSONWebKeySet))
		for _, name := range one.Algorithms {
			t.algorithms = append(t.algorithms, jose.SignatureAlgorithm(name))
		}
		if one.KeysFile != "" {
			t.keys.every = fileEvery
			t.keys.load = func(context.Context) ([]byte, error) { return readBounded(one.KeysFile) }
			if err := t.keys.read(context.Background()); err != nil {
				faults = append(faults, fmt.Errorf("auth.jwt[%d].jwks_file: %w", i, err))
			}
		} else {
			t.keys.load = discovery{newClient(), one.Issuer}.load
		}
		out = append(out, t)
	}
	return out, errors.Join(faults...)
}

// CheckKeySet reports why a file holds no keys that tokens could be verified with.
func CheckKeySet(path string) error {
	text, err := readBounded(path)
	if err == nil {
		_, err = parseKeySet(text)
	}
	return err
}

// find returns the key of an id, and the set that it is of. An unknown key is asked for at
// most once every unknownRest: else callers could make this node ask the issuer all the time.
func (s *keySet) find(ctx context.Context, id, algorithm string) (jose.JSONWebKey, *jose.JSONWebKeySet, bool) {
	set := s.current.Load()
	if key, ok := choose(set, id, algorithm); ok {
		return key, set, true
	}
	select {
	case s.reading <- struct{}{}:
	case <-ctx.Done():
		return jose.JSONWebKey{}, nil, false
	}
	if time.Since(s.asked) >= unknownRest {
		s.refresh(context.WithoutCancel(ctx))
	}
	<-s.reading
	set = s.current.Load()
	key, ok := choose(set, id, algorithm)
	return key, set, ok
}

// choose returns the key of an id. A token without one needs a set with one key that fits.
func choose(set *jose.JSONWebKeySet, id, algorithm string) (found jose.JSONWebKey, ok bool) {
	for _, key := range set.Keys {
		if id != "" && key.KeyID != id || key.Algorithm != "" && key.Algorithm != algorithm {
			continue
		}
		if ok {
			return found, false
		}
		found, ok = key, true
	}
	return found, ok
}

// run reads the keys again from time to time, until ctx is done. A key that the issuer has
// removed counts no longer then.
func (s *keySet) run(ctx context.Context) {
	ticker := time.NewTicker(s.every)
	defer ticker.Stop()
	for {
		select {
		case s.reading <- struct{}{}:
			s.refresh(ctx)
			<-s.reading
		case <-ctx.Done():
			return
		}
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return
		}
	}
}

// refresh reads the keys, and logs when that begins to fail and when it works again. The
// caller holds reading.
func (s *keySet) refresh(ctx context.Context) {
	err := s.read(ctx)
	switch failed := err != nil && ctx.Err() == nil; {
	case failed && !s.failing:
		s.failing = true
		s.log.Warn("keys of a token issuer not read; the last ones stay in use", slog.String("issuer", s.issuer), slog.String("error", err.Error()))
	case err == nil && s.failing:
		s.failing = false
		s.log.Info("keys of a token issuer read again", slog.String("issuer", s.issuer))
	}
}

func (s *keySet) read(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, readTime)
	defer cancel()
	s.asked = time.Now()
	text, err := s.load(ctx)
	if err != nil {
		return err
	}
	set, err := parseKeySet(text)
	if err == nil && !slices.EqualFunc(set.Keys, s.current.Load().Keys, sameKey) {
		s.current.Store(set) // the same keys stay the same pointer, under which tokens are kept
	}
	return err
}

func sameKey(a, b jose.JSONWebKey) bool {
	one, err := a.MarshalJSON()
	other, err2 := b.MarshalJSON()
	return err == nil && err2 == nil && string(one) == string(other)
}

// parseKeySet returns the public signature keys of a set. Others are left out: an issuer may
// have more than heyan needs.
func parseKeySet(text []byte) (*jose.JSONWebKeySet, error) {
	var raw struct {
		Keys []json.RawMessage `json:"keys"`
	}
	if err := json.Unmarshal(text, &raw); err != nil {
		return nil, errors.New("is no JSON Web Key Set; give a document with the member keys, as the issuer publishes it")
	}
	if len(raw.Keys) > maxSetKeys {
		return nil, fmt.Errorf("has more than %d keys", maxSetKeys)
	}
	set := new(jose.JSONWebKeySet)
	for _, one := range raw.Keys {
		var key jose.JSONWebKey
		if key.UnmarshalJSON(one) != nil || !key.Valid() || !key.IsPublic() || key.Use != "" && key.Use != "sig" {
			continue
		}
		if public, ok := key.Key.(*rsa.PublicKey); ok && public.N.BitLen() < minRSABits {
			continue
		}
		set.Keys = append(set.Keys, key)
	}
	if len(set.Keys) == 0 {
		return nil, errors.New("has no public signature key; an RSA key must have 2048 bits or more")
	}
	return set, nil
}

func readBounded(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, errors.New("cannot be read; check the path and the permissions")
	}
	defer func() { _ = f.Close() }()
	return bounded(f)
}

func bounded(r io.Reader) ([]byte, error) {
	text, err := io.ReadAll(io.LimitReader(r, maxKeySet+1))
	switch {
	case err != nil:
		return nil, errors.New("cannot be read to its end")
	case len(text) > maxKeySet:
		return nil, fmt.Errorf("is larger than %d KiB", maxKeySet>>10)
	}
	return text, nil
}

// discovery finds the keys of an issuer by OpenID Connect Discovery.
type discovery struct {
	client *http.Client
	issuer string
}

// newClient returns a client that follows no redirect and takes no proxy from the environment.
func newClient() *http.Client {
	return &http.Client{
		Transport:     &http.Transport{TLSClientConfig: &tls.Config{MinVersion: tls.VersionTLS12}, TLSHandshakeTimeout: readTime, DisableKeepAlives: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Timeout:       readTime,
	}
}

func (d discovery) load(ctx context.Context) ([]byte, error) {
	text, err := d.get(ctx, strings.TrimSuffix(d.issuer, "/")+"/.well-known/openid-configuration")
	if err != nil {
		return nil, fmt.Errorf("the discovery document %w", err)
	}
	var document struct {
		Issuer string `json:"issuer"`
		Keys   string `json:"jwks_uri"`
	}
	switch err := json.Unmarshal(text, &document); {
	case err != nil:
		return nil, errors.New("the discovery document is no JSON")
	case document.Issuer != d.issuer:
		return nil, errors.New("the discovery document is that of another issuer; write the issuer as the document does")
	case !safeURL(document.Keys):
		return nil, errors.New("the discovery document has no jwks_uri with https")
	}
	if text, err = d.get(ctx, document.Keys); err != nil {
		return nil, fmt.Errorf("the key set %w", err)
	}
	return text, nil
}

// get returns a document. The errors of the network are dropped, since they name addresses.
func (d discovery) get(ctx context.Context, url string) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, errors.New("has an invalid address")
	}
	request.Header.Set("Accept", "application/json")
	reply, err := d.client.Do(request)
	if err != nil {
		return nil, errors.New("cannot be fetched; check the issuer, its certificate and the network")
	}
	defer func() { _ = reply.Body.Close() }()
	if reply.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("was answered with the status %d", reply.StatusCode)
	}
	return bounded(reply.Body)
}
