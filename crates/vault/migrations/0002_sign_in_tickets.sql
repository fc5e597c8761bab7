-- Signing in by QR code: a browser that waits, and the signed-in session that lets it in. Two minutes, once.

create table sign_in_tickets (
    ticket uuid primary key,
    secret_hash bytea not null,
    code_hash bytea not null,
    source bytea not null,
    created_at timestamptz not null,
    wrapped_labels bytea not null,
    session uuid references sessions (session) on delete cascade,
    confirmed_at timestamptz,
    check (confirmed_at is null or session is not null)
);
create index sign_in_tickets_by_source on sign_in_tickets (source, created_at);
create index sign_in_tickets_by_time on sign_in_tickets (created_at, ticket);
create index sign_in_tickets_by_session on sign_in_tickets (session) where session is not null;
comment on table sign_in_tickets is 'Browsers that wait to be let in by QR code; a row goes when its session is handed out';
comment on column sign_in_tickets.secret_hash is 'SHA-256 of what the waiting browser holds: with it the session is fetched';
comment on column sign_in_tickets.code_hash is 'SHA-256 of what the QR code shows: with it a signed-in session takes the ticket';
comment on column sign_in_tickets.source is 'Keyed hash of the waiting browser''s address, to bound tickets at once';
comment on column sign_in_tickets.wrapped_labels is 'Address and agent of the waiting browser, wrapped';
comment on column sign_in_tickets.session is 'The session that scanned it; when that ends, so does the ticket';
