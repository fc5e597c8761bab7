create table notice (
    row_key text collate "C" not null,
    id uuid not null,
    kind text collate "C" not null,
    text text collate "C" not null,
    declaration_id uuid,
    declaration_no text collate "C",
    review_meeting_id uuid,
    at timestamptz not null,
    due_on date,
    addressee_id uuid not null
);

comment on table notice is '通知';
comment on column notice.row_key is '公开：行键';
comment on column notice.id is '公开：通知标识';
comment on column notice.kind is '公开：通知类别';
comment on column notice.text is '个人：通知内容';
comment on column notice.declaration_id is '公开：申报标识';
comment on column notice.declaration_no is '公开：申报编号';
comment on column notice.review_meeting_id is '公开：评审会议';
comment on column notice.at is '公开：通知时间';
comment on column notice.due_on is '公开：截止时间';
comment on column notice.addressee_id is '个人：收件人标识';

alter table notice add primary key (row_key);
create index notice_of_addressee on notice (addressee_id, at, row_key);
