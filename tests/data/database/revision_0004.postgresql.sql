SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;
CREATE FUNCTION public.refuse_job_update() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    RAISE EXCEPTION 'a final state is final, and attempts only grow' USING ERRCODE = 'check_violation';
END $$;
SET default_tablespace = '';
SET default_table_access_method = heap;
CREATE TABLE public.alembic_version (
    version_num character varying(32) NOT NULL
);
CREATE TABLE public.artifacts (
    number bigint NOT NULL,
    id character varying(15) NOT NULL COLLATE pg_catalog."C",
    owner text NOT NULL COLLATE pg_catalog."C",
    created_at timestamp with time zone NOT NULL,
    model_id character varying(15) NOT NULL COLLATE pg_catalog."C",
    job_id character varying(15) COLLATE pg_catalog."C",
    attempt integer,
    name text NOT NULL COLLATE pg_catalog."C",
    key text NOT NULL COLLATE pg_catalog."C",
    size bigint NOT NULL,
    sha256 text NOT NULL COLLATE pg_catalog."C",
    kind text NOT NULL COLLATE pg_catalog."C"
);
CREATE SEQUENCE public.artifacts_number_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.artifacts_number_seq OWNED BY public.artifacts.number;
CREATE TABLE public.counters (
    name text NOT NULL COLLATE pg_catalog."C",
    value bigint NOT NULL
);
CREATE TABLE public.job_events (
    id bigint NOT NULL,
    owner text NOT NULL COLLATE pg_catalog."C",
    job_id character varying(15) NOT NULL COLLATE pg_catalog."C",
    model_id character varying(15) NOT NULL COLLATE pg_catalog."C",
    attempt integer NOT NULL,
    at timestamp with time zone NOT NULL,
    event text NOT NULL COLLATE pg_catalog."C",
    state text NOT NULL COLLATE pg_catalog."C",
    detail text NOT NULL
);
CREATE TABLE public.jobs (
    number bigint NOT NULL,
    id character varying(15) NOT NULL COLLATE pg_catalog."C",
    owner text NOT NULL COLLATE pg_catalog."C",
    created_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    kind text NOT NULL COLLATE pg_catalog."C",
    model_id character varying(15) NOT NULL COLLATE pg_catalog."C",
    spec text NOT NULL,
    idempotency_key text COLLATE pg_catalog."C",
    body_hash text COLLATE pg_catalog."C",
    state text NOT NULL COLLATE pg_catalog."C",
    wish text NOT NULL COLLATE pg_catalog."C",
    attempt integer NOT NULL,
    worker_id text COLLATE pg_catalog."C",
    lease_until timestamp with time zone,
    not_before timestamp with time zone,
    retries text NOT NULL,
    progress text NOT NULL,
    result text,
    fault text COLLATE pg_catalog."C",
    message text COLLATE pg_catalog."C",
    detail text,
    started_at timestamp with time zone,
    finished_at timestamp with time zone,
    CONSTRAINT ck_jobs_ck_jobs_attempt CHECK ((attempt >= 0)),
    CONSTRAINT ck_jobs_ck_jobs_finished_when_final CHECK (((state = ANY (ARRAY['SUCCEEDED'::text, 'FAILED'::text, 'CANCELLED'::text])) = (finished_at IS NOT NULL))),
    CONSTRAINT ck_jobs_ck_jobs_lease_while_running CHECK (((state = 'RUNNING'::text) = (lease_until IS NOT NULL))),
    CONSTRAINT ck_jobs_ck_jobs_state CHECK ((state = ANY (ARRAY['QUEUED'::text, 'RUNNING'::text, 'PAUSED'::text, 'SUCCEEDED'::text, 'FAILED'::text, 'CANCELLED'::text]))),
    CONSTRAINT ck_jobs_ck_jobs_wish_while_running CHECK (((wish = 'NONE'::text) OR (state = 'RUNNING'::text)))
);
CREATE SEQUENCE public.jobs_number_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.jobs_number_seq OWNED BY public.jobs.number;
CREATE TABLE public.log_lines (
    job_id character varying(15) NOT NULL COLLATE pg_catalog."C",
    number bigint NOT NULL,
    attempt integer NOT NULL,
    at timestamp with time zone NOT NULL,
    text text NOT NULL COLLATE pg_catalog."C"
);
CREATE TABLE public.model_tags (
    model_id character varying(15) NOT NULL COLLATE pg_catalog."C",
    tag text NOT NULL COLLATE pg_catalog."C",
    place integer NOT NULL
);
CREATE TABLE public.models (
    number bigint NOT NULL,
    id character varying(15) NOT NULL COLLATE pg_catalog."C",
    owner text NOT NULL COLLATE pg_catalog."C",
    created_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    name text NOT NULL COLLATE pg_catalog."C",
    description text NOT NULL COLLATE pg_catalog."C",
    search_text text NOT NULL COLLATE pg_catalog."C",
    spec text NOT NULL,
    reward_key text NOT NULL COLLATE pg_catalog."C",
    parent_id character varying(15) COLLATE pg_catalog."C",
    parent_checkpoint text COLLATE pg_catalog."C",
    status text NOT NULL COLLATE pg_catalog."C",
    best_checkpoint text COLLATE pg_catalog."C",
    last_checkpoint text COLLATE pg_catalog."C",
    best_lap_time_s double precision,
    track text DEFAULT ''::text NOT NULL COLLATE pg_catalog."C"
);
CREATE SEQUENCE public.models_number_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.models_number_seq OWNED BY public.models.number;
CREATE TABLE public.progress (
    job_id character varying(15) NOT NULL COLLATE pg_catalog."C",
    series text NOT NULL COLLATE pg_catalog."C",
    "position" bigint NOT NULL,
    model_id character varying(15) NOT NULL COLLATE pg_catalog."C",
    iteration bigint NOT NULL,
    body text NOT NULL
);
CREATE TABLE public.settings (
    key text NOT NULL COLLATE pg_catalog."C",
    value text NOT NULL,
    updated_at timestamp with time zone NOT NULL
);
CREATE TABLE public.tokens (
    number bigint NOT NULL,
    id character varying(15) NOT NULL COLLATE pg_catalog."C",
    owner text NOT NULL COLLATE pg_catalog."C",
    created_at timestamp with time zone NOT NULL,
    name text NOT NULL COLLATE pg_catalog."C",
    sha256 text NOT NULL COLLATE pg_catalog."C",
    scope text NOT NULL COLLATE pg_catalog."C",
    expires_at timestamp with time zone,
    last_used_at timestamp with time zone,
    revoked_at timestamp with time zone
);
CREATE SEQUENCE public.tokens_number_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.tokens_number_seq OWNED BY public.tokens.number;
CREATE TABLE public.tracks (
    number bigint NOT NULL,
    id character varying(15) NOT NULL COLLATE pg_catalog."C",
    owner text NOT NULL COLLATE pg_catalog."C",
    created_at timestamp with time zone NOT NULL,
    name text NOT NULL COLLATE pg_catalog."C",
    key text NOT NULL COLLATE pg_catalog."C",
    fields text NOT NULL
);
CREATE SEQUENCE public.tracks_number_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.tracks_number_seq OWNED BY public.tracks.number;
ALTER TABLE ONLY public.artifacts ALTER COLUMN number SET DEFAULT nextval('public.artifacts_number_seq'::regclass);
ALTER TABLE ONLY public.jobs ALTER COLUMN number SET DEFAULT nextval('public.jobs_number_seq'::regclass);
ALTER TABLE ONLY public.models ALTER COLUMN number SET DEFAULT nextval('public.models_number_seq'::regclass);
ALTER TABLE ONLY public.tokens ALTER COLUMN number SET DEFAULT nextval('public.tokens_number_seq'::regclass);
ALTER TABLE ONLY public.tracks ALTER COLUMN number SET DEFAULT nextval('public.tracks_number_seq'::regclass);
INSERT INTO public.alembic_version VALUES ('0004');
INSERT INTO public.artifacts VALUES (1, '000000000000003', 'local', '2026-01-02 03:04:05.6789+00', '000000000000001', NULL, NULL, 'reward_function.py', 'models/1/reward_function.py', 11, 'aa', 'reward');
INSERT INTO public.artifacts VALUES (2, '000000000000005', 'local', '2026-01-02 03:04:16.6789+00', '000000000000001', '000000000000002', 2, 'policy', 'jobs/1/2/512/policy.safetensors', 8589934592, 'bb', 'checkpoint');
INSERT INTO public.counters VALUES ('job_events', 9);
INSERT INTO public.job_events VALUES (1, 'local', '000000000000002', '000000000000001', 0, '2026-01-02 03:04:05.6789+00', 'SUBMIT', 'QUEUED', '{}');
INSERT INTO public.job_events VALUES (2, 'local', '000000000000002', '000000000000001', 1, '2026-01-02 03:04:06.6789+00', 'CLAIM', 'RUNNING', '{"worker_id":"host"}');
INSERT INTO public.job_events VALUES (3, 'local', '000000000000002', '000000000000001', 1, '2026-01-02 03:04:06.6789+00', 'RETRY', 'QUEUED', '{"fault":"HANG","message":"stuck"}');
INSERT INTO public.job_events VALUES (4, 'local', '000000000000002', '000000000000001', 2, '2026-01-02 03:04:16.6789+00', 'CLAIM', 'RUNNING', '{"worker_id":"host"}');
INSERT INTO public.job_events VALUES (5, 'local', '000000000000002', '000000000000001', 2, '2026-01-02 03:04:16.6789+00', 'SUCCEED', 'SUCCEEDED', '{}');
INSERT INTO public.job_events VALUES (6, 'local', '000000000000006', '000000000000001', 0, '2026-01-02 03:04:16.6789+00', 'SUBMIT', 'QUEUED', '{}');
INSERT INTO public.job_events VALUES (7, 'local', '000000000000006', '000000000000001', 1, '2026-01-02 03:04:16.6789+00', 'CLAIM', 'RUNNING', '{"worker_id":"host"}');
INSERT INTO public.job_events VALUES (8, 'local', '000000000000006', '000000000000001', 1, '2026-01-02 03:04:16.6789+00', 'WISH_CANCEL', 'RUNNING', '{}');
INSERT INTO public.job_events VALUES (9, 'local', '000000000000007', '000000000000004', 0, '2026-01-02 03:04:16.6789+00', 'SUBMIT', 'QUEUED', '{}');
INSERT INTO public.jobs VALUES (1, '000000000000002', 'local', '2026-01-02 03:04:05.6789+00', '2026-01-02 03:04:16.6789+00', 'TRAIN', '000000000000001', '{"minutes":10}', 'key', 'hash', 'SUCCEEDED', 'NONE', 2, 'host', NULL, NULL, '{"HANG":1}', '{"steps":512}', '{"total_steps":1024}', NULL, NULL, NULL, '2026-01-02 03:04:06.6789+00', '2026-01-02 03:04:16.6789+00');
INSERT INTO public.jobs VALUES (2, '000000000000006', 'local', '2026-01-02 03:04:16.6789+00', '2026-01-02 03:04:16.6789+00', 'EVALUATE', '000000000000001', '{"laps":3}', NULL, NULL, 'RUNNING', 'CANCEL', 1, 'host', '2026-01-02 03:04:31.6789+00', NULL, '{}', '{}', NULL, NULL, NULL, NULL, '2026-01-02 03:04:16.6789+00', NULL);
INSERT INTO public.jobs VALUES (3, '000000000000007', 'local', '2026-01-02 03:04:16.6789+00', '2026-01-02 03:04:16.6789+00', 'TRAIN', '000000000000004', '{}', NULL, NULL, 'QUEUED', 'NONE', 0, NULL, NULL, NULL, '{}', '{}', NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.log_lines VALUES ('000000000000006', 1, 1, '2026-01-02 03:05:05.6789+00', 'loading');
INSERT INTO public.log_lines VALUES ('000000000000006', 2, 1, '2026-01-02 03:05:05.6789+00', 'speed: 1.5 m/s 	grüße');
INSERT INTO public.log_lines VALUES ('000000000000006', 3, 1, '2026-01-02 03:05:05.6789+00', '');
INSERT INTO public.model_tags VALUES ('000000000000001', 'fast', 0);
INSERT INTO public.model_tags VALUES ('000000000000001', 'night', 1);
INSERT INTO public.models VALUES (1, '000000000000001', 'local', '2026-01-02 03:04:05.6789+00', '2026-01-02 03:04:16.6789+00', 'Grüße', 'first', 'grüsse
first
fast
night', '{"track":"oval","seed":7}', 'models/1/reward_function.py', NULL, NULL, 'STOPPING', '512', '1024', 21.25, '');
INSERT INTO public.models VALUES (2, '000000000000004', 'local', '2026-01-02 03:04:05.6789+00', '2026-01-02 03:04:16.6789+00', 'clone', '', 'clone
', '{}', 'r', '000000000000001', '512', 'QUEUED', NULL, NULL, NULL, '');
INSERT INTO public.progress VALUES ('000000000000002', 'METRICS', 1, '000000000000001', 1, '{"iteration":1,"mean_reward":0.5}');
INSERT INTO public.progress VALUES ('000000000000002', 'METRICS', 2, '000000000000001', 2, '{"iteration":2,"mean_reward":null}');
INSERT INTO public.progress VALUES ('000000000000002', 'EPISODES', 0, '000000000000001', 1, '{"episode":0,"number":0,"iteration":0,"progress":12.5}');
INSERT INTO public.progress VALUES ('000000000000002', 'EVALUATIONS', 2, '000000000000001', 2, '{"iteration":2,"laps":[]}');
INSERT INTO public.settings VALUES ('slots', '2', '2026-01-02 03:04:16.6789+00');
INSERT INTO public.tokens VALUES (1, '000000000000009', 'local', '2026-01-02 03:04:16.6789+00', 'link', 'cc', 'all', '2026-02-01 03:04:16.6789+00', NULL, NULL);
INSERT INTO public.tracks VALUES (1, '000000000000008', 'local', '2026-01-02 03:04:16.6789+00', 'my oval', 'tracks/1/track.json', '{"length_m":17.5}');
SELECT pg_catalog.setval('public.artifacts_number_seq', 2, true);
SELECT pg_catalog.setval('public.jobs_number_seq', 3, true);
SELECT pg_catalog.setval('public.models_number_seq', 2, true);
SELECT pg_catalog.setval('public.tokens_number_seq', 1, true);
SELECT pg_catalog.setval('public.tracks_number_seq', 1, true);
ALTER TABLE ONLY public.alembic_version
    ADD CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num);
ALTER TABLE ONLY public.artifacts
    ADD CONSTRAINT pk_artifacts PRIMARY KEY (number);
ALTER TABLE ONLY public.counters
    ADD CONSTRAINT pk_counters PRIMARY KEY (name);
ALTER TABLE ONLY public.job_events
    ADD CONSTRAINT pk_job_events PRIMARY KEY (id);
ALTER TABLE ONLY public.jobs
    ADD CONSTRAINT pk_jobs PRIMARY KEY (number);
ALTER TABLE ONLY public.log_lines
    ADD CONSTRAINT pk_log_lines PRIMARY KEY (job_id, number);
ALTER TABLE ONLY public.model_tags
    ADD CONSTRAINT pk_model_tags PRIMARY KEY (model_id, tag);
ALTER TABLE ONLY public.models
    ADD CONSTRAINT pk_models PRIMARY KEY (number);
ALTER TABLE ONLY public.progress
    ADD CONSTRAINT pk_progress PRIMARY KEY (job_id, series, "position");
ALTER TABLE ONLY public.settings
    ADD CONSTRAINT pk_settings PRIMARY KEY (key);
ALTER TABLE ONLY public.tokens
    ADD CONSTRAINT pk_tokens PRIMARY KEY (number);
ALTER TABLE ONLY public.tracks
    ADD CONSTRAINT pk_tracks PRIMARY KEY (number);
ALTER TABLE ONLY public.artifacts
    ADD CONSTRAINT uq_artifacts_id UNIQUE (id);
ALTER TABLE ONLY public.artifacts
    ADD CONSTRAINT uq_artifacts_model_id_key UNIQUE (model_id, key);
ALTER TABLE ONLY public.jobs
    ADD CONSTRAINT uq_jobs_id UNIQUE (id);
ALTER TABLE ONLY public.jobs
    ADD CONSTRAINT uq_jobs_owner_idempotency_key UNIQUE (owner, idempotency_key);
ALTER TABLE ONLY public.models
    ADD CONSTRAINT uq_models_id UNIQUE (id);
ALTER TABLE ONLY public.tokens
    ADD CONSTRAINT uq_tokens_id UNIQUE (id);
ALTER TABLE ONLY public.tokens
    ADD CONSTRAINT uq_tokens_sha256 UNIQUE (sha256);
ALTER TABLE ONLY public.tracks
    ADD CONSTRAINT uq_tracks_id UNIQUE (id);
ALTER TABLE ONLY public.tracks
    ADD CONSTRAINT uq_tracks_owner_name UNIQUE (owner, name);
CREATE INDEX ix_artifacts_job_id ON public.artifacts USING btree (job_id);
CREATE INDEX ix_artifacts_key ON public.artifacts USING btree (key);
CREATE INDEX ix_artifacts_model_id_number ON public.artifacts USING btree (model_id, number);
CREATE INDEX ix_artifacts_owner ON public.artifacts USING btree (owner);
CREATE INDEX ix_job_events_job_id_id ON public.job_events USING btree (job_id, id);
CREATE INDEX ix_jobs_model_id_number ON public.jobs USING btree (model_id, number);
CREATE INDEX ix_jobs_owner_number ON public.jobs USING btree (owner, number);
CREATE INDEX ix_jobs_state_number ON public.jobs USING btree (state, number);
CREATE INDEX ix_model_tags_tag ON public.model_tags USING btree (tag);
CREATE INDEX ix_models_owner_number ON public.models USING btree (owner, number);
CREATE INDEX ix_models_parent_id ON public.models USING btree (parent_id);
CREATE INDEX ix_progress_model_id_series_position ON public.progress USING btree (model_id, series, "position");
CREATE INDEX ix_tokens_owner ON public.tokens USING btree (owner);
CREATE UNIQUE INDEX uq_jobs_unfinished_training ON public.jobs USING btree (model_id) WHERE ((kind = 'TRAIN'::text) AND (state = ANY (ARRAY['QUEUED'::text, 'RUNNING'::text, 'PAUSED'::text])));
CREATE TRIGGER jobs_final BEFORE UPDATE ON public.jobs FOR EACH ROW WHEN (((new.attempt < old.attempt) OR ((old.state = ANY (ARRAY['SUCCEEDED'::text, 'FAILED'::text, 'CANCELLED'::text])) AND ((new.state <> old.state) OR (new.attempt <> old.attempt))))) EXECUTE FUNCTION public.refuse_job_update();
ALTER TABLE ONLY public.artifacts
    ADD CONSTRAINT fk_artifacts_job_id FOREIGN KEY (job_id) REFERENCES public.jobs(id) ON DELETE SET NULL;
ALTER TABLE ONLY public.artifacts
    ADD CONSTRAINT fk_artifacts_model_id FOREIGN KEY (model_id) REFERENCES public.models(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.job_events
    ADD CONSTRAINT fk_job_events_job_id FOREIGN KEY (job_id) REFERENCES public.jobs(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.jobs
    ADD CONSTRAINT fk_jobs_model_id FOREIGN KEY (model_id) REFERENCES public.models(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.log_lines
    ADD CONSTRAINT fk_log_lines_job_id FOREIGN KEY (job_id) REFERENCES public.jobs(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.model_tags
    ADD CONSTRAINT fk_model_tags_model_id FOREIGN KEY (model_id) REFERENCES public.models(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.models
    ADD CONSTRAINT fk_models_parent_id FOREIGN KEY (parent_id) REFERENCES public.models(id) ON DELETE SET NULL;
ALTER TABLE ONLY public.progress
    ADD CONSTRAINT fk_progress_job_id FOREIGN KEY (job_id) REFERENCES public.jobs(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.progress
    ADD CONSTRAINT fk_progress_model_id FOREIGN KEY (model_id) REFERENCES public.models(id) ON DELETE CASCADE;
