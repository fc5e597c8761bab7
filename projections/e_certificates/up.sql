create table e_certificates (
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
    acquired_on date not null,
    issuing_organisation_id uuid not null,
    issuing_organisation_name text collate "C" not null,
    filing_number text collate "C",
    document_number text collate "C",
    generated boolean not null,
    status text collate "C" not null,
    arrived_at timestamptz not null,
    handled_at timestamptz
) with (fillfactor = 75);

comment on table e_certificates is '生成电子证书';
comment on column e_certificates.row_key is '公开：行键';
comment on column e_certificates.id is '公开：证书标识';
comment on column e_certificates.certificate_number is '公开：证书编号';
comment on column e_certificates.declaration_id is '公开：申报标识';
comment on column e_certificates.declaration_no is '公开：申报编号';
comment on column e_certificates.year is '公开：年度';
comment on column e_certificates.mode is '公开：取得方式';
comment on column e_certificates.level is '公开：职称等级';
comment on column e_certificates.series is '公开：系列';
comment on column e_certificates.series_name is '公开：系列名称';
comment on column e_certificates.specialty is '公开：专业';
comment on column e_certificates.specialty_name is '公开：专业名称';
comment on column e_certificates.title is '公开：职称';
comment on column e_certificates.kind is '公开：申报类型';
comment on column e_certificates.applicant_name is '个人：姓名';
comment on column e_certificates.sex is '个人：性别';
comment on column e_certificates.id_number is '个人：身份证号（掩码）';
comment on column e_certificates.id_number_hash is '敏感：身份证号检索摘要';
comment on column e_certificates.phone is '个人：联系电话（掩码）';
comment on column e_certificates.employer_id is '公开：工作单位标识';
comment on column e_certificates.employer_name is '公开：工作单位';
comment on column e_certificates.uscc is '公开：统一社会信用代码';
comment on column e_certificates.region is '公开：统筹区';
comment on column e_certificates.final_organisation_id is '公开：终审机构标识';
comment on column e_certificates.final_organisation_name is '公开：终审机构';
comment on column e_certificates.stage is '公开：证书环节';
comment on column e_certificates.acquired_on is '公开：取得时间';
comment on column e_certificates.issuing_organisation_id is '公开：发证单位标识';
comment on column e_certificates.issuing_organisation_name is '公开：发证单位';
comment on column e_certificates.filing_number is '公开：备案文号';
comment on column e_certificates.document_number is '公开：发文文号';
comment on column e_certificates.generated is '公开：是否已生成';
comment on column e_certificates.status is '公开：办理状态';
comment on column e_certificates.arrived_at is '公开：发证时间';
comment on column e_certificates.handled_at is '公开：生成时间';

alter table e_certificates add primary key (row_key);
create index e_certificates_newest on e_certificates (arrived_at, row_key);
