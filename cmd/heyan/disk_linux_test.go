package main

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// diskChild is the environment variable that makes TestDisk the child process, which may
// mount file systems.
const diskChild = "TEST_DISK_CHILD"

// TestDisk gives a daemon a small file system, fills it, and makes it read-only. It runs in a
// namespace of its own, where any user may mount one.
func TestDisk(t *testing.T) {
	t.Parallel()
	if os.Getenv(diskChild) != "" {
		disk := smallDisk(t)
		diskIsFull(t, disk)
		diskIsReadOnly(t, disk)
		return
	}
	child := exec.Command(os.Args[0], "-test.run=^TestDisk$", "-test.v")
	child.Env = append(os.Environ(), diskChild+"=1")
	child.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags:  syscall.CLONE_NEWUSER | syscall.CLONE_NEWNS,
		UidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getuid(), Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getgid(), Size: 1}},
	}
	out := new(strings.Builder)
	child.Stdout, child.Stderr = out, out
	if err := child.Start(); err != nil {
		t.Skipf("this machine allows no namespaces: %v", err)
	}
	if err := child.Wait(); err != nil {
		t.Errorf("%v:\n%s", err, out)
	} else if strings.Contains(out.String(), "--- SKIP") {
		t.Skip(out)
	}
}

// smallDisk mounts a file system of 3 MiB.
func smallDisk(t *testing.T) string {
	t.Helper()
	disk := filepath.Join(t.TempDir(), "disk")
	if err := os.Mkdir(disk, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mount("disk", disk, "tmpfs", 0, "size=3m,mode=700"); err != nil {
		t.Skipf("this machine allows no mount: %v", err)
	}
	t.Cleanup(func() { _ = syscall.Unmount(disk, syscall.MNT_DETACH) })
	return disk
}

// diskIsFull: a daemon whose disk is full makes no call and says why, and goes on without a
// restart when there is space.
func diskIsFull(t *testing.T, disk string) {
	h := startHanging(t, fmt.Sprintf("{driver: sqlite, dsn: %q}", "file:"+filepath.Join(disk, "heyan.db")), "")
	h.paid("before")
	filler := filepath.Join(disk, "filler")
	if err := os.WriteFile(filler, make([]byte, 4<<20), 0o600); err == nil {
		t.Fatal("the disk was not filled")
	}
	h.cannotWrite(t)
	if err := os.Remove(filler); err != nil {
		t.Fatal(err)
	}
	h.writesAgain(t)
}

// cannotWrite expects a daemon that refuses requests and makes no call. What a full disk still
// has space for may be answered.
func (h *hanging) cannotWrite(t *testing.T) {
	t.Helper()
	for n := range 1000 {
		before := h.calls()
		a, err := h.verify("full-" + strconv.Itoa(n))
		if err == nil && a.status == 200 {
			continue
		}
		h.unavailable("verify", a, err)
		if now := h.calls(); now != before {
			t.Errorf("the vendor saw %d calls for a request that was refused", now-before)
		}
		break
	}
	if a, err := h.do("GET", h.at.AdminListen+"/readyz", ""); err != nil || a.status != 503 || !strings.Contains(a.body, `"store_unwritable"`) {
		t.Errorf("readiness: %v, status %d: %s", err, a.status, a.body)
	}
	if a, err := h.do("GET", h.at.AdminListen+"/metrics", ""); err != nil || !strings.Contains(a.body, `heyan_store_commit_duration_seconds_count{result="failed"}`) {
		t.Errorf("the metric: %v, status %d", err, a.status)
	}
}

// writesAgain expects that the daemon works, and stops it.
func (h *hanging) writesAgain(t *testing.T) {
	t.Helper()
	h.ready()
	before := h.calls()
	h.paid("after")
	if now := h.calls(); now != before+1 {
		t.Errorf("the vendor saw %d calls, want one", now-before)
	}
	if err := h.process.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := h.process.Wait(); err != nil {
		t.Errorf("the daemon ended with %v", err)
	}
	for _, line := range []string{`"msg":"the store cannot write"`, `"msg":"the store can write again"`, `"msg":"stopped","orderly":true`} {
		if strings.Count(h.stderr.String(), line) != 1 {
			t.Errorf("want one line with %s in\n%s", line, &h.stderr)
		}
	}
}

func (h *hanging) calls() int64 { return h.vendor.Stats()["idcert-a"].Requests }

// diskIsReadOnly: on a disk that is mounted read-only, every command that writes ends with the
// remedy, and what is there stays as it is.
func diskIsReadOnly(t *testing.T, disk string) {
	config := filepath.Join(t.TempDir(), "heyan.yaml")
	database := filepath.Join(disk, "heyan.db")
	if err := os.WriteFile(config, []byte(strings.NewReplacer("FOLDER/heyan.db", database, "END", "").Replace(soundConfig)), 0o600); err != nil {
		t.Fatal(err)
	}
	empty := strings.NewReplacer("FOLDER", disk, "heyan.db", "none.db", "END", "").Replace(soundConfig)
	fresh := filepath.Join(t.TempDir(), "fresh.yaml")
	if err := os.WriteFile(fresh, []byte(empty), 0o600); err != nil {
		t.Fatal(err)
	}
	environ := []string{"CODE=c0de", "LANG=C"}
	if code, out, errs := once(t, environ, "", "ledger", "lots", "add", "--config", config, "--provider", "a", "--units", "10", "--amount", "1", "--id", "L1"); code != exitDone {
		t.Fatalf("code %d: %s%s", code, out, errs)
	}
	keys := []string{"heyan.db.key", "heyan.db.people.key", "heyan.db.receipt.key"}
	for _, name := range keys {
		if err := os.WriteFile(filepath.Join(disk, name), []byte(strings.Repeat("0123456789abcdef", 4)), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	before := contents(t, disk)
	if err := syscall.Mount("disk", disk, "tmpfs", syscall.MS_REMOUNT|syscall.MS_RDONLY, ""); err != nil {
		t.Fatal(err)
	}
	const remedy = "the file or its folder cannot be written: mount the file system writable"
	for _, tt := range []struct {
		name, config, says string
		args               []string
	}{
		{"no database", fresh, "policy.keys: the key file beside the database cannot be made; give this user a writable folder: read-only file system", []string{"serve"}},
		{"a database", config, "the file that marks the database as open cannot be created; check that its folder is writable and has space", []string{"serve"}},
		{"read", config, remedy, []string{"ledger", "lots", "list"}},
		{"migrate", config, remedy, []string{"migrate"}},
		{"backup", config, remedy, []string{"backup", "--out", filepath.Join(t.TempDir(), "copy.tar")}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			code, out, errs := once(t, environ, "", append(tt.args, "--config", tt.config)...)
			if code != exitUsage || !strings.Contains(out+errs, tt.says) {
				t.Errorf("code %d, want %d and %q: %s%s", code, exitUsage, tt.says, out, errs)
			}
		})
	}
	if code, out, _ := once(t, environ, "", "doctor", "--config", config); code != exitFound || !strings.Contains(out, "this user cannot write it") {
		t.Errorf("doctor: code %d: %s", code, out)
	}
	if after := contents(t, disk); after != before {
		t.Error("a file was changed")
	}
}

// contents returns all files of a folder as one text.
func contents(t *testing.T, folder string) string {
	t.Helper()
	list, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	var all strings.Builder
	for _, f := range list {
		text, err := os.ReadFile(filepath.Join(folder, f.Name()))
		if err != nil {
			t.Fatal(err)
		}
		all.WriteString(f.Name() + "\n" + string(text) + "\n")
	}
	return all.String()
}

// TestDiskBecomesReadOnly: a file system that the kernel makes read-only after a fault refuses
// writes to files that are open. strace does the same to a running daemon.
func TestDiskBecomesReadOnly(t *testing.T) {
	t.Parallel()
	strace, err := exec.LookPath("strace")
	if err != nil {
		t.Skip("strace is not installed")
	}
	h := startHanging(t, fmt.Sprintf("{driver: sqlite, dsn: %q}", "file:"+filepath.Join(t.TempDir(), "heyan.db")), "")
	h.paid("before")
	const calls = "pwrite64,ftruncate,unlink,unlinkat"
	cmd := exec.Command(strace, "-f", "-o", os.DevNull, "-e", "trace="+calls, "-e", "inject="+calls+":error=EROFS", "-p", strconv.Itoa(h.process.Process.Pid))
	said, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill() })
	lines := bufio.NewReader(said)
	if line, err := lines.ReadString('\n'); err != nil || !strings.Contains(line, " attached") {
		t.Skipf("strace may not trace the daemon, which is protected from other processes of its user: %s", line)
	}
	h.cannotWrite(t)
	if err := cmd.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	for err == nil { // until it has detached from all threads
		_, err = lines.ReadString('\n')
	}
	_ = cmd.Wait() // which reports the signal
	h.writesAgain(t)
}
