create table deadline (
    row_key text collate "C" not null,
    kind text collate "C" not null,
    due_at timestamptz not null,
    aggregate text collate "C" not null,
    aggregate_id uuid not null
) with (fillfactor = 75);

comment on table deadline is '期限';
comment on column deadline.row_key is '公开：行键';
comment on column deadline.kind is '公开：期限类别';
comment on column deadline.due_at is '公开：到期时刻';
comment on column deadline.aggregate is '公开：聚合类型';
comment on column deadline.aggregate_id is '公开：聚合标识';

alter table deadline add primary key (row_key);
create index deadline_due on deadline (due_at, row_key);
