package main

import (
	"bufio"
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/heyan-id/heyan/cmd/internal/setup"
	"github.com/heyan-id/heyan/config"
	"github.com/heyan-id/heyan/config/assemble"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers"
)

// maxTries is how often a question is asked again, so that input without a person behind it
// ends.
const maxTries = 10

// questions asks for what the flags of `heyan init` do not give.
type questions struct {
	c   *cli
	yes bool
	in  *bufio.Reader
	end io.Closer
}

func newQuestions(c *cli, yes bool) (*questions, error) {
	in, err := c.open("-")
	if err != nil {
		return nil, inputError(err, "stdin: reading the answer failed")
	}
	return &questions{c: c, yes: yes, in: bufio.NewReader(in), end: in}, nil
}

func (q *questions) close() { _ = q.end.Close() } // nothing was written to it

// question is one question. An answer is either given by its flag, typed, or the default.
type question struct {
	text     idv.Text
	flag     string // for the faults of --yes
	given    string // by the flag
	standard string // "" if an answer is needed
	optional bool   // an empty answer is one
	// accept takes an answer, or says what is expected.
	accept func(answer string) (expected idv.Text)
}

// ask asks until an answer is accepted. Answers are not repeated in faults, since a secret may
// be among them.
func (q *questions) ask(one question) error {
	if q.yes || one.given != "" {
		answer := cmp.Or(one.given, one.standard)
		if answer == "" && one.optional {
			return nil
		}
		if answer == "" {
			return usageError("%s is missing; with --yes nothing is asked", one.flag)
		}
		if expected := one.accept(answer); expected != (idv.Text{}) {
			return usageError("%s: %s", one.flag, expected.In(q.c.lang))
		}
		return nil
	}
	for range maxTries {
		text := one.text.In(q.c.lang)
		if one.standard != "" {
			text += " [" + one.standard + "]"
		}
		_, _ = fmt.Fprintf(q.c.stderr, "%s: ", text) // without the question there is no answer
		line, err := readLine(q.in)
		if err != nil {
			_, _ = fmt.Fprintln(q.c.stderr)
			return q.ended(err)
		}
		answer := cmp.Or(strings.TrimSpace(line), one.standard)
		if answer == "" && one.optional {
			return nil
		}
		expected := idv.Text{EN: "an answer is needed; Ctrl-C ends without writing anything", ZH: "需要回答；按 Ctrl-C 退出，不写入任何文件"}
		if answer != "" {
			if fault := idv.CheckText(answer, idv.MaxNote); fault != idv.TextFits {
				expected = idv.Text{EN: fault.Help(), ZH: q.c.text(fault.Help())}
			} else if expected = one.accept(answer); expected == (idv.Text{}) {
				return nil
			}
		}
		_, _ = fmt.Fprintf(q.c.stderr, "  %s\n", expected.In(q.c.lang))
	}
	return configError("too many answers that were not expected; nothing was written")
}

// ended explains why no answer came.
func (q *questions) ended(err error) error {
	if errors.Is(err, errInterrupted) {
		return inputError(err, "stdin: reading the answer failed")
	}
	return configError("the input ended before the last answer; nothing was written. For scripts, give flags and --yes")
}

