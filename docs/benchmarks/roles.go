package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"time"
)

// The mock vendor and the reverse proxy are processes of this program, so that the processor
// time of each can be told apart. These variables say which one, and where the vendor is.
const (
	roleVariable   = "BENCHMARKS_ROLE"
	vendorVariable = "BENCHMARKS_VENDOR"
)

// appCode is the credential of the mock vendor.
const appCode = "benchmarks"

// serve plays a role until ctx ends. It prints the address as heyan does.
func serve(ctx context.Context, role string, stdout io.Writer) error {
	handler, err := handlerOf(role)
	if err != nil {
		return err
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	if err := json.NewEncoder(stdout).Encode(map[string]string{"listen": listener.Addr().String()}); err != nil {
		return err
	}
	server := &http.Server{Handler: handler, ReadHeaderTimeout: time.Minute}
	context.AfterFunc(ctx, func() { _ = server.Close() })
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

func handlerOf(role string) (http.Handler, error) {
	switch role {
	case "mock":
		mux := http.NewServeMux()
		mux.HandleFunc("GET /idcard", answer)
		mux.HandleFunc("POST /v1/traces", func(_ http.ResponseWriter, r *http.Request) { _, _ = io.Copy(io.Discard, r.Body) })
		return mux, nil
	case "proxy":
		target, err := url.Parse(os.Getenv(vendorVariable))
		if err != nil {
			return nil, err
		}
		proxy := &httputil.ReverseProxy{
			Rewrite:   func(r *httputil.ProxyRequest) { r.SetURL(target) },
			Transport: &http.Transport{MaxIdleConnsPerHost: idleConnections},
		}
		return proxy, nil
	}
	return nil, fmt.Errorf("%s: unknown role %q", roleVariable, role)
}

// idleConnections is how many connections to the vendor each system may keep. With fewer than
// there are requests at once, a proxy would connect anew for most of them.
const idleConnections = 512

// answer is the mock vendor: it verifies the credential and answers in the form of idcert.
func answer(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	number, name := query.Get("idCard"), query.Get("name")
	if r.Header.Get("Authorization") != "APPCODE "+appCode || len(number) != 18 || name == "" {
		w.WriteHeader(http.StatusForbidden)
		return
	}
	status, message := "02", "实名认证不通过!"
	if matches(number) {
		status, message = "01", "实名认证通过!"
	}
	w.Header().Set("Content-Type", "application/json;charset=utf-8")
	_, _ = fmt.Fprintf(w, `{"status":"%s","msg":"%s","idCard":"%s*****%s","name":"%c**","traceId":"%s"}`,
		status, message, number[:2], number[14:], []rune(name)[0], reference(number, name))
}
