create table review_opinions (
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
    opinion_kind text collate "C" not null,
    status text collate "C" not null,
    arrived_at timestamptz,
    handled_at timestamptz,
    group_conclusion text collate "C",
    group_opinion text collate "C",
    group_signed_by uuid,
    committee_conclusion text collate "C",
    committee_opinion text collate "C",
    committee_signed_by uuid
) with (fillfactor = 75);

comment on table review_opinions is '评审意见';
comment on column review_opinions.row_key is '公开：行键';
comment on column review_opinions.id is '公开：标识';
comment on column review_opinions.judge_id is '个人：评委标识';
comment on column review_opinions.declaration_id is '公开：申报标识';
comment on column review_opinions.declaration_no is '公开：申报编号';
comment on column review_opinions.applicant_name is '个人：姓名';
comment on column review_opinions.year is '公开：年度';
comment on column review_opinions.level is '公开：申报级别';
comment on column review_opinions.series is '公开：申报系列';
comment on column review_opinions.series_name is '公开：申报系列名称';
comment on column review_opinions.specialty is '公开：申报专业';
comment on column review_opinions.specialty_name is '公开：申报专业名称';
comment on column review_opinions.title is '公开：申报职称';
comment on column review_opinions.kind is '公开：申报类型';
comment on column review_opinions.organisation_id is '公开：评委会标识';
comment on column review_opinions.organisation_name is '公开：评委会';
comment on column review_opinions.review_meeting_id is '公开：评审会议';
comment on column review_opinions.group_number is '公开：组';
comment on column review_opinions.stage is '公开：申报环节';
comment on column review_opinions.opinion_kind is '公开：意见类型';
comment on column review_opinions.status is '公开：意见状态';
comment on column review_opinions.arrived_at is '公开：到达时间';
comment on column review_opinions.handled_at is '公开：填写时间';
comment on column review_opinions.group_conclusion is '公开：小组评议结论';
comment on column review_opinions.group_opinion is '个人：小组评议意见';
comment on column review_opinions.group_signed_by is '个人：小组评议签名账号';
comment on column review_opinions.committee_conclusion is '公开：评议结论';
comment on column review_opinions.committee_opinion is '个人：评议意见';
comment on column review_opinions.committee_signed_by is '个人：评议签名账号';

alter table review_opinions add primary key (row_key);
create index review_opinions_of_judge on review_opinions (judge_id, arrived_at, row_key);
