create table rollback (
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
    operation text collate "C" not null,
    operation_action text collate "C" not null,
    operation_on date not null,
    operation_at timestamptz,
    operated_by uuid,
    operation_role text collate "C",
    operation_organisation_name text collate "C"
) with (fillfactor = 75);

comment on table rollback is '职称申报资格复核及评委操作回退';
comment on column rollback.row_key is '公开：行键';
comment on column rollback.id is '公开：标识';
comment on column rollback.declaration_id is '公开：申报标识';
comment on column rollback.declaration_no is '公开：申报编号';
comment on column rollback.year is '公开：年度';
comment on column rollback.batch_id is '公开：批次';
comment on column rollback.mode is '公开：取得方式';
comment on column rollback.level is '公开：申报级别';
comment on column rollback.series is '公开：申报系列';
comment on column rollback.series_name is '公开：申报系列名称';
comment on column rollback.specialty is '公开：申报专业';
comment on column rollback.specialty_name is '公开：申报专业名称';
comment on column rollback.title is '公开：申报职称';
comment on column rollback.kind is '公开：申报类型';
comment on column rollback.special_quota is '公开：是否特殊职数';
comment on column rollback.employer_id is '公开：工作单位标识';
comment on column rollback.employer_name is '公开：工作单位';
comment on column rollback.uscc is '公开：统一社会信用代码';
comment on column rollback.region is '公开：统筹区';
comment on column rollback.organisation_id is '公开：办理机构标识';
comment on column rollback.organisation_name is '公开：办理机构';
comment on column rollback.final_organisation_id is '公开：终审机构标识';
comment on column rollback.final_organisation_name is '公开：终审机构';
comment on column rollback.stage is '公开：申报环节';
comment on column rollback.stage_shown is '公开：申报环节（结果宣布前对外）';
comment on column rollback.holds is '公开：暂停标记';
comment on column rollback.return_count is '公开：退回次数';
comment on column rollback.submitted_at is '公开：提交时间';
comment on column rollback.certificate_number is '公开：证书编号';
comment on column rollback.filing_number is '公开：备案文号';
comment on column rollback.filed_on is '公开：备案时间';
comment on column rollback.version is '公开：版本';
comment on column rollback.version_shown is '公开：版本（结果宣布前对外）';
comment on column rollback.applicant_name is '个人：姓名';
comment on column rollback.sex is '个人：性别';
comment on column rollback.id_number is '个人：身份证号（掩码）';
comment on column rollback.id_number_hash is '敏感：身份证号检索摘要';
comment on column rollback.phone is '个人：联系电话（掩码）';
comment on column rollback.arrived_at is '公开：到达本环节时间';
comment on column rollback.arrived_at_shown is '公开：到达本环节时间（结果宣布前对外）';
comment on column rollback.operation is '公开：最近可回退操作标识';
comment on column rollback.operation_action is '公开：最近可回退操作';
comment on column rollback.operation_on is '公开：操作日期';
comment on column rollback.operation_at is '公开：操作时间';
comment on column rollback.operated_by is '个人：操作人账号';
comment on column rollback.operation_role is '公开：操作角色';
comment on column rollback.operation_organisation_name is '公开：操作单位';

alter table rollback add primary key (row_key);
create index rollback_newest on rollback (operation_on, row_key);
