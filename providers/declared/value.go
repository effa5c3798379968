package declared

import (
	"fmt"
	"slices"
	"strings"

	"github.com/heyan-id/heyan/config/strictyaml"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers"
	"github.com/heyan-id/heyan/providers/auth"
	"github.com/heyan-id/heyan/providers/transform"
)

// value is a value that the codec knows: claims, constants and settings that are no secret.
type value struct {
	claim    idv.Claim
	isClaim  bool
	setting  string
	constant string
	join     []value
	between  string
	json     *tree
	then     []transform.Step
}

// of returns the value for a question.
func (v value) of(q idv.Query, s providers.Settings) (idv.Sensitive, error) {
	plain, err := v.source(q, s)
	if err != nil {
		return idv.Sensitive{}, err
	}
	changed, err := transform.Sensitive(plain, v.then)
	if err != nil {
		// Another vendor may take the value as it is.
		e := &idv.Error{
			Failure: idv.Unsupported, Origin: idv.OriginEngine, Delivery: idv.NotSent, Charge: idv.NotCharged,
			Phase: "encode", Detail: "a claim has not the form that the vendor's request needs",
		}
		if v.isClaim {
			e.Field = idv.FieldOf(v.claim)
		}
		if v.isClaim && v.claim == idv.ClaimName && slices.ContainsFunc(v.then, func(s transform.Step) bool { return s.Name == "given_name" || s.Name == "family_name" }) {
			e.Code = idv.CodeNameParts
		}
		return idv.Sensitive{}, e
	}
	return changed, nil
}

func (v value) source(q idv.Query, s providers.Settings) (idv.Sensitive, error) {
	switch {
	case v.isClaim:
		return q.Subject.Claim(v.claim), nil
	case v.setting != "":
		return idv.NewSensitive(s[v.setting]), nil
	case v.json != nil:
		return v.json.text(q, s)
	case v.join == nil:
		return idv.NewSensitive(v.constant), nil
	}
	parts := make([]string, len(v.join))
	for i, part := range v.join {
		one, err := part.of(q, s)
		if err != nil {
			return idv.Sensitive{}, err
		}
		parts[i] = one.Reveal()
	}
	return idv.NewSensitive(strings.Join(parts, v.between)), nil
}

// place is where a value is used.
type use struct {
	signed bool // param and aspect are allowed
	member bool // within JSON
}

// sources returns the keys by which a value says where it comes from.
func (v Value) sources() []string {
	var keys []string
	for _, s := range []struct {
		key string
		set bool
	}{
		{"claim", v.Claim != ""}, {"setting", v.Setting != ""}, {"const", v.Const != nil}, {"generate", v.Generate != ""},
		{"param", v.Param != ""}, {"aspect", v.Aspect != ""}, {"join", v.Join != nil}, {"json", v.JSON != nil},
	} {
		if s.set {
			keys = append(keys, s.key)
		}
	}
	return keys
}

// shape notes what is wrong with a value without what stands around it.
func (c *compiler) shape(path string, v Value, u use) bool {
	switch keys := v.sources(); {
	case len(keys) == 0:
		c.note(path, "has no value; give one of claim, setting, const, generate, join and json")
		return false
	case len(keys) > 1:
		c.note(path, "has %s; keep one of them", strings.Join(keys, " and "))
		return false
	case u.signed && v.Claim != "":
		c.note(path+".claim", "a signature covers what is sent; name the parameter with param")
		return false
	case u.signed && v.JSON != nil:
		c.note(path+".json", "a signature covers what is sent; use aspect: body or param")
		return false
	}
	if v.Separator != "" && v.Join == nil {
		c.note(path+".separator", "has an effect on join only; remove it")
	}
	if v.Claim != "" {
		if _, ok := claimOf(v.Claim); !ok {
			c.note(path+".claim", "%s", strictyaml.Unknown("claim", v.Claim, claimWords()))
		}
	}
	return true
}

func claimWords() []string {
	var words []string
	for _, claim := range allClaims() {
		words = append(words, claim.String())
	}
	return words
}

func claimOf(word string) (idv.Claim, bool) {
	i := slices.Index(claimWords(), word)
	if i < 0 {
		return 0, false
	}
	return allClaims()[i], true
}

// deferred reports whether the host has to make the value, since it holds a secret or is
// new for each call.
func (c *compiler) deferred(v Value) bool {
	return v.Generate != "" || v.Param != "" || v.Aspect != "" || c.settings[v.Setting].Secret ||
		slices.ContainsFunc(v.Join, c.deferred) ||
		slices.ContainsFunc(v.JSON, func(p Param) bool { return c.deferred(p.Value) })
}

