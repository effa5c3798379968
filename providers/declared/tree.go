package declared

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"

	"github.com/heyan-id/heyan/config/strictyaml"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers"
	"github.com/heyan-id/heyan/providers/strictjson"
)

// tree is a JSON value: an object, an array, or a scalar with a value.
type tree struct {
	names    []string // of the members of an object; nil in an array
	children []*tree
	array    bool
	leaf     bool
	value    value
	kind     string // string, number or boolean
}

// tree compiles the members of a JSON object. A member for which skip returns true is made
// by the host; only the object around it is.
func (c *compiler) tree(path string, list []Param, skip func(Value) bool) *tree {
	root := &tree{}
	for i, p := range list {
		where := strictyaml.At(path, i)
		segments, ok := c.pointer(where+".name", p.Name)
		if !ok {
			continue
		}
		made := skip == nil || !skip(p.Value)
		parent := root
		for _, s := range segments[:len(segments)-1] {
			if parent = c.child(where, parent, s); parent == nil {
				break
			}
		}
		if parent == nil || !made {
			continue
		}
		leaf := c.child(where, parent, segments[len(segments)-1])
		if leaf == nil {
			continue
		}
		if leaf.leaf || leaf.children != nil {
			c.note(where+".name", "is a member that another parameter has too; keep one")
			continue
		}
		leaf.leaf, leaf.kind, leaf.value = true, p.Type, c.value(where, p.Value, use{member: true})
		c.kind(where, p)
	}
	return root
}

// pointer returns the segments of the name of a JSON member.
func (c *compiler) pointer(path, name string) ([]string, bool) {
	if !strings.HasPrefix(name, "/") {
		if name == "" {
			c.note(path, "is missing")
			return nil, false
		}
		return []string{name}, true
	}
	segments, err := strictjson.Segments(name)
	c.check(path, err)
	return segments, err == nil
}

// kind notes what is wrong with the type of a member.
func (c *compiler) kind(path string, p Param) {
	if p.Type != "" {
		c.one(path+".type", p.Type, "string", "number", "boolean")
	}
	if p.Const == nil || len(p.Then) > 0 {
		if p.Type == "boolean" {
			c.note(path+".type", "boolean is for a constant; write const: \"true\" or const: \"false\"")
		}
		return
	}
	if p.Type == "number" && !isNumber(*p.Const) {
		c.note(path+".const", "must be a number, since the type is number")
	}
	if p.Type == "boolean" && *p.Const != "true" && *p.Const != "false" {
		c.note(path+".const", "must be \"true\" or \"false\", since the type is boolean")
	}
}

// child returns the child of a name, which it makes if there is none. A number is an item
// of an array.
func (c *compiler) child(path string, t *tree, name string) *tree {
	index, err := strconv.Atoi(name)
	array := err == nil && strconv.Itoa(index) == name
	if t.leaf || len(t.children) > 0 && t.array != array {
		c.note(path+".name", "goes into a value that another parameter makes in another form; "+
			"write items of an array as /0, /1 and members of an object by name")
		return nil
	}
	if array {
		t.array = true
		if index > len(t.children) || index < 0 {
			c.note(path+".name", "leaves out items of an array; begin with /0")
			return nil
		}
		if index == len(t.children) {
			t.children = append(t.children, &tree{})
		}
		return t.children[index]
	}
	for i, n := range t.names {
		if n == name {
			return t.children[i]
		}
	}
	t.names, t.children = append(t.names, name), append(t.children, &tree{})
	return t.children[len(t.children)-1]
}

// text returns the JSON of the tree for a question.
func (t *tree) text(q idv.Query, s providers.Settings) (idv.Sensitive, error) {
	var b bytes.Buffer
	if err := t.write(&b, q, s); err != nil {
		return idv.Sensitive{}, err
	}
	return idv.NewSensitive(b.String()), nil
}

func (t *tree) write(b *bytes.Buffer, q idv.Query, s providers.Settings) error {
	if t.leaf {
		return t.scalar(b, q, s)
	}
	open, end := byte('{'), byte('}')
	if t.array {
		open, end = '[', ']'
	}
	b.WriteByte(open)
	for i, child := range t.children {
		if i > 0 {
			b.WriteByte(',')
		}
		if !t.array {
			quote(b, t.names[i])
			b.WriteByte(':')
		}
		if err := child.write(b, q, s); err != nil {
			return err
		}
	}
	b.WriteByte(end)
	return nil
}

func (t *tree) scalar(b *bytes.Buffer, q idv.Query, s providers.Settings) error {
	v, err := t.value.of(q, s)
	if err != nil {
		return err
	}
	text := v.Reveal()
	switch {
	case t.kind == "" || t.kind == "string":
		quote(b, text)
	case t.kind == "number" && !isNumber(text):
		return &idv.Error{
			Failure: idv.Unsupported, Origin: idv.OriginEngine, Delivery: idv.NotSent, Charge: idv.NotCharged,
			Phase: "encode", Detail: "a value is no number, as the vendor's request needs",
		}
	default:
		b.WriteString(text)
	}
	return nil
}

// quote writes a JSON string, with < > & as they are.
func quote(b *bytes.Buffer, text string) {
	e := json.NewEncoder(b)
	e.SetEscapeHTML(false)
	_ = e.Encode(text) // a string always encodes
	b.Truncate(b.Len() - 1)
}
