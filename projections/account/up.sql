create table account (
    row_key text collate "C" not null,
    account_id uuid not null,
    username text collate "C" not null,
    person_id uuid,
    declares boolean not null
);

comment on table account is '账号';
comment on column account.row_key is '公开：行键';
comment on column account.account_id is '个人：账号';
comment on column account.username is '个人：用户名';
comment on column account.person_id is '个人：人员标识';
comment on column account.declares is '公开：是否申报人';

alter table account add primary key (row_key);
