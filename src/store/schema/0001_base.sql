-- 0001: the whole first schema. Portable: SQLite, PostgreSQL, Citus (sql-rules).
-- No column is NULL: absent is 0, '' or the open end 9223372036854775807.
-- Each table declares its kind: fact (every write has a ledger event), derived
-- (`audit` recomputes it), operational, reference.
-- Content that may have to be erased stands apart from facts, with its salt.

-- ---------------------------------------------------------------- the instance

-- kind: operational
-- Single values of the instance: id, demonstration clock, last expansion …
CREATE TABLE instance_value (
  name TEXT NOT NULL,
  value TEXT NOT NULL,
  PRIMARY KEY (name)
);

-- kind: reference
-- Units of every tenant; tenant_id is the id of the unit that owns the rows.
CREATE TABLE unit (
  id BIGINT NOT NULL,
  tenant_id BIGINT NOT NULL,
  parent_id BIGINT NOT NULL,
  kind TEXT NOT NULL,
  code TEXT NOT NULL,
  name TEXT NOT NULL,
  position INTEGER NOT NULL,
  valid_from BIGINT NOT NULL,
  valid_to BIGINT NOT NULL,
  PRIMARY KEY (id)
);
CREATE UNIQUE INDEX unit_code ON unit (tenant_id, code);
CREATE INDEX unit_tenant ON unit (tenant_id, kind, position, id);

-- kind: reference
CREATE TABLE unit_link (
  id BIGINT NOT NULL,
  kind TEXT NOT NULL,
  from_id BIGINT NOT NULL,
  to_id BIGINT NOT NULL,
  valid_from BIGINT NOT NULL,
  valid_to BIGINT NOT NULL,
  recorded_at BIGINT NOT NULL,
  retracted_at BIGINT NOT NULL,
  PRIMARY KEY (id)
);
CREATE INDEX unit_link_from ON unit_link (from_id, kind, valid_from);
CREATE INDEX unit_link_to ON unit_link (to_id, kind, valid_from);

-- kind: reference
-- Sign-in names are unique in the instance.
CREATE TABLE login (
  name TEXT NOT NULL,
  tenant_id BIGINT NOT NULL,
  account_id BIGINT NOT NULL,
  PRIMARY KEY (name)
);

-- kind: reference
-- Sources of packs as adopted, so that an old composition can always be compiled again.
CREATE TABLE pack_file (
  pack TEXT NOT NULL,
  version TEXT NOT NULL,
  path TEXT NOT NULL,
  body TEXT NOT NULL,
  PRIMARY KEY (pack, version, path)
);

-- kind: reference
-- Official calendar: days off and make-up working days, with the notice they come from.
CREATE TABLE holiday (
  day INTEGER NOT NULL,
  works INTEGER NOT NULL CHECK (works IN (0,1)),
  name TEXT NOT NULL,
  source TEXT NOT NULL,
  PRIMARY KEY (day)
);

-- kind: reference
CREATE TABLE holiday_year (
  year INTEGER NOT NULL,
  source TEXT NOT NULL,
  PRIMARY KEY (year)
);

-- kind: operational
CREATE TABLE session (
  token_hash BYTEA NOT NULL,
  id BIGINT NOT NULL,
  tenant_id BIGINT NOT NULL,
  account_id BIGINT NOT NULL,
  csrf TEXT NOT NULL,
  own_device INTEGER NOT NULL CHECK (own_device IN (0,1)),
  agent TEXT NOT NULL,
  appointment_id BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  seen_at BIGINT NOT NULL,
  password_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  PRIMARY KEY (token_hash)
);
CREATE INDEX session_account ON session (tenant_id, account_id, id);

-- kind: operational
-- One-time codes: set-up of the instance ('setup'), activation slips ('slip'), API tokens ('token'). Only hashes.
CREATE TABLE one_time_code (
  code_hash BYTEA NOT NULL,
  id BIGINT NOT NULL,
  kind TEXT NOT NULL,
  tenant_id BIGINT NOT NULL,
  account_id BIGINT NOT NULL,
  scope TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  used_at BIGINT NOT NULL,
  PRIMARY KEY (code_hash)
);
CREATE INDEX one_time_code_account ON one_time_code (tenant_id, account_id, kind, created_at, id);

