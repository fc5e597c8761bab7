-- The log. Its first seven columns and its primary key are those of postgres-es, so that a stock cqrs-es reader can read it.

create table events (
    aggregate_type text collate "C" not null,
    aggregate_id text collate "C" not null,
    sequence bigint not null check (sequence >= 1),
    event_type text collate "C" not null,
    event_version text collate "C" not null,
    -- json, not jsonb: the leaf hash covers these bytes, and jsonb would write them anew
    payload json not null,
    metadata json not null,
    position bigint not null check (position >= 1),
    recorded_at timestamptz not null,
    command_id uuid,
    command_digest bytea,
    command_events integer,
    leaf_hash bytea not null check (octet_length(leaf_hash) = 32),
    constraint events_pkey primary key (aggregate_type, aggregate_id, sequence),
    constraint events_position_key unique (position),
    constraint events_command_whole
        check (num_nonnulls(command_id, command_digest, command_events) in (0, 3))
);

create unique index events_command_id_key
    on events (command_id)
    where command_id is not null;

comment on table events is '事件日志：只增不改，其余一切数据均由此推出';
comment on column events.aggregate_type is '聚合类型';
comment on column events.aggregate_id is '聚合标识';
comment on column events.sequence is '聚合内序号，自1起连续';
comment on column events.event_type is '事件类型';
comment on column events.event_version is '事件版本';
comment on column events.payload is '事件内容（按原字节保存）';
comment on column events.metadata is '事件元数据（值均为文本）';
comment on column events.position is '全局位置，自1起连续，按提交顺序可见';
comment on column events.recorded_at is '入册时间，只增不减';
comment on column events.command_id is '命令标识，仅记于该命令的首个事件';
comment on column events.command_digest is '命令内容摘要，仅记于首个事件';
comment on column events.command_events is '该命令产生的事件数，仅记于首个事件';
comment on column events.leaf_hash is '默克尔树叶哈希（RFC 6962）';

-- One row. Updating it takes the lock under which positions are given out; a commit becomes visible before that lock is
-- released, so positions appear in order and without a gap. The fill factor keeps the updates within one page. Snapshots that
-- stay open for long (a dump, say) keep its old versions alive and make each append a little slower while they last.
create table log_head (
    only_row boolean primary key default true check (only_row),
    position bigint not null,
    recorded_at timestamptz not null
) with (fillfactor = 10, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);

insert into log_head (position, recorded_at) values (0, '-infinity');

comment on table log_head is '日志首部：最后一个位置及其入册时间，仅一行';
comment on column log_head.only_row is '保证仅一行';
comment on column log_head.position is '最后一个事件的位置，空日志为0';
comment on column log_head.recorded_at is '最后一个事件的入册时间';

create table claims (
    name text collate "C" not null,
    holder_type text collate "C" not null,
    holder_id text collate "C" not null,
    position bigint not null,
    constraint claims_pkey primary key (name)
);

comment on table claims is '占用：持有期间唯一的名称（证书编号、账号名等），可由日志重建';
comment on column claims.name is '被占用的名称';
comment on column claims.holder_type is '持有者的聚合类型';
comment on column claims.holder_id is '持有者的聚合标识';
comment on column claims.position is '占用所在命令首个事件的位置';

-- The right edge of the Merkle tree at round positions, so that a root need not be folded from the very first leaf.
create table log_frontiers (
    position bigint primary key,
    frontier bytea not null
);

comment on table log_frontiers is '默克尔树右缘存档，可由日志重建';
comment on column log_frontiers.position is '右缘所含事件数';
comment on column log_frontiers.frontier is '右缘各子树的根';

create function refuse_change() returns trigger language plpgsql as $$
begin
    raise exception '% on the log refused: events are facts and stay as they are', tg_op
        using errcode = 'insufficient_privilege';
end
$$;

create trigger events_are_facts
    before update or delete or truncate on events
    for each statement execute function refuse_change();
