create table certificate_revocation (
    row_key text collate "C" not null,
    id uuid not null,
    certificate_number text collate "C" not null,
    declaration_id uuid,
    declaration_no text collate "C",
    year bigint not null,
    mode text collate "C" not null,
    level text collate "C" not null,
    series text collate "C" not null,
    series_name text collate "C" not null,
    specialty text collate "C" not null,
    specialty_name text collate "C" not null,
    title text collate "C" not null,
    kind text collate "C",
    applicant_name text collate "C" not null,
    sex text collate "C",
    id_number text collate "C",
    id_number_hash text collate "C",
    phone text collate "C",
    employer_id uuid,
    employer_name text collate "C" not null,
    uscc text collate "C",
    region text collate "C",
    final_organisation_id uuid,
    final_organisation_name text collate "C",
    stage text collate "C" not null,
    status text collate "C" not null,
    acquired_on date not null,
    issuing_organisation_id uuid not null,
    issuing_organisation_name text collate "C" not null,
    filing_number text collate "C",
    document_number text collate "C",
    revoked_on date,
    revocation_reason text collate "C",
    revocation_basis text collate "C"
) with (fillfactor = 75);

comment on table certificate_revocation is '证书撤销';
comment on column certificate_revocation.row_key is '公开：行键';
comment on column certificate_revocation.id is '公开：证书标识';
comment on column certificate_revocation.certificate_number is '公开：证书编号';
comment on column certificate_revocation.declaration_id is '公开：申报标识';
comment on column certificate_revocation.declaration_no is '公开：申报编号';
comment on column certificate_revocation.year is '公开：年度';
comment on column certificate_revocation.mode is '公开：取得方式';
comment on column certificate_revocation.level is '公开：职称等级';
comment on column certificate_revocation.series is '公开：系列';
comment on column certificate_revocation.series_name is '公开：系列名称';
comment on column certificate_revocation.specialty is '公开：专业';
comment on column certificate_revocation.specialty_name is '公开：专业名称';
comment on column certificate_revocation.title is '公开：职称';
comment on column certificate_revocation.kind is '公开：申报类型';
comment on column certificate_revocation.applicant_name is '个人：姓名';
comment on column certificate_revocation.sex is '个人：性别';
comment on column certificate_revocation.id_number is '个人：身份证号（掩码）';
comment on column certificate_revocation.id_number_hash is '敏感：身份证号检索摘要';
comment on column certificate_revocation.phone is '个人：联系电话（掩码）';
comment on column certificate_revocation.employer_id is '公开：工作单位标识';
comment on column certificate_revocation.employer_name is '公开：工作单位';
comment on column certificate_revocation.uscc is '公开：统一社会信用代码';
comment on column certificate_revocation.region is '公开：统筹区';
comment on column certificate_revocation.final_organisation_id is '公开：终审机构标识';
comment on column certificate_revocation.final_organisation_name is '公开：终审机构';
comment on column certificate_revocation.stage is '公开：证书环节';
comment on column certificate_revocation.status is '公开：证书状态';
comment on column certificate_revocation.acquired_on is '公开：取得时间';
comment on column certificate_revocation.issuing_organisation_id is '公开：发证单位标识';
comment on column certificate_revocation.issuing_organisation_name is '公开：发证单位';
comment on column certificate_revocation.filing_number is '公开：备案文号';
comment on column certificate_revocation.document_number is '公开：发文文号';
comment on column certificate_revocation.revoked_on is '公开：撤销时间';
comment on column certificate_revocation.revocation_reason is '个人：撤销原因';
comment on column certificate_revocation.revocation_basis is '个人：撤销依据';

alter table certificate_revocation add primary key (row_key);
create index certificate_revocation_of_issuer on certificate_revocation (issuing_organisation_id, acquired_on, row_key);
create index certificate_revocation_newest on certificate_revocation (acquired_on, row_key);
