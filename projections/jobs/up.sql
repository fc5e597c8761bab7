create table jobs (
    row_key text collate "C" not null,
    id uuid not null,
    action text collate "C" not null,
    stage text collate "C" not null,
    status text collate "C" not null,
    screen text collate "C",
    item_count bigint not null,
    done_count bigint not null,
    refused_count bigint not null,
    waiting_count bigint not null,
    reverted_count bigint not null,
    started_by uuid not null,
    role text collate "C" not null,
    organisation_id uuid,
    started_at timestamptz not null,
    changed_at timestamptz not null
) with (fillfactor = 75);

comment on table jobs is '批量任务';
comment on column jobs.row_key is '公开：行键';
comment on column jobs.id is '公开：标识';
comment on column jobs.action is '公开：办理事项';
comment on column jobs.stage is '公开：任务环节';
comment on column jobs.status is '公开：办理状态';
comment on column jobs.screen is '公开：条件所在列表';
comment on column jobs.item_count is '公开：总数';
comment on column jobs.done_count is '公开：已办理';
comment on column jobs.refused_count is '公开：未能办理';
comment on column jobs.waiting_count is '公开：待办理';
comment on column jobs.reverted_count is '公开：撤销已处理';
comment on column jobs.started_by is '公开：发起账号';
comment on column jobs.role is '公开：发起角色';
comment on column jobs.organisation_id is '公开：发起单位标识';
comment on column jobs.started_at is '公开：发起时间';
comment on column jobs.changed_at is '公开：最近进展时间';

alter table jobs add primary key (row_key);
create index jobs_started_by on jobs (started_by, started_at, row_key);
