create table employer_publicity (
    row_key text collate "C" not null,
    id uuid,
    declaration_id uuid,
    declaration_no text collate "C",
    level text collate "C",
    series text collate "C",
    series_name text collate "C",
    specialty text collate "C",
    specialty_name text collate "C",
    title text collate "C",
    kind text collate "C",
    education text collate "C",
    work_started_on date,
    achievements text collate "C",
    applicant_name text collate "C",
    sex text collate "C",
    id_number text collate "C",
    id_number_hash text collate "C",
    applicant_phone text collate "C",
    employer_id uuid,
    employer_name text collate "C",
    uscc text collate "C",
    region text collate "C",
    year bigint not null,
    organisation_id uuid not null,
    organisation_name text collate "C" not null,
    status text collate "C" not null,
    arrived_at timestamptz,
    starts_on date,
    ends_on date,
    working_days bigint,
    provisional boolean,
    persons bigint,
    passed bigint,
    failed bigint,
    voided bigint,
    objections bigint,
    contact text collate "C",
    phone text collate "C",
    complaint_department text collate "C",
    complaint_phone text collate "C",
    due_on date
) with (fillfactor = 75);

comment on table employer_publicity is '所在单位申报公示';
comment on column employer_publicity.row_key is '公开：行键';
comment on column employer_publicity.id is '公开：公示标识';
comment on column employer_publicity.declaration_id is '公开：申报标识';
comment on column employer_publicity.declaration_no is '公开：申报编号';
comment on column employer_publicity.level is '公开：申报级别';
comment on column employer_publicity.series is '公开：申报系列';
comment on column employer_publicity.series_name is '公开：申报系列名称';
comment on column employer_publicity.specialty is '公开：申报专业';
comment on column employer_publicity.specialty_name is '公开：申报专业名称';
comment on column employer_publicity.title is '公开：申报职称';
comment on column employer_publicity.kind is '公开：申报类型';
comment on column employer_publicity.education is '个人：学历';
comment on column employer_publicity.work_started_on is '个人：资历（参加工作时间）';
comment on column employer_publicity.achievements is '个人：成果摘要';
comment on column employer_publicity.applicant_name is '个人：姓名';
comment on column employer_publicity.sex is '个人：性别';
comment on column employer_publicity.id_number is '个人：身份证号（掩码）';
comment on column employer_publicity.id_number_hash is '敏感：身份证号检索摘要';
comment on column employer_publicity.applicant_phone is '个人：联系电话（掩码）';
comment on column employer_publicity.employer_id is '公开：工作单位标识';
comment on column employer_publicity.employer_name is '公开：工作单位';
comment on column employer_publicity.uscc is '公开：统一社会信用代码';
comment on column employer_publicity.region is '公开：统筹区';
comment on column employer_publicity.year is '公开：年度';
comment on column employer_publicity.organisation_id is '公开：公示单位标识';
comment on column employer_publicity.organisation_name is '公开：公示单位';
comment on column employer_publicity.status is '公开：状态';
comment on column employer_publicity.arrived_at is '公开：到达时间';
comment on column employer_publicity.starts_on is '公开：公示开始日期';
comment on column employer_publicity.ends_on is '公开：公示截止日期';
comment on column employer_publicity.working_days is '公开：公示（工作日）天数';
comment on column employer_publicity.provisional is '公开：截止日期是否暂定';
comment on column employer_publicity.persons is '公开：人数';
comment on column employer_publicity.passed is '公开：通过人数';
comment on column employer_publicity.failed is '公开：不通过人数';
comment on column employer_publicity.voided is '公开：作废人数';
comment on column employer_publicity.objections is '公开：异议数';
comment on column employer_publicity.contact is '个人：单位联系人';
comment on column employer_publicity.phone is '个人：单位联系电话';
comment on column employer_publicity.complaint_department is '公开：投诉受理部门';
comment on column employer_publicity.complaint_phone is '公开：投诉受理电话';
comment on column employer_publicity.due_on is '公开：截止时间';

alter table employer_publicity add primary key (row_key);
create index employer_publicity_of_employer on employer_publicity (organisation_id, status, row_key);
