create table material_review (
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
    recused boolean not null,
    arrived_at timestamptz,
    handled_at timestamptz,
    result text collate "C",
    opinion text collate "C"
) with (fillfactor = 75);

comment on table material_review is '材料复审';
comment on column material_review.row_key is '公开：行键';
comment on column material_review.id is '公开：标识';
comment on column material_review.judge_id is '个人：评委标识';
comment on column material_review.declaration_id is '公开：申报标识';
comment on column material_review.declaration_no is '公开：申报编号';
comment on column material_review.applicant_name is '个人：姓名';
comment on column material_review.year is '公开：年度';
comment on column material_review.level is '公开：申报级别';
comment on column material_review.series is '公开：申报系列';
comment on column material_review.series_name is '公开：申报系列名称';
comment on column material_review.specialty is '公开：申报专业';
comment on column material_review.specialty_name is '公开：申报专业名称';
comment on column material_review.title is '公开：申报职称';
comment on column material_review.kind is '公开：申报类型';
comment on column material_review.organisation_id is '公开：评委会标识';
comment on column material_review.organisation_name is '公开：评委会';
comment on column material_review.review_meeting_id is '公开：评审会议';
comment on column material_review.group_number is '公开：组';
comment on column material_review.stage is '公开：申报环节';
comment on column material_review.status is '公开：复审状态';
comment on column material_review.recused is '公开：回避标记';
comment on column material_review.arrived_at is '公开：到达时间';
comment on column material_review.handled_at is '公开：复审时间';
comment on column material_review.result is '公开：复审结果';
comment on column material_review.opinion is '个人：复审意见';

alter table material_review add primary key (row_key);
create index material_review_of_judge on material_review (judge_id, arrived_at, row_key);
