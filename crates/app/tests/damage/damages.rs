//! The damages: at least one for every check.

use crate::healthy::{Broken, journal};
use futures::future::LocalBoxFuture;
use serde_json::json;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpStream;
use std::path::PathBuf;
use std::time::Duration;
use zhicheng_app::{Check, KeptRoot};
use zhicheng_eventstore::RecordedEvent;

/// An ID number of nobody, with the right check digit.
const ID_NUMBER: &str = "430602199001010013";
/// Another, as a claim in lower case would hold it.
const SMALL_X: &str = "43060219900101003x";

/// What asks a broker how the stream is.
const INFO: &str = "$JS.API.STREAM.INFO.ZHICHENG";
/// The shortest time in nanoseconds that a broker keeps messages.
const MESSAGE_AGE_MIN_NS: u64 = 100_000_000;

/// A damage.
pub struct Damage {
    /// What was done.
    pub what: &'static str,
    /// The check that is there for it.
    pub found_by: Check,
    /// Others that it is seen by too.
    pub and_by: &'static [Check],
    /// Whether it may have touched what rows are made of.
    pub rows: Rows,
    /// Does it, and answers what the check must name.
    pub inflict: for<'a> fn(&'a mut Broken) -> LocalBoxFuture<'a, String>,
}

/// Whether a damage can be seen in the read tables. Comparing them takes longest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rows {
    /// Events or rows were changed.
    Touched,
    /// What was changed has nothing to do with them.
    Untouched,
}

