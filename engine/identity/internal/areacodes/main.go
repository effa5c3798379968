// Command areacodes makes the table of address codes that package identity
// embeds, from lists that others publish as npm packages. It needs npm, and is
// run by go generate in engine/identity. It writes areacodes.txt.gz and NOTICE
// into the working directory; the same packages give the same bytes.
package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"log"
	"os"
)

func main() {
	log.SetFlags(0)
	if err := run(context.Background()); err != nil {
		log.Fatal("areacodes: ", err)
	}
}

func run(ctx context.Context) error {
	dir, err := os.MkdirTemp("", "areacodes")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	var lists []list
	for _, s := range sources {
		files, err := fetch(ctx, dir, s)
		if err != nil {
			return fmt.Errorf("%s: %w", s.Package, err)
		}
		found, err := s.read(files)
		if err != nil {
			return fmt.Errorf("%s: %w", s.Package, err)
		}
		lists = append(lists, found...)
	}
	text := write(merge(lists))
	packed, err := pack(text)
	if err != nil {
		return err
	}
	if err := os.WriteFile("areacodes.txt.gz", packed, 0o644); err != nil {
		return err
	}
	return os.WriteFile("NOTICE", notice(), 0o644)
}

// pack compresses without a time stamp, so that the file changes only when the
// table does.
func pack(text []byte) ([]byte, error) {
	var out bytes.Buffer
	w, err := gzip.NewWriterLevel(&out, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(text); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}
