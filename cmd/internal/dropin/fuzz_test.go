package dropin

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"unicode/utf8"
)

// FuzzRead: whatever query and form are, claims are read only if each stands there once, as
// UTF-8, and the masks show no more than the guide's do.
func FuzzRead(f *testing.F) {
	for _, seed := range [][2]string{
		{"idCard=11010519491231002X&name=%E5%BC%A0%E4%B8%89", ""}, {"idCard=1&idCard=2&name=a", ""}, {"name=%D5%C5%C8%FD&idCard=1", ""},
		{"idCard=11010519491231002X&name=张三", ""}, {"idCard=%zz", ""}, {"name=a;idCard=b", ""}, {"", "idcard=11010519491231002X&name=%E5%BC%A0"},
		{"idcard=1", "idcard=1&name=x"}, {"name=%00&idCard=%0a", ""}, {"&&=&name", "name=+"}, {"name=%EF%BB%BF&idCard=%C2%A0", "\xff"},
	} {
		f.Add(seed[0], seed[1])
	}
	f.Fuzz(func(t *testing.T, query, body string) {
		for _, asked := range forms() {
			r := httptest.NewRequest(asked.method, asked.path, strings.NewReader(body))
			r.URL.RawQuery = query
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			read, outcome := asked.read(r)
			if outcome != "" {
				continue
			}
			values, _ := url.ParseQuery(query)
			if asked.method == http.MethodPost {
				sent, _ := url.ParseQuery(strings.TrimSpace(body))
				for key, list := range sent {
					values[key] = append(values[key], list...)
				}
			}
			name, number := values[asked.of], values[asked.number]
			if len(name) != 1 || len(number) != 1 || !utf8.ValidString(name[0]+number[0]) || read.name.Reveal() != name[0] || read.number.Reveal() != number[0] {
				t.Fatalf("%q and %q were read", query, body)
			}
			if utf8.RuneCountInString(read.maskedName) > 2 || utf8.RuneCountInString(read.maskedNumber) > 11 || strings.Trim(number[0], "*") != "" && strings.Contains(read.maskedNumber, number[0]) {
				t.Fatalf("the masks are %q and %q", read.maskedName, read.maskedNumber)
			}
		}
	})
}
