create table audit_trail (
    row_key text collate "C" not null,
    id bigint not null,
    position bigint not null,
    recorded_at timestamptz not null,
    aggregate text collate "C" not null,
    aggregate_id uuid,
    declaration_id uuid,
    event_type text collate "C" not null,
    version bigint,
    actor text collate "C",
    role text collate "C",
    organisation_name text collate "C"
);

comment on table audit_trail is '审计轨迹';
comment on column audit_trail.row_key is '公开：行键';
comment on column audit_trail.id is '公开：标识';
comment on column audit_trail.position is '公开：位置';
comment on column audit_trail.recorded_at is '公开：入册时间';
comment on column audit_trail.aggregate is '公开：聚合类型';
comment on column audit_trail.aggregate_id is '公开：聚合标识';
comment on column audit_trail.declaration_id is '公开：申报标识';
comment on column audit_trail.event_type is '公开：事件类型';
comment on column audit_trail.version is '公开：版本';
comment on column audit_trail.actor is '公开：操作者标识';
comment on column audit_trail.role is '公开：角色';
comment on column audit_trail.organisation_name is '公开：机构';

alter table audit_trail add primary key (row_key);
create index audit_trail_by_position on audit_trail (position, row_key);
create index audit_trail_of_aggregate on audit_trail (aggregate_id, position);