-- kind: operational
-- Failed sign-ins, for limits by name and by address; emptied as they age.
CREATE TABLE sign_in_try (
  key TEXT NOT NULL,
  day INTEGER NOT NULL,
  n INTEGER NOT NULL,
  last_at BIGINT NOT NULL,
  PRIMARY KEY (key, day)
);

-- ---------------------------------------------------------------- the ledger

-- kind: operational
CREATE TABLE ledger_event (
  tenant_id BIGINT NOT NULL,
  seq BIGINT NOT NULL,
  at BIGINT NOT NULL,
  kind TEXT NOT NULL,
  subject_id BIGINT NOT NULL,
  account_id BIGINT NOT NULL,
  person_id BIGINT NOT NULL,
  event BYTEA NOT NULL,
  commitment BYTEA NOT NULL,
  leaf BYTEA NOT NULL,
  link BYTEA NOT NULL,
  PRIMARY KEY (tenant_id, seq)
);
CREATE INDEX ledger_event_subject ON ledger_event (tenant_id, subject_id, seq);

-- kind: operational
CREATE TABLE ledger_head (
  tenant_id BIGINT NOT NULL,
  seq BIGINT NOT NULL,
  link BYTEA NOT NULL,
  PRIMARY KEY (tenant_id)
);

-- ---------------------------------------------------------------- people and places

-- kind: fact
-- person_kind: staff, hired, outsourced. Belongs to the tenant from joined_at to left_at.
CREATE TABLE person (
  tenant_id BIGINT NOT NULL,
  id BIGINT NOT NULL,
  name TEXT NOT NULL,
  sort_key TEXT NOT NULL,
  staff_no TEXT NOT NULL,
  person_kind TEXT NOT NULL,
  unit_id BIGINT NOT NULL,
  joined_at BIGINT NOT NULL,
  left_at BIGINT NOT NULL,
  version BIGINT NOT NULL,
  salt BYTEA NOT NULL,
  PRIMARY KEY (tenant_id, id)
);
CREATE INDEX person_name ON person (tenant_id, name, id);
CREATE INDEX person_sort ON person (tenant_id, sort_key, id);
CREATE INDEX person_no ON person (tenant_id, staff_no, id);

-- kind: fact
-- Contact data, erasable apart from the person.
CREATE TABLE person_contact (
  tenant_id BIGINT NOT NULL,
  person_id BIGINT NOT NULL,
  phone TEXT NOT NULL,
  version BIGINT NOT NULL,
  salt BYTEA NOT NULL,
  PRIMARY KEY (tenant_id, person_id)
);

-- kind: fact
-- What a row said before it was changed (subject: person, contact), so that older events of the
-- ledger still open. Erased like the row itself.
CREATE TABLE past_content (
  tenant_id BIGINT NOT NULL,
  subject TEXT NOT NULL,
  subject_id BIGINT NOT NULL,
  version BIGINT NOT NULL,
  body BYTEA NOT NULL,
  salt BYTEA NOT NULL,
  PRIMARY KEY (tenant_id, subject, subject_id, version)
);

-- kind: fact
-- state: new (slip printed or not), active, disabled. role: '' or 'admin' (may organise, nothing else).
CREATE TABLE account (
  tenant_id BIGINT NOT NULL,
  id BIGINT NOT NULL,
  person_id BIGINT NOT NULL,
  login TEXT NOT NULL,
  state TEXT NOT NULL,
  role TEXT NOT NULL,
  password_hash TEXT NOT NULL,
  password_at BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  version BIGINT NOT NULL,
  salt BYTEA NOT NULL,
  PRIMARY KEY (tenant_id, id)
);
CREATE UNIQUE INDEX account_login ON account (tenant_id, login);
CREATE INDEX account_person ON account (tenant_id, person_id, id);

-- kind: fact
-- Four times. replaces: the first row of the same appointment (its identity for everybody else), 0 in that row itself.
CREATE TABLE appointment (
  tenant_id BIGINT NOT NULL,
  id BIGINT NOT NULL,
  person_id BIGINT NOT NULL,
  post TEXT NOT NULL,
  unit_id BIGINT NOT NULL,
  valid_from BIGINT NOT NULL,
  valid_to BIGINT NOT NULL,
  recorded_at BIGINT NOT NULL,
  retracted_at BIGINT NOT NULL,
  replaces BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, id)
);
CREATE INDEX appointment_person ON appointment (tenant_id, person_id, valid_from, id);
CREATE INDEX appointment_post ON appointment (tenant_id, post, valid_from, id);