// value compiles a value that the codec makes.
func (c *compiler) value(path string, v Value, u use) value {
	if !c.shape(path, v, u) {
		return value{}
	}
	out := value{setting: v.Setting, between: v.Separator, then: c.steps(path, v.Then)}
	out.claim, out.isClaim = claimOf(v.Claim)
	if v.Const != nil {
		out.constant = *v.Const
	}
	if v.Setting != "" {
		c.setting(path+".setting", v.Setting)
	}
	for i, part := range v.Join {
		out.join = append(out.join, c.value(strictyaml.At(path+".join", i), part, u))
	}
	if v.JSON != nil {
		out.json = c.tree(path+".json", v.JSON, nil)
	}
	c.time(path, v)
	return out
}

// time notes what is wrong with generate: time.
func (c *compiler) time(path string, v Value) {
	if v.Generate == string(auth.Time) {
		_, err := transform.Layout(v.Pattern)
		c.check(path+".pattern", err)
		return
	}
	if v.Pattern != "" || v.UTC {
		c.note(path, "pattern and utc have an effect on generate: time only; remove them")
	}
}

// source compiles a value that the host makes.
func (c *compiler) source(path string, v Value, u use) auth.Source {
	if !c.shape(path, v, u) {
		return auth.Source{}
	}
	if v.Claim != "" || v.JSON != nil {
		c.note(path, "needs a plugin: it joins a claim with a secret or a generated value; "+
			"if the claim is sent, name its parameter with param")
		return auth.Source{}
	}
	s := auth.Source{
		Setting: v.Setting, Generate: auth.Generator(v.Generate), Param: v.Param, Aspect: auth.Aspect(v.Aspect),
		Separator: v.Separator, Pattern: v.Pattern, UTC: v.UTC, Then: c.steps(path, v.Then),
	}
	if v.Const != nil {
		s.Const = *v.Const
		if s.Const == "" {
			c.note(path+".const", "is empty; remove the value")
		}
	}
	if v.Setting != "" {
		c.setting(path+".setting", v.Setting)
	}
	if v.Param != "" {
		c.param(path+".param", v.Param)
	}
	c.generator(path, v)
	for i, part := range v.Join {
		s.Join = append(s.Join, c.source(strictyaml.At(path+".join", i), part, u))
	}
	c.time(path, v)
	return s
}

func (c *compiler) generator(path string, v Value) {
	if v.Generate != "" {
		c.one(path+".generate", v.Generate, generators()...)
	}
	if v.Aspect != "" {
		c.one(path+".aspect", v.Aspect, aspects()...)
	}
}

func generators() []string {
	return words(auth.Timestamp, auth.TimestampMS, auth.HTTPDate, auth.Time, auth.UUID, auth.Nonce, auth.Digits)
}

func aspects() []string {
	return words(auth.AspectMethod, auth.AspectPath, auth.AspectQuery, auth.AspectBody, auth.AspectSignature)
}

func words[T ~string](list ...T) []string {
	var out []string
	for _, w := range list {
		out = append(out, string(w))
	}
	return out
}

// maxSteps is how many transformations a value may have.
const maxSteps = 16

// steps compiles the transformations of a value.
func (c *compiler) steps(path string, list []any) []transform.Step {
	var steps []transform.Step
	if len(list) > maxSteps {
		c.note(path+".then", "has more than %d steps; needs a plugin", maxSteps)
		return nil
	}
	for i, raw := range list {
		where := strictyaml.At(path+".then", i)
		step, err := stepOf(raw)
		if err == nil {
			err = step.Check()
		}
		c.check(where, err)
		steps = append(steps, step)
	}
	return steps
}

func stepOf(raw any) (transform.Step, error) {
	switch step := raw.(type) {
	case string:
		return transform.Step{Name: step}, nil
	case map[string]any:
		for name, args := range step {
			list, ok := args.([]any)
			if !ok || len(step) > 1 {
				break
			}
			s := transform.Step{Name: name}
			for _, arg := range list {
				text, ok := arg.(string)
				if !ok {
					return s, fmt.Errorf("takes texts; put each argument in quotes")
				}
				s.Args = append(s.Args, text)
			}
			return s, nil
		}
	}
	return transform.Step{}, fmt.Errorf(`must be a name such as md5, or a name with its arguments such as slice: ["6", "14"]; the names are %s`,
		strings.Join(transform.Names(), ", "))
}
