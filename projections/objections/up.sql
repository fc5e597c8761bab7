create table objections (
    row_key text collate "C" not null,
    id uuid not null,
    declaration_id uuid not null,
    declaration_no text collate "C",
    publicity_kind text collate "C" not null,
    organisation_id uuid not null,
    organisation_name text collate "C" not null,
    source text collate "C",
    content text collate "C",
    evidence text collate "C",
    finding text collate "C",
    stage text collate "C" not null,
    status text collate "C" not null,
    arrived_at timestamptz not null,
    raised_by uuid,
    handled_at timestamptz,
    resolved_by uuid
) with (fillfactor = 75);

comment on table objections is '异议登记';
comment on column objections.row_key is '公开：行键';
comment on column objections.id is '公开：异议标识';
comment on column objections.declaration_id is '公开：申报标识';
comment on column objections.declaration_no is '公开：申报编号';
comment on column objections.publicity_kind is '公开：公示类别';
comment on column objections.organisation_id is '公开：受理单位标识';
comment on column objections.organisation_name is '公开：受理单位';
comment on column objections.source is '个人：异议来源';
comment on column objections.content is '个人：异议内容';
comment on column objections.evidence is '个人：证据材料';
comment on column objections.finding is '个人：核查情况';
comment on column objections.stage is '公开：处理情况';
comment on column objections.status is '公开：状态';
comment on column objections.arrived_at is '公开：登记时间';
comment on column objections.raised_by is '个人：登记人账号';
comment on column objections.handled_at is '公开：办结时间';
comment on column objections.resolved_by is '个人：办结人账号';

alter table objections add primary key (row_key);
create index objections_of_organisation on objections (organisation_id, arrived_at, row_key);
