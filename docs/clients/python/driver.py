"""Runs the cases of the clients' test with the Python client; docs/clients/driver.md describes the lines."""

import json
import sys
from typing import Any, Dict

import heyan


def run(task: Dict[str, Any]) -> Dict[str, Any]:
    result: Dict[str, Any] = {}
    options = {n: task[n + "_ms"] / 1000 for n in ("timeout", "try_timeout") if task.get(n + "_ms")}
    try:
        client = heyan.Client(task["base_url"], task["key"], allow_plain_http=task["allow_plain_http"], **options)
    except ValueError as e:
        return {"error": "config", "printed": str(e)}
    subject = heyan.Subject(name=task["name"], id_number=task["id_number"])
    question = (task["check"], subject, task["purpose"], task["consent_id"], task["app"])
    try:
        operate(client, task, subject, question, result)
    except heyan.Problem as e:
        first = (e.rules + e.errors + [{}])[0]
        result.update(error="problem", problem=e.type, status=e.status, rule=first.get("rule", ""), retry_after_ms=int(e.retry_after * 1000))
        failed(result, e)
    except heyan.ResponseError as e:
        result.update(error="response", status=e.status)
        failed(result, e)
    except heyan.DeadlineError as e:
        result.update(error="timeout")
        failed(result, e)
    except heyan.TransportError as e:
        result.update(error="network")
        failed(result, e)
    except ValueError as e:
        result.update(error="argument", printed=str(e))
    return result


def failed(result: Dict[str, Any], e: heyan.HeyanError) -> None:
    result.update(tries=e.tries, idempotency_key=e.idempotency_key, printed=result.get("printed", "") + f"{e} {e!r}")


def operate(client: heyan.Client, task: Dict[str, Any], subject: heyan.Subject, question: Any, result: Dict[str, Any]) -> None:
    op = task["op"]
    if op in ("verify", "get"):
        v = client.verify(*question, idempotency_key=task["idempotency_key"]) if op == "verify" else client.verification(task["id"])
        attempts = [{"provider": a.provider, "verdict": a.verdict.value, "failure": a.failure, "charge": a.charge} for a in v.attempts]
        result.update(id=v.id, verdict=v.verdict.value, reason=v.reason, attempts=attempts)
    elif op == "explain":
        result.update(names=[s["provider"] for s in client.explain(*question).steps])
    elif op == "consent":
        c = client.draft_consent(task["purpose"], subject, task["check"], task["app"], uses=50)
        assert c.text
        result.update(id=c.id, printed=f"{c} {c!r}")
        client.present_consent(c.id)
        result.update(state=client.give_consent(c.id, c.text_hash, "checkbox").state)
    elif op == "withdraw":
        result.update(state=client.withdraw_consent(task["id"]).state)
    elif op == "balances":
        result.update(names=[b.provider for b in client.balances()])
    elif op == "providers":
        result.update(names=[p.name for p in client.providers()])
    elif op == "print":
        result.update(printed=f"{subject} {subject!r} {client} {client!r}")


for line in sys.stdin:
    print(json.dumps(run(json.loads(line))), flush=True)
