-- Appends what can be appended of a batch and says of each other command why it was left out.
--
-- The everyday append is one optimistic statement without these checks; it comes here when a constraint refused it. Under the
-- lock of the head row each statement below sees everything that was committed before, for a volatile function takes a new
-- snapshot per statement in READ COMMITTED.
--
-- A command is named by its place in the batch, from 1. One row is returned for each.
--
-- Beside the length of its streams a command may ask for others that it was decided on: a stream may be as long as expected by the
-- events of somebody else. And it may ask that no event of some types was appended since it was decided, to whatever stream, which only
-- a statement that begins under the lock can see.
drop function append_carefully(
    timestamptz,
    uuid[],
    integer[], text[], text[], bigint[],
    integer[], text[], text[], text[],
    integer[], text[], text[], text[],
    integer[], text[], text[], bigint[],
    text[], text[], text[], text[], bytea[],
    uuid[], bytea[], integer[]
);

create function append_carefully(
    recorded timestamptz,
    command_ids uuid[],
    stream_commands integer[], stream_types text[], stream_ids text[], stream_versions bigint[],
    after_commands integer[], after_ids uuid[],
    alone_commands integer[], alone_types text[], alone_positions bigint[],
    take_commands integer[], take_names text[], take_types text[], take_ids text[],
    release_commands integer[], release_names text[], release_types text[], release_ids text[],
    event_commands integer[], event_aggregate_types text[], event_aggregate_ids text[], event_sequences bigint[],
    event_types text[], event_versions text[], event_payloads text[], event_metadata text[], event_leaf_hashes bytea[],
    event_command_ids uuid[], event_command_digests bytea[], event_command_events integer[]
) returns table (
    command integer,
    outcome text,
    first_position bigint,
    moment timestamptz,
    subject text,
    holder_type text,
    holder_id text
)
language plpgsql
volatile
as $$
#variable_conflict use_column
declare
    base bigint;
    now_recorded timestamptz;
    refused integer[] := '{}';
    written bigint;
begin
    select head.position, greatest(head.recorded_at, recorded)
    into strict base, now_recorded
    from log_head as head
    for update;

    -- said before a conflict: a repeated command finds its stream moved on by its own first run
    for command in
        select asked.ordinal
        from unnest(command_ids) with ordinality as asked (id, ordinal)
        where exists (select from events as event where event.command_id = asked.id)
    loop
        refused := refused || command;
        outcome := 'repeated';
        return next;
    end loop;

    for command, holder_type, holder_id in
        select distinct on (stream.command) stream.command, stream.aggregate_type, stream.aggregate_id
        from unnest(stream_commands, stream_types, stream_ids, stream_versions)
            as stream (command, aggregate_type, aggregate_id, version)
        where stream.command <> all (refused)
          and stream.version <> coalesce((
              select event.sequence
              from events as event
              where event.aggregate_type = stream.aggregate_type
                and event.aggregate_id = stream.aggregate_id
              order by event.sequence desc
              limit 1), 0)
    loop
        refused := refused || command;
        outcome := 'conflict';
        return next;
    end loop;

    for command, holder_type, holder_id in
        select distinct on (stream.command) stream.command, stream.aggregate_type, stream.aggregate_id
        from unnest(after_commands, after_ids) as asked (command, id)
        join unnest(stream_commands, stream_types, stream_ids)
            as stream (command, aggregate_type, aggregate_id) on stream.command = asked.command
        where asked.command <> all (refused)
          and not exists (select from events as event where event.command_id = asked.id)
    loop
        refused := refused || command;
        outcome := 'conflict';
        return next;
    end loop;

    for command, holder_type, holder_id in
        select distinct on (stream.command) stream.command, stream.aggregate_type, stream.aggregate_id
        from unnest(alone_commands, alone_types, alone_positions) as alone (command, event_type, at)
        join unnest(stream_commands, stream_types, stream_ids)
            as stream (command, aggregate_type, aggregate_id) on stream.command = alone.command
        where alone.command <> all (refused)
          and exists (
              select
              from events as event
              where event.position > alone.at
                and event.event_type = alone.event_type)
    loop
        refused := refused || command;
        outcome := 'conflict';
        return next;
    end loop;

    for command, subject, holder_type, holder_id in
        select distinct on (take.command) take.command, held.name, held.holder_type, held.holder_id
        from unnest(take_commands, take_names) as take (command, name)
        join claims as held on held.name = take.name
        where take.command <> all (refused)
    loop
        refused := refused || command;
        outcome := 'claim_held';
        return next;
    end loop;

    insert into events (
        aggregate_type, aggregate_id, sequence, event_type, event_version, payload, metadata,
        position, recorded_at, command_id, command_digest, command_events, leaf_hash)
    select
        event.aggregate_type, event.aggregate_id, event.sequence, event.event_type, event.event_version,
        event.payload::json, event.metadata::json,
        base + row_number() over (order by event.ordinal), now_recorded,
        event.command_id, event.command_digest, event.command_events, event.leaf_hash
    from unnest(
            event_commands, event_aggregate_types, event_aggregate_ids, event_sequences, event_types, event_versions,
            event_payloads, event_metadata, event_leaf_hashes, event_command_ids, event_command_digests,
            event_command_events)
        with ordinality as event (
            command, aggregate_type, aggregate_id, sequence, event_type, event_version,
            payload, metadata, leaf_hash, command_id, command_digest,
            command_events, ordinal)
    where event.command <> all (refused);

    get diagnostics written = row_count;

    update log_head
    set position = base + written,
        recorded_at = now_recorded
    where written > 0;

    subject := null;
    holder_type := null;
    holder_id := null;
    for command, first_position in
        select asked.ordinal, event.position
        from unnest(command_ids) with ordinality as asked (id, ordinal)
        join events as event on event.command_id = asked.id
        where asked.ordinal <> all (refused)
    loop
        outcome := 'appended';
        moment := now_recorded;
        return next;
    end loop;

    delete from claims as held
    using unnest(release_commands, release_names, release_types, release_ids)
        as release (command, name, holder_type, holder_id)
    where held.name = release.name
      and held.holder_type = release.holder_type
      and held.holder_id = release.holder_id
      and release.command <> all (refused);

    insert into claims (name, holder_type, holder_id, position)
    select take.name, take.holder_type, take.holder_id, event.position
    from unnest(take_commands, take_names, take_types, take_ids) as take (command, name, holder_type, holder_id)
    join events as event on event.command_id = command_ids[take.command]
    where take.command <> all (refused);
end
$$;
