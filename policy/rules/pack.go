package rules

import (
	"embed"
	"maps"
	"slices"
	"strings"
)

// packPrefix begins the name of a pack in a list of files.
const packPrefix = "pack:"

//go:embed packs/*.yaml
var packFiles embed.FS

// packs says which files a pack is made of. Those for games are two, for a team
// with a calendar of holidays needs the hours without the days.
func packs() map[string][]string {
	return map[string][]string{
		"games":          {"games-hours", "games-days"},
		"games-hours":    {"games-hours"},
		"live-streaming": {"live-streaming"},
		"general":        {"general"},
	}
}

// Packs lists the packs that come with heyan: rules about people under 18, each with
// its source. They deny and require and never allow, so that naming one can only
// make a set stricter. [Load] takes them as "pack:games".
func Packs() []string { return slices.Sorted(maps.Keys(packs())) }

// pack reads the files of a pack.
func (b *builder) pack(as, name string) {
	files, ok := packs()[name]
	if !ok {
		b.faults = append(b.faults, Fault{File: as, Message: "there is no such pack; the packs are " + strings.Join(Packs(), ", ")})
		return
	}
	for _, file := range files {
		text, err := packFiles.ReadFile("packs/" + file + ".yaml")
		if err != nil {
			b.faults = append(b.faults, Fault{File: as, Message: "is missing in this build; report it"})
			continue
		}
		b.file(packPrefix+file, text)
	}
}
