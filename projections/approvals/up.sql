create table approvals (
    row_key text collate "C" not null,
    id uuid not null,
    action text collate "C" not null,
    action_name text collate "C" not null,
    subject_aggregate text collate "C" not null,
    subject_id uuid not null,
    declaration_id uuid,
    requested_by uuid not null,
    requested_role text collate "C",
    organisation_id uuid,
    organisation_name text collate "C",
    approvers text[] not null,
    stage text collate "C" not null,
    status text collate "C" not null,
    arrived_at timestamptz not null,
    expires_at timestamptz not null,
    handled_at timestamptz,
    handled_by uuid
) with (fillfactor = 75);

comment on table approvals is '待复核操作';
comment on column approvals.row_key is '公开：行键';
comment on column approvals.id is '公开：复核标识';
comment on column approvals.action is '公开：操作';
comment on column approvals.action_name is '公开：操作名称';
comment on column approvals.subject_aggregate is '公开：对象类型';
comment on column approvals.subject_id is '公开：对象标识';
comment on column approvals.declaration_id is '公开：申报标识';
comment on column approvals.requested_by is '个人：申请人账号';
comment on column approvals.requested_role is '公开：申请角色';
comment on column approvals.organisation_id is '公开：申请单位标识';
comment on column approvals.organisation_name is '公开：申请单位';
comment on column approvals.approvers is '公开：可复核角色';
comment on column approvals.stage is '公开：复核情况';
comment on column approvals.status is '公开：状态';
comment on column approvals.arrived_at is '公开：申请时间';
comment on column approvals.expires_at is '公开：复核期限';
comment on column approvals.handled_at is '公开：复核时间';
comment on column approvals.handled_by is '个人：复核人账号';

alter table approvals add primary key (row_key);
create index approvals_by_arrival on approvals (arrived_at, row_key);