-- kind: fact
CREATE TABLE place (
  tenant_id BIGINT NOT NULL,
  id BIGINT NOT NULL,
  parent_id BIGINT NOT NULL,
  unit_id BIGINT NOT NULL,
  kind TEXT NOT NULL,
  code TEXT NOT NULL,
  name TEXT NOT NULL,
  risk TEXT NOT NULL,
  position INTEGER NOT NULL,
  opened_at BIGINT NOT NULL,
  closed_at BIGINT NOT NULL,
  recorded_at BIGINT NOT NULL,
  version BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, id)
);
CREATE UNIQUE INDEX place_code ON place (tenant_id, code);
CREATE INDEX place_kind ON place (tenant_id, kind, id);
CREATE INDEX place_order ON place (tenant_id, position, id);

-- kind: fact
CREATE TABLE keeper (
  tenant_id BIGINT NOT NULL,
  id BIGINT NOT NULL,
  place_id BIGINT NOT NULL,
  person_id BIGINT NOT NULL,
  role TEXT NOT NULL,
  valid_from BIGINT NOT NULL,
  valid_to BIGINT NOT NULL,
  recorded_at BIGINT NOT NULL,
  retracted_at BIGINT NOT NULL,
  replaces BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, id)
);
CREATE INDEX keeper_place ON keeper (tenant_id, place_id, role, valid_from, id);
CREATE INDEX keeper_person ON keeper (tenant_id, person_id, valid_from, id);

-- kind: fact
CREATE TABLE absence (
  tenant_id BIGINT NOT NULL,
  id BIGINT NOT NULL,
  person_id BIGINT NOT NULL,
  stand_in_id BIGINT NOT NULL,
  valid_from BIGINT NOT NULL,
  valid_to BIGINT NOT NULL,
  recorded_at BIGINT NOT NULL,
  retracted_at BIGINT NOT NULL,
  replaces BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, id)
);
CREATE INDEX absence_person ON absence (tenant_id, person_id, valid_from, id);

-- ---------------------------------------------------------------- policy in force

-- kind: fact
CREATE TABLE adoption (
  tenant_id BIGINT NOT NULL,
  id BIGINT NOT NULL,
  pack TEXT NOT NULL,
  version TEXT NOT NULL,
  valid_from BIGINT NOT NULL,
  valid_to BIGINT NOT NULL,
  recorded_at BIGINT NOT NULL,
  retracted_at BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, id)
);

-- kind: fact
-- Values of parameters (YAML flow text) with valid and known time; record_id: the rule that set it, or 0.
CREATE TABLE adoption_parameter (
  tenant_id BIGINT NOT NULL,
  id BIGINT NOT NULL,
  name TEXT NOT NULL,
  value TEXT NOT NULL,
  record_id BIGINT NOT NULL,
  valid_from BIGINT NOT NULL,
  valid_to BIGINT NOT NULL,
  recorded_at BIGINT NOT NULL,
  retracted_at BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, id)
);
CREATE INDEX adoption_parameter_name ON adoption_parameter (tenant_id, name, valid_from, id);

-- kind: fact
-- Aliases, switched-off constructs, changed catalogue entries of the adopting unit: kind alias | off | entry.
CREATE TABLE adoption_choice (
  tenant_id BIGINT NOT NULL,
  id BIGINT NOT NULL,
  kind TEXT NOT NULL,
  subject TEXT NOT NULL,
  value TEXT NOT NULL,
  valid_from BIGINT NOT NULL,
  valid_to BIGINT NOT NULL,
  recorded_at BIGINT NOT NULL,
  retracted_at BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, id)
);

-- kind: reference
-- A composition that records are pinned to: pack@version,… of one tenant; text is what policies_get() compiles.
CREATE TABLE composition (
  id BIGINT NOT NULL,
  tenant_id BIGINT NOT NULL,
  packs TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (id)
);
CREATE UNIQUE INDEX composition_packs ON composition (tenant_id, packs);

