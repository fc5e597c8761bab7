create table material_scoring (
    row_key text collate "C" not null,
    id uuid not null,
    judge_id uuid not null,
    declaration_id uuid not null,
    declaration_no text collate "C" not null,
    applicant_name text collate "C" not null,
    year bigint not null,
    level text collate "C" not null,
    series text collate "C" not null,
    series_name text collate "C" not null,
    specialty text collate "C" not null,
    specialty_name text collate "C" not null,
    title text collate "C" not null,
    kind text collate "C" not null,
    organisation_id uuid,
    organisation_name text collate "C",
    review_meeting_id uuid,
    group_number bigint,
    stage text collate "C" not null,
    status text collate "C" not null,
    arrived_at timestamptz not null,
    handled_at timestamptz,
    items text[] collate "C" not null,
    scores text[] collate "C" not null,
    total numeric(14,2),
    weighted_total numeric(14,2),
    locked boolean not null
) with (fillfactor = 75);

comment on table material_scoring is '材料打分';
comment on column material_scoring.row_key is '公开：行键';
comment on column material_scoring.id is '公开：标识';
comment on column material_scoring.judge_id is '个人：评委标识';
comment on column material_scoring.declaration_id is '公开：申报标识';
comment on column material_scoring.declaration_no is '公开：申报编号';
comment on column material_scoring.applicant_name is '个人：姓名';
comment on column material_scoring.year is '公开：年度';
comment on column material_scoring.level is '公开：申报级别';
comment on column material_scoring.series is '公开：申报系列';
comment on column material_scoring.series_name is '公开：申报系列名称';
comment on column material_scoring.specialty is '公开：申报专业';
comment on column material_scoring.specialty_name is '公开：申报专业名称';
comment on column material_scoring.title is '公开：申报职称';
comment on column material_scoring.kind is '公开：申报类型';
comment on column material_scoring.organisation_id is '公开：评委会标识';
comment on column material_scoring.organisation_name is '公开：评委会';
comment on column material_scoring.review_meeting_id is '公开：评审会议';
comment on column material_scoring.group_number is '公开：组';
comment on column material_scoring.stage is '公开：申报环节';
comment on column material_scoring.status is '公开：打分状态';
comment on column material_scoring.arrived_at is '公开：到达时间';
comment on column material_scoring.handled_at is '公开：锁定时间';
comment on column material_scoring.items is '公开：评分项目（满分、权重）';
comment on column material_scoring.scores is '个人：各项得分';
comment on column material_scoring.total is '个人：合计';
comment on column material_scoring.weighted_total is '个人：加权得分';
comment on column material_scoring.locked is '公开：已锁定';

alter table material_scoring add primary key (row_key);
create index material_scoring_of_judge on material_scoring (judge_id, arrived_at, row_key);