// plan fills a plan by flags and answers.
func (q *questions) plan(p *setup.Plan, f initFlags) error {
	if err := q.vendors(p, f); err != nil {
		return err
	}
	purpose := question{
		text: idv.Text{EN: "Purpose, a name and a title as the person reads it", ZH: "用途：代号=告知书中显示的名称"}, flag: "--purpose", given: f.purpose,
		standard: "account_opening=开立账户的实名核验",
		accept: func(answer string) idv.Text {
			name, title, ok := pair(answer)
			if !ok && answer == "account_opening" {
				name, title, ok = answer, "开立账户的实名核验", true
			}
			if !ok || !purposeName.MatchString(name) {
				return idv.Text{EN: "expected a name of a-z, 0-9 and _, then = and a title, such as account_opening=开立账户的实名核验", ZH: "应为由 a-z、0-9、_ 组成的代号，加 = 与名称，如 account_opening=开立账户的实名核验"}
			}
			p.Purpose, p.Title = name, title
			return idv.Text{}
		},
	}
	controller := question{
		text: idv.Text{EN: "Your company and its contact, as 某某有限公司=400-000-0001", ZH: "贵单位全称=联系方式，如 某某有限公司=400-000-0001"}, flag: "--controller", given: f.controller,
		accept: func(answer string) idv.Text {
			var ok bool
			if p.Controller, ok = party(answer); !ok {
				return idv.Text{EN: "expected the legal name, then = and a telephone number, page or mail address", ZH: "应为单位全称，加 = 与电话、网页或邮箱"}
			}
			return idv.Text{}
		},
	}
	store := question{
		text: idv.Text{EN: "Store: sqlite for one node, postgres for several", ZH: "数据库：单节点用 sqlite，多节点用 postgres"}, flag: "--store", given: f.store, standard: "sqlite",
		accept: func(answer string) idv.Text {
			p.Postgres = answer == "postgres"
			if answer != "sqlite" && !p.Postgres {
				return idv.Text{EN: "expected sqlite or postgres", ZH: "应为 sqlite 或 postgres"}
			}
			return idv.Text{}
		},
	}
	for _, one := range []question{purpose, controller, store, q.port("--port", idv.Text{EN: "Port of the API on this machine", ZH: "本机 API 端口"}, f.port, &p.Port)} {
		if err := q.ask(one); err != nil {
			return err
		}
	}
	if p.SandboxPort < 1024 || p.SandboxPort > 65000 {
		return usageError("--sandbox-port: %s", portHelp().In(q.c.lang))
	}
	return nil
}

func (q *questions) port(flag string, text idv.Text, given int, into *int) question {
	one := question{text: text, flag: flag, standard: "8080", accept: func(answer string) idv.Text {
		n, err := strconv.Atoi(answer)
		if err != nil || n < 1024 || n > 65000 {
			return portHelp()
		}
		*into = n
		return idv.Text{}
	}}
	if given != 0 {
		one.given = strconv.Itoa(given)
	}
	return one
}

// vendors asks for one or two products, and what each needs.
func (q *questions) vendors(p *setup.Plan, f initFlags) error {
	texts := []idv.Text{
		{EN: "Vendor: a product, its number in the list, or a part of its name to search for (list: all)", ZH: "供应商：产品名、列表序号，或名称的一部分以搜索（list 列出全部）"},
		{EN: "A second one, of another company, for when the first cannot answer (empty: none)", ZH: "另一家公司的备用供应商，首选无法应答时使用（留空则无）"},
	}
	for i := 0; i < max(len(texts), len(f.vendors)); i++ {
		one := question{text: texts[min(i, 1)], flag: "--vendor", optional: i > 0}
		if i < len(f.vendors) {
			one.given = f.vendors[i]
		}
		if i > 0 && len(f.vendors) > 0 && one.given == "" {
			break // the flags say who is asked
		}
		var found *providers.Factory
		var shown []providers.Factory
		one.accept = func(answer string) idv.Text {
			found, shown = q.choose(answer, shown, one.given == "")
			switch {
			case found == nil && len(shown) > 0:
				return idv.Text{EN: "type the number or the name of one of them", ZH: "请输入其中一个的序号或名称"}
			case found == nil:
				return idv.Text{EN: "no product has this in its name; `heyan provider list` lists all", ZH: "没有名称含此内容的产品；heyan provider list 列出全部"}
			case slices.ContainsFunc(p.Vendors, func(v setup.Vendor) bool { return v.Factory.Descriptor.Name == found.Descriptor.Name }):
				return idv.Text{EN: "is chosen already; choose another one", ZH: "已选过，请另选"}
			}
			return idv.Text{}
		}
		if err := q.ask(one); err != nil {
			return err
		}
		if found == nil {
			break
		}
		v, err := q.vendor(*found, i, f)
		if err != nil {
			return err
		}
		p.Vendors = append(p.Vendors, v)
	}
	return q.unused(p, f)
}

// unused reports settings that no vendor has.
func (q *questions) unused(p *setup.Plan, f initFlags) error {
	for key := range f.settings {
		if !slices.ContainsFunc(p.Vendors, func(v setup.Vendor) bool {
			name, ok := strings.CutPrefix(key, v.Name()+".")
			return ok && slices.ContainsFunc(v.Needed(), func(s idv.Setting) bool { return s.Name == name })
		}) {
			return usageError("--setting: names no setting that a chosen vendor needs; write it as idcert.appcode=env:APPCODE")
		}
	}
	return nil
}

