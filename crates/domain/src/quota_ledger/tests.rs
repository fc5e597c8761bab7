//! Places are promised within the limit, used within what was approved, and come back.

use super::*;
use crate::aggregate::Stamp;
use proptest::prelude::*;

fn stamp() -> Stamp {
    Stamp { actor: None, time: chrono::DateTime::UNIX_EPOCH }
}

fn declaration(n: u128) -> DeclarationId {
    DeclarationId(Uuid::from_u128(n))
}

fn granted(numbers: &[(QuotaKind, u32)]) -> QuotaLedger {
    let mut ledger = QuotaLedger::default();
    for (index, (kind, number)) in numbers.iter().enumerate() {
        let event = Event::Approved {
            application_id: QuotaApplicationId(Uuid::from_u128(index as u128 + 1)),
            employer_id: EmployerId(Uuid::from_u128(7)),
            kind: *kind,
            level: Level::AssociateSenior,
            number: *number,
            year: 2023,
        };
        ledger.evolve(&event, &stamp());
    }
    ledger
}

fn reserve(ledger: &mut QuotaLedger, n: u128, factor: Hundredths) -> Result<Place, QuotaExhausted> {
    let (place, event) = ledger.reserve(declaration(n), factor)?;
    if let Some(event) = event {
        ledger.evolve(&event, &stamp());
    }
    Ok(place)
}

#[test]
fn an_empty_ledger_has_no_place() {
    let refused = QuotaLedger::default().reserve(declaration(1), Hundredths::ONE).unwrap_err();
    assert_eq!(refused, QuotaExhausted { approved: 0, limit: 0 });
}

#[test]
fn the_factor_is_rounded_down() {
    let mut ledger = granted(&[(QuotaKind::Normal, 3)]);
    let factor = Hundredths(150);
    for n in 1..=4 {
        reserve(&mut ledger, n, factor).unwrap();
    }
    assert_eq!(reserve(&mut ledger, 5, factor).unwrap_err(), QuotaExhausted { approved: 3, limit: 4 });
}

#[test]
fn a_place_is_kept_and_not_taken_twice() {
    let mut ledger = granted(&[(QuotaKind::Normal, 1)]);
    reserve(&mut ledger, 1, Hundredths::ONE).unwrap();
    assert_eq!(ledger.reserve(declaration(1), Hundredths::ONE).unwrap().1, None);
    assert!(reserve(&mut ledger, 2, Hundredths::ONE).is_err());
    ledger.evolve(&Event::Released { declaration_id: declaration(1) }, &stamp());
    reserve(&mut ledger, 2, Hundredths::ONE).unwrap();
}

#[test]
fn approved_places_of_every_kind_come_before_the_factor() {
    let mut ledger = granted(&[(QuotaKind::Special1, 1), (QuotaKind::Normal, 1)]);
    let kinds: Vec<QuotaKind> =
        (1..=4).map(|n| reserve(&mut ledger, n, Hundredths::whole(2)).unwrap().kind).collect();
    use QuotaKind::{Normal, Special1};
    assert_eq!(kinds, [Normal, Special1, Normal, Special1]);
}

#[test]
fn the_cut_keeps_to_what_was_approved_and_can_be_voided() {
    let mut ledger = granted(&[(QuotaKind::Normal, 2)]);
    for n in 1..=3 {
        reserve(&mut ledger, n, Hundredths(150)).unwrap();
    }
    let before = ledger.clone();
    let mut cut = ledger.cut();
    assert!(cut.keep(declaration(3)));
    cut.give_back(declaration(2));
    assert!(cut.keep(declaration(1)));
    assert!(!cut.keep(declaration(9)), "who has no place is not kept");
    let event = cut.event().unwrap();
    ledger.evolve(&event, &stamp());
    assert_eq!(ledger.consumed.len(), 2);
    assert!(ledger.reserved.is_empty());
    ledger.evolve(&Event::CutVoided { declaration_ids: (1..=3).map(declaration).collect() }, &stamp());
    assert_eq!(ledger, before);
}

#[test]
fn what_earlier_cuts_used_counts() {
    let mut ledger = granted(&[(QuotaKind::Normal, 1)]);
    reserve(&mut ledger, 1, Hundredths::whole(2)).unwrap();
    reserve(&mut ledger, 2, Hundredths::whole(2)).unwrap();
    let mut first = ledger.cut();
    assert!(first.keep(declaration(1)));
    let event = first.event().unwrap();
    ledger.evolve(&event, &stamp());
    assert!(!ledger.cut().keep(declaration(2)));
}

#[test]
fn the_stream_follows_from_what_it_is_about() {
    let employer = EmployerId(Uuid::from_u128(7));
    let id = ledger_id(employer, 2023, Level::AssociateSenior);
    assert_eq!(id, ledger_id(employer, 2023, Level::AssociateSenior));
    assert_ne!(id, ledger_id(employer, 2024, Level::AssociateSenior));
    assert_ne!(id, ledger_id(employer, 2023, Level::FullSenior));
    assert_eq!(id.get_version_num(), 8);
}

proptest! {
    /// Whatever happens in whatever order, used places stay within what was approved.
    #[test]
    fn used_places_never_exceed_the_approved(
        normal in 0u32..4, special in 0u32..3, factor in 100i64..300, steps in prop::collection::vec((0u8..4, 1u128..8), 0..60),
    ) {
        let mut ledger = granted(&[(QuotaKind::Normal, normal), (QuotaKind::Special3, special)]);
        for (step, n) in steps {
            match step {
                0 => {
                    let _ = reserve(&mut ledger, n, Hundredths(factor));
                }
                1 => ledger.evolve(&Event::Released { declaration_id: declaration(n) }, &stamp()),
                2 => {
                    let mut cut = ledger.cut();
                    for candidate in 1..=n {
                        let _ = cut.keep(declaration(candidate));
                    }
                    if let Some(event) = cut.event() {
                        ledger.evolve(&event, &stamp());
                    }
                }
                _ => {
                    let ids = (1..=n).map(declaration).collect();
                    ledger.evolve(&Event::CutVoided { declaration_ids: ids }, &stamp());
                }
            }
            for kind in [QuotaKind::Normal, QuotaKind::Special3] {
                let used = ledger.consumed.values().filter(|place| place.kind == kind).count();
                prop_assert!(used <= ledger.approved(kind) as usize);
            }
        }
    }
}
