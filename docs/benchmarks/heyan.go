package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
)

// heyan is a daemon in one of its forms.
type heyan struct {
	store          string // memory, sqlite or postgres
	plugin, policy bool   // the adapter in a process of its own; consent, abuse detection, a limit and tracing
}

// secret is the credential and the keys that a daemon without a SQLite file needs.
const secret = "BENCHMARKS_SECRET"

func (h heyan) start(ctx context.Context, e environment) (*system, error) {
	dsn, database, err := h.database(ctx, e)
	if err != nil {
		return nil, err
	}
	s := &system{right: rightVerdict, close: func() error { return nil }}
	if database != nil {
		s.database, s.close = database.pid, database.stop
	}
	if err := h.launch(ctx, e, s, dsn); err != nil {
		_ = s.close()
		return nil, err
	}
	s.write(e.people, make([]string, len(e.people)))
	if h.policy {
		s.renew = func(ctx context.Context) error { return s.consents(ctx, e.people) }
	}
	return s, nil
}

// launch starts the daemon and buys a package.
func (h heyan) launch(ctx context.Context, e environment, s *system, dsn string) error {
	conf, err := h.config(e, dsn)
	if err != nil {
		return err
	}
	file := filepath.Join(e.dir, "heyan.yaml")
	if err := os.WriteFile(file, conf, 0o600); err != nil {
		return err
	}
	env := []string{secret + "_DSN=" + dsn, secret + "_APPCODE=" + appCode}
	for _, key := range []string{"A", "B", "C"} {
		env = append(env, secret+"_"+key+"="+strings.Repeat("0"+strings.ToLower(key), 32))
	}
	if h.policy {
		env = append(env, "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT=http://"+e.vendor+"/v1/traces")
	}
	own, address, err := launch(true, env, e.o.heyan, "serve", "--config", file)
	if errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("%w; make build builds the binary", err)
	}
	if err != nil {
		return err
	}
	closeDatabase := s.close
	s.own, s.address, s.close = own, address, func() error {
		return errors.Join(own.stop(), closeDatabase())
	}
	_, err = s.post(ctx, "/v1/ledger/lots", map[string]any{"id": "idcert", "provider": "idcert", "units": 1_000_000_000, "amount": "50000000"})
	return err
}

// database returns the data source of the store, and its server if it has one.
func (h heyan) database(ctx context.Context, e environment) (dsn string, server *postgres, err error) {
	switch h.store {
	case "sqlite":
		return "file:" + filepath.Join(e.dir, "heyan.db"), nil, nil
	case "postgres":
		server, err = startPostgres(ctx, e.dir)
		if err != nil {
			return "", nil, err
		}
		return server.dsn(), server, nil
	}
	return "", nil, nil
}

// config returns a configuration in JSON, which is YAML. What it does not name has its default.
func (h heyan) config(e environment, dsn string) ([]byte, error) {
	provider := map[string]any{
		"name": "idcert", "recipient_contact": "400-000-0002",
		"settings": map[string]string{"base_url": "http://" + e.vendor, "appcode": "env:" + secret + "_APPCODE"},
		// On a busy machine a call may take long; that is no outage here.
		"limits": map[string]any{"concurrency": idleConnections, "timeout": "20s", "connect": "20s", "breaker_failures": 1000},
	}
	if !h.plugin {
		provider["use"] = "idcert"
	} else {
		text, err := os.ReadFile(e.o.plugin)
		if err != nil {
			return nil, fmt.Errorf("%w; make build builds the plugin", err)
		}
		path, err := filepath.Abs(e.o.plugin)
		if err != nil {
			return nil, err
		}
		sum := sha256.Sum256(text)
		provider["plugin"] = map[string]any{"path": path, "sha256": hex.EncodeToString(sum[:]), "start_timeout": "30s"}
	}
	store := map[string]string{"driver": h.store}
	switch h.store {
	case "sqlite":
		store["dsn"] = dsn
	case "postgres":
		store["dsn"] = "env:" + secret + "_DSN"
	}
	policy := map[string]any{"consent": map[string]any{"mode": "off"}}
	if h.policy {
		policy = h.full()
	}
	conf := map[string]any{
		"listen": "127.0.0.1:0", "admin_listen": "127.0.0.1:0", "log": map[string]string{"level": "warn", "format": "text"},
		"store": store, "auth": map[string]string{"mode": "none"}, "policy": policy,
		"providers": []any{provider}, "routes": []any{map[string]any{"check": "id_name", "providers": []string{"idcert"}}},
		"max_requests": 10_000, "timeout": "30s",
	}
	if h.policy {
		conf["telemetry"] = map[string]any{"sample_ratio": tracedShare}
	}
	if h.store == "postgres" {
		conf["idempotency"] = map[string]string{"key": "env:" + secret + "_C"}
	}
	return json.Marshal(conf)
}