/// All of them.
pub const DAMAGES: &[Damage] = &[
    Damage {
        what: "the last event is gone",
        found_by: Check::Positions,
        and_by: &[Check::Receipts, Check::Root, Check::Tables, Check::Published, Check::Acknowledged],
        rows: Rows::Touched,
        inflict: |it| {
            Box::pin(async {
                it.sql("delete from events where position = (select position from log_head)").await;
                format!("日志首部记到 {}", it.number("select position from log_head").await)
            })
        },
    },
    Damage {
        what: "recorded times go back",
        found_by: Check::Positions,
        and_by: &[Check::Tables],
        rows: Rows::Touched,
        inflict: |it| {
            Box::pin(async {
                it.sql(
                    "update events set recorded_at = recorded_at - interval '1 year' where position = 900",
                )
                .await;
                "位置 900".into()
            })
        },
    },
    Damage {
        what: "a stream begins with its second event",
        found_by: Check::Streams,
        and_by: &[Check::Root, Check::Tables],
        rows: Rows::Touched,
        inflict: |it| {
            Box::pin(async {
                let at = it.number(LAST_SPECIALTY).await;
                it.rewrite(at, |event| event.sequence = 2).await;
                it.text(&format!("select aggregate_id from events where position = {at}")).await
            })
        },
    },
    Damage {
        what: "a command id stands there twice",
        found_by: Check::Commands,
        and_by: &[Check::Acknowledged],
        rows: Rows::Untouched,
        inflict: |it| {
            Box::pin(async {
                let twice = it
                    .text("select command_id::text from events where position = (select min(position) from events where position > 300 and command_id is not null)")
                    .await;
                it.sql(&format!(
                    "drop index events_command_id_key;
                     update events
                     set command_id = '{twice}'
                     where position = (select min(position) from events where position > 500 and command_id is not null)"
                ))
                .await;
                twice
            })
        },
    },
    Damage {
        what: "a receipt claims an event more",
        found_by: Check::Receipts,
        and_by: &[Check::Acknowledged],
        rows: Rows::Untouched,
        inflict: |it| {
            Box::pin(async {
                let at = it
                    .number("select min(position) from events where position > 700 and command_events = 2")
                    .await;
                it.sql(&format!("update events set command_events = 3 where position = {at}")).await;
                format!("位置 {}", at + 2)
            })
        },
    },
    Damage {
        what: "an event belongs to no command",
        found_by: Check::Receipts,
        and_by: &[Check::Acknowledged],
        rows: Rows::Untouched,
        inflict: |it| {
            Box::pin(async {
                let at = it
                    .number("select min(position) from events where position > 700 and command_events = 2")
                    .await;
                it.sql(&format!("update events set command_events = 1 where position = {at}")).await;
                format!("位置 {}", at + 1)
            })
        },
    },
    Damage {
        what: "an event says what nobody understands",
        found_by: Check::Understood,
        and_by: &[Check::Root],
        rows: Rows::Touched,
        inflict: |it| {
            Box::pin(async {
                let at = it.number(LAST_SPECIALTY).await;
                it.set(at, "/event", json!({"sung": {}})).await;
                format!("位置 {at}")
            })
        },
    },
    Damage {
        what: "what is sealed was altered",
        found_by: Check::Understood,
        and_by: &[Check::Root, Check::Tables],
        rows: Rows::Touched,
        inflict: |it| {
            Box::pin(async {
                let at = it.number(SEALED_OF_ONE_TABLE).await;
                it.rewrite(at, |event| {
                    let (before, sealed) = event.payload.split_once("\"$sealed\":\"").unwrap();
                    let other = if sealed.as_bytes()[20] == b'A' { 'B' } else { 'A' };
                    let sealed = format!("{}{other}{}", &sealed[..20], &sealed[21..]);
                    event.payload = format!("{before}\"$sealed\":\"{sealed}");
                })
                .await;
                format!("位置 {at}")
            })
        },
    },
    Damage {
        what: "somebody recommended who may not",
        found_by: Check::History,
        and_by: &[Check::Root, Check::Tables],
        rows: Rows::Touched,
        inflict: |it| {
            Box::pin(async {
                let at = it.number(&first("declaration.recommended")).await;
                it.set(at, "/actor/role", json!("applicant")).await;
                format!("位置 {at}")
            })
        },
    },
    Damage {
        what: "a certificate was reported before it was generated",
        found_by: Check::History,
        and_by: &[Check::Root, Check::Tables, Check::Published],
        rows: Rows::Touched,
        inflict: |it| {
            Box::pin(async {
                let at = it.number(&first("declaration.e_certificate_generated")).await;
                it.rewrite(at, |event| {
                    let mut payload: serde_json::Value = serde_json::from_str(&event.payload).unwrap();
                    let id = payload["event"]["e_certificate_generated"]["certificate_id"].clone();
                    payload["event"] = json!({"certificate_reported": {"certificate_id": id}});
                    event.payload = payload.to_string();
                    event.event_type = "declaration.certificate_reported".into();
                })
                .await;
                format!("位置 {at}")
            })
        },
    },
    Damage {
        what: "an event has other bytes than were hashed",
        found_by: Check::Root,
        and_by: &[],
        rows: Rows::Touched,
        inflict: |it| {
            Box::pin(async {
                it.sql("update events set payload = (payload::text || ' ')::json where position = 800").await;
                "位置 800".into()
            })
        },
    },
    Damage {
        what: "an archived right edge is another",
        found_by: Check::Root,
        and_by: &[],
        rows: Rows::Untouched,
        inflict: |it| {
            Box::pin(async {
                it.sql("insert into log_frontiers (position, frontier) values (40, '\\x00')").await;
                "位置 40".into()
            })
        },
    },
    Damage {
        what: "an event was rewritten together with its leaf hash",
        found_by: Check::Root,
        and_by: &[],
        rows: Rows::Untouched,
        inflict: |it| {
            Box::pin(async {
                it.rewrite(950, note).await;
                "存档的右缘与日志不符".into()
            })
        },
    },
    Damage {
        what: "history was rewritten, with every hash that lies in the database",
        found_by: Check::Root,
        and_by: &[],
        rows: Rows::Untouched,
        inflict: |it| {
            Box::pin(async {
                it.rewrite(950, note).await;
                it.sql("delete from log_frontiers").await;
                "的根与另处保存的不同".into()
            })
        },
    },
    Damage {
        what: "the log ends before a root that was kept",
        found_by: Check::Root,
        and_by: &[],
        rows: Rows::Untouched,
        inflict: |it| {
            Box::pin(async {
                let head = it.number("select position from log_head").await;
                it.scope.roots.push(KeptRoot { position: head + 5, root: [7; 32] });
                format!("位置 {} 的根", head + 5)
            })
        },
    },
    Damage {
        what: "a claim is gone",
        found_by: Check::Claims,
        and_by: &[],
        rows: Rows::Untouched,
        inflict: |it| {
            Box::pin(async {
                let name =
                    it.text("select min(name) from claims where name like 'certificate:number:%'").await;
                it.sql(&format!("delete from claims where name = '{name}'")).await;
                name
            })
        },
    },
    Damage {
        what: "a certificate number was given twice",
        found_by: Check::Numbers,
        and_by: &[Check::Root, Check::Tables],
        rows: Rows::Touched,
        inflict: |it| {
            Box::pin(async {
                let number = it
                    .text(
                        "select payload::jsonb #>> '{event,certificate_issued,certificate_number}'
                         from events
                         where event_type = 'declaration.certificate_issued'
                         order by position
                         limit 1",
                    )
                    .await;
                let at = it.number("select max(position) from events where event_type = 'declaration.certificate_issued'").await;
                it.set(at, "/event/certificate_issued/certificate_number", json!(number)).await;
                number
            })
        },
    },
    Damage {
        what: "one who failed has a certificate",
        found_by: Check::Certificates,
        and_by: &[Check::Root, Check::Tables],
        rows: Rows::Touched,
        inflict: |it| {
            Box::pin(async {
                let at = it
                    .number(
                        "select position
                         from events
                         where event_type = 'declaration.result_declared'
                           and aggregate_id = (
                               select aggregate_id
                               from events
                               where event_type = 'declaration.certificate_issued'
                               order by position
                               limit 1)",
                    )
                    .await;
                it.set(at, "/event/result_declared/passed", json!(false)).await;
                "宣布的结果是未通过".into()
            })
        },
    },
    Damage {
        what: "fewer places were approved than were used",
        found_by: Check::Quotas,
        and_by: &[Check::Root],
        rows: Rows::Touched,
        inflict: |it| {
            Box::pin(async {
                let at = it.number(&first("quota_ledger.approved")).await;
                it.set(at, "/event/approved/number", json!(0)).await;
                it.text(&format!("select aggregate_id from events where position = {at}")).await
            })
        },
    },
    Damage {
        what: "more were recommended than the batch's factor allows",
        found_by: Check::Quotas,
        and_by: &[Check::Root],
        rows: Rows::Touched,
        inflict: |it| {
            Box::pin(async {
                // three for two places, under a factor of one and a half
                let factor = "{event,created,terms,recommendation_factor}";
                let at = it
                    .number(&format!(
                        "select min(position) from events where event_type = 'batch.created' and payload::jsonb #>> '{factor}' = '1.5'"
                    ))
                    .await;
                it.set(at, "/event/created/terms/recommendation_factor", json!("1")).await;
                "许可推荐 2，已推荐 3".into()
            })
        },
    },
    Damage {
        what: "a judge voted twice",
        found_by: Check::Ballots,
        and_by: &[Check::Root],
        rows: Rows::Touched,
        inflict: |it| {
            Box::pin(async {
                let at = it.number(&first("declaration.ballot_closed")).await;
                let voters = "/event/ballot_closed/voters";
                let first = it.text(&format!("select payload::jsonb #>> '{{event,ballot_closed,voters,0}}' from events where position = {at}")).await;
                it.set(at, &format!("{voters}/1"), json!(first)).await;
                format!("位置 {at}")
            })
        },
    },
    Damage {
        what: "somebody attended who had no seat",
        found_by: Check::Ballots,
        and_by: &[Check::Root, Check::Boxes, Check::Tables],
        rows: Rows::Touched,
        inflict: |it| {
            Box::pin(async {
                // the round that is being voted in
                let at = it
                    .number("select max(position) from events where event_type = 'declaration.ballot_opened'")
                    .await;
                let stranger = "00000000-0000-7000-8000-000000000000";
                it.set(at, "/event/ballot_opened/attending/0", json!(stranger)).await;
                stranger.into()
            })
        },
    },
    Damage {
        what: "a count does not follow from the ballots",
        found_by: Check::Ballots,
        and_by: &[Check::Root],
        rows: Rows::Touched,
        inflict: |it| {
            Box::pin(async {
                let at = it.number(&first("declaration.vote_cast")).await;
                let other = match &*it.text(&format!("select payload::jsonb #>> '{{event,vote_cast,choice}}' from events where position = {at}")).await {
                    "agree" => "disagree",
                    _ => "agree",
                };
                it.set(at, "/event/vote_cast/choice", json!(other)).await;
                "计票与选票不符".into()
            })
        },
    },
    Damage {
        what: "a person has two open declarations",
        found_by: Check::OneOpen,
        and_by: &[Check::Root, Check::Tables],
        rows: Rows::Touched,
        inflict: |it| {
            Box::pin(async {
                let pair = "select one.position as at, other.payload::jsonb #>> '{event,drafted,person_id}' as person, one.aggregate_id as id
                     from events as one
                     join events as other on other.position < one.position
                     where one.event_type = 'declaration.drafted'
                       and other.event_type = 'declaration.drafted'
                       and one.payload::jsonb #>> '{event,drafted,level}' = other.payload::jsonb #>> '{event,drafted,level}'
                       and one.payload::jsonb #>> '{event,drafted,year}' = other.payload::jsonb #>> '{event,drafted,year}'
                       and other.aggregate_id in (select aggregate_id from events where event_type = 'declaration.certificate_issued')
                     order by one.position desc
                     limit 1";
                let at = it.number(&format!("select at from ({pair}) as pair")).await;
                let person = it.text(&format!("select person from ({pair}) as pair")).await;
                let id = it.text(&format!("select id from ({pair}) as pair")).await;
                it.set(at, "/event/drafted/person_id", json!(person)).await;
                id
            })
        },
    },
    Damage {
        what: "a person's key is gone",
        found_by: Check::Keys,
        and_by: &[Check::Tables],
        rows: Rows::Touched,
        inflict: |it| {
            Box::pin(async {
                let at = it.number(SEALED_OF_ONE_TABLE).await;
                let person = it
                    .text(&format!("select metadata ->> 'subject' from events where position = {at}"))
                    .await;
                let gone = format!("delete from person_keys where person = '{person}'");
                sqlx::raw_sql(&gone).execute(&mut it.vault).await.unwrap();
                person
            })
        },
    },
    Damage {
        what: "a box of an open round is gone",
        found_by: Check::Boxes,
        and_by: &[],
        rows: Rows::Untouched,
        inflict: |it| {
            Box::pin(async {
                sqlx::raw_sql("delete from ballot_box").execute(&mut it.vault).await.unwrap();
                open_round(it).await
            })
        },
    },
    Damage {
        what: "an open round is gone altogether",
        found_by: Check::Boxes,
        and_by: &[],
        rows: Rows::Untouched,
        inflict: |it| {
            Box::pin(async {
                let round = open_round(it).await;
                sqlx::raw_sql("delete from ballot_box; delete from ballot_roll; delete from ballot_rounds")
                    .execute(&mut it.vault)
                    .await
                    .unwrap();
                round
            })
        },
    },
    Damage {
        what: "a box of a closed round is left",
        found_by: Check::Boxes,
        and_by: &[],
        rows: Rows::Untouched,
        inflict: |it| {
            Box::pin(async {
                let closed = it
                    .text(
                        "select payload::jsonb #>> '{event,ballot_closed,round_id}'
                         from events
                         where event_type = 'declaration.ballot_closed'
                         order by position
                         limit 1",
                    )
                    .await;
                let left = format!(
                    "insert into ballot_rounds (round, electorate, wrapped_private_key, wrapped_contents_key, attempt)
                     select '{closed}', electorate, wrapped_private_key, wrapped_contents_key, attempt
                     from ballot_rounds
                     limit 1"
                );
                sqlx::raw_sql(&left).execute(&mut it.vault).await.unwrap();
                format!("轮次 {closed} 已经结束")
            })
        },
    },
    Damage {
        what: "a file is gone",
        found_by: Check::Materials,
        and_by: &[],
        rows: Rows::Untouched,
        inflict: |it| {
            Box::pin(async {
                std::fs::remove_file(file(it)).unwrap();
                it.text("select aggregate_id from events where event_type = 'material.stored'").await
            })
        },
    },
    Damage {
        what: "a byte of a file is another",
        found_by: Check::Materials,
        and_by: &[],
        rows: Rows::Untouched,
        inflict: |it| {
            Box::pin(async {
                let path = file(it);
                let mut bytes = std::fs::read(&path).unwrap();
                *bytes.last_mut().unwrap() ^= 1;
                std::fs::write(path, bytes).unwrap();
                it.text("select aggregate_id from events where event_type = 'material.stored'").await
            })
        },
    },
    Damage {
        what: "an ID number stands in an event",
        found_by: Check::IdNumbers,
        and_by: &[Check::Root],
        rows: Rows::Touched,
        inflict: |it| {
            Box::pin(async {
                it.rewrite(950, |event| {
                    let mut metadata: serde_json::Value = serde_json::from_str(&event.metadata).unwrap();
                    metadata["note"] = json!(ID_NUMBER);
                    event.metadata = metadata.to_string();
                })
                .await;
                "日志位置 950".into()
            })
        },
    },
    Damage {
        what: "an ID number stands in a read table",
        found_by: Check::IdNumbers,
        and_by: &[Check::Tables],
        rows: Rows::Touched,
        inflict: |it| {
            Box::pin(async {
                let key = it.text("select min(row_key) from projections.process_tracking").await;
                it.sql(&format!(
                    "update projections.process_tracking set declaration_no = '{ID_NUMBER}' where row_key = '{key}'"
                ))
                .await;
                format!("projections.process_tracking 的行 {key}")
            })
        },
    },
    Damage {
        what: "an ID number stands in a claim",
        found_by: Check::IdNumbers,
        and_by: &[Check::Claims],
        rows: Rows::Untouched,
        inflict: |it| {
            Box::pin(async {
                it.sql(&format!(
                    "insert into claims (name, holder_type, holder_id, position) values ('person:{SMALL_X}', 'person', '1', 1)"
                ))
                .await;
                "表 claims".into()
            })
        },
    },
    Damage {
        what: "an ID number stands in what the server logged",
        found_by: Check::IdNumbers,
        and_by: &[],
        rows: Rows::Untouched,
        inflict: |it| {
            Box::pin(async {
                std::fs::write(
                    it.folder.path().join("server.log"),
                    format!("{{\"message\":\"{ID_NUMBER}\"}}\n"),
                )
                .unwrap();
                "server.log".into()
            })
        },
    },
    Damage {
        what: "an ID number was published",
        found_by: Check::IdNumbers,
        and_by: &[Check::Published],
        rows: Rows::Untouched,
        inflict: |it| {
            Box::pin(async {
                let url = it.publish_apart().await;
                tell(&url, "zhicheng.events.withheld", &format!("{{\"note\":\"{ID_NUMBER}\"}}"));
                let next = it.number("select position + 1 from log_head").await;
                format!("已发布的消息 {next}")
            })
        },
    },
    Damage {
        what: "messages at the beginning are gone",
        found_by: Check::Published,
        and_by: &[],
        rows: Rows::Untouched,
        inflict: |it| {
            Box::pin(async {
                let url = it.publish_apart().await;
                let last = it.number("select position from log_head").await;
                bound(&url, "max_msgs", &json!(last - 9));
                "消息 1 至 9 不见了".into()
            })
        },
    },
    Damage {
        what: "all messages are gone",
        found_by: Check::Published,
        and_by: &[],
        rows: Rows::Untouched,
        inflict: |it| {
            Box::pin(async {
                let url = it.publish_apart().await;
                bound(&url, "max_age", &json!(MESSAGE_AGE_MIN_NS));
                while !asked(&url, INFO, "").contains("\"messages\":0") {
                    tokio::time::sleep(Duration::from_millis(20)).await;
                }
                format!("消息 1 至 {} 不见了", it.number("select position from log_head").await)
            })
        },
    },
    Damage {
        what: "what was published is of another log",
        found_by: Check::Published,
        and_by: &[],
        rows: Rows::Untouched,
        inflict: |it| {
            Box::pin(async {
                let at = it.number(LAST_SPECIALTY).await;
                let amended = it.text(&format!("select event_type from events where position = {at}")).await;
                it.rewrite(at, |event| event.event_type = "specialty.amended".into()).await;
                it.publish_apart().await;
                it.rewrite(at, |event| event.event_type = amended).await;
                format!("消息 {at}")
            })
        },
    },
    Damage {
        what: "a row of a table is gone, one is another, one too many",
        found_by: Check::Tables,
        and_by: &[],
        rows: Rows::Touched,
        inflict: |it| {
            Box::pin(async {
                let key = it.text("select min(row_key) from projections.process_tracking").await;
                it.sql(&format!(
                    "delete from projections.process_tracking where row_key = '{key}';
                     update projections.declaration_inquiry
                     set declaration_no = '1'
                     where row_key = (select max(row_key) from projections.declaration_inquiry)"
                ))
                .await;
                format!("process_tracking Missing(\"{key}\")")
            })
        },
    },
    Damage {
        what: "a table is gone",
        found_by: Check::Tables,
        and_by: &[],
        rows: Rows::Touched,
        inflict: |it| {
            Box::pin(async {
                it.sql("drop table projections.process_tracking").await;
                "process_tracking 不见了".into()
            })
        },
    },
    Damage {
        what: "a table has lost its checkpoint",
        found_by: Check::Tables,
        and_by: &[],
        rows: Rows::Touched,
        inflict: |it| {
            Box::pin(async {
                it.sql("delete from projections.checkpoint where table_name = 'deadline'").await;
                "deadline 没有进度记录".into()
            })
        },
    },
    Damage {
        what: "a table stands still",
        found_by: Check::Tables,
        and_by: &[],
        rows: Rows::Touched,
        inflict: |it| {
            Box::pin(async {
                it.sql(
                    "update projections.checkpoint
                     set stopped_at = 900,
                         stopped_reason = 'an event that nobody understands'
                     where table_name = 'deadline'",
                )
                .await;
                "deadline 停在位置 900".into()
            })
        },
    },
    Damage {
        what: "a table does not follow, though somebody feeds it",
        found_by: Check::Following,
        and_by: &[],
        rows: Rows::Untouched,
        inflict: |it| {
            Box::pin(async {
                it.sql(
                    "update projections.checkpoint set position = 10 where table_name = 'deadline';
                     select pg_advisory_lock(hashtextextended('zhicheng projection deadline', 0))",
                )
                .await;
                "deadline 在位置 10".into()
            })
        },
    },
    Damage {
        what: "a table shows more than the log holds",
        found_by: Check::Following,
        and_by: &[],
        rows: Rows::Untouched,
        inflict: |it| {
            Box::pin(async {
                it.sql(
                    "update projections.checkpoint set position = position + 7 where table_name = 'deadline'",
                )
                .await;
                format!("日志只到 {}", it.number("select position from log_head").await)
            })
        },
    },
    Damage {
        what: "a command that was answered is not there",
        found_by: Check::Acknowledged,
        and_by: &[],
        rows: Rows::Untouched,
        inflict: |it| {
            Box::pin(async {
                let command = "00000000-0000-7000-8000-000000000000";
                add(
                    it,
                    &json!({"command_id": command, "position": 7, "sent": "2024-01-01T00:00:00Z", "answered": "2024-01-01T00:00:01Z"}),
                );
                format!("命令 {command}")
            })
        },
    },
    Damage {
        what: "a command was told another position",
        found_by: Check::Acknowledged,
        and_by: &[],
        rows: Rows::Untouched,
        inflict: |it| {
            Box::pin(async {
                let first = it.text("select command_id::text from events where position = 1").await;
                add(
                    it,
                    &json!({"command_id": first, "position": 2, "sent": "2023-01-01T00:00:00Z", "answered": "2023-01-01T00:00:01Z"}),
                );
                format!("命令 {first}")
            })
        },
    },
    Damage {
        what: "a command of somebody without an account was told a position at which none ends",
        found_by: Check::Acknowledged,
        and_by: &[],
        rows: Rows::Untouched,
        inflict: |it| {
            Box::pin(async {
                let at = it.number("select min(position) from events where command_events = 2").await;
                add(
                    it,
                    &json!({"position": at, "sent": "2023-01-01T00:00:00Z", "answered": "2023-01-01T00:00:01Z"}),
                );
                format!("答复在位置 {at}")
            })
        },
    },
    Damage {
        what: "a command stands before one that was answered before it was sent",
        found_by: Check::Acknowledged,
        and_by: &[],
        rows: Rows::Untouched,
        inflict: |it| {
            Box::pin(async {
                let first = it.text("select command_id::text from events where position = 1").await;
                let last = it.number("select command_events::bigint from events where position = 1").await;
                add(
                    it,
                    &json!({"command_id": first, "position": last, "sent": "2026-01-01T00:00:00Z", "answered": "2026-01-01T00:00:01Z"}),
                );
                format!("位置 {last} 的命令")
            })
        },
    },
];

