// Uses each method and type of the Node.js client as a strict program does. It is compiled, not run.

import {
  DeadlineError, Heyan, HeyanError, Problem, ResponseError, Subject, TransportError, Verdict,
  type Balance, type Check, type Claims, type Consent, type Failure, type Plan, type Provider, type Verification,
} from '../node/heyan.mjs';

const client = new Heyan({ baseUrl: process.env['HEYAN_URL'] ?? '', key: process.env['HEYAN_KEY'], timeoutMs: 10_000 });
const subject = new Subject({ name: process.argv[2], id_number: process.argv[3] });

function decide(result: Verification): boolean | Failure {
  switch (result.verdict) {
    case Verdict.MATCH: return true;
    case 'mismatch': case 'no_record': case 'mismatch_or_no_record': return false;
    case Verdict.UNDETERMINED: return result.reason ?? 'unknown';
    default: return result.verdict satisfies never; // each verdict has its case
  }
}

export async function calls(check: Check, consent_id: string | undefined): Promise<[Plan, Balance[], Provider[], Claims]> {
  const request = { check, subject, purpose: 'account_opening', consent_id, app: 'shop' };
  const result = await client.verify({ ...request, idempotency_key: undefined });
  const again = await client.verification(result.id ?? '');
  const [attempt] = again.attempts;
  console.log(decide(result), attempt?.charge === 'unknown', attempt?.cost.maximum, again.skipped[0]?.reason, again.next_steps[0]?.zh);
  const draft: Consent = await client.draftConsent({ purpose: 'account_opening', subject, check, uses: 3, of_age: true, app: undefined });
  await client.presentConsent(draft.id);
  await client.giveConsent(draft.id, { text_hash: draft.text_hash, action: 'checkbox' });
  await client.refuseConsent(draft.id);
  await client.withdrawConsent(draft.id);
  return [await client.explain(request), await client.balances(), await client.providers(), Subject.reveal(subject)];
}

export function shown(e: unknown): string {
  if (e instanceof Problem) return `${e.type} ${e.status} ${e.errors[0]?.location} ${e.rules[0]?.en} ${e.retryAfter} ${e.verification}`;
  if (e instanceof ResponseError) return `${e.status} ${e.retryAfter}`;
  if (e instanceof DeadlineError || e instanceof TransportError) return `${e.tries}`;
  return e instanceof HeyanError ? e.idempotencyKey : 'not of heyan';
}

// What the types refuse.
// @ts-expect-error a member that does not exist
void client.verify({ check: 'id_name', subject, consent: 'con_1' });
// @ts-expect-error claims in clear, which print themselves
void client.verify({ check: 'id_name', subject: { name: 'n', id_number: '1' } });
// @ts-expect-error another word
void client.verify({ check: 'id-name', subject });
// @ts-expect-error there is no such act
void client.giveConsent('con_1', { text_hash: '', action: 'nod' });
// @ts-expect-error without a URL
void new Heyan({ key: 'k' });
