//! Histories told in memory, written into a log on PostgreSQL, and a runner that follows it.

use chrono::NaiveDate;
use sqlx::PgPool;
use sqlx::postgres::PgPoolOptions;
use std::collections::HashMap;
use std::path::Path;
use std::sync::OnceLock;
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use uuid::Uuid;
use zhicheng_domain::StreamId;
use zhicheng_domain::calendar::WorkingCalendar;
use zhicheng_domain::certificate::{self, Certificate, Face, Origin};
use zhicheng_domain::declaration::{Declaration, Event};
use zhicheng_domain::ids::{AccountId, CertificateId, DeclarationId, NodeId, PublicityRoundId};
use zhicheng_domain::registers::Registers;
use zhicheng_domain::registers::paths::Node;
use zhicheng_domain::scheme::{self, Scheme};
use zhicheng_domain::story::Story;
use zhicheng_domain::values::{PassOrFail, Role};
use zhicheng_domain::world::Logged;
use zhicheng_domain::world::hunan::Hunan;
use zhicheng_domain::world::player::Player;
use zhicheng_domain::world::sitting::Sitting;
use zhicheng_eventstore::{EventStore, Settings};
use zhicheng_projections::reader::Page;
use zhicheng_projections::request::Request;
use zhicheng_projections::{Reader, Reckoning, Runner, TABLES, Table, Viewer, rebuild, verify};
use zhicheng_testkit::fresh_database_from;

/// Longer than anything here takes on a busy machine.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// Declarations of one employer, each somewhere else on its way.
pub struct Way {
    pub hunan: Hunan,
    pub draft: Uuid,
    pub submitted: Uuid,
    pub returned: Uuid,
    pub publicity_due: Uuid,
    pub in_publicity: Uuid,
    pub at_committee: Uuid,
    pub granted: Uuid,
}

/// Told once a run.
pub fn way() -> &'static Way {
    static WAY: OnceLock<Way> = OnceLock::new();
    WAY.get_or_init(|| {
        let mut hunan = Hunan::new();
        let applicant = |hunan: &mut Hunan, name: &str| hunan.register(name);
        let first = applicant(&mut hunan, "欧阳·买买提");
        let draft = hunan.draft(first);
        let second = applicant(&mut hunan, "𠮷野 文");
        let submitted = hunan.submitted(second);
        let third = applicant(&mut hunan, "张三");
        let returned = hunan.submitted(third);
        hunan.act(
            hunan.operator,
            "declaration",
            returned,
            "review-by-employer",
            serde_json::json!({"decision": "return", "opinion": "缺少论文\t原件", "items": [{"anchor": "papers", "problem": "缺少原件"}]}),
        );
        let publicity_due = hunan.another_reviewed_by_employer(1);
        let in_publicity = hunan.another_reviewed_by_employer(2);
        hunan.publish(in_publicity);
        let at_committee = hunan.at_committee();
        let granted = hunan.granted_case();
        hunan.act(
            hunan.changsha_reviewer,
            "declaration",
            granted,
            "review-by-superior",
            serde_json::json!({"decision": "pass", "opinion": "同意"}),
        );
        Way { hunan, draft, submitted, returned, publicity_due, in_publicity, at_committee, granted }
    })
}

