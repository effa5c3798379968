package simulation

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// sample returns the patches that are planted in every run of the tests. Compiling them takes most
// of the time.
func sample() []string {
	return []string{"testdata/planted/01-failover-after-unknown.patch", "testdata/mutants/fleet-echo.patch"}
}

// TestMutantsAreFound plants a bug at a time and expects the simulation to find each: those of
// the sample, or all patches of the folders that HEYAN_MUTANTS lists.
func TestMutantsAreFound(t *testing.T) {
	patches := sample()
	if folders := os.Getenv("HEYAN_MUTANTS"); folders != "" {
		patches = nil
		for _, folder := range filepath.SplitList(folders) {
			list, err := filepath.Glob(filepath.Join(folder, "*.patch"))
			if err != nil || len(list) == 0 {
				t.Fatalf("%s has no patch: %v", folder, err)
			}
			patches = append(patches, list...)
		}
	}
	for _, patch := range patches {
		t.Run(strings.TrimSuffix(filepath.Base(patch), ".patch"), func(t *testing.T) {
			program := filepath.Join(t.TempDir(), "simulation.test")
			build := exec.CommandContext(t.Context(), "go", "test", "-c", fmt.Sprintf("-race=%v", raceDetector), "-ldflags=-s -w", "-overlay", plant(t, patch), "-o", program, ".")
			if out, err := build.CombinedOutput(); err != nil {
				t.Fatalf("the patched engine does not compile: %v\n%.2000s", err, out)
			}
			play := exec.CommandContext(t.Context(), program, "-test.run", "^TestEngineSimulation$", "-test.v")
			play.Env = append(os.Environ(), "HEYAN_SHRINK=0", "HEYAN_PROVE=")
			out, err := play.CombinedOutput()
			if err == nil {
				t.Fatalf("the simulation did not find it:\n%.1000s", out)
			}
			found := foundLine().FindAllString(string(out), 2)
			if found == nil {
				t.Fatalf("the simulation failed without a broken law: %v\n%.3000s", err, out)
			}
			t.Log(strings.Join(found, " "))
		})
	}
}

// TestPatchesApply: a change of the engine renews the patches that it concerns, although few of
// them are planted in every run.
func TestPatchesApply(t *testing.T) {
	t.Parallel()
	patches, err := filepath.Glob(filepath.Join("testdata", "*", "*.patch"))
	if err != nil || len(patches) < 30 {
		t.Fatalf("there are %d patches, %v", len(patches), err)
	}
	for _, patch := range patches {
		t.Run(strings.TrimSuffix(filepath.Base(patch), ".patch"), func(t *testing.T) { plant(t, patch) })
	}
}

func foundLine() *regexp.Regexp {
	return regexp.MustCompile(`HEYAN_SEED=.* breaks the law .*"|\S+  Then .*|panic: deadlock.*`)
}

// plant applies a patch to copies of the files that it changes, and returns the overlay that
// makes the compiler read the copies.
func plant(t *testing.T, patch string) string {
	t.Helper()
	root, err := filepath.Abs(filepath.Join("..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(patch)
	if err != nil {
		t.Fatal(err)
	}
	copies := t.TempDir()
	overlay := struct{ Replace map[string]string }{map[string]string{}}
	for _, name := range regexp.MustCompile(`(?m)^\+\+\+ b/(\S+)`).FindAllSubmatch(text, -1) {
		from, to := filepath.Join(root, string(name[1])), filepath.Join(copies, string(name[1]))
		overlay.Replace[from] = to
		if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
			t.Fatal(err)
		}
		if whole, err := os.ReadFile(from); err == nil { // else the patch adds it
			if err := os.WriteFile(to, whole, 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	apply := exec.CommandContext(t.Context(), "git", "apply", "-")
	apply.Dir, apply.Stdin = copies, bytes.NewReader(text)
	apply.Env = append(os.Environ(), "GIT_CEILING_DIRECTORIES="+filepath.Dir(copies))
	if out, err := apply.CombinedOutput(); err != nil {
		t.Fatalf("the patch does not apply: %v\n%s", err, out)
	}
	list, err := json.Marshal(overlay)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(copies, "overlay.json")
	if err := os.WriteFile(file, list, 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}
