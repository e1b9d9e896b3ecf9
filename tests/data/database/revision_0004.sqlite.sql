BEGIN TRANSACTION;
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0004');
CREATE TABLE artifacts (
	number INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	id VARCHAR(15) NOT NULL, 
	owner TEXT NOT NULL, 
	created_at DATETIME NOT NULL, 
	model_id VARCHAR(15) NOT NULL, 
	job_id VARCHAR(15), 
	attempt INTEGER, 
	name TEXT NOT NULL, 
	"key" TEXT NOT NULL, 
	size BIGINT NOT NULL, 
	sha256 TEXT NOT NULL, 
	kind TEXT NOT NULL, 
	CONSTRAINT fk_artifacts_model_id FOREIGN KEY(model_id) REFERENCES models (id) ON DELETE CASCADE, 
	CONSTRAINT fk_artifacts_job_id FOREIGN KEY(job_id) REFERENCES jobs (id) ON DELETE SET NULL, 
	CONSTRAINT uq_artifacts_model_id_key UNIQUE (model_id, "key"), 
	CONSTRAINT uq_artifacts_id UNIQUE (id)
);
INSERT INTO "artifacts" VALUES(1,'000000000000003','local','2026-01-02 03:04:05.678900','000000000000001',NULL,NULL,'reward_function.py','models/1/reward_function.py',11,'aa','reward');
INSERT INTO "artifacts" VALUES(2,'000000000000005','local','2026-01-02 03:04:16.678900','000000000000001','000000000000002',2,'policy','jobs/1/2/512/policy.safetensors',8589934592,'bb','checkpoint');
CREATE TABLE counters (
	name TEXT NOT NULL, 
	value BIGINT NOT NULL, 
	CONSTRAINT pk_counters PRIMARY KEY (name)
);
INSERT INTO "counters" VALUES('job_events',9);
CREATE TABLE job_events (
	id INTEGER NOT NULL, 
	owner TEXT NOT NULL, 
	job_id VARCHAR(15) NOT NULL, 
	model_id VARCHAR(15) NOT NULL, 
	attempt INTEGER NOT NULL, 
	at DATETIME NOT NULL, 
	event TEXT NOT NULL, 
	state TEXT NOT NULL, 
	detail TEXT NOT NULL, 
	CONSTRAINT pk_job_events PRIMARY KEY (id), 
	CONSTRAINT fk_job_events_job_id FOREIGN KEY(job_id) REFERENCES jobs (id) ON DELETE CASCADE
);
INSERT INTO "job_events" VALUES(1,'local','000000000000002','000000000000001',0,'2026-01-02 03:04:05.678900','SUBMIT','QUEUED','{}');
INSERT INTO "job_events" VALUES(2,'local','000000000000002','000000000000001',1,'2026-01-02 03:04:06.678900','CLAIM','RUNNING','{"worker_id":"host"}');
INSERT INTO "job_events" VALUES(3,'local','000000000000002','000000000000001',1,'2026-01-02 03:04:06.678900','RETRY','QUEUED','{"fault":"HANG","message":"stuck"}');
INSERT INTO "job_events" VALUES(4,'local','000000000000002','000000000000001',2,'2026-01-02 03:04:16.678900','CLAIM','RUNNING','{"worker_id":"host"}');
INSERT INTO "job_events" VALUES(5,'local','000000000000002','000000000000001',2,'2026-01-02 03:04:16.678900','SUCCEED','SUCCEEDED','{}');
INSERT INTO "job_events" VALUES(6,'local','000000000000006','000000000000001',0,'2026-01-02 03:04:16.678900','SUBMIT','QUEUED','{}');
INSERT INTO "job_events" VALUES(7,'local','000000000000006','000000000000001',1,'2026-01-02 03:04:16.678900','CLAIM','RUNNING','{"worker_id":"host"}');
INSERT INTO "job_events" VALUES(8,'local','000000000000006','000000000000001',1,'2026-01-02 03:04:16.678900','WISH_CANCEL','RUNNING','{}');
INSERT INTO "job_events" VALUES(9,'local','000000000000007','000000000000004',0,'2026-01-02 03:04:16.678900','SUBMIT','QUEUED','{}');
CREATE TABLE jobs (
	number INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	id VARCHAR(15) NOT NULL, 
	owner TEXT NOT NULL, 
	created_at DATETIME NOT NULL, 
	updated_at DATETIME NOT NULL, 
	kind TEXT NOT NULL, 
	model_id VARCHAR(15) NOT NULL, 
	spec TEXT NOT NULL, 
	idempotency_key TEXT, 
	body_hash TEXT, 
	state TEXT NOT NULL, 
	wish TEXT NOT NULL, 
	attempt INTEGER NOT NULL, 
	worker_id TEXT, 
	lease_until DATETIME, 
	not_before DATETIME, 
	retries TEXT NOT NULL, 
	progress TEXT NOT NULL, 
	result TEXT, 
	fault TEXT, 
	message TEXT, 
	detail TEXT, 
	started_at DATETIME, 
	finished_at DATETIME, 
	CONSTRAINT fk_jobs_model_id FOREIGN KEY(model_id) REFERENCES models (id) ON DELETE CASCADE, 
	CONSTRAINT uq_jobs_owner_idempotency_key UNIQUE (owner, idempotency_key), 
	CONSTRAINT ck_jobs_ck_jobs_state CHECK (state IN ('QUEUED', 'RUNNING', 'PAUSED', 'SUCCEEDED', 'FAILED', 'CANCELLED')), 
	CONSTRAINT ck_jobs_ck_jobs_lease_while_running CHECK ((state = 'RUNNING') = (lease_until IS NOT NULL)), 
	CONSTRAINT ck_jobs_ck_jobs_finished_when_final CHECK ((state IN ('SUCCEEDED', 'FAILED', 'CANCELLED')) = (finished_at IS NOT NULL)), 
	CONSTRAINT ck_jobs_ck_jobs_wish_while_running CHECK (wish = 'NONE' OR state = 'RUNNING'), 
	CONSTRAINT ck_jobs_ck_jobs_attempt CHECK (attempt >= 0), 
	CONSTRAINT uq_jobs_id UNIQUE (id)
);
INSERT INTO "jobs" VALUES(1,'000000000000002','local','2026-01-02 03:04:05.678900','2026-01-02 03:04:16.678900','TRAIN','000000000000001','{"minutes":10}','key','hash','SUCCEEDED','NONE',2,'host',NULL,NULL,'{"HANG":1}','{"steps":512}','{"total_steps":1024}',NULL,NULL,NULL,'2026-01-02 03:04:06.678900','2026-01-02 03:04:16.678900');
INSERT INTO "jobs" VALUES(2,'000000000000006','local','2026-01-02 03:04:16.678900','2026-01-02 03:04:16.678900','EVALUATE','000000000000001','{"laps":3}',NULL,NULL,'RUNNING','CANCEL',1,'host','2026-01-02 03:04:31.678900',NULL,'{}','{}',NULL,NULL,NULL,NULL,'2026-01-02 03:04:16.678900',NULL);
INSERT INTO "jobs" VALUES(3,'000000000000007','local','2026-01-02 03:04:16.678900','2026-01-02 03:04:16.678900','TRAIN','000000000000004','{}',NULL,NULL,'QUEUED','NONE',0,NULL,NULL,NULL,'{}','{}',NULL,NULL,NULL,NULL,NULL,NULL);
CREATE TABLE log_lines (
	job_id VARCHAR(15) NOT NULL, 
	number BIGINT NOT NULL, 
	attempt INTEGER NOT NULL, 
	at DATETIME NOT NULL, 
	text TEXT NOT NULL, 
	CONSTRAINT pk_log_lines PRIMARY KEY (job_id, number), 
	CONSTRAINT fk_log_lines_job_id FOREIGN KEY(job_id) REFERENCES jobs (id) ON DELETE CASCADE
);
INSERT INTO "log_lines" VALUES('000000000000006',1,1,'2026-01-02 03:05:05.678900','loading');
INSERT INTO "log_lines" VALUES('000000000000006',2,1,'2026-01-02 03:05:05.678900','speed: 1.5 m/s 	grüße');
INSERT INTO "log_lines" VALUES('000000000000006',3,1,'2026-01-02 03:05:05.678900','');
CREATE TABLE model_tags (
	model_id VARCHAR(15) NOT NULL, 
	tag TEXT NOT NULL, 
	place INTEGER NOT NULL, 
	CONSTRAINT pk_model_tags PRIMARY KEY (model_id, tag), 
	CONSTRAINT fk_model_tags_model_id FOREIGN KEY(model_id) REFERENCES models (id) ON DELETE CASCADE
);
INSERT INTO "model_tags" VALUES('000000000000001','fast',0);
INSERT INTO "model_tags" VALUES('000000000000001','night',1);
CREATE TABLE models (
	number INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	id VARCHAR(15) NOT NULL, 
	owner TEXT NOT NULL, 
	created_at DATETIME NOT NULL, 
	updated_at DATETIME NOT NULL, 
	name TEXT NOT NULL, 
	description TEXT NOT NULL, 
	search_text TEXT NOT NULL, 
	spec TEXT NOT NULL, 
	reward_key TEXT NOT NULL, 
	parent_id VARCHAR(15), 
	parent_checkpoint TEXT, 
	status TEXT NOT NULL, 
	best_checkpoint TEXT, 
	last_checkpoint TEXT, 
	best_lap_time_s DOUBLE, track TEXT DEFAULT '' NOT NULL, 
	CONSTRAINT fk_models_parent_id FOREIGN KEY(parent_id) REFERENCES models (id) ON DELETE SET NULL, 
	CONSTRAINT uq_models_id UNIQUE (id)
);
INSERT INTO "models" VALUES(1,'000000000000001','local','2026-01-02 03:04:05.678900','2026-01-02 03:04:16.678900','Grüße','first','grüsse
first
fast
night','{"track":"oval","seed":7}','models/1/reward_function.py',NULL,NULL,'STOPPING','512','1024',21.25,'');
INSERT INTO "models" VALUES(2,'000000000000004','local','2026-01-02 03:04:05.678900','2026-01-02 03:04:16.678900','clone','','clone
','{}','r','000000000000001','512','QUEUED',NULL,NULL,NULL,'');
CREATE TABLE progress (
	job_id VARCHAR(15) NOT NULL, 
	series TEXT NOT NULL, 
	position BIGINT NOT NULL, 
	model_id VARCHAR(15) NOT NULL, 
	iteration BIGINT NOT NULL, 
	body TEXT NOT NULL, 
	CONSTRAINT pk_progress PRIMARY KEY (job_id, series, position), 
	CONSTRAINT fk_progress_job_id FOREIGN KEY(job_id) REFERENCES jobs (id) ON DELETE CASCADE, 
	CONSTRAINT fk_progress_model_id FOREIGN KEY(model_id) REFERENCES models (id) ON DELETE CASCADE
);
INSERT INTO "progress" VALUES('000000000000002','METRICS',1,'000000000000001',1,'{"iteration":1,"mean_reward":0.5}');
INSERT INTO "progress" VALUES('000000000000002','METRICS',2,'000000000000001',2,'{"iteration":2,"mean_reward":null}');
INSERT INTO "progress" VALUES('000000000000002','EPISODES',0,'000000000000001',1,'{"episode":0,"number":0,"iteration":0,"progress":12.5}');
INSERT INTO "progress" VALUES('000000000000002','EVALUATIONS',2,'000000000000001',2,'{"iteration":2,"laps":[]}');
CREATE TABLE settings (
	"key" TEXT NOT NULL, 
	value TEXT NOT NULL, 
	updated_at DATETIME NOT NULL, 
	CONSTRAINT pk_settings PRIMARY KEY ("key")
);
INSERT INTO "settings" VALUES('slots','2','2026-01-02 03:04:16.678900');
CREATE TABLE tokens (
	number INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	id VARCHAR(15) NOT NULL, 
	owner TEXT NOT NULL, 
	created_at DATETIME NOT NULL, 
	name TEXT NOT NULL, 
	sha256 TEXT NOT NULL, 
	scope TEXT NOT NULL, 
	expires_at DATETIME, 
	last_used_at DATETIME, 
	revoked_at DATETIME, 
	CONSTRAINT uq_tokens_sha256 UNIQUE (sha256), 
	CONSTRAINT uq_tokens_id UNIQUE (id)
);
INSERT INTO "tokens" VALUES(1,'000000000000009','local','2026-01-02 03:04:16.678900','link','cc','all','2026-02-01 03:04:16.678900',NULL,NULL);
CREATE TABLE tracks (
	number INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	id VARCHAR(15) NOT NULL, 
	owner TEXT NOT NULL, 
	created_at DATETIME NOT NULL, 
	name TEXT NOT NULL, 
	"key" TEXT NOT NULL, 
	fields TEXT NOT NULL, 
	CONSTRAINT uq_tracks_owner_name UNIQUE (owner, name), 
	CONSTRAINT uq_tracks_id UNIQUE (id)
);
INSERT INTO "tracks" VALUES(1,'000000000000008','local','2026-01-02 03:04:16.678900','my oval','tracks/1/track.json','{"length_m":17.5}');
CREATE INDEX ix_models_owner_number ON models (owner, number);
CREATE INDEX ix_models_parent_id ON models (parent_id);
CREATE INDEX ix_model_tags_tag ON model_tags (tag);
CREATE INDEX ix_jobs_owner_number ON jobs (owner, number);
CREATE INDEX ix_jobs_model_id_number ON jobs (model_id, number);
CREATE INDEX ix_jobs_state_number ON jobs (state, number);
CREATE INDEX ix_job_events_job_id_id ON job_events (job_id, id);
CREATE INDEX ix_progress_model_id_series_position ON progress (model_id, series, position);
CREATE INDEX ix_artifacts_job_id ON artifacts (job_id);
CREATE INDEX ix_artifacts_key ON artifacts ("key");
CREATE INDEX ix_artifacts_model_id_number ON artifacts (model_id, number);
CREATE INDEX ix_artifacts_owner ON artifacts (owner);
CREATE INDEX ix_tokens_owner ON tokens (owner);
CREATE TRIGGER jobs_final BEFORE UPDATE ON jobs WHEN 
    NEW.attempt < OLD.attempt
    OR (OLD.state IN ('SUCCEEDED', 'FAILED', 'CANCELLED') AND (NEW.state <> OLD.state OR NEW.attempt <> OLD.attempt))

BEGIN SELECT RAISE(ABORT, 'a final state is final, and attempts only grow'); END;
CREATE UNIQUE INDEX uq_jobs_unfinished_training ON jobs (model_id) WHERE kind = 'TRAIN' AND state IN ('QUEUED', 'RUNNING', 'PAUSED');
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('artifacts',2);
INSERT INTO "sqlite_sequence" VALUES('jobs',3);
INSERT INTO "sqlite_sequence" VALUES('models',2);
INSERT INTO "sqlite_sequence" VALUES('tokens',1);
INSERT INTO "sqlite_sequence" VALUES('tracks',1);
COMMIT;