-- kind: fact
CREATE TABLE term (
  tenant_id BIGINT NOT NULL,
  id BIGINT NOT NULL,
  school_year INTEGER NOT NULL,
  no INTEGER NOT NULL,
  start_on INTEGER NOT NULL,
  end_on INTEGER NOT NULL,
  PRIMARY KEY (tenant_id, id)
);
CREATE UNIQUE INDEX term_no ON term (tenant_id, school_year, no);

-- kind: fact
-- Days on which the school differs from the official calendar.
CREATE TABLE school_day (
  tenant_id BIGINT NOT NULL,
  id BIGINT NOT NULL,
  day INTEGER NOT NULL,
  teaches INTEGER NOT NULL CHECK (teaches IN (0,1)),
  name TEXT NOT NULL,
  PRIMARY KEY (tenant_id, id)
);
CREATE UNIQUE INDEX school_day_day ON school_day (tenant_id, day);

-- kind: fact
-- Nodes (kind node: from_on = to_on) and named periods that people set.
CREATE TABLE calendar_mark (
  tenant_id BIGINT NOT NULL,
  id BIGINT NOT NULL,
  kind TEXT NOT NULL,
  name TEXT NOT NULL,
  from_on INTEGER NOT NULL,
  to_on INTEGER NOT NULL,
  record_id BIGINT NOT NULL,
  recorded_at BIGINT NOT NULL,
  retracted_at BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, id)
);

-- kind: fact
-- "The unit has none": signed, per school year.
CREATE TABLE waiver (
  tenant_id BIGINT NOT NULL,
  id BIGINT NOT NULL,
  code TEXT NOT NULL,
  subject TEXT NOT NULL,
  from_on INTEGER NOT NULL,
  to_on INTEGER NOT NULL,
  person_id BIGINT NOT NULL,
  person_name TEXT NOT NULL,
  post TEXT NOT NULL,
  reason TEXT NOT NULL,
  recorded_at BIGINT NOT NULL,
  retracted_at BIGINT NOT NULL,
  salt BYTEA NOT NULL,
  PRIMARY KEY (tenant_id, id)
);

CREATE INDEX waiver_code ON waiver (tenant_id, code, subject, id);

-- ---------------------------------------------------------------- work

-- kind: fact
-- state_no: index of the state in the loop; state: its id. due_at: limit of the state.
-- rung: ladder rungs already fired in this stay. wake_at: when time acts next (a rung, a step by clock).
CREATE TABLE record (
  tenant_id BIGINT NOT NULL,
  id BIGINT NOT NULL,
  composition_id BIGINT NOT NULL,
  loop TEXT NOT NULL,
  number TEXT NOT NULL,
  state TEXT NOT NULL,
  final INTEGER NOT NULL CHECK (final IN (0,1)),
  void INTEGER NOT NULL CHECK (void IN (0,1)),
  sealed INTEGER NOT NULL CHECK (sealed IN (0,1)),
  version BIGINT NOT NULL,
  unit_id BIGINT NOT NULL,
  place_id BIGINT NOT NULL,
  creator_id BIGINT NOT NULL,
  typist_id BIGINT NOT NULL,
  title TEXT NOT NULL,
  again_of BIGINT NOT NULL,
  again_n INTEGER NOT NULL,
  parent_id BIGINT NOT NULL,
  parent_link TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  changed_at BIGINT NOT NULL,
  entered_at BIGINT NOT NULL,
  due_at BIGINT NOT NULL,
  rung INTEGER NOT NULL,
  wake_at BIGINT NOT NULL,
  account_id BIGINT NOT NULL,
  client_key TEXT NOT NULL,
  client_hash BYTEA NOT NULL,
  body TEXT NOT NULL,
  salt BYTEA NOT NULL,
  PRIMARY KEY (tenant_id, id)
);
CREATE INDEX record_list ON record (tenant_id, loop, void, id);
CREATE INDEX record_state ON record (tenant_id, loop, state, void, id);
CREATE INDEX record_place ON record (tenant_id, loop, place_id, void, id);
CREATE INDEX record_open ON record (tenant_id, final, void, id);
CREATE INDEX record_due ON record (tenant_id, final, void, due_at, id);
CREATE INDEX record_creator ON record (tenant_id, creator_id, id);
-- Most rows wake no more (the open end): they are in neither index.
CREATE INDEX record_wake ON record (tenant_id, wake_at, id) WHERE wake_at < 9223372036854775807;
CREATE INDEX record_wake_next ON record (wake_at, tenant_id, id) WHERE wake_at < 9223372036854775807;
CREATE INDEX record_parent ON record (tenant_id, parent_id, id);
CREATE INDEX record_number ON record (tenant_id, number, id);
CREATE UNIQUE INDEX record_key ON record (tenant_id, account_id, client_key) WHERE client_key <> '';

