create table employer_recommendation (
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
    publicity_starts_on date,
    publicity_ends_on date,
    publicity_result text collate "C",
    quota_kind text collate "C",
    recommended_to text collate "C"
) with (fillfactor = 75);

comment on table employer_recommendation is '单位推荐上报';
comment on column employer_recommendation.row_key is '公开：行键';
comment on column employer_recommendation.id is '公开：标识';
comment on column employer_recommendation.declaration_id is '公开：申报标识';
comment on column employer_recommendation.declaration_no is '公开：申报编号';
comment on column employer_recommendation.year is '公开：年度';
comment on column employer_recommendation.batch_id is '公开：批次';
comment on column employer_recommendation.mode is '公开：取得方式';
comment on column employer_recommendation.level is '公开：申报级别';
comment on column employer_recommendation.series is '公开：申报系列';
comment on column employer_recommendation.series_name is '公开：申报系列名称';
comment on column employer_recommendation.specialty is '公开：申报专业';
comment on column employer_recommendation.specialty_name is '公开：申报专业名称';
comment on column employer_recommendation.title is '公开：申报职称';
comment on column employer_recommendation.kind is '公开：申报类型';
comment on column employer_recommendation.special_quota is '公开：是否特殊职数';
comment on column employer_recommendation.employer_id is '公开：工作单位标识';
comment on column employer_recommendation.employer_name is '公开：工作单位';
comment on column employer_recommendation.uscc is '公开：统一社会信用代码';
comment on column employer_recommendation.region is '公开：统筹区';
comment on column employer_recommendation.organisation_id is '公开：办理机构标识';
comment on column employer_recommendation.organisation_name is '公开：办理机构';
comment on column employer_recommendation.final_organisation_id is '公开：终审机构标识';
comment on column employer_recommendation.final_organisation_name is '公开：终审机构';
comment on column employer_recommendation.stage is '公开：申报环节';
comment on column employer_recommendation.stage_shown is '公开：申报环节（结果宣布前对外）';
comment on column employer_recommendation.holds is '公开：暂停标记';
comment on column employer_recommendation.return_count is '公开：退回次数';
comment on column employer_recommendation.submitted_at is '公开：提交时间';
comment on column employer_recommendation.certificate_number is '公开：证书编号';
comment on column employer_recommendation.filing_number is '公开：备案文号';
comment on column employer_recommendation.filed_on is '公开：备案时间';
comment on column employer_recommendation.version is '公开：版本';
comment on column employer_recommendation.version_shown is '公开：版本（结果宣布前对外）';
comment on column employer_recommendation.applicant_name is '个人：姓名';
comment on column employer_recommendation.sex is '个人：性别';
comment on column employer_recommendation.id_number is '个人：身份证号（掩码）';
comment on column employer_recommendation.id_number_hash is '敏感：身份证号检索摘要';
comment on column employer_recommendation.phone is '个人：联系电话（掩码）';
comment on column employer_recommendation.status is '公开：审核状态';
comment on column employer_recommendation.arrived_at is '公开：到达时间';
comment on column employer_recommendation.handled_at is '公开：处理时间';
comment on column employer_recommendation.handled_by is '个人：审核人账号';
comment on column employer_recommendation.result is '公开：审核结果';
comment on column employer_recommendation.opinion is '个人：审核意见';
comment on column employer_recommendation.due_on is '公开：截止时间';
comment on column employer_recommendation.publicity_starts_on is '公开：公示开始日期';
comment on column employer_recommendation.publicity_ends_on is '公开：公示截止日期';
comment on column employer_recommendation.publicity_result is '公开：公示结果';
comment on column employer_recommendation.quota_kind is '公开：职数占用类别';
comment on column employer_recommendation.recommended_to is '公开：上级单位';

alter table employer_recommendation add primary key (row_key);
create index employer_recommendation_of_employer on employer_recommendation (employer_id, arrived_at, row_key);
