-- 0004: what answers that cost much are kept against (work/memo.c).

-- kind: operational
-- Raised by every operation that changed facts or derived rows of a tenant, in the same transaction (store/tx.c).
CREATE TABLE tenant_write (
  tenant_id BIGINT NOT NULL,
  n BIGINT NOT NULL,
  PRIMARY KEY (tenant_id)
);
