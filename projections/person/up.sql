create table person (
    row_key text collate "C" not null,
    person_id uuid not null,
    name text collate "C" not null
);

comment on table person is '专技人才';
comment on column person.row_key is '公开：行键';
comment on column person.person_id is '个人：人员标识';
comment on column person.name is '个人：姓名';

alter table person add primary key (row_key);
