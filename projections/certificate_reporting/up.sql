create table certificate_reporting (
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
    ministry_code text collate "C",
    reported boolean not null,
    report_state text collate "C",
    reported_at timestamptz,
    acknowledged_at timestamptz,
    receipt_number text collate "C",
    report_message text collate "C",
    status text collate "C" not null,
    arrived_at timestamptz not null,
    handled_at timestamptz
) with (fillfactor = 75);

comment on table certificate_reporting is '证书报送人社部';
comment on column certificate_reporting.row_key is '公开：行键';
comment on column certificate_reporting.id is '公开：证书标识';
comment on column certificate_reporting.certificate_number is '公开：证书编号';
comment on column certificate_reporting.declaration_id is '公开：申报标识';
comment on column certificate_reporting.declaration_no is '公开：申报编号';
comment on column certificate_reporting.year is '公开：年度';
comment on column certificate_reporting.mode is '公开：取得方式';
comment on column certificate_reporting.level is '公开：职称等级';
comment on column certificate_reporting.series is '公开：系列';
comment on column certificate_reporting.series_name is '公开：系列名称';
comment on column certificate_reporting.specialty is '公开：专业';
comment on column certificate_reporting.specialty_name is '公开：专业名称';
comment on column certificate_reporting.title is '公开：职称';
comment on column certificate_reporting.kind is '公开：申报类型';
comment on column certificate_reporting.applicant_name is '个人：姓名';
comment on column certificate_reporting.sex is '个人：性别';
comment on column certificate_reporting.id_number is '个人：身份证号（掩码）';
comment on column certificate_reporting.id_number_hash is '敏感：身份证号检索摘要';
comment on column certificate_reporting.phone is '个人：联系电话（掩码）';
comment on column certificate_reporting.employer_id is '公开：工作单位标识';
comment on column certificate_reporting.employer_name is '公开：工作单位';
comment on column certificate_reporting.uscc is '公开：统一社会信用代码';
comment on column certificate_reporting.region is '公开：统筹区';
comment on column certificate_reporting.final_organisation_id is '公开：终审机构标识';
comment on column certificate_reporting.final_organisation_name is '公开：终审机构';
comment on column certificate_reporting.stage is '公开：证书环节';
comment on column certificate_reporting.acquired_on is '公开：取得时间';
comment on column certificate_reporting.issuing_organisation_id is '公开：发证单位标识';
comment on column certificate_reporting.issuing_organisation_name is '公开：发证单位';
comment on column certificate_reporting.filing_number is '公开：备案文号';
comment on column certificate_reporting.document_number is '公开：发文文号';
comment on column certificate_reporting.ministry_code is '公开：人社部职称代码';
comment on column certificate_reporting.reported is '公开：是否已上报';
comment on column certificate_reporting.report_state is '公开：上报状态';
comment on column certificate_reporting.reported_at is '公开：上报时间';
comment on column certificate_reporting.acknowledged_at is '公开：回执时间';
comment on column certificate_reporting.receipt_number is '公开：回执编号';
comment on column certificate_reporting.report_message is '个人：回执说明';
comment on column certificate_reporting.status is '公开：办理状态';
comment on column certificate_reporting.arrived_at is '公开：生成时间';
comment on column certificate_reporting.handled_at is '公开：办结时间';

alter table certificate_reporting add primary key (row_key);
create index certificate_reporting_newest on certificate_reporting (arrived_at, row_key);
