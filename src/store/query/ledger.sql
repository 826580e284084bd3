-- The chain of events: one per tenant, appended inside the operation that made the fact.

-- name: ledger_head_get :one
-- The newest link. No row: the tenant has no events yet.
-- in: tenant_id tenant
-- out: i64 seq, hash link
SELECT h.seq, h.link
  FROM ledger_head AS h
 WHERE h.tenant_id = $1;

-- name: ledger_head_set :execrows
-- Moves the head from $2 to $3; no row changed: the head is not where the caller read it.
-- in: tenant_id tenant, i64 was, i64 seq, hash link
UPDATE ledger_head SET seq = $3, link = $4
 WHERE tenant_id = $1 AND seq = $2;

-- name: ledger_head_add :exec
-- in: tenant_id tenant, i64 seq, hash link
INSERT INTO ledger_head (tenant_id, seq, link)
VALUES ($1, $2, $3);

-- name: ledger_event_add :exec
-- in: tenant_id tenant, i64 seq, instant at, text kind, i64 subject, account_id account, person_id person, blob event, hash commitment, hash leaf, hash link
INSERT INTO ledger_event (tenant_id, seq, at, kind, subject_id, account_id, person_id, event, commitment, leaf, link)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11);

-- name: ledger_event_get :one
-- One entry as stored: to read back what was appended.
-- in: tenant_id tenant, i64 seq
-- out: instant at, text kind, i64 subject, account_id account, person_id person, blob event, hash commitment, hash leaf, hash link
SELECT e.at, e.kind, e.subject_id, e.account_id, e.person_id, e.event, e.commitment, e.leaf, e.link
  FROM ledger_event AS e
 WHERE e.tenant_id = $1 AND e.seq = $2;

-- name: ledger_event_page :many
-- The next entries after $2 in the order of the chain, for verification.
-- in: tenant_id tenant, i64 after, i64 limit
-- out: i64 seq, instant at, text kind, i64 subject, account_id account, person_id person, blob event, hash commitment, hash leaf, hash link
SELECT e.seq, e.at, e.kind, e.subject_id, e.account_id, e.person_id, e.event, e.commitment, e.leaf, e.link
  FROM ledger_event AS e
 WHERE e.tenant_id = $1 AND e.seq > $2
 ORDER BY e.seq
 LIMIT $3;

-- name: ledger_event_newest :many
-- A page of the ledger for people, newest first, below $2 (9223372036854775807 for the first page).
-- in: tenant_id tenant, i64 before, i64 limit
-- out: i64 seq, instant at, text kind, i64 subject, account_id account, person_id person, blob event, hash link
SELECT e.seq, e.at, e.kind, e.subject_id, e.account_id, e.person_id, e.event, e.link
  FROM ledger_event AS e
 WHERE e.tenant_id = $1 AND e.seq < $2
 ORDER BY e.seq DESC
 LIMIT $3;

-- name: ledger_tenants :many
-- scope: system
-- scan: `verify` visits every chain; one row a tenant
-- Every tenant that has a chain, for `verify`.
-- out: tenant_id tenant, i64 seq
SELECT h.tenant_id, h.seq
  FROM ledger_head AS h
 ORDER BY h.tenant_id;