/// A committee in session with four candidates: the first is decided and not declared, the second is being voted on, the
/// third has its panel, the fourth is past everything and holds a certificate that was revoked.
pub fn sitting() -> &'static Sitting {
    static SITTING: OnceLock<Sitting> = OnceLock::new();
    SITTING.get_or_init(|| {
        let mut sitting = Sitting::assigned(4, |_| {});
        sitting.decided(0, 20, 90);
        sitting.reviewed(1, 80, 40);
        let attending = sitting.seats.clone();
        sitting.judged(3, 1, "open-ballot", serde_json::json!({"attending": attending}));
        sitting.decided(3, 25, 95);
        let (case, meeting) = (sitting.candidates[3], sitting.meeting);
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let issuing = Node { id: NodeId(sitting.hunan.department), name: "湖南省人社厅".into() };
        let certificate = CertificateId(Uuid::from_u128(7));
        for event in [
            Event::ResultDeclared {
                acquired_on: day("2023-10-30"),
                meeting_id: meeting.into(),
                passed: true,
                vote_on: day("2023-10-23"),
            },
            Event::ResultPublicityStarted {
                ends_on: day("2023-10-31"),
                late: false,
                provisional: false,
                round_id: PublicityRoundId(Uuid::from_u128(8)),
                starts_on: day("2023-10-25"),
                working_days: 5,
            },
            Event::ResultPublicityPassed { reason: None.into() },
            Event::FilingRequested { filing_authority: None, late: false },
            Event::Filed {
                early: false,
                filed_on: day("2023-11-06"),
                filing_number: "湘职改〔2023〕7号".into(),
                opinion: Some("同意".to_owned()).into(),
            },
            Event::CertificateIssued {
                acquired_on: day("2023-10-30"),
                certificate_id: certificate,
                certificate_number: "A0123430001".into(),
                issuing_organisation: issuing,
            },
            Event::CertificateRevoked {
                basis: None.into(),
                certificate_id: certificate,
                reason: "弄虚作假".to_owned().into(),
            },
        ] {
            sitting.hunan.meanwhile(case, event);
        }
        filed(&mut sitting, case);
        certified(&mut sitting, case, certificate);
        sitting
    })
}

/// What the rules alone append while a story is played after the prelude.
pub fn story(name: &str) -> Vec<Logged> {
    let mut player = Player::new("2023-01-01T09:00:00+08:00");
    for part in ["prelude", name] {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../replay-fixtures").join(part);
        let commands = std::fs::read_to_string(folder.join("commands.jsonl")).unwrap();
        player.play(&Story::parse(&commands).unwrap()).unwrap();
    }
    player.world.log
}

/// What the scheme was told of the filing of a candidate.
fn filed(sitting: &mut Sitting, case: Uuid) {
    let declaration_ids = vec![DeclarationId(case)];
    let reviewed = scheme::Event::FilingReviewed {
        decision: PassOrFail::Pass,
        declaration_ids: declaration_ids.clone(),
        filed_on: Some("2023-11-06".parse().unwrap()),
        filing_number: Some("湘职改〔2023〕7号".into()),
    };
    let stream = StreamId::of::<Scheme>(sitting.scheme);
    for event in [scheme::Event::FilingRequested { declaration_ids }, reviewed] {
        sitting.hunan.world.given(stream, event, None);
    }
}

/// The candidate's certificate, which was revoked; and one that was imported.
fn certified(sitting: &mut Sitting, case: Uuid, certificate_id: CertificateId) {
    let world = &sitting.hunan.world;
    let it: Declaration = world.get(case);
    let subject = it.subject.unwrap();
    let department = NodeId(sitting.hunan.department);
    let name = world.registers.node_name(department).unwrap().to_owned();
    let face = Face {
        acquired_on: "2023-10-30".parse().unwrap(),
        certificate_number: "A0123430001".into(),
        employer_name: subject.employer.name.clone(),
        filing_number: Some("湘职改〔2023〕7号".into()),
        id_number: subject.id_number.clone(),
        issuing_organisation: Node { id: department, name },
        level: subject.level,
        mode: subject.mode,
        name: subject.name.clone(),
        printed_name: "高评会".into(),
        series: subject.series.clone(),
        specialty: subject.specialty.clone(),
        title: subject.title.clone(),
    };
    let imported = Face {
        certificate_number: "B0122430002".into(),
        id_number: "430602199001010013".to_owned().into(),
        ..face.clone()
    };
    let origin = Origin {
        phone: None,
        declaration_no: subject.declaration_no.clone(),
        employer_id: subject.employer.id.into(),
        final_organisation: it.final_organisation.unwrap().node,
        id_number_hash: subject.id_number_hash.clone(),
        kind: subject.kind,
        region: subject.employer.region.clone(),
        route: vec![NodeId(sitting.hunan.drainage), NodeId(sitting.hunan.changsha)],
        uscc: subject.employer.uscc.clone(),
        year: subject.year,
    };
    let issued = |certificate_id, face, declaration_id, origin| certificate::Event::Issued {
        certificate_id,
        declaration_id,
        face,
        name_hash: String::new(),
        origin,
        person_id: subject.person,
    };
    let revoked =
        certificate::Event::Revoked { basis: None.into(), reason: "弄虚作假".to_owned().into() };
    let other = CertificateId(Uuid::from_u128(9));
    for (id, event) in [
        (certificate_id, issued(certificate_id, face, Some(DeclarationId(case)), Some(Box::new(origin)))),
        (certificate_id, revoked),
        (other, issued(other, imported, None, None)),
    ] {
        sitting.hunan.world.given(StreamId::of::<Certificate>(id), event, None);
    }
}

