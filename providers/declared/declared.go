// Package declared makes adapters from vendors' products that are described in a YAML
// file, without code. [Parse] checks a file and returns a [Product]: a factory for the
// codec, and the authentication schemes that the file describes.
//
// A file composes few pieces: values (a claim, a setting, a generated time, transformed
// step by step) at places of a request; places of a reply with the types that they may
// have; and a code table. docs/declared.md describes the format. What it cannot say needs
// a plugin.
package declared

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/heyan-id/heyan/config/strictyaml"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers"
	"github.com/heyan-id/heyan/providers/auth"
)

// Product is a product that a file describes. It is immutable and safe for concurrent use.
type Product struct {
	Factory providers.Factory
	Schemes auth.Table // those that the descriptor names beside the built-in ones

	behindAliyun bool // behind the gateway of the Aliyun market
}

// MaxSize is the maximum size of a file in bytes.
const MaxSize = 256 << 10

// Read reads and parses the file at a path. Its recorded replies are in the folder of
// the same name without the extension, unless folder names another one. The error is a
// [strictyaml.Faults].
func Read(path, folder string) (Product, error) {
	text, err := strictyaml.ReadFile(path, MaxSize)
	if err != nil {
		return Product{}, strictyaml.Faults{{File: path, Text: err.Error()}}
	}
	p, err := Parse(path, text)
	if folder == "" {
		folder = strings.TrimSuffix(path, filepath.Ext(path))
	}
	return p.withFixtures(os.DirFS(folder)), err
}

// Parse returns the product of a text. name is the file's name for faults. The error is a
// [strictyaml.Faults] with everything that is wrong, each fault with its line, path and
// remedy.
func Parse(name string, text []byte) (Product, error) {
	if len(text) > MaxSize {
		return Product{}, strictyaml.Faults{{File: name, Text: fmt.Sprintf("is larger than %d bytes; describe one product in each file", MaxSize)}}
	}
	document, faults := strictyaml.Parse(name, text)
	if document == nil {
		return Product{}, faults.Err()
	}
	c := compiler{document: document, faults: faults}
	if _, ok := document.Value.(map[string]any); !ok {
		c.note("", "must be a map; begin with a line such as name: vendor/product")
		return Product{}, c.faults.Err()
	}
	c.mistyped = map[string]bool{}
	for _, fault := range document.Decode(&c.file, strictyaml.Options{}) {
		c.faults, c.mistyped[fault.Path] = append(c.faults, fault), true
	}
	product := c.product()
	if err := c.faults.Err(); err != nil {
		return Product{}, err
	}
	return product, nil
}

// compiler checks a file and turns it into a product. It collects all faults.
type compiler struct {
	document *strictyaml.Document
	file     File
	faults   strictyaml.Faults
	settings map[string]Setting // those of the file, by name
	used     map[string]bool    // names of settings that are used
	mistyped map[string]bool    // paths of values of the wrong type

	structured bool    // the body that is described has types
	sends      Request // the request that is compiled
	sorts      bool    // its signature covers its parameters, sorted by name
}

// note adds a fault, unless the value at the path has the wrong type, which is a fault
// already.
func (c *compiler) note(path, format string, args ...any) {
	if c.mistyped[path] {
		return
	}
	c.faults = append(c.faults, c.document.Fault(path, format, args...))
}

// check notes a fault of a path if there is an error.
func (c *compiler) check(path string, err error) {
	if err != nil {
		c.note(path, "%v", err)
	}
}

// one notes a fault unless word is one of the words.
func (c *compiler) one(path, word string, words ...string) {
	for _, w := range words {
		if w == word {
			return
		}
	}
	c.note(path, "%s", strictyaml.Unknown("word", word, words))
}

// product checks the whole file.
func (c *compiler) product() Product {
	c.used = map[string]bool{}
	c.declare()
	codec := &codec{}
	d := c.descriptor()
	own := c.recipe("", c.file.Request, c.file.Sign, codec)
	codec.reply = c.reply()
	d.Codes = c.rows(codec.reply)
	d.Replies = codec.reply.replies
	c.coverage(d.Check)
	schemes := c.schemes(&d, own)
	c.leftover()
	if len(c.faults) > 0 {
		return Product{}
	}
	codec.describe(d)
	if fault := codec.rehearse(own, c.file.Token); fault != "" {
		c.note("sign", "%s", fault)
		return Product{}
	}
	return Product{
		Factory: providers.Factory{Descriptor: d, New: codec.with, NotEchoed: notEchoed(d.Check, codec.reply.echo)},
		Schemes: schemes, behindAliyun: codec.reply.aliyun,
	}
}

// notEchoed returns the claims of a check by whose echo a swapped answer is not detected:
// no verdict needs it, or it shows too little.
func notEchoed(check idv.Check, list []echo) idv.ClaimSet {
	claims := check.Claims()
	for _, e := range list {
		if len(e.need) > 0 && e.shown == 0 {
			claims &^= idv.Claims(e.claim)
		}
	}
	return claims
}