// choose returns the product that an answer names, or those that it could mean, which it lists
// for a person.
func (q *questions) choose(answer string, shown []providers.Factory, list bool) (*providers.Factory, []providers.Factory) {
	if n, err := strconv.Atoi(answer); err == nil && n >= 1 && n <= len(shown) {
		return &shown[n-1], shown
	}
	var found []providers.Factory
	for _, f := range assemble.Catalogue().Factories() {
		if f.Descriptor.Name == answer {
			return &f, nil
		}
		if answer == "list" || strings.Contains(f.Descriptor.Name, strings.ToLower(answer)) || strings.Contains(f.Descriptor.Recipient, answer) {
			found = append(found, f)
		}
	}
	if list && len(found) > 0 {
		rows := [][]string{q.c.headers("# 序号", "product 产品", "check 核验项", "recipient 接收方")}
		for i, f := range found {
			rows = append(rows, []string{strconv.Itoa(i + 1), f.Descriptor.Name, q.c.code(f.Descriptor.Check.String()), f.Descriptor.Recipient})
		}
		q.c.out.Table(rows)
	}
	return nil, found
}

// vendor asks what a product needs.
func (q *questions) vendor(f providers.Factory, i int, flags initFlags) (setup.Vendor, error) {
	v := setup.Vendor{Factory: f, Settings: map[string]string{}}
	at := func(list []string) string {
		if i < len(list) {
			return list[i]
		}
		return ""
	}
	d := f.Descriptor
	text := func(into *string) func(string) idv.Text {
		return func(answer string) idv.Text {
			*into = answer
			return idv.Text{}
		}
	}
	list := []question{{
		text: idv.Text{EN: "Contact of " + cmp.Or(d.Recipient, "that company") + ", shown in the notice", ZH: "告知书中" + cmp.Or(d.Recipient, "该公司") + "的联系方式"},
		flag: "--recipient-contact", given: at(flags.contacts), accept: text(&v.Contact),
	}}
	if flags.sandbox {
		list[0].standard = "400-000-0000"
	}
	if d.Recipient == "" || at(flags.recipients) != "" {
		one := question{
			text: idv.Text{EN: "Legal name of the company behind " + d.Name + ", of your contract", ZH: d.Name + " 背后公司的全称（以合同为准）"},
			flag: "--recipient", given: at(flags.recipients), accept: text(&v.Recipient),
		}
		if flags.sandbox {
			one.standard = "示例数据有限公司"
		}
		list = slices.Insert(list, 0, one)
	}
	for key, value := range flags.settings {
		if name, ok := strings.CutPrefix(key, v.Name()+"."); ok {
			v.Settings[name] = value
		}
	}
	for _, s := range v.Needed() {
		list = append(list, q.setting(v, s, flags))
	}
	for _, one := range list {
		if err := q.ask(one); err != nil {
			return v, err
		}
	}
	return v, nil
}

// setting asks for a setting: a reference if it is a secret, so that no file holds the secret
// itself.
func (q *questions) setting(v setup.Vendor, s idv.Setting, flags initFlags) question {
	one := question{
		text: idv.Text{EN: fmt.Sprintf("%s of %s (%s)", s.Name, v.Factory.Descriptor.Name, s.Help), ZH: fmt.Sprintf("%s 的 %s（%s）", v.Factory.Descriptor.Name, s.Name, s.Help)},
		flag: "--setting " + v.Name() + "." + s.Name, given: flags.settings[v.Name()+"."+s.Name],
	}
	switch {
	case s.Secret:
		one.text = idv.Text{EN: one.text.EN + ": a reference, never the secret itself", ZH: one.text.ZH + "：只写引用，不写密钥本身"}
		one.standard = "env:" + v.Variable(s.Name)
	case flags.sandbox && strings.HasSuffix(s.Name, "_url"):
		one.standard = "https://vendor.example/token"
	case flags.sandbox:
		one.standard = "example"
	}
	one.accept = func(answer string) idv.Text {
		if s.Secret && (!config.IsReference(answer) || strings.HasPrefix(answer, "exec:")) {
			return idv.Text{EN: "expected env:NAME with the name in capitals, or file:PATH; what was typed is not kept", ZH: "应为 env:NAME（变量名大写）或 file:路径；输入内容不予保存"}
		}
		v.Settings[s.Name] = answer
		return idv.Text{}
	}
	return one
}
