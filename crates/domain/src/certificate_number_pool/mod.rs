//! 证书编号池 The numbers that differ in their serial only: one stream for each level, series, year, mode and issuing
//! unit, so that no number is ever given twice (seed 002 人 1.16; domain.md 4.7, X-12, X-13).
//!
//! The stream's id follows from what the numbers have in common. Ranges are entered by the province, or added by the
//! pool itself when it is empty at issue; numbers are taken in order, never returned, and end at 9999.

mod key;

pub use key::{CODES as KEY_CODES, PoolKey};

use crate::action::{Place, actions};
use crate::aggregate::{Aggregate, Stamp, events};
use crate::codes::Hunan18;
use crate::codes::certificate_number::{SERIAL_MAX, SERIAL_MIN};
use crate::context::{Acting, Context, Stop};
use crate::ids::{CertificateId, DeclarationId, NodeId};
use crate::refusal::refusals;
use uuid::Uuid;

/// How many numbers the pool adds by itself when it is empty.
pub const EXTENSION_NUMBERS: u16 = 100;
/// How many numbers in a row may turn out to be on imported certificates before a person has to say where to go on.
pub const SKIPS_MAX: u32 = 50;

refusals! {
    /// domain.md 4.7: after 9999 there is no number.
    NumbersExhausted { prefix: String } = Rule "numbers-exhausted", "证书编号已用完", "编号“{prefix}”开头的9999个号码已全部使用，不能再发放。请联系省厅处理。";
    /// T61: certificates from before the system hold these numbers.
    NumbersInUse { serial: u16 } = Rule "numbers-in-use", "编号已被占用", "自{serial:04}起的编号已被导入的证书连续占用，请由省厅新增证书编号段，从未使用的序号开始。";
}

events! {
    /// What happens to the numbers of a pool.
    pub enum Event of "certificate_number_pool" {
        /// The first range was added.
        Opened { organisation_id: NodeId, prefix: String } = "opened",
        /// Numbers became available: a range that was entered, or the pool's own extension.
        Extended { from: u16, range_id: Option<Uuid>, to: u16 } = "extended",
        /// A number went on a certificate.
        NumberTaken { certificate_id: CertificateId, declaration_id: Option<DeclarationId>, number: String, serial: u16 } = "number_taken",
        /// 9999 was taken: the province must be told.
        Exhausted { prefix: String } = "exhausted",
    }
}

actions! { NumberPool; }

/// A pool of certificate numbers.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct NumberPool {
    /// What the numbers have in common, fourteen characters; empty before the first range.
    pub prefix: String,
    /// The issuing organisation.
    pub organisation: Option<NodeId>,
    /// Ranges of serials, both ends inclusive, ascending.
    pub ranges: Vec<(u16, u16)>,
    /// The last serial taken; 0 before the first.
    pub last: u16,
    /// How many were taken.
    pub taken: u32,
    /// Whether 9999 was taken.
    pub exhausted: bool,
}

impl NumberPool {
    /// The highest serial of any range; 0 before the first.
    pub fn highest(&self) -> u16 {
        self.ranges.last().map_or(0, |(_, to)| *to)
    }

    /// How many numbers can be taken before the pool extends itself.
    pub fn remaining(&self) -> u32 {
        let free = |(from, to): &(u16, u16)| {
            u32::from(to.saturating_sub((*from).max(self.last.saturating_add(1)).saturating_sub(1)))
        };
        self.ranges.iter().map(free).sum()
    }

    /// The next serial of a range after this one.
    fn after(&self, serial: u16) -> Option<u16> {
        let next = serial.checked_add(1)?;
        self.ranges.iter().find(|(_, to)| *to >= next).map(|(from, _)| next.max(*from))
    }

    /// Takes the next number for a certificate: the number and what happens to the pool. Where the ranges are used up
    /// the pool extends itself; numbers of imported certificates are passed over.
    ///
    /// # Errors
    /// `numbers-exhausted` after 9999, `numbers-in-use`; asks for claims.
    pub fn take(
        &self,
        key: &PoolKey,
        organisation: NodeId,
        certificate: CertificateId,
        declaration: Option<DeclarationId>,
        context: &Context<'_>,
    ) -> Result<(Hunan18, Vec<Event>), Stop> {
        let prefix = key.prefix();
        let mut events = Vec::new();
        if !self.exists() {
            events.push(Event::Opened { organisation_id: organisation, prefix: prefix.clone() });
        }
        let (mut highest, mut last) = (self.highest(), self.last);
        for _ in 0..=SKIPS_MAX {
            let serial = match self.after(last).or_else(|| (last < highest).then_some(last + 1)) {
                Some(serial) => serial,
                None if highest < SERIAL_MAX => {
                    let from = highest + 1;
                    highest = highest.saturating_add(EXTENSION_NUMBERS).min(SERIAL_MAX);
                    events.push(Event::Extended { from, range_id: None, to: highest });
                    from
                }
                None => return Err(NumbersExhausted { prefix }.into()),
            };
            let number = key.number(serial)?;
            if context.claim_holder(&number_claim(&number.to_string()))?.is_some() {
                last = serial;
                continue;
            }
            events.push(Event::NumberTaken {
                certificate_id: certificate,
                declaration_id: declaration,
                number: number.to_string(),
                serial,
            });
            if serial == SERIAL_MAX {
                events.push(Event::Exhausted { prefix });
            }
            return Ok((number, events));
        }
        Err(NumbersInUse { serial: self.last.saturating_add(1).max(SERIAL_MIN) }.into())
    }
}

/// The claim that makes a certificate number unique; it is never given back.
pub fn number_claim(number: &str) -> String {
    format!("certificate:number:{number}")
}

impl Aggregate for NumberPool {
    const TYPE: &'static str = "certificate_number_pool";
    const COLLECTION: &'static str = "certificate-number-pools";
    type Command = Command;
    type Event = Event;

    fn exists(&self) -> bool {
        !self.prefix.is_empty()
    }

    fn stage(&self) -> Option<&'static str> {
        self.exists().then_some(if self.exhausted { "exhausted" } else { "open" })
    }

    fn stage_label(&self) -> &'static str {
        if self.exhausted { "已用完" } else { "可用" }
    }

    fn stands(&self, place: Place, acting: &Acting, _: &Context<'_>) -> bool {
        place == Place::IssuingUnit && self.organisation.is_some_and(|node| acting.at(node))
    }

    fn view(&self) -> serde_json::Value {
        serde_json::json!({
            "prefix": self.prefix, "organisation_id": self.organisation, "ranges": self.ranges, "last": self.last,
            "taken": self.taken, "remaining": self.remaining(),
        })
    }

    fn evolve(&mut self, event: &Event, _: &Stamp) {
        match event {
            Event::Opened { organisation_id, prefix } => {
                self.organisation = Some(*organisation_id);
                prefix.clone_into(&mut self.prefix);
            }
            Event::Extended { from, range_id: _, to } => self.ranges.push((*from, *to)),
            Event::NumberTaken { serial, .. } => {
                self.last = *serial;
                self.taken += 1;
            }
            Event::Exhausted { prefix: _ } => self.exhausted = true,
        }
    }
}
