package providers_test

import (
	"io/fs"
	"testing"
	"testing/fstest"

	"github.com/heyan-id/heyan/providers"
)

func TestFolders(t *testing.T) {
	t.Parallel()
	files := fstest.MapFS{"a/1.json": {}, "b/2.json": {}, "b/3.json": {}}
	folders, err := providers.Folders(files, "b", "a")()
	if err != nil || len(folders) != 2 {
		t.Fatalf("%d folders, %v, want 2", len(folders), err)
	}
	if names, err := fs.Glob(folders[0], "*.json"); err != nil || len(names) != 2 {
		t.Errorf("the first folder has %v, %v, want those of b", names, err)
	}
	if _, err := providers.Folders(files, "../a")(); err == nil {
		t.Error("a folder outside of the file system")
	}
}
