-- 0002: client keys of writes that make no record, step or file (docs/adr/0031): a change
-- of the organisation retracts and re-inserts rows, so the key cannot live in one of them.

-- kind: operational
CREATE TABLE client_key (
  tenant_id BIGINT NOT NULL,
  account_id BIGINT NOT NULL,
  client_key TEXT NOT NULL,
  client_hash BYTEA NOT NULL,
  made BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, account_id, client_key)
);
