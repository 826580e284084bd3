-- 0003: when the organisation of a tenant next changes by itself: an absence that begins or ends at
-- noon moves tasks at noon, not with the next day. 2^63-1: no change is known.

ALTER TABLE tenant_version ADD COLUMN turn_at BIGINT NOT NULL DEFAULT 9223372036854775807;
CREATE INDEX tenant_version_turn ON tenant_version (turn_at, tenant_id);
