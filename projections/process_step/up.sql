create table process_step (
    row_key text collate "C" not null,
    id text collate "C" not null,
    declaration_id uuid not null,
    declaration_no text collate "C" not null,
    step bigint not null,
    action text collate "C" not null,
    organisation_id uuid,
    organisation_name text collate "C",
    actor text collate "C" not null,
    role text collate "C",
    arrived_at timestamptz not null,
    handled_at timestamptz not null,
    result text collate "C",
    opinion text collate "C",
    return_items text[] collate "C",
    opinion_told_to text[] collate "C",
    rolled_back boolean not null,
    final_organisation_id uuid,
    organisation_ids text[] collate "C" not null
) with (fillfactor = 75);

comment on table process_step is '过程跟踪';
comment on column process_step.row_key is '公开：行键';
comment on column process_step.id is '公开：标识';
comment on column process_step.declaration_id is '公开：申报标识';
comment on column process_step.declaration_no is '公开：申报编号';
comment on column process_step.step is '公开：序号';
comment on column process_step.action is '公开：环节';
comment on column process_step.organisation_id is '公开：单位标识';
comment on column process_step.organisation_name is '公开：单位';
comment on column process_step.actor is '公开：经办人标识';
comment on column process_step.role is '公开：经办角色';
comment on column process_step.arrived_at is '公开：到达时间';
comment on column process_step.handled_at is '公开：处理时间';
comment on column process_step.result is '公开：结果';
comment on column process_step.opinion is '个人：意见';
comment on column process_step.return_items is '个人：退回条目';
comment on column process_step.opinion_told_to is '公开：意见告知对象';
comment on column process_step.rolled_back is '公开：是否已回退';
comment on column process_step.final_organisation_id is '公开：终审机构标识';
comment on column process_step.organisation_ids is '公开：经过的机构';

alter table process_step add primary key (row_key);
create index process_step_of_declaration on process_step (declaration_id, step, row_key);