-- kind: fact
-- One transition. step: id of the loop's step, or a built-in act (built_in=1): undo void correct reassign
-- remind comment replace. left_due_at: limit of the state that it left (open end: none).
CREATE TABLE step (
  tenant_id BIGINT NOT NULL,
  id BIGINT NOT NULL,
  record_id BIGINT NOT NULL,
  seq INTEGER NOT NULL,
  step TEXT NOT NULL,
  built_in INTEGER NOT NULL CHECK (built_in IN (0,1)),
  from_state TEXT NOT NULL,
  to_state TEXT NOT NULL,
  undone INTEGER NOT NULL CHECK (undone IN (0,1)),
  at BIGINT NOT NULL,
  version BIGINT NOT NULL,
  left_due_at BIGINT NOT NULL,
  doer_id BIGINT NOT NULL,
  doer_name TEXT NOT NULL,
  doer_post TEXT NOT NULL,
  appointment_id BIGINT NOT NULL,
  typist_id BIGINT NOT NULL,
  typist_name TEXT NOT NULL,
  event_seq BIGINT NOT NULL,
  account_id BIGINT NOT NULL,
  client_key TEXT NOT NULL,
  client_hash BYTEA NOT NULL,
  body TEXT NOT NULL,
  salt BYTEA NOT NULL,
  PRIMARY KEY (tenant_id, id)
);
CREATE UNIQUE INDEX step_seq ON step (tenant_id, record_id, seq);
CREATE INDEX step_doer ON step (tenant_id, doer_id, id);
CREATE UNIQUE INDEX step_key ON step (tenant_id, account_id, client_key) WHERE client_key <> '';

-- kind: fact
-- A file belongs to nobody (record_id 0) until a step names it. hash: SHA-256 of the stored bytes.
CREATE TABLE file (
  tenant_id BIGINT NOT NULL,
  id BIGINT NOT NULL,
  hash BYTEA NOT NULL,
  size BIGINT NOT NULL,
  type TEXT NOT NULL,
  name TEXT NOT NULL,
  width INTEGER NOT NULL,
  height INTEGER NOT NULL,
  person_id BIGINT NOT NULL,
  record_id BIGINT NOT NULL,
  step_id BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  account_id BIGINT NOT NULL,
  client_key TEXT NOT NULL,
  PRIMARY KEY (tenant_id, id)
);
CREATE INDEX file_record ON file (tenant_id, record_id, id);
CREATE UNIQUE INDEX file_key ON file (tenant_id, account_id, client_key) WHERE client_key <> '';

-- kind: fact
-- un=0 tick, un=1 untick of the pair (record, occurrence key).
CREATE TABLE tick (
  tenant_id BIGINT NOT NULL,
  id BIGINT NOT NULL,
  record_id BIGINT NOT NULL,
  occurrence_key TEXT NOT NULL,
  un INTEGER NOT NULL CHECK (un IN (0,1)),
  person_id BIGINT NOT NULL,
  at BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, id)
);
CREATE INDEX tick_key ON tick (tenant_id, occurrence_key, id);
CREATE INDEX tick_record ON tick (tenant_id, record_id, id);

-- kind: fact
-- A rung of a ladder that was reached, with the owner at that moment: lateness stays in the history.
CREATE TABLE lateness (
  tenant_id BIGINT NOT NULL,
  id BIGINT NOT NULL,
  record_id BIGINT NOT NULL,
  occurrence_key TEXT NOT NULL,
  state TEXT NOT NULL,
  rung INTEGER NOT NULL,
  due_at BIGINT NOT NULL,
  at BIGINT NOT NULL,
  owner_id BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, id)
);
CREATE INDEX lateness_record ON lateness (tenant_id, record_id, id);
CREATE INDEX lateness_occurrence ON lateness (tenant_id, occurrence_key, id);

