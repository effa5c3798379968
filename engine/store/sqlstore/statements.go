package sqlstore

// The statements of the store, for both databases.
const (
	// lots has what does not change, lot_rows the counts; see package ledger, Row.
	lotColumns   = `id, provider, open, bought_at, expires_at, note, currency, total_micros, units, booked_at, canceled_at`
	selectLot    = `SELECT ` + lotColumns + ` FROM lots WHERE id = $1`
	selectLotsOf = `SELECT ` + lotColumns + ` FROM lots WHERE provider = $1`
	// selectLotOfHold is for holds whose attempt does not name the lot.
	selectLotOfHold = `SELECT ` + lotColumns + ` FROM lots WHERE id = (SELECT lot FROM holds WHERE attempt = $1)`
	selectCurrency  = `SELECT currency FROM lots WHERE currency <> '' AND canceled_at = 0 GROUP BY currency ORDER BY count(*) DESC, currency LIMIT 1`
	selectLots      = `SELECT l.id, l.provider, l.open, l.bought_at, l.expires_at, l.note, l.currency, CAST(sum(r.total_micros) AS BIGINT),
		CAST(sum(r.units) AS BIGINT), l.booked_at, l.canceled_at, CAST(sum(r.left_micros) AS BIGINT), CAST(sum(r.available) AS BIGINT),
		CAST(sum(r.held) AS BIGINT), CAST(sum(r.posted) AS BIGINT), CAST(sum(r.unknown) AS BIGINT), CAST(sum(r.written_off) AS BIGINT)
		FROM lots l JOIN lot_rows r ON r.lot = l.id WHERE $1 = '' OR l.provider = $1 GROUP BY l.id, l.provider, l.open, l.bought_at,
		l.expires_at, l.note, l.currency, l.booked_at, l.canceled_at`
	selectExpired = `SELECT DISTINCT l.provider FROM lots l JOIN lot_rows r ON r.lot = l.id WHERE r.available > 0 AND l.expires_at > 0 AND l.expires_at <= $1`
	insertLotSQL  = `INSERT INTO lots (` + lotColumns + `) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`
	updateLotSQL  = `UPDATE lots SET currency = $2, canceled_at = $3 WHERE id = $1`

	rowColumns      = `lot, n, moved, available, left_micros, held, posted, unknown, written_off, seq, last_at`
	selectRow       = `SELECT ` + rowColumns + ` FROM lot_rows WHERE lot = $1`
	selectRowOfHold = `SELECT ` + rowColumns + ` FROM lot_rows WHERE lot = (SELECT lot FROM holds WHERE attempt = $1)`
	selectRowsOf    = `SELECT ` + rowColumns + ` FROM lot_rows WHERE lot IN (SELECT id FROM lots WHERE provider = $1 AND canceled_at = 0)
		AND (available > 0 OR lot IN (SELECT id FROM lots WHERE provider = $1 AND open = 1))`
	insertRowSQL = `INSERT INTO lot_rows (lot, n, units, total_micros, moved, available, left_micros, held, posted, unknown, written_off, seq, last_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`
	updateRowSQL = `UPDATE lot_rows SET units = units + $3, total_micros = total_micros + $4, available = available + $5,
		left_micros = left_micros + $6, held = held + $7, posted = posted + $8, unknown = unknown + $9, written_off = written_off + $10,
		seq = seq + $11, last_at = $12, moved = moved + $13 WHERE lot = $1 AND n = $2`

	holdColumns = `attempt, verification, provider, check_name, tenant, app, purpose, lot, open, price_micros, currency, at, deadline,
		state, changed_at, why, told, failed, ending, origin, sent, charge, vendor_code, vendor_ref, duration_ns, phase, consent, basis`
	selectHold    = `SELECT ` + holdColumns + ` FROM holds WHERE attempt = $1`
	selectHoldsOf = `SELECT ` + holdColumns + ` FROM holds WHERE verification = $1 ORDER BY at, attempt`
	selectHolds   = `SELECT ` + holdColumns + ` FROM holds WHERE (at, attempt) > ($1, $2) AND at < $3
		AND ($4 = '' OR tenant = $4) AND ($5 = '' OR app = $5) AND ($6 = '' OR purpose = $6) AND ($7 = '' OR provider = $7)`
	orderHolds = ` ORDER BY at, attempt LIMIT $8`
	// waiting is the condition of the index holds_waiting.
	waiting     = ` AND state IN ('held', 'unknown')`
	selectLost  = `SELECT attempt FROM holds WHERE state = 'held' AND deadline < $1` + waiting + ` LIMIT $2`
	selectUsage = `SELECT month, provider, ending, state, currency, count(*), CAST(sum(price_micros) AS BIGINT) FROM holds
		WHERE at >= $1 AND at < $2 AND ($3 = '' OR tenant = $3) AND ($4 = '' OR app = $4) AND ($5 = '' OR purpose = $5)
		AND ($6 = '' OR provider = $6) GROUP BY month, provider, ending, state, currency`
	insertHoldSQL = `INSERT INTO holds (attempt, state, changed_at, why, told, failed, ending, origin, sent, charge, vendor_code,
		vendor_ref, duration_ns, phase, verification, provider, check_name, tenant, app, purpose, lot, open, price_micros, currency, at, month, deadline,
		consent, basis) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24,
		$25, $26, $27, $28, $29)`
	updateHoldSQL = `UPDATE holds SET state = $2, changed_at = $3, why = $4, told = $5, failed = $6, ending = $7, origin = $8, sent = $9,
		charge = $10, vendor_code = $11, vendor_ref = $12, duration_ns = $13, phase = $14 WHERE attempt = $1`

	selectEntries = `SELECT e.n, e.seq, e.at, e.lot, e.hold, e.from_account, e.to_account, e.units, e.amount_micros, e.currency, e.reason,
		l.provider, coalesce(h.tenant, ''), coalesce(h.app, ''), coalesce(h.purpose, '')
		FROM entries e JOIN lots l ON l.id = e.lot LEFT JOIN holds h ON h.attempt = e.hold
		WHERE (e.at, e.lot, e.n, e.seq) > ($1, $2, $3, $4) AND e.at < $5 AND ($6 = '' OR coalesce(h.tenant, '') = $6)
		AND ($7 = '' OR coalesce(h.app, '') = $7) AND ($8 = '' OR coalesce(h.purpose, '') = $8) AND ($9 = '' OR l.provider = $9)
		ORDER BY e.at, e.lot, e.n, e.seq LIMIT $10`
	selectLastEntry = `SELECT coalesce(max(at), 0) FROM entries`
	insertEntrySQL  = `INSERT INTO entries (lot, n, seq, at, hold, from_account, to_account, units, amount_micros, currency, reason)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`

	// app, purpose and provider are NULL in rows of versions before 0004.
	verificationColumns   = `tenant, id, created_at, check_name, verdict, reason, subject, coalesce(app, ''), coalesce(purpose, ''), coalesce(provider, ''), details`
	selectVerification    = `SELECT ` + verificationColumns + ` FROM verifications WHERE tenant = $1 AND id = $2`
	selectStored          = `SELECT tenant, id, kind FROM verifications WHERE tenant = $1 AND id = $2`
	insertVerificationSQL = `INSERT INTO verifications (tenant, id, created_at, check_name, verdict, reason, details, subject,
		provider, app, purpose, kind) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`
	replaceVerificationSQL = `UPDATE verifications SET created_at = $3, check_name = $4, verdict = $5, reason = $6, details = $7, subject = $8,
		provider = $9, app = $10, purpose = $11, kind = $12 WHERE tenant = $1 AND id = $2`
	// The condition on NULL is that of the index verifications_unfilled.
	selectUnfilled   = `SELECT tenant, id, details FROM verifications WHERE provider IS NULL LIMIT $1`
	fillVerification = `UPDATE verifications SET provider = $3, app = $4, purpose = $5 WHERE tenant = $1 AND id = $2 AND provider IS NULL`

	selectClaim = `SELECT c.tenant, c.idempotency_key, c.fingerprint, c.verification, c.deadline, c.expires_at, c.done, CASE WHEN v.id IS NULL THEN 0 ELSE 1 END FROM claims c
		LEFT JOIN verifications v ON c.done = 1 AND v.tenant = c.tenant AND v.id = c.verification
		WHERE c.tenant = $1 AND c.idempotency_key = $2`
	selectLostClaims = `SELECT tenant, idempotency_key, verification,
		COALESCE((SELECT max(consent) FROM holds h WHERE h.verification = c.verification), '')
		FROM claims c WHERE done = 0 AND deadline < $1 LIMIT $2`
	upsertClaim = `INSERT INTO claims (tenant, idempotency_key, fingerprint, verification, deadline, expires_at, done)
		VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (tenant, idempotency_key) DO UPDATE SET fingerprint = excluded.fingerprint,
		verification = excluded.verification, deadline = excluded.deadline, expires_at = excluded.expires_at, done = excluded.done`
	endClaim      = `UPDATE claims SET done = 1 WHERE tenant = $1 AND idempotency_key = $2`
	deleteClaim   = `DELETE FROM claims WHERE tenant = $1 AND idempotency_key = $2 AND done = 0`
	deleteExpired = `DELETE FROM claims WHERE (tenant, idempotency_key) IN (SELECT tenant, idempotency_key FROM claims
		WHERE done = 1 AND expires_at <= $1 AND expires_at >= $3 ORDER BY expires_at LIMIT $2 ` + freeRows + `) RETURNING expires_at, 1`

	// The conditions on '' are those of the indexes.
	selectConsent            = `SELECT data FROM consents WHERE tenant = $1 AND id = $2`
	selectConsentThere       = `SELECT tenant, id FROM consents WHERE tenant = $1 AND id = $2`
	selectConsentsOfSubject  = `SELECT data FROM consents WHERE tenant = $1 AND subject = $2 AND subject <> ''`
	selectRefused            = selectConsentsOfSubject + ` AND state = 'refused'`
	selectOpen               = selectConsentsOfSubject + ` AND state IN ('drafted', 'presented', 'given')`
	selectConsentsOfGuardian = `SELECT data FROM consents WHERE tenant = $1 AND guardian = $2 AND guardian <> ''`
	selectAllConsents        = `SELECT data FROM consents WHERE (drafted_at, id) > ($1, $2) AND tenant = $3 ORDER BY drafted_at, id LIMIT $4`
	insertConsent            = `INSERT INTO consents (tenant, id, subject, guardian, state, drafted_at, over_at, data)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`
	updateConsent = `UPDATE consents SET subject = $3, guardian = $4, state = $5, drafted_at = $6, over_at = $7, data = $8
		WHERE tenant = $1 AND id = $2`

	selectVerificationsOf = `SELECT ` + verificationColumns + ` FROM verifications WHERE tenant = $1 AND subject = $2 AND subject <> ''`
	eraseVerification     = `UPDATE verifications SET subject = '', details = $3 WHERE tenant = $1 AND id = $2`

	selectDataKey = `SELECT wrapped FROM data_keys WHERE tenant = $1 AND subject = $2`
	insertDataKey = `INSERT INTO data_keys (tenant, subject, wrapped) VALUES ($1, $2, $3)`
	selectRing    = `SELECT subject FROM data_keys WHERE tenant = '' AND subject LIKE $1 ORDER BY subject`
	selectKnown   = `SELECT subject FROM consents WHERE subject LIKE $1 UNION ALL SELECT guardian FROM consents WHERE guardian LIKE $1
		UNION ALL SELECT subject FROM verifications WHERE subject LIKE $1 LIMIT 1`
	deleteDataKey = `DELETE FROM data_keys WHERE tenant = $1 AND subject = $2`

	selectAnyErasure = `SELECT id FROM erasures LIMIT 1`
	selectErasure    = `SELECT tenant, id, at, verifications, consents, keys FROM erasures WHERE tenant = $1 AND id = $2`
	selectErasuresOf = `SELECT DISTINCT e.tenant, e.id, e.at, e.verifications, e.consents, e.keys FROM erased
		JOIN erasures e ON e.tenant = erased.tenant AND e.id = erased.erasure WHERE erased.tenant = $1 AND erased.mark IN (`
	orderErasures = `) ORDER BY e.at, e.id`
	// selectErased has the hash, since it is asked for several people at once.
	selectErased = `SELECT erased.mark, e.tenant, e.id, e.at, e.verifications, e.consents, e.keys FROM erased
		JOIN erasures e ON e.tenant = erased.tenant AND e.id = erased.erasure WHERE erased.tenant = $1 AND erased.mark = $2 ORDER BY e.at, e.id`
	insertErased     = `INSERT INTO erased (tenant, mark, erasure) VALUES ($1, $2, $3) ON CONFLICT (tenant, mark, erasure) DO NOTHING`
	countLateSQL     = `UPDATE erasures SET verifications = verifications + 1 WHERE tenant = $1 AND id = $2`
	upsertErasureSQL = `INSERT INTO erasures (tenant, id, at, verifications, consents, keys) VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT (tenant, id) DO UPDATE SET verifications = excluded.verifications, consents = excluded.consents, keys = excluded.keys`

	selectCounter = `SELECT tenant, counter, member, n, until FROM counters WHERE tenant = $1 AND counter = $2 AND member = $3`
	upsertCounter = `INSERT INTO counters (tenant, counter, member, n, until) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (tenant, counter, member) DO UPDATE SET n = excluded.n, until = excluded.until`

	// What is deleted because of its age: before $1, at most $2 rows, from $3 on. The result has the
	// time of each row, so that the next statement begins where this one ended, and whether it counts.
	pruneVerifications = `DELETE FROM verifications WHERE (tenant, id) IN (SELECT tenant, id FROM verifications
		WHERE tenant = $4 AND created_at < $1 AND created_at >= $3 ORDER BY created_at LIMIT $2 ` + freeRows + `) RETURNING created_at, 1`
	pruneUncalled = `DELETE FROM verifications WHERE (tenant, id) IN (SELECT tenant, id FROM verifications
		WHERE kind = 'uncalled' AND tenant = $4 AND created_at < $1 AND created_at >= $3 ORDER BY created_at LIMIT $2 ` + freeRows + `) RETURNING created_at, 1`
	selectOver = `SELECT tenant, id, subject, over_at FROM consents WHERE over_at < $1 AND (over_at, tenant, id) > ($3, $4, $5)
		ORDER BY over_at, tenant, id LIMIT $2`
	deleteOver = `DELETE FROM consents WHERE (tenant, id) IN
		(SELECT tenant, id FROM consents WHERE tenant = $1 AND id = $2 AND over_at < $3 ` + freeRows + `) RETURNING 1`
	agreedWithKey  = `SELECT 1 FROM consents c WHERE c.tenant = data_keys.tenant AND c.subject = data_keys.subject AND c.subject <> ''`
	selectIdleKeys = `SELECT tenant, subject, coalesce((` + agreedWithKey + ` LIMIT 1), 0) FROM data_keys WHERE (tenant, subject) > ($1, $2) ORDER BY tenant, subject LIMIT $3`
	deleteIdleKey  = `DELETE FROM data_keys WHERE (tenant, subject) IN
		(SELECT tenant, subject FROM data_keys WHERE tenant = $1 AND subject = $2 AND NOT EXISTS (` + agreedWithKey + `) ` + freeRows + `)`
	pruneCounters = `DELETE FROM counters WHERE (tenant, counter, member) IN (SELECT tenant, counter, member FROM counters
		WHERE until <= $1 AND until >= $3 ORDER BY until LIMIT $2 ` + freeRows + `) RETURNING until, CASE WHEN member = $4 THEN 1 ELSE 0 END`

	writeProbe = `INSERT INTO probes (id, at, filler) VALUES (1, $1, $2) ON CONFLICT (id) DO UPDATE SET at = excluded.at, filler = excluded.filler`
	clearProbe = `DELETE FROM probes`
)

