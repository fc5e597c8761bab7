create table publicity_person (
    row_key text collate "C" not null,
    round_id uuid not null,
    applicant_name text collate "C" not null,
    employer_name text collate "C" not null,
    level text collate "C" not null,
    series text collate "C" not null,
    series_name text collate "C" not null,
    specialty text collate "C" not null,
    specialty_name text collate "C" not null,
    title text collate "C" not null,
    kind text collate "C" not null
);

comment on table publicity_person is '公示人员';
comment on column publicity_person.row_key is '公开：行键';
comment on column publicity_person.round_id is '公开：公示标识';
comment on column publicity_person.applicant_name is '个人：姓名';
comment on column publicity_person.employer_name is '公开：工作单位';
comment on column publicity_person.level is '公开：申报级别';
comment on column publicity_person.series is '公开：申报系列';
comment on column publicity_person.series_name is '公开：申报系列名称';
comment on column publicity_person.specialty is '公开：申报专业';
comment on column publicity_person.specialty_name is '公开：申报专业名称';
comment on column publicity_person.title is '公开：申报职称';
comment on column publicity_person.kind is '公开：申报类型';

alter table publicity_person add primary key (row_key);
create index publicity_person_of_round on publicity_person (round_id, row_key);
