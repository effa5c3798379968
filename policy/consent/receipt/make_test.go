package receipt_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/policy/consent"
	"github.com/heyan-id/heyan/policy/consent/receipt"
)

// at is so many seconds after the draft.
func at(seconds int) time.Time {
	return time.Date(2026, 11, 2, 1, 0, 0, 0, time.UTC).Add(time.Duration(seconds) * time.Second)
}

// record is a consent after some events, one a second.
func record(t *testing.T, kinds ...consent.Kind) consent.Record {
	t.Helper()
	r := consent.Record{
		ID: "cns_7Q2M", Tenant: "bank", App: "手机银行", Subject: "k1:3nq6z7v2c4yjd5mawk3thxqe2bgu4rsl", Purpose: "开立个人账户时核对身份信息",
		Notice: consent.Notice{
			Name: "身份核验告知同意书", Version: "3", Language: "zh-CN",
			Template: "sha256:" + strings.Repeat("a1", 32), Text: "sha256:" + strings.Repeat("b2", 32),
		},
		Items: []idv.Claim{idv.ClaimName, idv.ClaimIDNumber, idv.ClaimMobile, idv.ClaimBankCard},
		Recipients: []consent.Party{
			{Name: "甲方数据有限公司", Contact: "privacy@a.example", Address: "成都市某路 1 号"}, {Name: "乙方数据有限公司", Contact: "privacy@b.example"},
		},
		Controller: consent.Party{Name: "某某银行股份有限公司", Contact: "客服电话 95000", Address: "上海市某路 2 号"},
		MaxUses:    3, Valid: 30 * 24 * time.Hour, State: consent.Drafted, DraftedAt: at(0),
	}
	for i, kind := range kinds {
		e := consent.Event{Kind: kind, Text: r.Notice.Text, Proof: consent.Proof{Channel: "app", Action: consent.Checkbox}}
		if err := r.Apply(e, at(i+1)); err != nil {
			t.Fatalf("%s: %v", kind, err)
		}
	}
	return r
}

func input(t *testing.T, kinds ...consent.Kind) receipt.Input {
	t.Helper()
	return receipt.Input{
		ID: "rcp_5HX9", At: at(100), Record: record(t, kinds...),
		Withdrawal: "在手机银行“设置—隐私—授权管理”中点击撤回，或致电 95000。",
		Retention:  "核验结果与同意记录保存三年；姓名和号码在核验完成后不保存。",
		Storage:    []string{"中国境内"}, Rights: []string{"查阅、复制", "更正、补充", "删除"},
	}
}

// agreed is the input of the usual receipt.
func agreed(t *testing.T) receipt.Input { return input(t, consent.Present, consent.Give) }

