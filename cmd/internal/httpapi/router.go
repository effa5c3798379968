package httpapi

import (
	"net/http"
	"net/url"
	pathpkg "path"
	"strings"
)

// router is a ServeMux whose paths may end in an action, as /v1/providers/{name}:drain.
// What it does not serve gets a problem: 405 with Allow if the path has other methods,
// else 404.
type router struct {
	*http.ServeMux

	paths string // where a caller finds the paths, for the problem
}

// HandleFunc registers a pattern of the form "METHOD /path".
func (r router) HandleFunc(pattern string, handler func(http.ResponseWriter, *http.Request)) {
	method, path, _ := strings.Cut(pattern, " ")
	r.ServeMux.HandleFunc(method+" "+actionFirst(path), handler)
}

// ServeHTTP serves the request, or writes the problem.
func (r router) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	path := request.URL.EscapedPath()
	// Only actionFirst makes paths with the mark. ServeMux would redirect an unclean path.
	if strings.HasPrefix(path, actionMark) || path != pathpkg.Clean(path) {
		writeProblem(w, r.unknownPath())
		return
	}
	if moved := actionFirst(path); moved != path {
		request = withPath(request, moved)
	}
	handler, pattern := r.Handler(request)
	if pattern == "" {
		writeProblem(w, r.unserved(handler, request))
		return
	}
	if !strings.Contains(pattern, "{") { // ServeMux would find the handler again, to set the values of wildcards
		handler.ServeHTTP(w, request)
		return
	}
	r.ServeMux.ServeHTTP(w, request)
}

// template returns the path of the route that serves a request, as the OpenAPI document has
// it, or "unmatched".
func (r router) template(request *http.Request) string {
	path := request.URL.EscapedPath()
	if strings.HasPrefix(path, actionMark) || path != pathpkg.Clean(path) {
		return "unmatched"
	}
	if moved := actionFirst(path); moved != path {
		request = withPath(request, moved)
	}
	_, pattern := r.Handler(request)
	_, path, found := strings.Cut(pattern, " ")
	if !found {
		return "unmatched"
	}
	if rest, ok := strings.CutPrefix(path, actionMark); ok {
		action, resource, _ := strings.Cut(rest, "/")
		return "/" + resource + ":" + action
	}
	return path
}

// actionMark begins a path with an action in the ServeMux.
const actionMark = "/:"

// actionFirst moves the action of a path to its front, since a wildcard of ServeMux ends
// where its segment ends: /v1/providers/a:drain becomes /:drain/v1/providers/a.
func actionFirst(path string) string {
	resource, action, found := strings.Cut(path[strings.LastIndexByte(path, '/')+1:], ":")
	if !found {
		return path
	}
	return actionMark + action + path[:strings.LastIndexByte(path, '/')+1] + resource
}

// withPath returns the request with another escaped path.
func withPath(r *http.Request, path string) *http.Request {
	plain, err := url.PathUnescape(path)
	if err != nil {
		return r // the server has parsed the same escapes before
	}
	moved, u := *r, *r.URL
	u.Path, u.RawPath = plain, path
	moved.URL = &u
	return &moved
}

// unserved returns the problem of a request for which ServeMux has no pattern, by the
// status and the methods of the handler that it gives.
func (r router) unserved(handler http.Handler, request *http.Request) *Problem {
	answer := header{values: http.Header{}}
	handler.ServeHTTP(&answer, request)
	if answer.status != http.StatusMethodNotAllowed {
		return r.unknownPath()
	}
	p := newProblem(http.StatusMethodNotAllowed, "method_not_allowed", "this path does not have this method; the header Allow lists its methods")
	p.allow = answer.values.Get("Allow")
	return p
}

func (r router) unknownPath() *Problem {
	return newProblem(http.StatusNotFound, "not_found", "no resource has this path; "+r.paths)
}

// header is a response without its body.
type header struct {
	values http.Header
	status int
}

// Header returns the headers.
func (h *header) Header() http.Header { return h.values }

// Write discards the body.
func (h *header) Write(p []byte) (int, error) { return len(p), nil }

// WriteHeader keeps the status.
func (h *header) WriteHeader(status int) { h.status = status }
