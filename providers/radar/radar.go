// Package radar notices what a vendor changes in its replies: codes that the table does not
// list, members that are new, and members that are missing. It keeps names and types of
// members, never a value.
//
// A hostile or faulty reply may have a person's data in a name or a code, in any encoding.
// So a name that looks like a value is replaced (see reader.name), and a member or a code is
// remembered only once it came in replies about several people.
package radar

import (
	"context"
	"strings"
	"sync"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers"
)

// The limits of the radar.
const (
	learnReplies = 100               // replies of a provider before a member is new, and of a code before one is missing
	newCode      = 20                // replies with a code that are learned from even later
	people       = 3                 // different people whose replies had a member or a code before it is remembered
	readAtFirst  = 10 * learnReplies // replies since the start that are all read
	perSecond    = 20                // replies that are read later; the others are not looked at
	maxClasses   = 64                // codes
	maxKnown     = 256               // members that are known, and findings that wait to be stored
	maxWaiting   = 256               // members and codes that were not seen with enough people yet
)

// Radar looks at the replies of one provider. It is safe for concurrent use.
type Radar struct {
	provider string

	mu       sync.Mutex
	second   time.Time
	read     int                        // in this second
	looked   int                        // since the start
	replies  int                        // with a listed code
	known    map[string]map[string]bool // the types of members by path
	all      class                      // of replies with a listed code
	classes  map[string]*class          // by code
	waiting  map[idv.Finding]*waiting
	findings idv.FindingSet
}

// class is what is known of the replies with a code.
type class struct {
	replies  int
	counts   map[string]int  // of replies, by path
	required map[string]bool // paths that the first learnReplies replies all had
	mature   bool            // newCode replies were learned from, also before a restart
}

// waiting are the people whose replies had something new. Their claims stay in memory until
// enough of them are known, or others need the space.
type waiting struct {
	people []idv.Subject
	count  int64
	first  time.Time
}

// New returns a radar for the provider of a configured name.
func New(provider string) *Radar {
	return &Radar{provider: provider, known: map[string]map[string]bool{}, classes: map[string]*class{}, waiting: map[idv.Finding]*waiting{}}
}

// Restore tells the radar what it knew before a restart, from the stored findings of the
// provider.
func (r *Radar) Restore(list []idv.Finding) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for i := range list {
		switch f := &list[i]; {
		case f.Kind != idv.FindingSeen || f.Provider != r.provider:
		case f.Path != "":
			r.learn(member{f.Path, f.Type})
			r.replies = learnReplies
		default:
			if c := r.class(f.Code); c != nil {
				c.mature = true
			}
		}
	}
}

// Flush passes on what was found since the last Flush, and keeps it if store fails.
func (r *Radar) Flush(store func([]idv.Finding) error) error {
	r.mu.Lock()
	list := r.findings.List("")
	r.findings = idv.FindingSet{}
	r.mu.Unlock()
	if len(list) == 0 {
		return nil
	}
	err := store(list)
	if err != nil {
		r.mu.Lock()
		defer r.mu.Unlock()
		for _, f := range list {
			r.findings.Add(f, maxKnown)
		}
	}
	return err
}

// Watch returns a codec that lets the radar look at each reply that c decodes.
func (r *Radar) Watch(c providers.Codec) providers.Codec { return watched{c, r} }

// watched implements providers.ContextCodec for every codec.
type watched struct {
	providers.Codec
	radar *Radar
}

// Availability returns the codec's.
func (w watched) Availability() idv.Availability { return idv.AvailabilityOf(w.Codec) }

// EncodeContext encodes.
func (w watched) EncodeContext(ctx context.Context, q idv.Query) (providers.Call, error) {
	if c, ok := w.Codec.(providers.ContextCodec); ok {
		return c.EncodeContext(ctx, q)
	}
	return w.Encode(q)
}

// DecodeContext decodes and lets the radar look at the reply.
func (w watched) DecodeContext(ctx context.Context, q idv.Query, reply providers.Reply) (a idv.Answer, err error) {
	if c, ok := w.Codec.(providers.ContextCodec); ok {
		a, err = c.DecodeContext(ctx, q, reply)
	} else {
		a, err = w.Decode(q, reply)
	}
	d := w.Describe()
	w.radar.look(&d, q.Subject, reply, a, err, time.Now())
	return a, err
}

