package clients

import (
	"bufio"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// task is a case for a driver, result is what the driver says. driver.md describes both.
type task struct {
	Op             string `json:"op"`
	BaseURL        string `json:"base_url"`
	Key            string `json:"key"`
	TimeoutMS      int    `json:"timeout_ms"`
	TryTimeoutMS   int    `json:"try_timeout_ms"`
	AllowPlainHTTP bool   `json:"allow_plain_http"`
	Check          string `json:"check"`
	Name           string `json:"name"`
	IDNumber       string `json:"id_number"`
	Purpose        string `json:"purpose"`
	ConsentID      string `json:"consent_id"`
	App            string `json:"app"`
	IdempotencyKey string `json:"idempotency_key"`
	ID             string `json:"id"`
}

type result struct {
	Error          string    `json:"error"`
	Problem        string    `json:"problem"`
	Status         int       `json:"status"`
	Rule           string    `json:"rule"`
	RetryAfterMS   int64     `json:"retry_after_ms"`
	Tries          int       `json:"tries"`
	IdempotencyKey string    `json:"idempotency_key"`
	ID             string    `json:"id"`
	Verdict        string    `json:"verdict"`
	Reason         string    `json:"reason"`
	State          string    `json:"state"`
	Attempts       []attempt `json:"attempts"`
	Names          []string  `json:"names"`
	Printed        string    `json:"printed"`
}

type attempt struct {
	Provider string `json:"provider"`
	Verdict  string `json:"verdict"`
	Failure  string `json:"failure"`
	Charge   string `json:"charge"`
}

// language is a row of the matrix.
type language struct {
	name    string
	needs   []string // programs
	prepare func(t *testing.T, out string) (driver, example []string)
}

func languages() []language {
	return []language{
		{"go", []string{"go"}, func(t *testing.T, out string) (driver, example []string) {
			compile(t, "go/heyan", "go", "build", "-o", out, "./internal/...")
			return []string{filepath.Join(out, "driver")}, []string{filepath.Join(out, "example")}
		}},
		{"java", []string{"javac", "java"}, func(t *testing.T, out string) (driver, example []string) {
			compile(t, "java", "javac", "-encoding", "UTF-8", "-Xlint:all", "-Werror", "-d", out, "Heyan.java", "Driver.java", "Example.java")
			java := []string{"java", "-Dfile.encoding=UTF-8", "-Dsun.jnu.encoding=UTF-8", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-cp", out}
			return append(java, "Driver"), append(java[:len(java):len(java)], "Example")
		}},
		{"python", []string{"python3"}, func(*testing.T, string) (driver, example []string) {
			return []string{"python3", "-B", "python/driver.py"}, []string{"python3", "-B", "python/example.py"}
		}},
		{"node", []string{"node"}, func(*testing.T, string) (driver, example []string) {
			return []string{"node", "node/driver.mjs"}, []string{"node", "node/example.mjs"}
		}},
		{"curl", []string{"curl", "uuidgen"}, func(*testing.T, string) (driver, example []string) {
			return nil, []string{"curl/example.sh"}
		}},
	}
}

// programs returns the commands of the language, or skips the test if it is not installed.
func (l language) programs(t *testing.T) (driver, example []string) {
	t.Helper()
	for _, program := range l.needs {
		if _, err := exec.LookPath(program); err != nil {
			t.Skipf("%s is not installed", program)
		}
	}
	return l.prepare(t, t.TempDir())
}

func compile(t *testing.T, dir, program string, args ...string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), program, args...)
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", cmd, err, out)
	}
}

// driver is a running program that makes calls with one of the clients.
type driver struct {
	*testing.T

	in  *json.Encoder
	out *bufio.Reader
}

func startDriver(t *testing.T, command []string) driver {
	t.Helper()
	cmd := exec.Command(command[0], command[1:]...)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = in.Close()
		_, _ = io.Copy(io.Discard, out)
		if err := cmd.Wait(); err != nil {
			t.Errorf("the driver ended with %v", err)
		}
	})
	return driver{t, json.NewEncoder(in), bufio.NewReader(out)}
}

func (d driver) do(t *testing.T, work *task) (r result) {
	t.Helper()
	if err := d.in.Encode(work); err != nil {
		t.Fatal(err)
	}
	line, err := d.out.ReadBytes('\n')
	if err == nil {
		err = json.Unmarshal(line, &r)
	}
	if err != nil {
		t.Fatalf("the driver printed %q: %v", line, err)
	}
	return r
}