/// A log on a database of its own.
pub struct System {
    pub store: EventStore,
    pub pool: PgPool,
    pub written: i64,
}

impl System {
    /// An empty log.
    pub async fn new() -> Self {
        let database = fresh_database_from("projections", async |options| {
            drop(EventStore::connect(options, Settings::default()).await.unwrap());
        })
        .await;
        let settings = Settings { poll_every: Duration::from_millis(20), ..Settings::default() };
        let store = EventStore::connect(database.options(), settings).await.unwrap();
        let pool = PgPoolOptions::new().max_connections(8).connect_with(database.options()).await.unwrap();
        Self { store, pool, written: 0 }
    }

    /// A log with this history, and tables built from it.
    pub async fn of(log: &[Logged]) -> Self {
        let mut system = Self::new().await;
        system.write(log).await;
        rebuild(&system.store, &system.pool, TABLES, |_| {}).await.unwrap();
        system
    }

    /// Appends what the history has and the log has not.
    pub async fn write(&mut self, log: &[Logged]) -> i64 {
        let mut sequences: HashMap<(String, String), i64> = HashMap::new();
        let rows: Vec<(String, String, i64, String, String, String)> = log
            .iter()
            .map(|logged| {
                let key = (logged.stream.aggregate.to_owned(), logged.stream.id.to_string());
                let sequence = sequences.entry(key.clone()).or_default();
                *sequence += 1;
                let payload = logged.event.to_payload(&logged.stamp).unwrap();
                let (name, version) = (logged.event.name().to_owned(), logged.event.version().to_owned());
                (key.0, key.1, *sequence, name, version, payload)
            })
            .collect();
        for (aggregate, id, sequence, name, version, payload) in rows.iter().skip(self.written as usize) {
            self.append(aggregate, id, *sequence, name, version, payload).await;
        }
        self.written
    }

