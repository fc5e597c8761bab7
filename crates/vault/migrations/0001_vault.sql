-- The vault: what is secret and must be able to vanish. No backup or archive of the log includes this database.

create table vault_sentinel (
    one boolean primary key default true check (one),
    wrapped bytea not null
);
comment on table vault_sentinel is 'A known text wrapped by the master key: a wrong key is noticed when connecting';

create table vault_secrets (
    name text collate "C" primary key,
    wrapped bytea not null
);
comment on table vault_secrets is 'Random secrets made once, such as the one of the keyed hashes';

create table person_keys (
    person uuid primary key,
    wrapped bytea,
    created_at timestamptz not null default now(),
    destroyed_at timestamptz,
    check ((wrapped is null) = (destroyed_at is not null))
);
comment on table person_keys is 'One key a person; a destroyed key leaves its row behind as a tombstone';
comment on column person_keys.wrapped is 'The key under the master key; null once destroyed';

create table credentials (
    account uuid primary key,
    wrapped bytea not null,
    changed_at timestamptz not null
);
comment on table credentials is 'Password hashes (argon2id), wrapped';

create table lockouts (
    subject bytea primary key,
    failures integer not null default 0,
    last_attempt_at timestamptz not null,
    blocked_until timestamptz
);
create index lockouts_by_time on lockouts (last_attempt_at, subject);
comment on table lockouts is 'Failed sign-ins by keyed hash of account name or address';

create table sessions (
    session uuid primary key,
    token_hash bytea not null unique,
    account uuid not null,
    person uuid,
    created_at timestamptz not null,
    last_seen_at timestamptz not null,
    reauthenticated_at timestamptz,
    wrapped_labels bytea not null
);
create index sessions_by_account on sessions (account, created_at, session);
create index sessions_by_last_seen on sessions (last_seen_at, session);
comment on column sessions.token_hash is 'SHA-256 of the token; the token itself is kept nowhere';
comment on column sessions.wrapped_labels is 'Address and agent, wrapped';

create table ballot_rounds (
    round uuid primary key,
    electorate uuid[] not null,
    wrapped_private_key bytea not null,
    wrapped_contents_key bytea not null,
    attempt uuid not null,
    created_at timestamptz not null default now(),
    closing_since timestamptz
);
comment on table ballot_rounds is 'Keys of ballot rounds that are open; the row is the round''s lock';
comment on column ballot_rounds.electorate is 'Who may vote, sorted';
comment on column ballot_rounds.wrapped_private_key is 'Seed of the key that opens ballots; read when closing only';
comment on column ballot_rounds.wrapped_contents_key is 'Key of the roll and box rows, with the public key that ballots are sealed to';
comment on column ballot_rounds.attempt is 'Which attempt at opening the round wrote this row last';
comment on column ballot_rounds.closing_since is 'A closing has begun and its outcome is not known: no vote is taken meanwhile';

-- No column and no order in common but the round: each is one sealed value of constant length, rewritten whole with each vote.
create table ballot_roll (
    round uuid primary key references ballot_rounds (round) on delete cascade,
    sealed bytea not null
);
alter table ballot_roll alter column sealed set storage external;
comment on table ballot_roll is 'Who has voted; one row a round';

create table ballot_box (
    round uuid primary key references ballot_rounds (round) on delete cascade,
    sealed bytea not null
);
alter table ballot_box alter column sealed set storage external;
comment on table ballot_box is 'Ballots, sorted by ciphertext; one row a round';
