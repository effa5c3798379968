package assemble

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"
	"unicode/utf8"

	"github.com/heyan-id/heyan/config"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/plugins"
)

const (
	maxPrinted = 64 << 10 // bytes that a helper may print
	// helperPipes is how long a child of a helper that has ended may keep its output open.
	helperPipes = time.Second
)

// runHelper runs a secret helper and returns what it prints, without white space round it.
// The helper gets no input, no shell and a minimal environment. Neither its output nor its
// error output is in the error.
func runHelper(ctx context.Context, h config.SecretHelper, lookupEnv func(string) (string, bool)) (idv.Sensitive, error) {
	path, err := helperProgram(h.Command[0])
	if err != nil {
		return idv.Sensitive{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, h.Timeout)
	defer cancel()
	out, errOut := &boundedOutput{stop: cancel}, &boundedOutput{stop: func() {}}
	cmd := exec.CommandContext(ctx, path)
	// Some programs act by the name that they are called by.
	cmd.Args, cmd.Env, cmd.Dir = h.Command, helperEnv(h, lookupEnv), string(filepath.Separator)
	cmd.Stdout, cmd.Stderr, cmd.WaitDelay = out, errOut, helperPipes
	ownGroup(cmd)
	err = cmd.Run()
	var exit *exec.ExitError
	switch {
	case out.total > maxPrinted:
		return idv.Sensitive{}, fmt.Errorf("the helper printed more than %d bytes; let it print the secret alone", maxPrinted)
	case ctx.Err() != nil:
		return idv.Sensitive{}, fmt.Errorf("the helper did not end within its timeout of %v; run it by hand, or raise the timeout", h.Timeout)
	case errors.As(err, &exit):
		return idv.Sensitive{}, fmt.Errorf("the helper failed with %q and %d bytes of error output, which are not shown; run it by hand", exit.String(), errOut.total)
	case err != nil && !errors.Is(err, exec.ErrWaitDelay):
		return idv.Sensitive{}, errors.New("the helper could not be started; run it by hand as the user of heyan")
	}
	return printedSecret(out.bytes)
}

func printedSecret(text []byte) (idv.Sensitive, error) {
	text = bytes.TrimSpace(text)
	switch {
	case len(text) == 0:
		return idv.Sensitive{}, errors.New("the helper printed nothing")
	case !utf8.Valid(text) || bytes.ContainsRune(text, 0):
		return idv.Sensitive{}, errors.New("the helper printed something else than UTF-8 text")
	}
	return idv.NewSensitive(string(text)), nil
}

// helperProgram returns the file behind the path of a helper's program. Whoever can replace
// it reads the secrets, so only root and this user may, as with the programs of plugins.
func helperProgram(path string) (string, error) {
	file, err := filepath.EvalSymlinks(path)
	if err != nil {
		return "", errors.New("the helper's program does not exist or cannot be reached; check the path")
	}
	folder, err := os.Stat(filepath.Dir(file))
	if err == nil && folder.Mode().Perm()&0o002 != 0 {
		return "", errors.New("others can replace the helper's program, since everybody can write its folder; run chmod o-w on the folder")
	}
	err = plugins.Inspect(plugins.Spec{Path: file})
	var refused *plugins.Error
	switch {
	case err == nil:
		return file, nil
	case errors.As(err, &refused) && refused.Reason == plugins.ReasonUnsafeFile:
		return "", errors.New("others can replace the helper's program; it must belong to root or to the user of heyan, and only they may write it")
	}
	return "", errors.New("the helper's program cannot be executed; check that it is a file with the mode for it")
}

// helperEnv is the environment of a helper.
func helperEnv(h config.SecretHelper, lookupEnv func(string) (string, bool)) []string {
	env := []string{"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LANG=C.UTF-8"}
	for _, name := range append([]string{"HOME"}, h.Env...) {
		if value, ok := lookupEnv(name); ok {
			env = append(env, name+"="+value)
		}
	}
	return env
}

// boundedOutput keeps the first bytes that a helper prints, and counts all. It calls stop when
// there are too many.
type boundedOutput struct {
	bytes []byte
	total int
	stop  func()
}

// Write never fails.
func (o *boundedOutput) Write(b []byte) (int, error) {
	o.bytes = append(o.bytes, b[:min(len(b), maxPrinted-len(o.bytes))]...)
	o.total += len(b)
	if o.total > maxPrinted {
		o.stop()
	}
	return len(b), nil
}