-- kind: derived
-- Values of index fields and links, for list filters, counters and linked(): one row per record, field and value.
CREATE TABLE record_value (
  tenant_id BIGINT NOT NULL,
  loop TEXT NOT NULL,
  field TEXT NOT NULL,
  value TEXT NOT NULL,
  record_id BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, loop, field, value, record_id)
);
CREATE INDEX record_value_record ON record_value (tenant_id, record_id);

-- kind: derived
-- Folded text of a record for search; sealed and masked fields never enter.
CREATE TABLE record_search (
  tenant_id BIGINT NOT NULL,
  record_id BIGINT NOT NULL,
  loop TEXT NOT NULL,
  text TEXT NOT NULL,
  PRIMARY KEY (tenant_id, record_id)
);

-- kind: derived
-- state: planned open done missed waived void; how: '' on-time late entered-late.
CREATE TABLE occurrence (
  tenant_id BIGINT NOT NULL,
  id BIGINT NOT NULL,
  key TEXT NOT NULL,
  duty TEXT NOT NULL,
  subject TEXT NOT NULL,
  subject2 TEXT NOT NULL,
  period TEXT NOT NULL,
  trigger_key TEXT NOT NULL,
  slot INTEGER NOT NULL,
  from_at BIGINT NOT NULL,
  to_at BIGINT NOT NULL,
  due_at BIGINT NOT NULL,
  late_to_at BIGINT NOT NULL,
  period_start INTEGER NOT NULL,
  period_end INTEGER NOT NULL,
  provisional INTEGER NOT NULL CHECK (provisional IN (0,1)),
  born_late INTEGER NOT NULL CHECK (born_late IN (0,1)),
  state TEXT NOT NULL,
  how TEXT NOT NULL,
  record_id BIGINT NOT NULL,
  done_at BIGINT NOT NULL,
  rung INTEGER NOT NULL,
  owner_id BIGINT NOT NULL,
  void_why TEXT NOT NULL,
  void_at BIGINT NOT NULL,
  wake_at BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, id)
);
CREATE UNIQUE INDEX occurrence_key ON occurrence (tenant_id, key);
CREATE INDEX occurrence_match ON occurrence (tenant_id, duty, subject, subject2, due_at, id);
CREATE INDEX occurrence_trigger ON occurrence (tenant_id, duty, trigger_key, id);
CREATE INDEX occurrence_due ON occurrence (tenant_id, state, due_at, id);
CREATE INDEX occurrence_record ON occurrence (tenant_id, record_id, id);
CREATE INDEX occurrence_span ON occurrence (tenant_id, due_at, id);
CREATE INDEX occurrence_wake ON occurrence (tenant_id, wake_at, id) WHERE wake_at < 9223372036854775807;
CREATE INDEX occurrence_wake_next ON occurrence (wake_at, tenant_id, id) WHERE wake_at < 9223372036854775807;

-- kind: derived
-- A record judged against one duty for one subject (rules/match.h): candidates (why = '') and almost-matches.
CREATE TABLE deed (
  tenant_id BIGINT NOT NULL,
  duty TEXT NOT NULL,
  subject TEXT NOT NULL,
  subject2 TEXT NOT NULL,
  record_id BIGINT NOT NULL,
  part INTEGER NOT NULL,
  done_at BIGINT NOT NULL,
  accepted_at BIGINT NOT NULL,
  period TEXT NOT NULL,
  why TEXT NOT NULL,
  doer_id BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, duty, subject, subject2, record_id, part)
);
CREATE INDEX deed_record ON deed (tenant_id, record_id, duty);

-- kind: derived
-- kind: fills | further. how: on-time late entered-late.
CREATE TABLE satisfaction (
  tenant_id BIGINT NOT NULL,
  record_id BIGINT NOT NULL,
  occurrence_id BIGINT NOT NULL,
  kind TEXT NOT NULL,
  duty TEXT NOT NULL,
  how TEXT NOT NULL,
  by_tick INTEGER NOT NULL CHECK (by_tick IN (0,1)),
  PRIMARY KEY (tenant_id, record_id, occurrence_id)
);
CREATE INDEX satisfaction_occurrence ON satisfaction (tenant_id, occurrence_id, record_id);

