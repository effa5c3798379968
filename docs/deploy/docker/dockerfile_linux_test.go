package docker

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// image is what the last stage of the Dockerfile states.
type image struct {
	copies  []copied
	user    int
	workdir string
	volume  string
	health  []string
	command []string // entry point and its arguments
}

// copied is a COPY of the first stage's folder.
type copied struct {
	from, to string
	owner    int
	mode     fs.FileMode // of the files and folders; 0 as they are
}

// readDockerfile reads the instructions of the last stage. One that it does not know is an
// error, so that the test does not run another image than the file describes.
func readDockerfile(t *testing.T) image {
	t.Helper()
	text, err := os.ReadFile("Dockerfile")
	if err != nil {
		t.Fatal(err)
	}
	_, last, found := strings.Cut(string(text), "\nFROM scratch\n")
	if !found || strings.Contains(last, "\nFROM ") || !strings.Contains(string(text), "\nRUN sh docs/deploy/docker/image.sh /image\n") {
		t.Fatal("the Dockerfile does not end with a stage FROM scratch of what image.sh makes")
	}
	var i image
	var arguments []string
	for line := range strings.Lines(last) {
		instruction, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
		switch instruction {
		case "COPY":
			i.copies = append(i.copies, readCopy(t, rest))
		case "USER":
			user, group, _ := strings.Cut(rest, ":")
			if i.user, err = strconv.Atoi(user); err != nil || user != group {
				t.Fatalf("USER %s, want a number twice, which Kubernetes needs for runAsNonRoot", rest)
			}
		case "WORKDIR":
			i.workdir = rest
		case "VOLUME":
			i.volume = rest
		case "HEALTHCHECK":
			_, words, _ := strings.Cut(rest, "CMD ")
			i.health = wordsOf(t, words)
		case "ENTRYPOINT":
			i.command = wordsOf(t, rest)
		case "CMD":
			arguments = wordsOf(t, rest)
		case "EXPOSE", "":
		default:
			t.Fatalf("the test does not know the instruction %s", instruction)
		}
	}
	i.command = append(i.command, arguments...)
	return i
}

func wordsOf(t *testing.T, text string) (words []string) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), &words); err != nil {
		t.Fatalf("%s: %v; there is no shell in the image", text, err)
	}
	return words
}

func readCopy(t *testing.T, text string) copied {
	t.Helper()
	var c copied
	var paths []string
	for _, word := range strings.Fields(text) {
		switch name, value, _ := strings.Cut(word, "="); name {
		case "--from":
		case "--chown":
			if _, err := fmt.Sscanf(value, "%d:", &c.owner); err != nil {
				t.Fatalf("COPY %s: %v", text, err)
			}
		case "--chmod":
			mode, err := strconv.ParseUint(value, 8, 32)
			if err != nil {
				t.Fatalf("COPY %s: %v", text, err)
			}
			c.mode = fs.FileMode(mode)
		default:
			paths = append(paths, word)
		}
	}
	if len(paths) != 2 {
		t.Fatalf("COPY %s: %d paths, want 2", text, len(paths))
	}
	c.from, c.to = paths[0], paths[1]
	return c
}

// assemble makes the files of the image in a folder and returns it.
func (i image) assemble(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	built, root := filepath.Join(dir, "image"), filepath.Join(dir, "root")
	build := exec.Command("sh", "docs/deploy/docker/image.sh", built)
	build.Dir = "../../.."
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	for _, c := range i.copies {
		from := filepath.Join(built, strings.TrimPrefix(c.from, "/image"))
		to := filepath.Join(root, c.to)
		err := filepath.WalkDir(from, func(path string, d fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			info, err := d.Info()
			if err != nil {
				return err
			}
			name, err := filepath.Rel(from, path)
			if err != nil {
				return err
			}
			return c.put(path, filepath.Join(to, name), info)
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return root
}

func (c copied) put(from, to string, info fs.FileInfo) error {
	if info.IsDir() {
		if err := os.MkdirAll(to, 0o755); err != nil {
			return err
		}
	} else if err := os.Rename(from, to); err != nil {
		return err
	}
	mode := info.Mode() & (fs.ModePerm | fs.ModeSticky)
	if c.mode != 0 {
		mode = c.mode
	}
	if err := os.Chown(to, c.owner, c.owner); err != nil {
		return err
	}
	return os.Chmod(to, mode)
}
