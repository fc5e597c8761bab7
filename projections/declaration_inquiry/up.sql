create table declaration_inquiry (
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
    arrived_at timestamptz,
    arrived_at_shown timestamptz,
    status text collate "C" not null,
    handled_at timestamptz,
    handled_by uuid,
    reviewing_organisation_name text collate "C",
    result text collate "C",
    opinion text collate "C",
    opinion_told_to text[] collate "C",
    due_on date,
    organisation_ids text[] collate "C" not null
) with (fillfactor = 75);

comment on table declaration_inquiry is '申报人员信息查询';
comment on column declaration_inquiry.row_key is '公开：行键';
comment on column declaration_inquiry.id is '公开：标识';
comment on column declaration_inquiry.declaration_id is '公开：申报标识';
comment on column declaration_inquiry.declaration_no is '公开：申报编号';
comment on column declaration_inquiry.year is '公开：年度';
comment on column declaration_inquiry.batch_id is '公开：批次';
comment on column declaration_inquiry.mode is '公开：取得方式';
comment on column declaration_inquiry.level is '公开：申报级别';
comment on column declaration_inquiry.series is '公开：申报系列';
comment on column declaration_inquiry.series_name is '公开：申报系列名称';
comment on column declaration_inquiry.specialty is '公开：申报专业';
comment on column declaration_inquiry.specialty_name is '公开：申报专业名称';
comment on column declaration_inquiry.title is '公开：申报职称';
comment on column declaration_inquiry.kind is '公开：申报类型';
comment on column declaration_inquiry.special_quota is '公开：是否特殊职数';
comment on column declaration_inquiry.employer_id is '公开：工作单位标识';
comment on column declaration_inquiry.employer_name is '公开：工作单位';
comment on column declaration_inquiry.uscc is '公开：统一社会信用代码';
comment on column declaration_inquiry.region is '公开：统筹区';
comment on column declaration_inquiry.organisation_id is '公开：办理机构标识';
comment on column declaration_inquiry.organisation_name is '公开：办理机构';
comment on column declaration_inquiry.final_organisation_id is '公开：终审机构标识';
comment on column declaration_inquiry.final_organisation_name is '公开：终审机构';
comment on column declaration_inquiry.stage is '公开：申报环节';
comment on column declaration_inquiry.stage_shown is '公开：申报环节（结果宣布前对外）';
comment on column declaration_inquiry.holds is '公开：暂停标记';
comment on column declaration_inquiry.return_count is '公开：退回次数';
comment on column declaration_inquiry.submitted_at is '公开：提交时间';
comment on column declaration_inquiry.certificate_number is '公开：证书编号';
comment on column declaration_inquiry.filing_number is '公开：备案文号';
comment on column declaration_inquiry.filed_on is '公开：备案时间';
comment on column declaration_inquiry.version is '公开：版本';
comment on column declaration_inquiry.version_shown is '公开：版本（结果宣布前对外）';
comment on column declaration_inquiry.applicant_name is '个人：姓名';
comment on column declaration_inquiry.sex is '个人：性别';
comment on column declaration_inquiry.id_number is '个人：身份证号（掩码）';
comment on column declaration_inquiry.id_number_hash is '敏感：身份证号检索摘要';
comment on column declaration_inquiry.phone is '个人：联系电话（掩码）';
comment on column declaration_inquiry.arrived_at is '公开：到达本环节时间';
comment on column declaration_inquiry.arrived_at_shown is '公开：到达本环节时间（结果宣布前对外）';
comment on column declaration_inquiry.status is '公开：审核状态';
comment on column declaration_inquiry.handled_at is '公开：最近审核时间';
comment on column declaration_inquiry.handled_by is '个人：最近审核人账号';
comment on column declaration_inquiry.reviewing_organisation_name is '公开：最近审核单位';
comment on column declaration_inquiry.result is '公开：最近审核结果';
comment on column declaration_inquiry.opinion is '个人：最近审核意见';
comment on column declaration_inquiry.opinion_told_to is '公开：最近审核意见告知对象';
comment on column declaration_inquiry.due_on is '公开：截止时间';
comment on column declaration_inquiry.organisation_ids is '公开：经过的机构';

alter table declaration_inquiry add primary key (row_key);
create index declaration_inquiry_on_path on declaration_inquiry using gin (organisation_ids);
create index declaration_inquiry_newest on declaration_inquiry (submitted_at desc nulls last, row_key desc);