-- kind: derived
-- What falls on a person now: item 'step' (a record's state), 'oversee', 'duty' (an occurrence). One row per person and item.
CREATE TABLE todo (
  tenant_id BIGINT NOT NULL,
  person_id BIGINT NOT NULL,
  item TEXT NOT NULL,
  ref_id BIGINT NOT NULL,
  loop TEXT NOT NULL,
  duty TEXT NOT NULL,
  label TEXT NOT NULL,
  detail TEXT NOT NULL,
  group_key TEXT NOT NULL,
  post TEXT NOT NULL,
  stand_in INTEGER NOT NULL CHECK (stand_in IN (0,1)),
  from_at BIGINT NOT NULL,
  due_at BIGINT NOT NULL,
  minutes_do INTEGER NOT NULL,
  minutes_record INTEGER NOT NULL,
  PRIMARY KEY (tenant_id, person_id, item, ref_id)
);
CREATE INDEX todo_due ON todo (tenant_id, person_id, due_at, ref_id);
CREATE INDEX todo_ref ON todo (tenant_id, ref_id, item, person_id);

-- kind: derived
-- Counters by day and metric; dim/value narrow by one index field ('' all).
CREATE TABLE tally (
  tenant_id BIGINT NOT NULL,
  metric TEXT NOT NULL,
  dim TEXT NOT NULL,
  value TEXT NOT NULL,
  day INTEGER NOT NULL,
  n BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, metric, dim, value, day)
);

-- kind: operational
-- Raised by every operation that changes organisation, calendar or policy of a tenant: what a cached view is checked against.
CREATE TABLE tenant_version (
  tenant_id BIGINT NOT NULL,
  n BIGINT NOT NULL,
  expanded_on INTEGER NOT NULL,
  PRIMARY KEY (tenant_id)
);

-- kind: operational
CREATE TABLE counter (
  tenant_id BIGINT NOT NULL,
  kind TEXT NOT NULL,
  year INTEGER NOT NULL,
  n BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, kind, year)
);

-- kind: operational
-- Messages to people inside the program. not_before: messages of a step that can be undone wait 60 s.
CREATE TABLE notice (
  tenant_id BIGINT NOT NULL,
  id BIGINT NOT NULL,
  person_id BIGINT NOT NULL,
  kind TEXT NOT NULL,
  record_id BIGINT NOT NULL,
  occurrence_id BIGINT NOT NULL,
  step_id BIGINT NOT NULL,
  text TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  not_before BIGINT NOT NULL,
  read_at BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, id)
);
CREATE INDEX notice_person ON notice (tenant_id, person_id, read_at, not_before, id);
CREATE INDEX notice_step ON notice (tenant_id, step_id, id);

-- kind: operational
-- What another tenant must learn, written in the commit that caused it (sql-rules 29).
CREATE TABLE outbox (
  tenant_id BIGINT NOT NULL,
  id BIGINT NOT NULL,
  to_tenant_id BIGINT NOT NULL,
  kind TEXT NOT NULL,
  body TEXT NOT NULL,
  not_before BIGINT NOT NULL,
  done_at BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, id)
);

-- kind: operational
CREATE TABLE job (
  id BIGINT NOT NULL,
  tenant_id BIGINT NOT NULL,
  kind TEXT NOT NULL,
  arg TEXT NOT NULL,
  run_at BIGINT NOT NULL,
  tries INTEGER NOT NULL,
  error TEXT NOT NULL,
  done_at BIGINT NOT NULL,
  PRIMARY KEY (id)
);
CREATE INDEX job_ready ON job (done_at, run_at, id);

-- kind: operational
-- A file or pasted rows on the way in: rows as JSON, mended on the page, accepted in one operation.
CREATE TABLE import_draft (
  tenant_id BIGINT NOT NULL,
  id BIGINT NOT NULL,
  kind TEXT NOT NULL,
  person_id BIGINT NOT NULL,
  name TEXT NOT NULL,
  body TEXT NOT NULL,
  state TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  changed_at BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, id)
);
