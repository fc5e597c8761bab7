create table certificate_issuance (
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
    issued boolean not null,
    award_publicity boolean not null,
    award_published boolean not null,
    acquired_on date,
    issued_from text collate "C"
) with (fillfactor = 75);

comment on table certificate_issuance is '证书发放';
comment on column certificate_issuance.row_key is '公开：行键';
comment on column certificate_issuance.id is '公开：标识';
comment on column certificate_issuance.declaration_id is '公开：申报标识';
comment on column certificate_issuance.declaration_no is '公开：申报编号';
comment on column certificate_issuance.year is '公开：年度';
comment on column certificate_issuance.batch_id is '公开：批次';
comment on column certificate_issuance.mode is '公开：取得方式';
comment on column certificate_issuance.level is '公开：申报级别';
comment on column certificate_issuance.series is '公开：申报系列';
comment on column certificate_issuance.series_name is '公开：申报系列名称';
comment on column certificate_issuance.specialty is '公开：申报专业';
comment on column certificate_issuance.specialty_name is '公开：申报专业名称';
comment on column certificate_issuance.title is '公开：申报职称';
comment on column certificate_issuance.kind is '公开：申报类型';
comment on column certificate_issuance.special_quota is '公开：是否特殊职数';
comment on column certificate_issuance.employer_id is '公开：工作单位标识';
comment on column certificate_issuance.employer_name is '公开：工作单位';
comment on column certificate_issuance.uscc is '公开：统一社会信用代码';
comment on column certificate_issuance.region is '公开：统筹区';
comment on column certificate_issuance.organisation_id is '公开：办理机构标识';
comment on column certificate_issuance.organisation_name is '公开：办理机构';
comment on column certificate_issuance.final_organisation_id is '公开：终审机构标识';
comment on column certificate_issuance.final_organisation_name is '公开：终审机构';
comment on column certificate_issuance.stage is '公开：申报环节';
comment on column certificate_issuance.stage_shown is '公开：申报环节（结果宣布前对外）';
comment on column certificate_issuance.holds is '公开：暂停标记';
comment on column certificate_issuance.return_count is '公开：退回次数';
comment on column certificate_issuance.submitted_at is '公开：提交时间';
comment on column certificate_issuance.certificate_number is '公开：证书编号';
comment on column certificate_issuance.filing_number is '公开：备案文号';
comment on column certificate_issuance.filed_on is '公开：备案时间';
comment on column certificate_issuance.version is '公开：版本';
comment on column certificate_issuance.version_shown is '公开：版本（结果宣布前对外）';
comment on column certificate_issuance.applicant_name is '个人：姓名';
comment on column certificate_issuance.sex is '个人：性别';
comment on column certificate_issuance.id_number is '个人：身份证号（掩码）';
comment on column certificate_issuance.id_number_hash is '敏感：身份证号检索摘要';
comment on column certificate_issuance.phone is '个人：联系电话（掩码）';
comment on column certificate_issuance.status is '公开：审核状态';
comment on column certificate_issuance.arrived_at is '公开：到达时间';
comment on column certificate_issuance.handled_at is '公开：处理时间';
comment on column certificate_issuance.handled_by is '个人：审核人账号';
comment on column certificate_issuance.result is '公开：审核结果';
comment on column certificate_issuance.opinion is '个人：审核意见';
comment on column certificate_issuance.due_on is '公开：截止时间';
comment on column certificate_issuance.issued is '公开：是否发放';
comment on column certificate_issuance.award_publicity is '公开：授予结果是否须公示';
comment on column certificate_issuance.award_published is '公开：授予结果是否已公示';
comment on column certificate_issuance.acquired_on is '公开：取得时间';
comment on column certificate_issuance.issued_from is '公开：发证依据机构';

alter table certificate_issuance add primary key (row_key);
create index certificate_issuance_of_issuer on certificate_issuance (issued_from, arrived_at, row_key);
