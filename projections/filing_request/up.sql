create table filing_request (
    row_key text collate "C" not null,
    id uuid not null,
    year bigint not null,
    batch_id uuid not null,
    kind text collate "C" not null,
    medium text collate "C" not null,
    opens_on date not null,
    final_organisation_id uuid not null,
    final_organisation_name text collate "C",
    participants bigint not null,
    passed bigint not null,
    with_quota bigint not null,
    publicity_starts_on date,
    publicity_ends_on date,
    objected bigint not null,
    ready bigint not null,
    requested bigint not null,
    filed bigint not null,
    cancelled bigint not null,
    filing_state text collate "C",
    filing_number text collate "C",
    filed_on date,
    status text collate "C" not null,
    arrived_at timestamptz not null,
    handled_at timestamptz
) with (fillfactor = 75);

comment on table filing_request is '评审结果申请备案';
comment on column filing_request.row_key is '公开：行键';
comment on column filing_request.id is '公开：评审方案';
comment on column filing_request.year is '公开：年度';
comment on column filing_request.batch_id is '公开：批次';
comment on column filing_request.kind is '公开：方案类别';
comment on column filing_request.medium is '公开：评审方式';
comment on column filing_request.opens_on is '公开：开评日期';
comment on column filing_request.final_organisation_id is '公开：评委会标识';
comment on column filing_request.final_organisation_name is '公开：评委会';
comment on column filing_request.participants is '公开：参评人数';
comment on column filing_request.passed is '公开：通过人数';
comment on column filing_request.with_quota is '公开：职数核对（占用职数人数）';
comment on column filing_request.publicity_starts_on is '公开：公示开始日期';
comment on column filing_request.publicity_ends_on is '公开：公示截止日期';
comment on column filing_request.objected is '公开：有异议人数';
comment on column filing_request.ready is '公开：待申请备案人数';
comment on column filing_request.requested is '公开：已申请待备案人数';
comment on column filing_request.filed is '公开：已备案人数';
comment on column filing_request.cancelled is '公开：已取消备案人数';
comment on column filing_request.filing_state is '公开：备案状态';
comment on column filing_request.filing_number is '公开：备案文号';
comment on column filing_request.filed_on is '公开：备案时间';
comment on column filing_request.status is '公开：办理状态';
comment on column filing_request.arrived_at is '公开：可申请备案时间';
comment on column filing_request.handled_at is '公开：申请备案时间';

alter table filing_request add primary key (row_key);
create index filing_request_of_committee on filing_request (final_organisation_id, arrived_at, row_key);
