create table my_declarations (
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
    arrived_at timestamptz,
    arrived_at_shown timestamptz,
    status text collate "C" not null,
    opinion text collate "C",
    returned_by text collate "C",
    due_on date,
    last_action_at timestamptz not null,
    person_id uuid not null
) with (fillfactor = 75);

comment on table my_declarations is '我的申报';
comment on column my_declarations.row_key is '公开：行键';
comment on column my_declarations.id is '公开：标识';
comment on column my_declarations.declaration_id is '公开：申报标识';
comment on column my_declarations.declaration_no is '公开：申报编号';
comment on column my_declarations.year is '公开：年度';
comment on column my_declarations.batch_id is '公开：批次';
comment on column my_declarations.mode is '公开：取得方式';
comment on column my_declarations.level is '公开：申报级别';
comment on column my_declarations.series is '公开：申报系列';
comment on column my_declarations.series_name is '公开：申报系列名称';
comment on column my_declarations.specialty is '公开：申报专业';
comment on column my_declarations.specialty_name is '公开：申报专业名称';
comment on column my_declarations.title is '公开：申报职称';
comment on column my_declarations.kind is '公开：申报类型';
comment on column my_declarations.special_quota is '公开：是否特殊职数';
comment on column my_declarations.employer_id is '公开：工作单位标识';
comment on column my_declarations.employer_name is '公开：工作单位';
comment on column my_declarations.uscc is '公开：统一社会信用代码';
comment on column my_declarations.region is '公开：统筹区';
comment on column my_declarations.organisation_id is '公开：办理机构标识';
comment on column my_declarations.organisation_name is '公开：办理机构';
comment on column my_declarations.final_organisation_id is '公开：终审机构标识';
comment on column my_declarations.final_organisation_name is '公开：终审机构';
comment on column my_declarations.stage is '公开：申报环节';
comment on column my_declarations.stage_shown is '公开：申报环节（结果宣布前对外）';
comment on column my_declarations.holds is '公开：暂停标记';
comment on column my_declarations.return_count is '公开：退回次数';
comment on column my_declarations.submitted_at is '公开：提交时间';
comment on column my_declarations.certificate_number is '公开：证书编号';
comment on column my_declarations.filing_number is '公开：备案文号';
comment on column my_declarations.filed_on is '公开：备案时间';
comment on column my_declarations.version is '公开：版本';
comment on column my_declarations.version_shown is '公开：版本（结果宣布前对外）';
comment on column my_declarations.arrived_at is '公开：到达本环节时间';
comment on column my_declarations.arrived_at_shown is '公开：到达本环节时间（结果宣布前对外）';
comment on column my_declarations.status is '公开：状态';
comment on column my_declarations.opinion is '个人：退回原因';
comment on column my_declarations.returned_by is '公开：退回单位';
comment on column my_declarations.due_on is '公开：修改期限';
comment on column my_declarations.last_action_at is '公开：最近操作时间';
comment on column my_declarations.person_id is '个人：申报人标识';

alter table my_declarations add primary key (row_key);
create index my_declarations_of_person on my_declarations (person_id, year, row_key);
create index my_declarations_held_for_blacklist on my_declarations (declaration_id) where holds @> array['blacklist'];
