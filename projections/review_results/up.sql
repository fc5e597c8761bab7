create table review_results (
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
    scheme_id uuid not null,
    review_meeting_id uuid,
    medium text collate "C" not null,
    opens_on date,
    material_score numeric(14,2),
    interview_score numeric(14,2),
    total_score numeric(14,2),
    size bigint,
    attending bigint,
    agree bigint,
    disagree bigint,
    result text collate "C",
    rank bigint,
    kept boolean,
    takes_quota boolean not null,
    failure_category text collate "C",
    failure_reason text collate "C",
    status text collate "C" not null,
    arrived_at timestamptz not null,
    handled_at timestamptz
) with (fillfactor = 75);

comment on table review_results is '评审结果';
comment on column review_results.row_key is '公开：行键';
comment on column review_results.id is '公开：标识';
comment on column review_results.declaration_id is '公开：申报标识';
comment on column review_results.declaration_no is '公开：申报编号';
comment on column review_results.year is '公开：年度';
comment on column review_results.batch_id is '公开：批次';
comment on column review_results.mode is '公开：取得方式';
comment on column review_results.level is '公开：申报级别';
comment on column review_results.series is '公开：申报系列';
comment on column review_results.series_name is '公开：申报系列名称';
comment on column review_results.specialty is '公开：申报专业';
comment on column review_results.specialty_name is '公开：申报专业名称';
comment on column review_results.title is '公开：申报职称';
comment on column review_results.kind is '公开：申报类型';
comment on column review_results.special_quota is '公开：是否特殊职数';
comment on column review_results.employer_id is '公开：工作单位标识';
comment on column review_results.employer_name is '公开：工作单位';
comment on column review_results.uscc is '公开：统一社会信用代码';
comment on column review_results.region is '公开：统筹区';
comment on column review_results.organisation_id is '公开：办理机构标识';
comment on column review_results.organisation_name is '公开：办理机构';
comment on column review_results.final_organisation_id is '公开：终审机构标识';
comment on column review_results.final_organisation_name is '公开：终审机构';
comment on column review_results.stage is '公开：申报环节';
comment on column review_results.stage_shown is '公开：申报环节（结果宣布前对外）';
comment on column review_results.holds is '公开：暂停标记';
comment on column review_results.return_count is '公开：退回次数';
comment on column review_results.submitted_at is '公开：提交时间';
comment on column review_results.certificate_number is '公开：证书编号';
comment on column review_results.filing_number is '公开：备案文号';
comment on column review_results.filed_on is '公开：备案时间';
comment on column review_results.version is '公开：版本';
comment on column review_results.version_shown is '公开：版本（结果宣布前对外）';
comment on column review_results.applicant_name is '个人：姓名';
comment on column review_results.sex is '个人：性别';
comment on column review_results.id_number is '个人：身份证号（掩码）';
comment on column review_results.id_number_hash is '敏感：身份证号检索摘要';
comment on column review_results.phone is '个人：联系电话（掩码）';
comment on column review_results.scheme_id is '公开：评审方案';
comment on column review_results.review_meeting_id is '公开：评审会议';
comment on column review_results.medium is '公开：评审方式';
comment on column review_results.opens_on is '公开：开评日期';
comment on column review_results.material_score is '个人：材料分';
comment on column review_results.interview_score is '个人：面试分';
comment on column review_results.total_score is '个人：总分';
comment on column review_results.size is '公开：应到人数';
comment on column review_results.attending is '公开：实到人数';
comment on column review_results.agree is '个人：同意票数';
comment on column review_results.disagree is '个人：反对票数';
comment on column review_results.result is '个人：表决结果';
comment on column review_results.rank is '个人：排名';
comment on column review_results.kept is '个人：是否在职数和比例内';
comment on column review_results.takes_quota is '公开：是否占职数';
comment on column review_results.failure_category is '个人：未通过原因类别';
comment on column review_results.failure_reason is '个人：未通过原因';
comment on column review_results.status is '公开：评审状态';
comment on column review_results.arrived_at is '公开：到达时间';
comment on column review_results.handled_at is '公开：处理时间';

alter table review_results add primary key (row_key);
create index review_results_of_committee on review_results (final_organisation_id, arrived_at, row_key);
