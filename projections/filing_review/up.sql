create table filing_review (
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
    published bigint not null,
    waiting bigint not null,
    filed bigint not null,
    filing_number text collate "C",
    filed_on date,
    status text collate "C" not null,
    arrived_at timestamptz not null,
    handled_at timestamptz,
    result text collate "C"
) with (fillfactor = 75);

comment on table filing_review is '职称评审结果备案';
comment on column filing_review.row_key is '公开：行键';
comment on column filing_review.id is '公开：评审方案';
comment on column filing_review.year is '公开：年度';
comment on column filing_review.batch_id is '公开：批次';
comment on column filing_review.kind is '公开：方案类别';
comment on column filing_review.medium is '公开：评审方式';
comment on column filing_review.opens_on is '公开：开评日期';
comment on column filing_review.final_organisation_id is '公开：评委会标识';
comment on column filing_review.final_organisation_name is '公开：评委会';
comment on column filing_review.participants is '公开：参评人数';
comment on column filing_review.published is '公开：通过公示人数';
comment on column filing_review.waiting is '公开：待备案人数';
comment on column filing_review.filed is '公开：已备案人数';
comment on column filing_review.filing_number is '公开：备案文号';
comment on column filing_review.filed_on is '公开：备案时间';
comment on column filing_review.status is '公开：审核状态';
comment on column filing_review.arrived_at is '公开：到达时间';
comment on column filing_review.handled_at is '公开：处理时间';
comment on column filing_review.result is '公开：审核结果';

alter table filing_review add primary key (row_key);
create index filing_review_of_committee on filing_review (final_organisation_id, arrived_at, row_key);
