create table notice_read (
    row_key text collate "C" not null,
    account_id uuid not null,
    notice_id uuid not null,
    read_at timestamptz not null
);

comment on table notice_read is '通知阅读';
comment on column notice_read.row_key is '公开：行键';
comment on column notice_read.account_id is '个人：账号';
comment on column notice_read.notice_id is '公开：通知标识';
comment on column notice_read.read_at is '公开：阅读时间';

alter table notice_read add primary key (row_key);
create index notice_read_of_account on notice_read (account_id, notice_id);
