//! A history that comes from another system: every line is checked first, then all of it is taken into an empty log exactly as it
//! is, with its positions, times and hashes. What was told there can be read, replayed, rebuilt and checked here.

use crate::app::App;
use crate::export_story::PersonKeyLine;
use crate::sealing::subject_of;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;
use zhicheng_domain::AnyEvent;
use zhicheng_domain::upcast::UPCASTS;
use zhicheng_eventstore::{HistoryLine, TakeInError, Upcasters};
use zhicheng_journal::canonical::check_form;
use zhicheng_vault::SealKey;

/// Faults of a history that are told, at most.
const FAULTS_TOLD_MAX: usize = 20;

/// Why a history was not taken in; nothing of it was.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// Lines are not what they must be.
    #[error("{} 处不合格", .0.len())]
    Faults(Vec<LineFault>),
    /// The keys are none.
    #[error("密钥文件第 {line} 行不是 64 位十六进制密钥")]
    Key {
        /// The line, from 1.
        line: usize,
    },
    /// The vault did not keep a key.
    #[error("保险库未能存入密钥或密码")]
    Vault(#[source] zhicheng_vault::Error),
    /// Nobody sets passwords of others on a system for real use.
    #[error("只有演练系统可以统一设置密码")]
    RealUse,
    /// Only an empty log takes a history in.
    #[error("日志不是空的，已有 {head} 个事件；历史只能导入新的空数据目录")]
    NotEmpty {
        /// Its last position.
        head: i64,
    },
    /// The log did not take it.
    #[error("日志未能写入")]
    Log(#[from] TakeInError),
    /// The log does not answer.
    #[error(transparent)]
    Unavailable(#[from] crate::error::Error),
}

/// What is wrong with one line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineFault {
    /// The line, from 1.
    pub line: usize,
    /// What is wrong, in words.
    pub what: String,
}

impl App {
    /// Takes a history with its persons' keys into the empty log; answers its last position. Persons whose key does not come
    /// with it appear as erased.
    ///
    /// # Errors
    ///
    /// [`ImportError`]: nothing was taken in.
    pub async fn import_story(
        &self,
        history: &[HistoryLine],
        keys: &[PersonKeyLine],
    ) -> Result<i64, ImportError> {
        let faults = faults(history);
        if !faults.is_empty() {
            return Err(ImportError::Faults(faults));
        }
        let head = self.store().head().await.map_err(crate::error::Error::from)?;
        if head > 0 {
            return Err(ImportError::NotEmpty { head });
        }
        for (line, key) in (1..).zip(keys) {
            let persons = self.vault().person_keys();
            match &key.key {
                Some(text) => {
                    let mut bytes = [0; 32];
                    hex::decode_to_slice(text, &mut bytes).map_err(|_| ImportError::Key { line })?;
                    persons.keep(key.person, &SealKey::from_bytes(bytes)).await
                }
                None => persons.destroy(key.person).await.map(drop),
            }
            .map_err(ImportError::Vault)?;
        }
        // what no key opens is not merely closed for now
        let known: BTreeSet<Uuid> = keys.iter().map(|key| key.person).collect();
        let subjects: BTreeSet<Uuid> = history.iter().filter_map(|line| subject_of(&line.event)).collect();
        for person in subjects.difference(&known) {
            self.vault().person_keys().destroy(*person).await.map_err(ImportError::Vault)?;
        }
        let head = self.store().take_in(history).await?;
        self.registry().catch_up(self.store()).await?;
        Ok(head)
    }

    /// Sets the password of every account of a rehearsal; answers of how many.
    ///
    /// # Errors
    ///
    /// [`ImportError::RealUse`] on a system for real use, or the vault does not answer.
    pub async fn set_every_password(&self, password: &str) -> Result<usize, ImportError> {
        if !self.is_rehearsal() {
            return Err(ImportError::RealUse);
        }
        let accounts: Vec<Uuid> =
            self.registry().read(|registers| registers.accounts.iter().map(|(id, _)| id).collect());
        for account in &accounts {
            let set = self.vault().credentials().set_password(*account, password, self.now()).await;
            set.map_err(ImportError::Vault)?;
        }
        Ok(accounts.len())
    }
}

/// The steps that bring events of former versions up to date, for the log.
pub(crate) fn upcasters() -> Upcasters {
    UPCASTS
        .iter()
        .fold(Upcasters::new(), |steps, it| steps.step(it.aggregate(), it.event, it.from, it.to, it.step))
}

/// What is wrong with a history: places, times, hashes, form, and shapes as `schemas/` has them.
fn faults(history: &[HistoryLine]) -> Vec<LineFault> {
    let mut found = Vec::new();
    let upcasters = upcasters();
    let mut streams: BTreeMap<(&str, &str), i64> = BTreeMap::new();
    let mut commands = BTreeSet::new();
    // events of the present command that are still to come
    let mut of_command = 0;
    let mut recorded_at = None;
    for (number, line) in (1..).zip(history) {
        let mut fault = |what: String| {
            if found.len() < FAULTS_TOLD_MAX {
                found.push(LineFault { line: number, what });
            }
        };
        let event = &line.event;
        if usize::try_from(event.position) != Ok(number) {
            fault(format!("位置 {} 不连续", event.position));
        }
        let before = streams.entry((&event.aggregate_type, &event.aggregate_id)).or_insert(0);
        if event.sequence != *before + 1 {
            fault(format!("序号 {} 不接 {before}", event.sequence));
        }
        *before = event.sequence;
        if recorded_at.is_some_and(|before| event.recorded_at < before) {
            fault("入册时间早于前一事件".to_owned());
        }
        recorded_at = Some(event.recorded_at);
        match (event.command_id, &line.command) {
            (Some(id), Some(command)) => {
                if of_command != 0 || command.events < 1 || !commands.insert(id) {
                    fault(format!("命令 {id} 不完整或重复"));
                }
                of_command = command.events - 1;
            }
            (None, None) if of_command > 0 => of_command -= 1,
            (None, None) | (Some(_), None) | (None, Some(_)) => fault("事件不属于任何命令".to_owned()),
        }
        if !event.is_intact() {
            fault("内容与叶哈希不符".to_owned());
        }
        for text in [&event.payload, &event.metadata] {
            if let Err(error) = check_form(text) {
                fault(error.to_string());
            }
        }
        if let Err(what) = shape(line, &upcasters) {
            fault(what);
        }
    }
    if of_command > 0 {
        found.push(LineFault { line: history.len(), what: "最后一条命令不完整".to_owned() });
    }
    found
}

/// Whether the event is one of this program or of a former version, with no member that its schema has not.
fn shape(line: &HistoryLine, upcasters: &Upcasters) -> Result<(), String> {
    let mut event = line.event.clone();
    upcasters.apply(&mut event).map_err(|error| error.source.to_string())?;
    let Some(present) = AnyEvent::version_of(&event.aggregate_type, &event.event_type) else {
        return Err(format!("没有事件类型 {}", event.event_type));
    };
    if event.event_version != present {
        return Err(format!("事件 {} 没有版本 {}", event.event_type, line.event.event_version));
    }
    match AnyEvent::from_payload(&event.aggregate_type, &event.payload) {
        None => Err(format!("没有聚合类型 {}", event.aggregate_type)),
        Some(Err(error)) => Err(error.to_string()),
        Some(Ok((fact, stamp))) => {
            let json = |text: &str| serde_json::from_str(text).map_err(|error| error.to_string());
            let written: Value = json(&fact.to_payload(&stamp).map_err(|error| error.to_string())?)?;
            if fact.name() != event.event_type {
                Err(format!("内容是事件 {}", fact.name()))
            } else if !says_all(&written, &json(&event.payload)?) {
                Err("内容有模式所没有的成员".to_owned())
            } else {
                Ok(())
            }
        }
    }
}

/// Whether what this program writes says all that was given. It may say more: what need not be there and was not there in former years
/// is written with its default today. Nothing, given as `null`, need not be written.
fn says_all(written: &Value, given: &Value) -> bool {
    match (written, given) {
        (Value::Object(written), Value::Object(given)) => given.iter().all(|(name, given)| {
            written.get(name).map_or_else(|| given.is_null(), |written| says_all(written, given))
        }),
        (Value::Array(written), Value::Array(given)) => {
            written.len() == given.len() && written.iter().zip(given).all(|(one, other)| says_all(one, other))
        }
        (written, given) => written == given,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use std::path::Path;
    use zhicheng_domain::story::Story;
    use zhicheng_domain::world::player::{Player, STORIES};
    use zhicheng_journal::{HistoryCommand, RecordedEvent};

    fn line(position: i64, payload: &str) -> HistoryLine {
        let event = RecordedEvent {
            position,
            aggregate_type: "batch".to_owned(),
            aggregate_id: "00000000-0000-4000-8000-000000000001".to_owned(),
            sequence: position,
            event_type: "batch.opened".to_owned(),
            event_version: "1".to_owned(),
            payload: payload.to_owned(),
            metadata: "{}".to_owned(),
            recorded_at: chrono::DateTime::UNIX_EPOCH,
            command_id: Some(uuid::Uuid::from_u128(u128::try_from(position).unwrap())),
            leaf_hash: [0; 32],
        };
        let command = Some(HistoryCommand { digest: vec![7; 32], events: 1 });
        intact(HistoryLine { event, command })
    }

    fn intact(mut line: HistoryLine) -> HistoryLine {
        line.event.leaf_hash = zhicheng_journal::merkle::leaf_hash(&line.event.canonical().bytes());
        line
    }

    const OPENED: &str = r#"{"event":"opened","time":"2023-05-04T01:00:00Z"}"#;

    fn told(history: &[HistoryLine]) -> Vec<(usize, String)> {
        faults(history).into_iter().map(|fault| (fault.line, fault.what)).collect()
    }

    #[test]
    fn a_good_history_has_no_fault() {
        assert_eq!(told(&[line(1, OPENED), line(2, OPENED)]), []);
    }

    #[test]
    fn each_fault_is_told_with_its_line() {
        let good = || line(1, OPENED);
        let second = |change: fn(&mut HistoryLine)| {
            let mut second = line(2, OPENED);
            change(&mut second);
            let found = told(&[good(), intact(second)]);
            assert_eq!(found.first().map(|(line, _)| *line), Some(2), "{found:?}");
            found.into_iter().map(|(_, what)| what).collect::<Vec<_>>().join("；")
        };
        assert_eq!(second(|it| it.event.position = 3), "位置 3 不连续");
        assert_eq!(second(|it| it.event.sequence = 3), "序号 3 不接 1");
        assert_eq!(second(|it| it.event.event_type = "batch.danced".into()), "没有事件类型 batch.danced");
        assert_eq!(second(|it| it.event.event_type = "batch.closed".into()), "内容是事件 batch.opened");
        assert_eq!(second(|it| it.command = None), "事件不属于任何命令");
        assert!(second(|it| it.event.event_version = "9".into()).contains('9'));
        let more = r#"{"event":"opened","more":1,"time":"2023-05-04T01:00:00Z"}"#;
        assert_eq!(told(&[line(1, more)]), [(1, "内容有模式所没有的成员".to_owned())]);
        let spaced = r#"{"event": "opened","time":"2023-05-04T01:00:00Z"}"#;
        assert_eq!(told(&[line(1, spaced)]).len(), 1, "it is not in the form in which it is hashed");
        let mut altered = good();
        altered.event.metadata = r#"{"by":"me"}"#.to_owned();
        assert_eq!(told(&[altered]), [(1, "内容与叶哈希不符".to_owned())]);
    }

    #[test]
    fn nothing_may_be_said_that_is_not_read() {
        let written = json!({"a": 1, "b": [{"c": null}], "late": false});
        for given in [json!({"a": 1, "b": [{}]}), json!({"a": 1, "b": [{"c": null}], "was": null})] {
            assert!(says_all(&written, &given), "{given}");
        }
        for given in [json!({"a": 2}), json!({"b": []}), json!({"b": [{"d": 1}]}), json!({"was": 1})] {
            assert!(!says_all(&written, &given), "{given}");
        }
    }

    /// The facts of every story and of the history that the first version wrote: type, version, payload.
    fn every_fact() -> Vec<(String, String, String)> {
        let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../replay-fixtures");
        let text = |file: &str| std::fs::read_to_string(fixtures.join(file)).unwrap();
        let mut facts = Vec::new();
        for line in text("14-first-version/history.jsonl").lines() {
            let line: HistoryLine = serde_json::from_str(line).unwrap();
            facts.push((line.event.event_type, line.event.event_version, line.event.payload));
        }
        for name in STORIES {
            let mut player = Player::new("2023-01-01T09:00:00+08:00");
            for story in ["prelude", name] {
                player.play(&Story::parse(&text(&format!("{story}/commands.jsonl"))).unwrap()).unwrap();
            }
            facts.extend(player.world.log.iter().map(|logged| {
                let payload = logged.event.to_payload(&logged.stamp).unwrap();
                (logged.event.name().to_owned(), logged.event.version().to_owned(), payload)
            }));
        }
        facts
    }

    /// A value with each time another one of the members gone that its shape does not require; their paths.
    fn lacking(shape: &Value, value: &Value, path: &str) -> Vec<(String, Value)> {
        let forms = ["oneOf", "anyOf"].iter().filter_map(|of| shape[of].as_array()).flatten();
        if let Some(form) = forms.into_iter().find(|form| fits(form, value)) {
            return lacking(form, value, path);
        }
        let mut found = Vec::new();
        match value {
            Value::Object(members) => {
                for (name, member) in members {
                    let at = format!("{path}/{name}");
                    let without = || {
                        let mut value = value.clone();
                        value.as_object_mut().unwrap().remove(name);
                        value
                    };
                    let (listed, required) = (shape["properties"].get(name), &shape["required"]);
                    if listed.is_some() && !required.as_array().is_some_and(|it| it.contains(&json!(name))) {
                        found.push((at.clone(), without()));
                    }
                    for (path, lacking) in
                        lacking(listed.unwrap_or(&shape["additionalProperties"]), member, &at)
                    {
                        let mut value = value.clone();
                        value[name] = lacking;
                        found.push((path, value));
                    }
                }
            }
            Value::Array(items) => {
                for (at, item) in items.iter().enumerate() {
                    for (path, lacking) in lacking(&shape["items"], item, path) {
                        let mut value = value.clone();
                        value[at] = lacking;
                        found.push((path, value));
                    }
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
        found
    }

    /// Whether a value is of this form, as far as its members tell.
    fn fits(form: &Value, value: &Value) -> bool {
        let Value::Object(members) = value else { return value.is_array() && form["type"] == "array" };
        let required = form["required"].as_array().into_iter().flatten().filter_map(Value::as_str);
        let consts = form["properties"].as_object().into_iter().flatten();
        form["type"] == "object"
            && required.into_iter().all(|name| members.contains_key(name))
            && consts.into_iter().all(|(name, of)| {
                of.get("const").is_none_or(|one| members.get(name).is_none_or(|member| member == one))
            })
    }

    /// Every history that was ever written must be read for ever, and what a released shape does not require was not always written.
    #[test]
    fn what_need_not_be_there_may_be_missing() {
        let released: BTreeMap<String, Value> =
            serde_json::from_str(include_str!("../../../schemas/released-events.json")).unwrap();
        let upcasters = upcasters();
        let mut seen = BTreeSet::new();
        for (event_type, event_version, payload) in every_fact() {
            let payload: Value = serde_json::from_str(&payload).unwrap();
            let shape_of = &released[&format!("{event_type}@{event_version}")];
            let whole = (String::new(), payload["event"].clone());
            let lacking = lacking(shape_of, &payload["event"], &event_type);
            for (path, said) in std::iter::once(whole).chain(lacking) {
                if !path.is_empty() && !seen.insert(path.clone()) {
                    continue;
                }
                let mut payload = payload.clone();
                payload["event"] = said;
                let mut line = line(1, &payload.to_string());
                line.event.aggregate_type = event_type.split('.').next().unwrap().to_owned();
                line.event.event_type.clone_from(&event_type);
                line.event.event_version.clone_from(&event_version);
                assert_eq!(shape(&line, &upcasters), Ok(()), "without {path}: {payload}");
            }
        }
        assert!(seen.len() > 40, "{} members need not be there: {seen:#?}", seen.len());
    }
}
