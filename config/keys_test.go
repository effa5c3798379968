package config

import "testing"

func TestOneEdit(t *testing.T) {
	for _, test := range []struct {
		a, b string
		want bool
	}{
		{"listen", "listn", true}, {"listen", "lisstens", false}, {"listen", "listens", true}, {"listen", "lixten", true},
		{"listen", "lsiten", true}, {"listen", "silent", false}, {"", "a", true}, {"", "ab", false}, {"ab", "cd", false},
		{"aab", "ab", true}, {"abab", "ab", false}, {"dsn", "dsn", false},
	} {
		if got := oneEdit(test.a, test.b); got != test.want {
			t.Errorf("oneEdit(%q, %q) is %v", test.a, test.b, got)
		}
		if got := oneEdit(test.b, test.a); got != test.want {
			t.Errorf("oneEdit(%q, %q) is %v", test.b, test.a, got)
		}
	}
}

func TestSafeKey(t *testing.T) {
	for key, want := range map[string]string{
		"retry_subject_limited": "retry_subject_limited", "app-key": "app-key", "": masked, "1abc": masked, "a b": masked,
		"0123456789abcdef0123456789abcdef": masked, "abcdef0123456789abcdef0123456789": masked, "姓名": masked, "a.b": masked,
	} {
		if got := safeKey(key); got != want {
			t.Errorf("safeKey(%q) is %q, want %q", key, got, want)
		}
	}
}

func TestFaultsErr(t *testing.T) {
	if err := (Faults{}).Err(); err != nil {
		t.Errorf("no fault is the error %v", err)
	}
	err := Faults{{"a", "is wrong"}, {"b", "is too"}}.Err()
	if err == nil || err.Error() != "a: is wrong\nb: is too" {
		t.Errorf("got %v", err)
	}
}
