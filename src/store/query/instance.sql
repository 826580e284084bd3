-- name: instance_value_get :one
-- scope: system
-- in: text name
-- out: text value
SELECT value FROM instance_value WHERE name = $1;

-- name: instance_value_put :exec
-- scope: system
-- in: text name, text value
INSERT INTO instance_value (name, value) VALUES ($1, $2)
  ON CONFLICT (name) DO UPDATE SET value = excluded.value;