func made(t *testing.T, in receipt.Input) receipt.Receipt {
	t.Helper()
	r, err := receipt.New(in)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestEventsOfAReceipt(t *testing.T) {
	t.Parallel()
	const present, give = consent.Present, consent.Give
	type line struct {
		At       time.Time
		State    consent.State
		Entity   string
		Validity string
	}
	shown, yes := line{at(1), consent.Presented, "controller", ""}, line{at(2), consent.Given, "pii_principal", "P30D"}
	tests := []struct {
		name  string
		kinds []consent.Kind
		at    time.Time
		want  []line
	}{
		{"given", []consent.Kind{present, give}, at(100), []line{shown, yes}},
		{"refused", []consent.Kind{present, consent.Refuse}, at(100), []line{shown, {at(2), consent.Refused, "pii_principal", ""}}},
		{"withdrawn", []consent.Kind{present, give, consent.Withdraw}, at(100), []line{shown, yes, {at(3), consent.Withdrawn, "pii_principal", ""}}},
		{"superseded", []consent.Kind{present, give, consent.Supersede}, at(100), []line{shown, yes, {at(3), consent.Superseded, "pii_principal", ""}}},
		{"expired", []consent.Kind{present, give, consent.Expire}, at(100), []line{shown, yes, {at(3), consent.Expired, "controller", ""}}},
		{"run out, not written down", []consent.Kind{present, give}, at(2 + 30*86400), []line{shown, yes, {at(2 + 30*86400), consent.Expired, "controller", ""}}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			in := input(t, test.kinds...)
			in.At = test.at
			r := made(t, in)
			var got []line
			for _, e := range r.Events {
				got = append(got, line{e.At, e.State, e.Entity, e.Validity})
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
			if want := test.want[len(test.want)-1].State; r.State() != want {
				t.Errorf("the state is %s, want %s", r.State(), want)
			}
			if refused := r.State() == consent.Refused; r.Processing.ValidUntil.IsZero() != refused {
				t.Errorf("valid until %v", r.Processing.ValidUntil)
			}
		})
	}
}

func TestGuardian(t *testing.T) {
	t.Parallel()
	in := agreed(t)
	in.Record.Guardian = consent.Guardian{Subject: "k1:mother", Relation: "母亲"}
	r := made(t, in)
	for _, item := range r.Processing.Items {
		if item.Sensitive != receipt.Minor {
			t.Errorf("%s of a child is %q, want %q", item.Type, item.Sensitive, receipt.Minor)
		}
	}
	if r.Events[1].Entity != "guardian" || r.Processing.Guardian != "母亲" {
		t.Errorf("got %+v, %q", r.Events[1], r.Processing.Guardian)
	}
}

func TestDuration(t *testing.T) {
	t.Parallel()
	for valid, want := range map[time.Duration]string{
		24 * time.Hour: "P1D", 90 * time.Minute: "PT5400S", time.Hour + 500*time.Millisecond: "PT3600S", 365 * 24 * time.Hour: "P365D",
	} {
		in := agreed(t)
		in.Record.Valid = valid
		if got := made(t, in).Events[1].Validity; got != want {
			t.Errorf("%v: got %s, want %s", valid, got, want)
		}
	}
}

func TestNewRefuses(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		spoil func(*receipt.Input)
		want  error
	}{
		{"drafted", func(in *receipt.Input) { in.Record = record(t) }, consent.NotGiven},
		{"presented", func(in *receipt.Input) { in.Record = record(t, consent.Present) }, consent.NotGiven},
		{"erased", func(in *receipt.Input) { in.Record.Erasure = "ers_1" }, consent.ErrErased},
		{"before the decision", func(in *receipt.Input) { in.At = at(1) }, consent.NotBefore},
		{"no id", func(in *receipt.Input) { in.ID = "" }, receipt.ErrIncomplete},
		{"no record id", func(in *receipt.Input) { in.Record.ID = "" }, receipt.ErrIncomplete},
		{"no subject", func(in *receipt.Input) { in.Record.Subject = "" }, receipt.ErrIncomplete},
		{"no way back", func(in *receipt.Input) { in.Withdrawal = "" }, receipt.ErrIncomplete},
		{"no retention", func(in *receipt.Input) { in.Retention = "" }, receipt.ErrIncomplete},
		{"no place", func(in *receipt.Input) { in.Storage = nil }, receipt.ErrIncomplete},
		{"no text", func(in *receipt.Input) { in.Record.Notice.Text = "" }, receipt.ErrIncomplete},
		{"no language", func(in *receipt.Input) { in.Record.Notice.Language = "" }, receipt.ErrIncomplete},
		{"no purpose", func(in *receipt.Input) { in.Record.Purpose = "" }, receipt.ErrIncomplete},
		{"no data", func(in *receipt.Input) { in.Record.Items = nil }, receipt.ErrIncomplete},
		{"no recipient", func(in *receipt.Input) { in.Record.Recipients = nil }, receipt.ErrIncomplete},
		{"unlimited", func(in *receipt.Input) { in.Record.MaxUses = 0 }, receipt.ErrIncomplete},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			in := agreed(t)
			test.spoil(&in)
			if _, err := receipt.New(in); !errors.Is(err, test.want) {
				t.Errorf("got %v, want %v", err, test.want)
			}
		})
	}
}

// TestStandardMembers looks for the members that ISO/IEC TS 27560:2023 demands, in the
// JSON as another program reads it.
func TestStandardMembers(t *testing.T) {
	t.Parallel()
	text, err := json.Marshal(made(t, agreed(t)))
	if err != nil {
		t.Fatal(err)
	}
	var doc map[string]any
	if err := json.Unmarshal(text, &doc); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{
		"schema_version", "record_id", "receipt_id", "pii_principal_id", "pii_processing.privacy_notice", "pii_processing.language",
		"pii_processing.purpose", "pii_processing.pii_information.pii_type", "pii_processing.pii_controllers", "pii_processing.storage_locations",
		"pii_processing.retention_period", "pii_processing.jurisdiction", "pii_processing.recipient_third_parties", "pii_processing.withdrawal_method",
		"party_identification.party_id", "party_identification.party_address", "party_identification.party_name", "party_identification.party_contact",
		"party_identification.party_role", "event.event_time", "event.entity_id", "event.event_type", "event.event_state",
	} {
		if !has(doc, strings.Split(path, ".")) {
			t.Errorf("%s is missing", path)
		}
	}
}

// has follows a path of members, through the first element of lists.
func has(v any, path []string) bool {
	for _, name := range path {
		if list, ok := v.([]any); ok && len(list) > 0 {
			v = list[0]
		}
		object, _ := v.(map[string]any)
		v = object[name]
	}
	return v != nil && v != ""
}