// freeRows stands after the LIMIT of what is deleted because of its age. It is a comment on SQLite,
// where a transaction has the whole file; see onPostgres.
const freeRows = `/* free rows */`

// tenantsWith selects the tenants that have verifications which a condition selects. It goes from
// tenant to tenant in an index.
func tenantsWith(condition string) string {
	return `WITH RECURSIVE t (tenant) AS (SELECT min(tenant) FROM verifications UNION ALL
		SELECT (SELECT min(n.tenant) FROM verifications n WHERE n.tenant > t.tenant) FROM t WHERE t.tenant IS NOT NULL)
		SELECT tenant FROM t WHERE tenant IS NOT NULL AND EXISTS (SELECT 1 FROM verifications v WHERE v.tenant = t.tenant AND ` + condition + `)`
}

// selectConsents selects the consents of a subject, including those given as a guardian. The
// conditions on empty tokens are those of the indexes.
func selectConsents(tokens string) string {
	return `SELECT data FROM consents WHERE (drafted_at, id) > ($1, $2) AND tenant = $3
		AND (subject <> '' AND subject IN (` + tokens + `) OR guardian <> '' AND guardian IN (` + tokens + `)) ORDER BY drafted_at, id LIMIT $4`
}

func selectVerifications(tokens string) string {
	return `SELECT ` + verificationColumns + ` FROM verifications WHERE (created_at, id) > ($1, $2) AND tenant = $3 AND subject <> ''
		AND subject IN (` + tokens + `) ORDER BY created_at, id LIMIT $4`
}
