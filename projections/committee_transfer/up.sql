create table committee_transfer (
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
    transferred_from_name text collate "C"
) with (fillfactor = 75);

comment on table committee_transfer is '职称申报转换评委会';
comment on column committee_transfer.row_key is '公开：行键';
comment on column committee_transfer.id is '公开：标识';
comment on column committee_transfer.declaration_id is '公开：申报标识';
comment on column committee_transfer.declaration_no is '公开：申报编号';
comment on column committee_transfer.year is '公开：年度';
comment on column committee_transfer.batch_id is '公开：批次';
comment on column committee_transfer.mode is '公开：取得方式';
comment on column committee_transfer.level is '公开：申报级别';
comment on column committee_transfer.series is '公开：申报系列';
comment on column committee_transfer.series_name is '公开：申报系列名称';
comment on column committee_transfer.specialty is '公开：申报专业';
comment on column committee_transfer.specialty_name is '公开：申报专业名称';
comment on column committee_transfer.title is '公开：申报职称';
comment on column committee_transfer.kind is '公开：申报类型';
comment on column committee_transfer.special_quota is '公开：是否特殊职数';
comment on column committee_transfer.employer_id is '公开：工作单位标识';
comment on column committee_transfer.employer_name is '公开：工作单位';
comment on column committee_transfer.uscc is '公开：统一社会信用代码';
comment on column committee_transfer.region is '公开：统筹区';
comment on column committee_transfer.organisation_id is '公开：办理机构标识';
comment on column committee_transfer.organisation_name is '公开：办理机构';
comment on column committee_transfer.final_organisation_id is '公开：终审机构标识';
comment on column committee_transfer.final_organisation_name is '公开：终审机构';
comment on column committee_transfer.stage is '公开：申报环节';
comment on column committee_transfer.stage_shown is '公开：申报环节（结果宣布前对外）';
comment on column committee_transfer.holds is '公开：暂停标记';
comment on column committee_transfer.return_count is '公开：退回次数';
comment on column committee_transfer.submitted_at is '公开：提交时间';
comment on column committee_transfer.certificate_number is '公开：证书编号';
comment on column committee_transfer.filing_number is '公开：备案文号';
comment on column committee_transfer.filed_on is '公开：备案时间';
comment on column committee_transfer.version is '公开：版本';
comment on column committee_transfer.version_shown is '公开：版本（结果宣布前对外）';
comment on column committee_transfer.applicant_name is '个人：姓名';
comment on column committee_transfer.sex is '个人：性别';
comment on column committee_transfer.id_number is '个人：身份证号（掩码）';
comment on column committee_transfer.id_number_hash is '敏感：身份证号检索摘要';
comment on column committee_transfer.phone is '个人：联系电话（掩码）';
comment on column committee_transfer.status is '公开：转换状态';
comment on column committee_transfer.arrived_at is '公开：到达时间';
comment on column committee_transfer.handled_at is '公开：转换时间';
comment on column committee_transfer.transferred_from_name is '公开：原评委会';

alter table committee_transfer add primary key (row_key);
create index committee_transfer_newest on committee_transfer (arrived_at, row_key);