    /// Appends one event, whatever it says.
    pub async fn append(
        &mut self,
        aggregate: &str,
        id: &str,
        sequence: i64,
        name: &str,
        version: &str,
        payload: &str,
    ) -> i64 {
        self.written += 1;
        sqlx::query(
            "with head as (
                 update log_head set position = $7, recorded_at = '2023-05-04T01:00:00Z'::timestamptz + $7 * interval '1 minute'
             )
             insert into events (aggregate_type, aggregate_id, sequence, event_type, event_version, payload, metadata,
                                 position, recorded_at, leaf_hash)
             values ($1, $2, $3, $4, $5, $6::json, '{}', $7,
                     '2023-05-04T01:00:00Z'::timestamptz + $7 * interval '1 minute', decode(repeat('00', 32), 'hex'))",
        )
        .bind(aggregate)
        .bind(id)
        .bind(sequence)
        .bind(name)
        .bind(version)
        .bind(payload)
        .bind(self.written)
        .execute(&self.pool)
        .await
        .unwrap();
        self.written
    }

    /// A runner of these tables.
    pub fn follow(&self, tables: &[&'static Table]) -> Following {
        let runner = Runner::new(self.store.clone(), self.pool.clone(), tables);
        let reader = Reader::new(self.pool.clone(), runner.positions());
        let (stop, stopped) = watch::channel(false);
        Following { reader, stop, task: tokio::spawn(runner.run(stopped)) }
    }

    /// Reads without a runner.
    pub fn reader(&self) -> Reader {
        Reader::new(self.pool.clone(), zhicheng_projections::Positions::default())
    }

    /// Every table is a fold of the log at its position.
    pub async fn check_folds(&self) {
        for table in TABLES {
            let verified = verify(&self.store, &self.pool, table, |_| {}).await.unwrap();
            assert_eq!(verified.stopped, None, "{}", table.name);
            assert_eq!(verified.differences, [], "{} differs from a fresh fold", table.name);
        }
    }

    /// Everything a table holds, as text.
    pub async fn content(&self, table: &str) -> Vec<String> {
        let statement = format!("select it::text from projections.{table} as it order by row_key");
        sqlx::query_scalar(&statement).fetch_all(&self.pool).await.unwrap()
    }

    /// A page as the API answers it.
    pub async fn rows(
        &self,
        screen: &str,
        viewer: &Viewer,
        parameters: &[(&str, &str)],
    ) -> Vec<serde_json::Value> {
        let page = self.page(screen, viewer, parameters).await.to_json();
        page["rows"].as_array().unwrap().clone()
    }

    /// A page of a screen.
    pub async fn page(&self, screen: &str, viewer: &Viewer, parameters: &[(&str, &str)]) -> Page {
        let screen = zhicheng_projections::screen(screen).unwrap();
        let parameters: Vec<(String, String)> =
            parameters.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let grant = screen.grant(viewer.role).unwrap();
        let request = Request::parse(screen, grant, &parameters).unwrap();
        let calendar = WorkingCalendar::default();
        self.reader().page(screen, viewer, &request, reckoning(&calendar)).await.unwrap()
    }
}

/// As of 2023-05-15.
pub fn reckoning(calendar: &WorkingCalendar) -> Reckoning<'_> {
    Reckoning { calendar, today: "2023-05-15".parse().unwrap(), keyed_hash: &keyed_hash }
}

/// As the world hashes.
pub fn keyed_hash(text: &str) -> String {
    use sha2::{Digest, Sha256};
    hex::encode(Sha256::digest(format!("keyed {text}")))
}

/// A runner at work.
pub struct Following {
    pub reader: Reader,
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
}

impl Following {
    /// Waits until these tables show the log up to a position.
    pub async fn reach(&self, tables: &[&'static Table], position: i64) {
        for table in tables {
            self.reader
                .wait_until(table, position, PATIENCE)
                .await
                .unwrap_or_else(|error| panic!("{} does not reach {position}: {error}", table.name));
        }
    }

    /// Stops it and waits until it has.
    pub async fn end(self) {
        self.stop.send(true).unwrap();
        self.task.await.unwrap();
    }
}

/// Somebody in a role, as the registers have it.
pub fn viewer(registers: &Registers, account: AccountId, role: Role) -> Viewer {
    let acting = registers.roles_of(account).into_iter().find(|acting| acting.role == role);
    Viewer::of(&acting.unwrap_or_else(|| panic!("{account} is no {role}")), registers)
}

/// The roles that read a screen.
pub fn readers(screen: &str) -> Vec<Role> {
    zhicheng_projections::screen(screen).unwrap().grants.iter().map(|grant| grant.role).collect()
}

/// An auditor, of nowhere.
pub fn auditor() -> Viewer {
    Viewer {
        role: Role::Auditor,
        account: Uuid::from_u128(1),
        person: None,
        organisation: None,
        judges: Vec::new(),
        approves: Vec::new(),
        issues_for: Vec::new(),
    }
}

/// Somebody in a role at an organisation.
pub fn viewer_at(role: Role, organisation: Uuid) -> Viewer {
    Viewer { role, organisation: Some(organisation), ..auditor() }
}
