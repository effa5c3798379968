package consent

import (
	"errors"

	"github.com/heyan-id/heyan/engine/idv"
)

// The errors that stores and callers act on.
var (
	// ErrNotFound says that this tenant has no such consent; another's is not found.
	ErrNotFound = errors.New("no such consent")
	// ErrDuplicate says that a consent of this id is there already.
	ErrTwice = errors.New("a consent of this id is there already")
	// ErrErased says that the person was erased; nothing more is kept of them under
	// the consents of before.
	ErrErased = errors.New("this consent's person was erased")
)

// Fault is why a consent does not cover a call, or an event does not fit its state:
// a word that programs act on. The empty fault is none.
type Fault string

// The faults of a call.
const (
	Missing       Fault = "missing"         // the request names none, or none that this tenant has
	NotPresented  Fault = "not_presented"   // the person has not seen it
	NotGiven      Fault = "not_given"       // the person has not agreed
	WasRefused    Fault = "refused"         // the person said no
	WasWithdrawn  Fault = "withdrawn"       // the person took it back
	HasExpired    Fault = "expired"         // its time is over
	WasSuperseded Fault = "superseded"      // a newer one stands in its place
	NotBefore     Fault = "not_before_call" // it was not given before the call
	OtherPerson   Fault = "other_person"    // it is another person's
	OtherApp      Fault = "other_app"       // it was given to another app
	OtherPurpose  Fault = "other_purpose"   // it was given for another purpose
	OtherData     Fault = "other_data"      // it does not cover all data of the question
	NotRecipient  Fault = "not_recipient"   // it does not name who would get the data
	UsedUp        Fault = "used_up"         // it covers no further verification
	NeedsGuardian Fault = "needs_guardian"  // the person is under 14, or may be, and no guardian agreed
	NeedsOwn      Fault = "needs_own"       // a guardian agreed for a person of 18 or older
	WrongOrder    Fault = "wrong_order"     // an event that does not follow on the state
	TooQuick      Fault = "too_quick"       // agreed before the text could have been read
	OtherText     Fault = "other_text"      // agreed to a text that is not this one
	NoAction      Fault = "no_action"       // nothing says what the person did to agree
	AskedTooSoon  Fault = "asked_too_soon"  // the person refused this lately, and must not be pressed
	Incomplete    Fault = "incomplete"      // a part that every consent must have is missing
)

// Error is a fault as an error: nobody was asked and nothing paid.
func (f Fault) Error() string { return string(f) + ": " + f.Help().EN }

// Unwrap returns the fault as a denied *idv.Error that names the consent.
func (f Fault) Unwrap() error {
	return &idv.Error{
		Failure: idv.Denied, Origin: idv.OriginEngine, Delivery: idv.NotSent, Charge: idv.NotCharged,
		Field: idv.FieldConsentID, Code: RulePrefix + string(f), Detail: f.Help().EN,
	}
}

// RulePrefix stands before a fault where it is the name of a rule: consent.withdrawn.
const RulePrefix = "consent."

// Help says what is wrong and what to do.
func (f Fault) Help() idv.Text { return help()[f] }

// Faults lists every fault that Help knows.
func Faults() []Fault {
	return []Fault{
		Missing, NotPresented, NotGiven, WasRefused, WasWithdrawn, HasExpired, WasSuperseded, NotBefore, OtherPerson, OtherApp,
		OtherPurpose, OtherData, NotRecipient, UsedUp, NeedsGuardian, NeedsOwn, WrongOrder, TooQuick, OtherText, NoAction, AskedTooSoon, Incomplete,
	}
}

func help() map[Fault]idv.Text {
	return map[Fault]idv.Text{
		Missing:       {EN: "Name a consent of this tenant: show the notice, let the person agree, and send the consent's id.", ZH: "请求未引用有效的同意记录；请先展示告知书并取得本人同意，再提交其编号。"},
		NotPresented:  {EN: "Show the notice to the person first.", ZH: "告知书尚未向本人展示。"},
		NotGiven:      {EN: "The person has not agreed yet; record the decision first.", ZH: "本人尚未作出同意。"},
		WasRefused:    {EN: "The person refused; do not ask the vendors, and do not press.", ZH: "本人已拒绝。"},
		WasWithdrawn:  {EN: "The person withdrew it; ask for a new one if the person comes back.", ZH: "本人已撤回同意。"},
		HasExpired:    {EN: "Its time is over; ask for a new one.", ZH: "同意已过有效期，请重新取得。"},
		WasSuperseded: {EN: "A newer consent stands in its place; send that one's id.", ZH: "已被较新的同意取代，请使用新的编号。"},
		NotBefore:     {EN: "A consent must be given before the call that rests on it.", ZH: "同意须早于核验。"},
		OtherPerson:   {EN: "It was given by another person.", ZH: "该同意属于另一人。"},
		OtherApp:      {EN: "It was given to another app.", ZH: "该同意是向另一应用作出的。"},
		OtherPurpose:  {EN: "It was given for another purpose.", ZH: "该同意针对其他目的。"},
		OtherData:     {EN: "It does not cover all the data of this check.", ZH: "该同意未覆盖本次核验所需的全部信息。"},
		NotRecipient:  {EN: "It does not name this recipient; name it in a new notice.", ZH: "该同意未列明此接收方。"},
		UsedUp:        {EN: "It covers no further verification; ask for a new one.", ZH: "该同意的核验次数已用完。"},
		NeedsGuardian: {EN: "A person under 14, or whose number tells no age, needs a guardian's consent, or the declaration to be 14 or older.", ZH: "未满十四周岁须由监护人同意。"},
		NeedsOwn:      {EN: "A person of 18 or older agrees alone; what a guardian agreed to does not cover it.", ZH: "已满十八周岁须由本人同意。"},
		WrongOrder:    {EN: "This does not follow on the consent's state; the order is drafted, presented, given or refused, then withdrawn.", ZH: "该操作与同意记录的当前状态不符。"},
		TooQuick:      {EN: "The text was not in front of the person long enough to be read.", ZH: "展示时间不足，无法视为已阅读。"},
		OtherText:     {EN: "The text that was agreed to is not the one that was presented; send its text_hash.", ZH: "所同意的文本与展示的文本不一致。"},
		NoAction:      {EN: "Say what the person did to agree: checkbox, typed_name, signature or spoken.", ZH: "缺少本人作出同意的方式。"},
		AskedTooSoon:  {EN: "The person refused this lately; wait before asking again (Network Data Security Regulation art. 24).", ZH: "本人近期已拒绝，暂不得再次征求同意。"},
		Incomplete:    {EN: "A part of the record is missing; its field is named beside.", ZH: "同意记录缺少必填内容。"},
	}
}
