"""Uses each method and type of the Python client as a strict program does. It is checked, not run."""

from typing import List, Tuple

import heyan


def decide(result: heyan.Verification) -> Tuple[bool, str]:
    if result.verdict is heyan.Verdict.UNDETERMINED:
        return False, result.reason
    return result.verdict is heyan.Verdict.MATCH, result.json["id"]


def calls(client: heyan.Client, name: str, number: str) -> List[str]:
    subject = heyan.Subject(name=name, id_number=number)
    result = client.verify("id_name", subject, purpose="account_opening", consent_id="", app="shop", idempotency_key="order-1")
    again = client.verification(result.id)
    draft: heyan.Consent = client.draft_consent("account_opening", subject, "id_name", "shop", uses=3)
    client.present_consent(draft.id)
    client.give_consent(draft.id, draft.text_hash, "checkbox")
    client.refuse_consent(draft.id)
    client.withdraw_consent(draft.id)
    plan: heyan.Plan = client.explain("id_name", subject)
    texts = [a.provider + a.charge + a.cost.maximum + a.verdict.value for a in again.attempts]
    texts += [s.reason + s.until for s in plan.skipped] + [n.zh for n in again.next_steps]
    texts += [b.provider + b.left.amount + str(b.available + b.unknown) for b in client.balances()]
    return texts + [p.name + p.price.currency for p in client.providers() if p.available] + [decide(result)[1]]


def shown(e: heyan.HeyanError) -> str:
    if isinstance(e, heyan.Problem):
        return e.type + e.errors[0]["location"] + e.rules[0]["en"] + str(e.retry_after) + e.verification
    if isinstance(e, heyan.ResponseError):
        return str(e.status) + str(e.retry_after)
    return e.idempotency_key + str(e.tries) + str(isinstance(e, (heyan.DeadlineError, heyan.TransportError)))


# What the types refuse: the checker reports an ignored error that is none.
heyan.Client("https://localhost", "k").verify("id_name", {"name": "n"})  # pyright: ignore[reportArgumentType]
heyan.Client("https://localhost")  # pyright: ignore[reportCallIssue]
heyan.Subject(number="1")  # pyright: ignore[reportCallIssue]
heyan.Verdict.MATCHES  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType]
