create table voting (
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
    group_conclusion text collate "C",
    group_opinion text collate "C",
    total_score numeric(14,2),
    status text collate "C" not null,
    arrived_at timestamptz not null,
    handled_at timestamptz
) with (fillfactor = 75);

comment on table voting is '投票';
comment on column voting.row_key is '公开：行键';
comment on column voting.id is '公开：标识';
comment on column voting.judge_id is '个人：评委标识';
comment on column voting.declaration_id is '公开：申报标识';
comment on column voting.declaration_no is '公开：申报编号';
comment on column voting.applicant_name is '个人：姓名';
comment on column voting.year is '公开：年度';
comment on column voting.level is '公开：申报级别';
comment on column voting.series is '公开：申报系列';
comment on column voting.series_name is '公开：申报系列名称';
comment on column voting.specialty is '公开：申报专业';
comment on column voting.specialty_name is '公开：申报专业名称';
comment on column voting.title is '公开：申报职称';
comment on column voting.kind is '公开：申报类型';
comment on column voting.organisation_id is '公开：评委会标识';
comment on column voting.organisation_name is '公开：评委会';
comment on column voting.review_meeting_id is '公开：评审会议';
comment on column voting.group_number is '公开：组';
comment on column voting.stage is '公开：申报环节';
comment on column voting.group_conclusion is '公开：小组评议结论';
comment on column voting.group_opinion is '个人：小组评议意见';
comment on column voting.total_score is '个人：总分';
comment on column voting.status is '公开：投票状态';
comment on column voting.arrived_at is '公开：开始投票时间';
comment on column voting.handled_at is '公开：结束投票时间';

alter table voting add primary key (row_key);
create index voting_of_judge on voting (judge_id, arrived_at, row_key);
