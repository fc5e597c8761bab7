create table process_tracking (
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
    organisation_ids text[] collate "C" not null
) with (fillfactor = 75);

comment on table process_tracking is '职称申报审核流程查询';
comment on column process_tracking.row_key is '公开：行键';
comment on column process_tracking.id is '公开：标识';
comment on column process_tracking.declaration_id is '公开：申报标识';
comment on column process_tracking.declaration_no is '公开：申报编号';
comment on column process_tracking.year is '公开：年度';
comment on column process_tracking.batch_id is '公开：批次';
comment on column process_tracking.mode is '公开：取得方式';
comment on column process_tracking.level is '公开：申报级别';
comment on column process_tracking.series is '公开：申报系列';
comment on column process_tracking.series_name is '公开：申报系列名称';
comment on column process_tracking.specialty is '公开：申报专业';
comment on column process_tracking.specialty_name is '公开：申报专业名称';
comment on column process_tracking.title is '公开：申报职称';
comment on column process_tracking.kind is '公开：申报类型';
comment on column process_tracking.special_quota is '公开：是否特殊职数';
comment on column process_tracking.employer_id is '公开：工作单位标识';
comment on column process_tracking.employer_name is '公开：工作单位';
comment on column process_tracking.uscc is '公开：统一社会信用代码';
comment on column process_tracking.region is '公开：统筹区';
comment on column process_tracking.organisation_id is '公开：办理机构标识';
comment on column process_tracking.organisation_name is '公开：办理机构';
comment on column process_tracking.final_organisation_id is '公开：终审机构标识';
comment on column process_tracking.final_organisation_name is '公开：终审机构';
comment on column process_tracking.stage is '公开：申报环节';
comment on column process_tracking.stage_shown is '公开：申报环节（结果宣布前对外）';
comment on column process_tracking.holds is '公开：暂停标记';
comment on column process_tracking.return_count is '公开：退回次数';
comment on column process_tracking.submitted_at is '公开：提交时间';
comment on column process_tracking.certificate_number is '公开：证书编号';
comment on column process_tracking.filing_number is '公开：备案文号';
comment on column process_tracking.filed_on is '公开：备案时间';
comment on column process_tracking.version is '公开：版本';
comment on column process_tracking.version_shown is '公开：版本（结果宣布前对外）';
comment on column process_tracking.applicant_name is '个人：姓名';
comment on column process_tracking.sex is '个人：性别';
comment on column process_tracking.id_number is '个人：身份证号（掩码）';
comment on column process_tracking.id_number_hash is '敏感：身份证号检索摘要';
comment on column process_tracking.phone is '个人：联系电话（掩码）';
comment on column process_tracking.arrived_at is '公开：到达本环节时间';
comment on column process_tracking.arrived_at_shown is '公开：到达本环节时间（结果宣布前对外）';
comment on column process_tracking.organisation_ids is '公开：经过的机构';

alter table process_tracking add primary key (row_key);
create index process_tracking_on_path on process_tracking using gin (organisation_ids);
create index process_tracking_newest on process_tracking (submitted_at desc nulls last, row_key desc);
