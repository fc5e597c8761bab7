//! 编号段 What the numbers of a pool have in common, and the id of its stream.

use super::NumberPool;
use crate::codes::{Hunan18, Problem};
use crate::context::Stop;
use crate::ids::NodeId;
use crate::reference;
use crate::refusal::refusals;
use crate::registers::Registers;
use crate::values::{Mode, Rank};
use sha2::{Digest, Sha256};
use uuid::Uuid;

refusals! {
    /// Seed 002 人 1.9: without its code the unit cannot number a certificate.
    IssuingCodeMissing { name: String } = Rule "issuing-code-missing", "没有发证单位编码", "“{name}”没有发证单位编码，请由省厅在“发证单位编码配置”中配置后再办理。";
    /// domain.md 4.7: level, series, year, mode or unit has no place in a number; the reason says which.
    NumberRefused { why: String } = Rule "certificate-number-refused", "不能编制证书编号", "{why}。";
}

/// Level, series, year of acquisition, mode and issuing unit: all of a number but its serial.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PoolKey {
    level: char,
    series: String,
    year: u16,
    mode: char,
    unit: String,
    prefix: String,
}

impl PoolKey {
    /// The pool in which an organisation finds its numbers. 初定 and 认定 share one (domain.md 2.2).
    ///
    /// # Errors
    /// `issuing-code-missing`, `certificate-number-refused`.
    pub fn of(
        rank: Rank,
        series: &str,
        year: i32,
        mode: Mode,
        organisation: NodeId,
        registers: &Registers,
    ) -> Result<Self, Stop> {
        let Some(unit) = registers.issuing_code_of(organisation) else {
            let name = registers.node_name(organisation).unwrap_or_default().to_owned();
            return Err(IssuingCodeMissing { name }.into());
        };
        // series that the province added later carry their own code
        let series = reference::series::by_code(series).map_or(series, |it| it.certificate_code);
        let mut key = Self {
            level: rank.certificate_letter(),
            series: series.to_owned(),
            year: u16::try_from(year).unwrap_or_default(),
            mode: char::from(b'0' + mode.certificate_digit()),
            unit: unit.to_owned(),
            prefix: String::new(),
        };
        key.prefix = key.number(1)?.pool();
        Ok(key)
    }

    /// What the numbers have in common, fourteen characters.
    pub fn prefix(&self) -> String {
        self.prefix.clone()
    }

    /// The pool's stream: derived, so that whoever issues finds it.
    pub fn stream(&self) -> Uuid {
        use crate::aggregate::Aggregate;
        let digest = Sha256::digest(format!("{}:{}", NumberPool::TYPE, self.prefix));
        let mut bytes = [0u8; 16];
        for (to, from) in bytes.iter_mut().zip(digest) {
            *to = from;
        }
        uuid::Builder::from_custom_bytes(bytes).into_uuid()
    }

    /// The number of a serial.
    pub(super) fn number(&self, serial: u16) -> Result<Hunan18, Stop> {
        Hunan18::build(self.level, &self.series, self.year, self.mode, &self.unit, serial)
            .map_err(|Problem { sentence, .. }| NumberRefused { why: sentence }.into())
    }
}
