package consent

import (
	"errors"

	"github.com/heyan-id/heyan/engine/idv"
)

// The errors of stores.
var (
	// ErrNotFound says that this tenant has no such consent; another tenant may have it.
	ErrNotFound = errors.New("no such consent")
	// ErrTwice says that a consent with this id exists.
	ErrTwice = errors.New("a consent with this id exists")
	// ErrErased says that the person was erased; nothing more is recorded about them under
	// earlier consents.
	ErrErased = errors.New("the person of this consent was erased")
)

// Fault is why a consent does not cover a call, or why an event does not fit its state: a
// code for programs. The empty fault means none.
type Fault string

// The faults of a call.
const (
	Missing       Fault = "missing"         // the request names no consent of this tenant
	NotPresented  Fault = "not_presented"   // the person has not seen it
	NotGiven      Fault = "not_given"       // the person has not agreed
	WasRefused    Fault = "refused"         // the person refused
	WasWithdrawn  Fault = "withdrawn"       // the person withdrew it
	HasExpired    Fault = "expired"         // its validity is over
	WasSuperseded Fault = "superseded"      // a newer consent superseded it
	NotBefore     Fault = "not_before_call" // it was not given before the call
	OtherPerson   Fault = "other_person"    // it was given by another person
	OtherName     Fault = "other_name"      // it was given for another name of the person
	OtherApp      Fault = "other_app"       // it was given to another app
	OtherPurpose  Fault = "other_purpose"   // it was given for another purpose
	OtherData     Fault = "other_data"      // it does not cover all data of the check
	NotRecipient  Fault = "not_recipient"   // it does not name the recipient
	UsedUp        Fault = "used_up"         // it covers no further verification
	NeedsGuardian Fault = "needs_guardian"  // the person is or may be under 14, and no guardian consented
	NeedsOwn      Fault = "needs_own"       // a guardian consented for a person of 18 or older
	WrongOrder    Fault = "wrong_order"     // an event that does not follow the state
	TooQuick      Fault = "too_quick"       // given before the text could be read
	OtherText     Fault = "other_text"      // given for another text
	NoAction      Fault = "no_action"       // the action of the person is missing
	AskedTooSoon  Fault = "asked_too_soon"  // the person refused recently and must not be asked again yet
	Incomplete    Fault = "incomplete"      // a required part of the record is missing
)

// Error returns the code and its help. No vendor was called and nothing charged.
func (f Fault) Error() string { return string(f) + ": " + f.Help().EN }

// Unwrap returns the fault as an *idv.Error with the failure Denied and the field of the
// consent.
func (f Fault) Unwrap() error {
	return &idv.Error{
		Failure: idv.Denied, Origin: idv.OriginEngine, Delivery: idv.NotSent, Charge: idv.NotCharged,
		Field: idv.FieldConsentID, Code: RulePrefix + string(f), Detail: f.Help().EN,
	}
}

// RulePrefix precedes a fault in the name of a rule: consent.withdrawn.
const RulePrefix = "consent."

// Help says what is wrong and what to do.
func (f Fault) Help() idv.Text { return help()[f] }

// Faults lists every fault that Help knows.
func Faults() []Fault {
	return []Fault{
		Missing, NotPresented, NotGiven, WasRefused, WasWithdrawn, HasExpired, WasSuperseded, NotBefore, OtherPerson, OtherName, OtherApp,
		OtherPurpose, OtherData, NotRecipient, UsedUp, NeedsGuardian, NeedsOwn, WrongOrder, TooQuick, OtherText, NoAction, AskedTooSoon, Incomplete,
	}
}

func help() map[Fault]idv.Text {
	return map[Fault]idv.Text{
		Missing:       {EN: "Name a consent of this tenant: show the notice, let the person agree, and send the consent's id.", ZH: "请求未引用有效的同意记录；请先展示告知书并取得本人同意，再提交其编号。"},
		NotPresented:  {EN: "Show the notice to the person first.", ZH: "告知书尚未向本人展示。"},
		NotGiven:      {EN: "The person has not agreed yet; record the decision first.", ZH: "本人尚未作出同意。"},
		WasRefused:    {EN: "The person refused; do not call a vendor, and do not ask again.", ZH: "本人已拒绝。"},
		WasWithdrawn:  {EN: "The person withdrew it; ask for a new one if the person comes back.", ZH: "本人已撤回同意。"},
		HasExpired:    {EN: "It has expired; ask for a new one.", ZH: "同意已过有效期，请重新取得。"},
		WasSuperseded: {EN: "A newer consent superseded it; send the id of that one.", ZH: "已被较新的同意取代，请使用新的编号。"},
		NotBefore:     {EN: "A consent must be given before the call that uses it.", ZH: "同意须早于核验。"},
		OtherPerson:   {EN: "It was given by another person.", ZH: "该同意属于另一人。"},
		OtherName:     {EN: "It was given for another name; send the name that the notice showed, or ask for a new consent.", ZH: "该同意针对另一姓名；请提交告知书所载的姓名，或重新取得同意。"},
		OtherApp:      {EN: "It was given to another app.", ZH: "该同意是向另一应用作出的。"},
		OtherPurpose:  {EN: "It was given for another purpose.", ZH: "该同意针对其他目的。"},
		OtherData:     {EN: "It does not cover all the data of this check.", ZH: "该同意未覆盖本次核验所需的全部信息。"},
		NotRecipient:  {EN: "It does not name this recipient; name it in a new notice.", ZH: "该同意未列明此接收方。"},
		UsedUp:        {EN: "It covers no further verification; ask for a new one.", ZH: "该同意的核验次数已用完。"},
		NeedsGuardian: {EN: "A person under 14 needs the consent of a guardian. A person whose number encodes no age needs it too, or declares to be 14 or older.", ZH: "未满十四周岁须由监护人同意。"},
		NeedsOwn:      {EN: "A person of 18 or older must consent alone; the consent of a guardian does not count.", ZH: "已满十八周岁须由本人同意。"},
		WrongOrder:    {EN: "The event does not fit the state of the consent; the order is drafted, presented, given or refused, then withdrawn.", ZH: "该操作与同意记录的当前状态不符。"},
		TooQuick:      {EN: "The text was not presented long enough to be read; wait, then record the decision.", ZH: "展示时间不足，无法视为已阅读。"},
		OtherText:     {EN: "The consent is for another text than the one that was presented; send its text_hash.", ZH: "所同意的文本与展示的文本不一致。"},
		NoAction:      {EN: "State the action of the person: checkbox, typed_name, signature or spoken.", ZH: "缺少本人作出同意的方式。"},
		AskedTooSoon:  {EN: "The person refused recently; wait before asking again (Network Data Security Regulation art. 24).", ZH: "本人近期已拒绝，暂不得再次征求同意。"},
		Incomplete:    {EN: "A required part of the record is missing; the error names its field.", ZH: "同意记录缺少必填内容。"},
	}
}
