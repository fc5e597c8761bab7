create table superior_review (
    row_key text collate "C" not null,
    id uuid not null,
    declaration_id uuid not null,
    declaration_no text collate "C" not null,
    year bigint not null,
    batch_id uuid,
    mode text collate "C" not null,
    level text collate "C" not null,
    series text collate "C" not null,
    series_name text collate "C" not null,
    specialty text collate "C" not null,
    specialty_name text collate "C" not null,
    title text collate "C" not null,
    kind text collate "C" not null,
    special_quota boolean not null,
    employer_id uuid not null,
    employer_name text collate "C" not null,
    uscc text collate "C",
    region text collate "C" not null,
    organisation_id uuid,
    organisation_name text collate "C",
    final_organisation_id uuid,
    final_organisation_name text collate "C",
    stage text collate "C" not null,
    stage_shown text collate "C" not null,
    holds text[] collate "C" not null,
    return_count bigint not null,
    submitted_at timestamptz,
    certificate_number text collate "C",
    filing_number text collate "C",
    filed_on date,
    version bigint,
    version_shown bigint,
    applicant_name text collate "C" not null,
    sex text collate "C",
    id_number text collate "C",
    id_number_hash text collate "C" not null,
    phone text collate "C",
    status text collate "C" not null,
    arrived_at timestamptz not null,
    handled_at timestamptz,
    handled_by uuid,
    result text collate "C",
    opinion text collate "C",
    due_on date,
    held_by_name text collate "C",
    is_final boolean not null,
    publicity_starts_on date,
    publicity_ends_on date,
    subordinate_id uuid,
    subordinate_name text collate "C",
    paper_consistent boolean
) with (fillfactor = 75);

comment on table superior_review is '上级单位审核';
comment on column superior_review.row_key is '公开：行键';
comment on column superior_review.id is '公开：标识';
comment on column superior_review.declaration_id is '公开：申报标识';
comment on column superior_review.declaration_no is '公开：申报编号';
comment on column superior_review.year is '公开：年度';
comment on column superior_review.batch_id is '公开：批次';
comment on column superior_review.mode is '公开：取得方式';
comment on column superior_review.level is '公开：申报级别';
comment on column superior_review.series is '公开：申报系列';
comment on column superior_review.series_name is '公开：申报系列名称';
comment on column superior_review.specialty is '公开：申报专业';
comment on column superior_review.specialty_name is '公开：申报专业名称';
comment on column superior_review.title is '公开：申报职称';
comment on column superior_review.kind is '公开：申报类型';
comment on column superior_review.special_quota is '公开：是否特殊职数';
comment on column superior_review.employer_id is '公开：工作单位标识';
comment on column superior_review.employer_name is '公开：工作单位';
comment on column superior_review.uscc is '公开：统一社会信用代码';
comment on column superior_review.region is '公开：统筹区';
comment on column superior_review.organisation_id is '公开：办理机构标识';
comment on column superior_review.organisation_name is '公开：办理机构';
comment on column superior_review.final_organisation_id is '公开：终审机构标识';
comment on column superior_review.final_organisation_name is '公开：终审机构';
comment on column superior_review.stage is '公开：申报环节';
comment on column superior_review.stage_shown is '公开：申报环节（结果宣布前对外）';
comment on column superior_review.holds is '公开：暂停标记';
comment on column superior_review.return_count is '公开：退回次数';
comment on column superior_review.submitted_at is '公开：提交时间';
comment on column superior_review.certificate_number is '公开：证书编号';
comment on column superior_review.filing_number is '公开：备案文号';
comment on column superior_review.filed_on is '公开：备案时间';
comment on column superior_review.version is '公开：版本';
comment on column superior_review.version_shown is '公开：版本（结果宣布前对外）';
comment on column superior_review.applicant_name is '个人：姓名';
comment on column superior_review.sex is '个人：性别';
comment on column superior_review.id_number is '个人：身份证号（掩码）';
comment on column superior_review.id_number_hash is '敏感：身份证号检索摘要';
comment on column superior_review.phone is '个人：联系电话（掩码）';
comment on column superior_review.status is '公开：审核状态';
comment on column superior_review.arrived_at is '公开：到达时间';
comment on column superior_review.handled_at is '公开：处理时间';
comment on column superior_review.handled_by is '个人：审核人账号';
comment on column superior_review.result is '公开：审核结果';
comment on column superior_review.opinion is '个人：审核意见';
comment on column superior_review.due_on is '公开：截止时间';
comment on column superior_review.held_by_name is '公开：当前审核单位';
comment on column superior_review.is_final is '公开：是否终审机构';
comment on column superior_review.publicity_starts_on is '公开：单位公示开始日期';
comment on column superior_review.publicity_ends_on is '公开：单位公示截止日期';
comment on column superior_review.subordinate_id is '公开：下级单位标识';
comment on column superior_review.subordinate_name is '公开：下级单位';
comment on column superior_review.paper_consistent is '公开：线上线下是否一致';

alter table superior_review add primary key (row_key);
create index superior_review_of_organisation on superior_review (organisation_id, arrived_at, row_key);
