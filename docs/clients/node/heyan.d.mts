// The types of heyan.mjs. Members have the names of the API; GET /openapi.json documents them.

export type Check = 'id_name' | 'id_name_mobile' | 'id_name_bankcard' | 'id_name_mobile_bankcard' | 'name_bankcard';

export const Verdict: Readonly<{
  UNDETERMINED: 'undetermined';
  MATCH: 'match';
  MISMATCH: 'mismatch';
  NO_RECORD: 'no_record';
  MISMATCH_OR_NO_RECORD: 'mismatch_or_no_record';
}>;
export type Verdict = (typeof Verdict)[keyof typeof Verdict];

/** Why there is no answer. A newer heyan may send other words. */
export type Failure =
  | 'unknown' | 'invalid_input' | 'denied' | 'subject_limited' | 'throttled' | 'quota_exhausted' | 'credentials' | 'maintenance'
  | 'unavailable' | 'timeout' | 'garbled' | 'unsupported' | 'canceled' | 'internal' | 'partial_match' | 'pending' | (string & {});

/** The types of problems that a caller acts on. A newer heyan may send others. */
export type ProblemType =
  | 'invalid_input' | 'bad_request' | 'unauthenticated' | 'forbidden' | 'denied' | 'subject_limited' | 'throttled' | 'rate_limited'
  | 'unsupported' | 'idempotency_in_progress' | 'idempotency_key_reused' | 'not_found' | 'consent_state' | 'overloaded'
  | 'shutting_down' | 'store_unwritable' | 'result_unconfirmed' | 'internal' | (string & {});

export class HeyanError extends Error {
  /** The key of a verification. Unless the error is a Problem, repeat the verification with it to get its result. */
  idempotencyKey: string;
  tries: number;
}

export class Problem extends HeyanError {
  type: ProblemType;
  status: number;
  title: string;
  detail: string;
  errors: { location: string; rule?: string; message: string }[];
  rules: { rule: string; zh: string; en: string }[];
  verification: string;
  /** In seconds; 0 if unknown. */
  retryAfter: number;
}

export class ResponseError extends HeyanError {
  status: number;
  retryAfter: number;
}

export class TransportError extends HeyanError {}

export class DeadlineError extends TransportError {}

export interface Claims {
  name?: string | undefined;
  id_number?: string | undefined;
  /** Only for numbers that do not tell their document, such as br_cpf. */
  document?: string | undefined;
  mobile?: string | undefined;
  bank_card?: string | undefined;
}

export class Subject {
  #claims; // so that claims in clear are no Subject
  constructor(claims: Claims);
  toString(): string;
  toJSON(): string;
  static reveal(subject: Subject): Claims;
}

export interface Request {
  check: Check;
  subject: Subject;
  purpose?: string | undefined;
  consent_id?: string | undefined;
  app?: string | undefined;
}

export interface Cost {
  amount: string;
  currency?: string;
  maximum?: string;
}

export interface Attempt {
  provider: string;
  verdict: Verdict;
  failure?: Failure;
  phase?: string;
  origin: string;
  delivery: string;
  charge: 'charged' | 'not_charged' | 'unknown';
  vendor_code?: string;
  vendor_ref?: string;
  started_at: string;
  duration_ms: number;
  cost: Cost;
}

export interface Skipped {
  provider: string;
  reason: string;
  until?: string;
}

export interface Verification {
  id?: string;
  verdict: Verdict;
  /** Why the verdict is undetermined. */
  reason?: Failure;
  check: Check;
  document?: string;
  fidelity: string;
  fields?: { field: string; result: 'matched' | 'mismatched' | 'not_compared' }[];
  subject: Claims;
  flags?: string[];
  evidence: { type: string; check_method: string; organization: string; provider: string; check_id?: string; source?: string; time: string }[];
  attempts: Attempt[];
  skipped: Skipped[];
  cost: Cost;
  app?: string;
  purpose?: string;
  consent_id?: string;
  basis?: string;
  rules?: string[];
  review?: boolean;
  reused?: { verification: string; at: string; until: string };
  second_of?: string;
  erased?: string;
  created_at: string;
  trace_id: string;
  next_steps: { code: string; zh: string; en: string; at?: string; date?: string }[];
}

export interface Plan {
  steps: { provider: string; trial?: boolean }[];
  skipped: Skipped[];
  max_attempts: number;
  basis?: string;
  rules?: string[];
  review?: boolean;
  second_opinion?: boolean;
}

export interface ConsentDraft {
  app?: string | undefined;
  purpose: string;
  check?: Check | undefined;
  subject: Subject;
  of_age?: boolean | undefined;
  language?: string | undefined;
  uses?: number | undefined;
  channel?: string | undefined;
}

export interface Party {
  name: string;
  contact: string;
  address?: string;
}

export interface Consent {
  id: string;
  state: string;
  app?: string;
  purpose: string;
  items: string[];
  recipients: Party[];
  controller: Party;
  uses: number;
  used: number;
  text_hash: string;
  valid_until?: string;
  /** What to show to the person. Only draftConsent returns it, and it is not printed. */
  text?: string;
}

export interface Balance {
  provider: string;
  lots: number;
  units: number;
  available: number;
  held: number;
  posted: number;
  unknown: number;
  left: Cost;
  unbooked?: number;
  unbooked_cost?: Cost;
}

export interface Provider {
  name: string;
  use: string;
  version: string;
  check: Check;
  fidelity: string;
  recipient: string;
  price: Cost;
  available: boolean;
  reason?: string;
  until?: string;
}

export class Heyan {
  constructor(options: {
    baseUrl: string;
    key?: string | undefined;
    timeoutMs?: number | undefined;
    tryTimeoutMs?: number | undefined;
    allowPlainHttp?: boolean | undefined;
    fetch?: typeof fetch | undefined;
  });
  verify(request: Request & { idempotency_key?: string | undefined }): Promise<Verification>;
  explain(request: Request): Promise<Plan>;
  verification(id: string): Promise<Verification>;
  draftConsent(draft: ConsentDraft): Promise<Consent>;
  presentConsent(id: string): Promise<Consent>;
  giveConsent(id: string, decision: { text_hash: string; action: 'checkbox' | 'typed_name' | 'signature' | 'spoken' }): Promise<Consent>;
  refuseConsent(id: string): Promise<Consent>;
  withdrawConsent(id: string): Promise<Consent>;
  balances(): Promise<Balance[]>;
  providers(): Promise<Provider[]>;
}
