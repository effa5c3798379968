package clients

import (
	"encoding/json"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// runExample runs the program whose lines are on the page.
func (d daemon) runExample(t *testing.T, command []string) {
	cmd := exec.CommandContext(t.Context(), command[0], append(command[1:], name, number, d.consent())...)
	cmd.Env = append(os.Environ(), "HEYAN_URL="+d.url, "HEYAN_KEY="+d.key, "LC_ALL=C.UTF-8")
	out, err := cmd.CombinedOutput()
	text := string(out)
	if err != nil || !strings.HasPrefix(text, "match") && !strings.Contains(text, `"verdict":"match"`) {
		t.Errorf("%v, it printed %q, want a match", err, out)
	}
}

// consent makes a consent without a client.
func (d daemon) consent() string {
	d.Helper()
	var c struct {
		ID   string `json:"id"`
		Hash string `json:"text_hash"`
	}
	d.post("/v1/consents", `{"purpose":"account_opening","app":"shop","subject":{"name":"`+name+`","id_number":"`+number+`"}}`, &c)
	d.post("/v1/consents/"+c.ID+":present", `{}`, nil)
	d.post("/v1/consents/"+c.ID+":give", `{"action":"checkbox","text_hash":"`+c.Hash+`"}`, nil)
	return c.ID
}

func (d daemon) post(path, body string, into any) {
	d.Helper()
	request, err := http.NewRequest(http.MethodPost, d.url+path, strings.NewReader(body))
	if err != nil {
		d.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+d.key)
	request.Header.Set("Content-Type", "application/json")
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		d.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	if answer.StatusCode > http.StatusCreated {
		d.Fatalf("POST %s: %s", path, answer.Status)
	}
	if into == nil {
		return
	}
	if err := json.NewDecoder(answer.Body).Decode(into); err != nil {
		d.Fatal(err)
	}
}

// TestPageShowsTheExamples: the page shows the lines of the programs that TestClients runs.
func TestPageShowsTheExamples(t *testing.T) {
	t.Parallel()
	files := []string{"curl/example.sh", "go/heyan/internal/example/main.go", "java/Example.java", "python/example.py", "node/example.mjs"}
	page := read(t, "../clients.md")
	for _, file := range files {
		if lines := marked(t, file); !strings.Contains(page, "\n"+lines+"```\n") {
			t.Errorf("clients.md does not show the lines of %s:\n%s", file, lines)
		}
	}
}

// marked returns the lines of a program between its marks, without their indentation.
func marked(t *testing.T, file string) string {
	t.Helper()
	_, text, begins := strings.Cut(read(t, file), "page: begin\n")
	text, _, ends := strings.Cut(text, "page: end")
	if !begins || !ends {
		t.Fatalf("%s has no marks", file)
	}
	text = text[:strings.LastIndexByte(text, '\n')+1]
	indent := text[:len(text)-len(strings.TrimLeft(text, " \t"))]
	return strings.ReplaceAll("\n"+text, "\n"+indent, "\n")[1:]
}

// TestTypesOfNode: the types name what the module exports.
func TestTypesOfNode(t *testing.T) {
	t.Parallel()
	types := read(t, "node/heyan.d.mts")
	count := 0
	for line := range strings.Lines(read(t, "node/heyan.mjs")) {
		words := strings.Fields(line)
		if len(words) < 3 || words[0] != "export" {
			continue
		}
		count++
		if !strings.Contains(types, "export "+words[1]+" "+words[2]) {
			t.Errorf("heyan.d.mts has no %s %s", words[1], words[2])
		}
	}
	if count < 7 {
		t.Errorf("%d exports, want more", count)
	}
}

func read(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