// look looks at a reply, unless perSecond were read already.
func (r *Radar) look(d *idv.Descriptor, s idv.Subject, reply providers.Reply, a idv.Answer, err error, now time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if age := now.Sub(r.second); age < 0 || age >= time.Second {
		r.second, r.read = now, 0
	}
	if r.read++; r.read > perSecond && r.looked >= readAtFirst {
		return
	}
	r.looked++
	code, layer, listed := a.VendorCode, providers.LayerVendor, err == nil
	if err != nil {
		e := idv.AsError(err)
		code = e.Code
		if e.Origin == idv.OriginGateway {
			layer = providers.LayerGateway
		}
		_, listed = providers.Table(d.Codes).Row(layer, code)
	}
	if safe := providers.SafeCode(code); !listed && code == safe && code != providers.UnlistedCode && !s.PartIn(code) {
		r.find(idv.Finding{Kind: idv.FindingCode, Version: d.Version, Type: layer, Code: code}, s, now)
	}
	if layer == providers.LayerGateway || !d.Replies.HasBody(reply.Status) {
		return
	}
	members, err := shape(reply.Body, s)
	if err != nil {
		return
	}
	r.compare(d.Version, code, listed, members, s, now)
}

// compare compares the members of a reply with those of earlier ones. A reply without a
// listed code is not learned from.
func (r *Radar) compare(version, code string, listed bool, members []member, s idv.Subject, now time.Time) {
	of := &r.all
	if listed {
		r.replies++
		if of = r.class(code); of == nil {
			return
		}
	}
	for path := range of.required {
		if !has(members, path) {
			r.find(idv.Finding{Kind: idv.FindingMissing, Version: version, Path: path, Code: codeOf(code, listed)}, s, now)
		}
	}
	for _, m := range members {
		if r.known[m.path][m.kind] {
			continue
		}
		f := idv.Finding{Kind: idv.FindingNew, Version: version, Path: m.path, Type: m.kind}
		if learning := r.replies <= learnReplies || !of.mature; listed && learning {
			f.Kind = idv.FindingSeen
		}
		if r.find(f, s, now) && f.Kind == idv.FindingSeen {
			r.learn(m)
			delete(r.waiting, f)
		}
	}
	if !listed {
		return
	}
	of.learn(members)
	r.all.learn(members)
	if !of.mature && of.replies >= newCode {
		of.mature = true
		r.findings.Add(idv.Finding{Provider: r.provider, Kind: idv.FindingSeen, Version: version, Code: code, Count: 1, First: now, Last: now}, maxKnown)
	}
}

// codeOf leaves out a code that the table does not list: it is a finding of its own.
func codeOf(code string, listed bool) string {
	if listed {
		return code
	}
	return ""
}

func has(members []member, path string) bool {
	for _, m := range members {
		if m.path == path {
			return true
		}
	}
	return false
}

func (r *Radar) class(code string) *class {
	c := r.classes[code]
	if c == nil && len(r.classes) < maxClasses {
		c = new(class)
		r.classes[code] = c
	}
	return c
}

// learn adds a member to those that are known.
func (r *Radar) learn(m member) {
	if r.known[m.path] == nil {
		if len(r.known) >= maxKnown {
			return
		}
		r.known[m.path] = map[string]bool{}
	}
	r.known[m.path][m.kind] = true
}

// learn counts the members of a reply until the required ones are known.
func (c *class) learn(members []member) {
	c.replies++
	if c.required != nil {
		return
	}
	if c.counts == nil {
		c.counts = map[string]int{}
	}
	for i, m := range members {
		if !has(members[:i], m.path) && !strings.Contains(m.path, hidden) { // the items of an array can have several types
			c.counts[m.path]++
		}
	}
	if c.replies < learnReplies {
		return
	}
	c.required = map[string]bool{}
	for path, n := range c.counts {
		if n == c.replies {
			c.required[path] = true
		}
	}
	c.counts = nil
}

// find counts a finding once it came with replies about several people, and reports whether it
// did.
func (r *Radar) find(f idv.Finding, s idv.Subject, now time.Time) bool {
	w := r.waiting[f]
	if w == nil {
		if len(r.waiting) >= maxWaiting {
			clear(r.waiting)
		}
		w = &waiting{first: now}
		r.waiting[f] = w
	}
	w.count++
	if len(w.people) < people {
		for _, known := range w.people {
			if same(known, s) {
				return false
			}
		}
		if w.people = append(w.people, s); len(w.people) < people {
			return false
		}
		for i := range w.people {
			w.people[i] = idv.Subject{} // only their number counts from here on
		}
	}
	counted := f
	counted.Provider, counted.Count, counted.First, counted.Last = r.provider, w.count, w.first, now
	w.count, w.first = 0, now
	r.findings.Add(counted, maxKnown)
	return true
}

func same(a, b idv.Subject) bool {
	return a.Name.Equal(b.Name) && a.IDNumber.Equal(b.IDNumber) && a.Mobile.Equal(b.Mobile) && a.BankCard.Equal(b.BankCard)
}