/// The last specialty that was entered: an event alone in its stream, of which no table but the audit trail tells.
const LAST_SPECIALTY: &str = "select max(position) from events where event_type = 'specialty.created'";

/// Something sealed of a person of whom one read table alone tells: who has an account and no declaration.
const SEALED_OF_ONE_TABLE: &str = "select max(position)
     from events
     where event_type = 'person.registered'
       and aggregate_id not in (
           select payload::jsonb #>> '{event,drafted,person_id}'
           from events
           where event_type = 'declaration.drafted')";

/// Adds something harmless to an event.
fn note(event: &mut RecordedEvent) {
    let mut metadata: serde_json::Value = serde_json::from_str(&event.metadata).unwrap();
    metadata["note"] = json!("");
    event.metadata = metadata.to_string();
}

fn first(event_type: &str) -> String {
    format!("select min(position) from events where event_type = '{event_type}'")
}

/// The one round that is being voted in.
async fn open_round(it: &mut Broken) -> String {
    sqlx::query_scalar("select round::text from ballot_rounds").fetch_one(&mut it.vault).await.unwrap()
}

/// The one file of the store.
fn file(it: &Broken) -> PathBuf {
    let entries = |path: PathBuf| std::fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path());
    entries(it.folder.path().join("materials")).flat_map(entries).next().unwrap()
}

