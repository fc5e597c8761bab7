-- How far each read table has come. The only table of the read side that is not made from the log; without it all are
-- built anew.

create table projections.checkpoint (
    table_name text collate "C" primary key,
    version text collate "C" not null,
    position bigint not null check (position >= 0),
    stopped_at bigint,
    stopped_reason text,
    moved_at timestamptz not null
) with (fillfactor = 50);

comment on table projections.checkpoint is '各读取表的进度';
comment on column projections.checkpoint.table_name is '公开：表名';
comment on column projections.checkpoint.version is '公开：表的版本，随建表语句与生成程序而变';
comment on column projections.checkpoint.position is '公开：已反映的最后一个事件的位置';
comment on column projections.checkpoint.stopped_at is '公开：无法越过的事件的位置';
comment on column projections.checkpoint.stopped_reason is '敏感：无法越过的原因';
comment on column projections.checkpoint.moved_at is '公开：最近一次前进的时间';
