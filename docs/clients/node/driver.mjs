// Runs the cases of the clients' test with the Node.js client; docs/clients/driver.md describes the lines.

import { createInterface } from 'node:readline';
import { format, inspect } from 'node:util';

import { DeadlineError, Heyan, Problem, ResponseError, Subject, TransportError } from './heyan.mjs';

async function run(task) {
  let client;
  try {
    client = new Heyan({
      baseUrl: task.base_url, key: task.key, allowPlainHttp: task.allow_plain_http,
      timeoutMs: task.timeout_ms || undefined, tryTimeoutMs: task.try_timeout_ms || undefined,
    });
  } catch (e) {
    return { error: 'config', printed: String(e) };
  }
  const subject = new Subject({ name: task.name, id_number: task.id_number });
  const question = { check: task.check, subject, purpose: task.purpose, consent_id: task.consent_id || undefined, app: task.app };
  try {
    return await operate(client, task, question);
  } catch (e) {
    return { ...failure(e), tries: e.tries, idempotency_key: e.idempotencyKey, printed: inspect(e) };
  }
}

function failure(e) {
  if (e instanceof Problem) {
    const rule = (e.rules[0] ?? e.errors[0])?.rule ?? '';
    return { error: 'problem', problem: e.type, status: e.status, rule, retry_after_ms: Math.round(e.retryAfter * 1000) };
  }
  if (e instanceof ResponseError) return { error: 'response', status: e.status };
  if (e instanceof DeadlineError) return { error: 'timeout' };
  if (e instanceof TransportError) return { error: 'network' };
  if (e instanceof TypeError) return { error: 'argument' };
  throw e;
}

async function operate(client, task, question) {
  switch (task.op) {
    case 'verify':
      return shown(await client.verify({ ...question, idempotency_key: task.idempotency_key }));
    case 'get':
      return shown(await client.verification(task.id));
    case 'explain':
      return { names: (await client.explain(question)).steps.map((s) => s.provider) };
    case 'consent': {
      const { purpose, subject, check, app } = question;
      const draft = await client.draftConsent({ purpose, subject, check, app, uses: 50 });
      if (!draft.text) throw new Error('the draft has no text');
      await client.presentConsent(draft.id);
      const given = await client.giveConsent(draft.id, { text_hash: draft.text_hash, action: 'checkbox' });
      return { id: draft.id, state: given.state, printed: format('%O %j', draft, draft) };
    }
    case 'withdraw':
      return { state: (await client.withdrawConsent(task.id)).state };
    case 'balances':
      return { names: (await client.balances()).map((b) => b.provider) };
    case 'providers':
      return { names: (await client.providers()).map((p) => p.name) };
    case 'print':
      return { printed: format('%s %O %j %s %O %j', question.subject, question, question, client, client, client) };
  }
}

function shown(v) {
  const attempts = v.attempts.map(({ provider, verdict, failure = '', charge }) => ({ provider, verdict, failure, charge }));
  return { id: v.id, verdict: v.verdict, reason: v.reason, attempts };
}

for await (const line of createInterface({ input: process.stdin })) console.log(JSON.stringify(await run(JSON.parse(line))));
