-- flow: instances of processes and what moves in them. Live rows (tokens, timers) go when they end; tasks and history stay.
CREATE TABLE flow_instance (
    home BIGINT NOT NULL,
    id BIGINT NOT NULL,
    case_id BIGINT NOT NULL,
    release_id BIGINT NOT NULL,
    process TEXT NOT NULL,
    state BIGINT NOT NULL,
    started_ms BIGINT NOT NULL,
    ended_ms BIGINT NOT NULL,
    suspended_ms BIGINT NOT NULL,
    paused_ms BIGINT NOT NULL,
    stopped_ms BIGINT NOT NULL,
    incidents BIGINT NOT NULL,
    history_n BIGINT NOT NULL,
    vars TEXT NOT NULL,
    version BIGINT NOT NULL,
    PRIMARY KEY (home, id)
);
CREATE INDEX flow_instance_case ON flow_instance (home, case_id, id);
CREATE TABLE flow_token (
    home BIGINT NOT NULL,
    id BIGINT NOT NULL,
    instance_id BIGINT NOT NULL,
    scope_id BIGINT NOT NULL,
    element TEXT NOT NULL,
    edge TEXT NOT NULL,
    state BIGINT NOT NULL,
    since_ms BIGINT NOT NULL,
    incident TEXT NOT NULL,
    PRIMARY KEY (home, id)
);
CREATE INDEX flow_token_instance ON flow_token (home, instance_id, id);
CREATE TABLE flow_task (
    home BIGINT NOT NULL,
    id BIGINT NOT NULL,
    instance_id BIGINT NOT NULL,
    case_id BIGINT NOT NULL,
    token_id BIGINT NOT NULL,
    element TEXT NOT NULL,
    title TEXT NOT NULL,
    role TEXT NOT NULL,
    unit TEXT NOT NULL,
    form TEXT NOT NULL,
    move TEXT NOT NULL,
    state BIGINT NOT NULL,
    assignee_id BIGINT NOT NULL,
    ended_by_id BIGINT NOT NULL,
    made_ms BIGINT NOT NULL,
    claimed_ms BIGINT NOT NULL,
    due_ms BIGINT NOT NULL,
    ended_ms BIGINT NOT NULL,
    version BIGINT NOT NULL,
    PRIMARY KEY (home, id)
);
CREATE INDEX flow_task_instance ON flow_task (home, instance_id, state);
CREATE INDEX flow_task_case ON flow_task (home, case_id, id);
CREATE TABLE flow_timer (
    home BIGINT NOT NULL,
    id BIGINT NOT NULL,
    instance_id BIGINT NOT NULL,
    token_id BIGINT NOT NULL,
    element TEXT NOT NULL,
    due_ms BIGINT NOT NULL,
    remaining_ms BIGINT NOT NULL,
    standing BIGINT NOT NULL,
    PRIMARY KEY (home, id)
);
CREATE INDEX flow_timer_instance ON flow_timer (home, instance_id, id);
CREATE INDEX flow_timer_due ON flow_timer (home, standing, due_ms, id);
CREATE TABLE flow_history (
    home BIGINT NOT NULL,
    instance_id BIGINT NOT NULL,
    seq BIGINT NOT NULL,
    at_ms BIGINT NOT NULL,
    actor_id BIGINT NOT NULL,
    token_id BIGINT NOT NULL,
    scope_id BIGINT NOT NULL,
    task_id BIGINT NOT NULL,
    what TEXT NOT NULL,
    element TEXT NOT NULL,
    detail TEXT NOT NULL,
    PRIMARY KEY (home, instance_id, seq)
);