// tracedShare is the share of verifications that are traced under full policy.
const tracedShare = 0.01

// full is the policy with consents, abuse detection, which comes with them, and one limit.
func (h heyan) full() map[string]any {
	policy := map[string]any{
		"consent": map[string]any{
			"mode": "required", "uses": 1000, "min_review": "0s",
			"controller": map[string]string{"name": "某某商城有限公司", "contact": "400-000-0001"},
		},
		"limits": []any{map[string]any{"per": "app", "window": "day", "most": 1_000_000_000}},
	}
	if h.store != "sqlite" { // which makes its keys itself
		policy["keys"] = []any{map[string]string{"id": "k1", "secret": "env:" + secret + "_A"}}
		policy["consent"].(map[string]any)["receipt_key"] = "env:" + secret + "_B" //nolint:forcetypeassert // set above
	}
	return policy
}

// write sets the requests, each under a consent or under none.
func (s *system) write(people []person, consents []string) {
	s.requests = nil
	for n, p := range people {
		body := fmt.Sprintf(`{"check":"id_name","subject":{"name":"%s","id_number":"%s"}}`, p.name, p.number)
		if consents[n] != "" {
			body = fmt.Sprintf(`{"check":"id_name","app":"shop","purpose":"开立账户","consent_id":"%s","subject":{"name":"%s","id_number":"%s"}}`, consents[n], p.name, p.number)
		}
		s.requests = append(s.requests, fmt.Appendf(nil, "POST /v1/verifications HTTP/1.1\r\nHost: %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", s.address, len(body), body))
	}
}

// rightVerdict reports whether a result has the truth about a person and nothing else, from an
// answer of the vendor about this person.
func rightVerdict(p person, body []byte) bool {
	verdicts := map[bool]string{true: `"verdict":"match"`, false: `"verdict":"mismatch"`}
	return bytes.Contains(body, []byte(verdicts[p.match])) && !bytes.Contains(body, []byte(verdicts[!p.match])) && bytes.Contains(body, []byte(reference(p.number, p.name)))
}

// consents lets every person give a new consent, and sets the requests.
func (s *system) consents(ctx context.Context, people []person) error {
	ids, faults := make([]string, len(people)), make([]error, len(people))
	var askers sync.WaitGroup
	for from := range 16 {
		askers.Go(func() {
			for n := from; n < len(people); n += 16 {
				ids[n], faults[n] = s.consent(ctx, people[n])
			}
		})
	}
	askers.Wait()
	for _, err := range faults {
		if err != nil {
			return err
		}
	}
	s.write(people, ids)
	return nil
}

func (s *system) consent(ctx context.Context, p person) (string, error) {
	var drafted struct {
		ID   string
		Hash string `json:"text_hash"`
	}
	text, err := s.post(ctx, "/v1/consents", map[string]any{"app": "shop", "purpose": "开立账户", "subject": map[string]string{"name": p.name, "id_number": p.number}})
	if err == nil {
		err = json.Unmarshal(text, &drafted)
	}
	if err == nil {
		_, err = s.post(ctx, "/v1/consents/"+drafted.ID+":present", map[string]string{"session": "benchmarks"})
	}
	if err == nil {
		_, err = s.post(ctx, "/v1/consents/"+drafted.ID+":give", map[string]string{"text_hash": drafted.Hash, "action": "checkbox"})
	}
	return drafted.ID, err
}

func (s *system) post(ctx context.Context, path string, body any) ([]byte, error) {
	text, err := json.Marshal(body)
	if err != nil {
		return nil, err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+s.address+path, bytes.NewReader(text))
	if err != nil {
		return nil, err
	}
	r.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		return nil, err
	}
	defer func() { _ = resp.Body.Close() }()
	text, err = io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode >= http.StatusMultipleChoices {
		err = fmt.Errorf("%s: status %d: %s", path, resp.StatusCode, text)
	}
	return text, err
}