/// A line more in the client's journal.
fn add(it: &Broken, line: &serde_json::Value) {
    let path = journal(it.folder.path());
    let mut file = std::fs::OpenOptions::new().append(true).open(path).unwrap();
    writeln!(file, "{line}").unwrap();
}

/// Sends something to a broker, past everything that the relay takes care of.
fn tell(url: &str, subject: &str, text: &str) {
    asked(url, subject, text);
}

/// Bounds the stream, as an operator may who wants room: nobody can delete from it.
fn bound(url: &str, limit: &str, value: &serde_json::Value) {
    let info: serde_json::Value = serde_json::from_str(&asked(url, INFO, "")).unwrap();
    let mut config = info["config"].clone();
    config["duplicate_window"] = json!(MESSAGE_AGE_MIN_NS);
    config[limit] = value.clone();
    asked(url, "$JS.API.STREAM.UPDATE.ZHICHENG", &config.to_string());
}

/// What a broker answers.
fn asked(url: &str, subject: &str, text: &str) -> String {
    let (account, address) = url.strip_prefix("nats://").unwrap().split_once('@').unwrap();
    let (user, password) = account.split_once(':').unwrap();
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    let login = json!({"user": user, "pass": password, "verbose": false, "pedantic": false});
    write!(
        stream,
        "CONNECT {login}\r\nSUB answer 1\r\nPUB {subject} answer {}\r\n{text}\r\nPING\r\n",
        text.len()
    )
    .unwrap();
    let mut lines = BufReader::new(stream).lines();
    let mut line = || lines.next().expect("the broker is there").unwrap();
    while !line().starts_with("MSG answer") {}
    let answer = line();
    assert!(!answer.contains("\"error\""), "{subject}: {answer}");
    answer
}
