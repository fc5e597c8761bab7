//! The aggregate that is measured: a case of 55 fields that is filled in 12 steps, 20 fields at a time.

use cqrs_es::event_sink::EventSink;
use cqrs_es::{Aggregate, DomainEvent};
use serde::{Deserialize, Serialize};

/// How many events a case sees in its life.
pub(crate) const EVENTS_A_LIFE: u32 = 12;

macro_rules! case {
    ($($first:ident)*; $($second:ident)*; $($third:ident)*; $($filled:ident)*; $($filled_short:ident)*) => {
        /// The state.
        #[derive(Debug, Default, Clone, PartialEq, Serialize, Deserialize)]
        pub(crate) struct Case {
            /// How many steps were taken.
            pub(crate) steps: u32,
            $($first: String,)*
            $($second: String,)*
            $($third: String,)*
        }

        /// A step that was taken: fields in sorted order, so that it is written in the form of RFC 8785.
        #[derive(Debug, Default, Clone, PartialEq, Serialize, Deserialize)]
        pub(crate) struct Filled {
            $($filled: String,)*
            step: u32,
        }

        impl Case {
            /// Decides one step on what stands in the case.
            pub(crate) fn decide(&self, seed: u64) -> Result<CaseEvent, Complete> {
                if self.steps >= EVENTS_A_LIFE {
                    return Err(Complete);
                }
                let step = self.steps + 1;
                Ok(CaseEvent::Filled(Filled {
                    $($filled: format!("{}:{seed:016x}:{step:04}:湖南省", stringify!($filled)),)*
                    step,
                }))
            }

            /// The case after an event.
            pub(crate) fn evolve(&mut self, event: CaseEvent) {
                let CaseEvent::Filled(filled) = event;
                self.steps = filled.step;
                match filled.step % 3 {
                    0 => { $(self.$first = filled.$filled;)* }
                    1 => { $(self.$second = filled.$filled;)* }
                    _ => { $(self.$third = filled.$filled_short;)* }
                }
            }
        }
    };
}

case! {
    a01 a02 a03 a04 a05 a06 a07 a08 a09 a10 a11 a12 a13 a14 a15 a16 a17 a18 a19 a20;
    b01 b02 b03 b04 b05 b06 b07 b08 b09 b10 b11 b12 b13 b14 b15 b16 b17 b18 b19 b20;
    c01 c02 c03 c04 c05 c06 c07 c08 c09 c10 c11 c12 c13 c14 c15;
    f01 f02 f03 f04 f05 f06 f07 f08 f09 f10 f11 f12 f13 f14 f15 f16 f17 f18 f19 f20;
    f01 f02 f03 f04 f05 f06 f07 f08 f09 f10 f11 f12 f13 f14 f15
}

/// What happens to a case.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) enum CaseEvent {
    /// Twenty fields were filled in.
    Filled(Filled),
}

/// The case has seen all its steps.
#[derive(Debug, thiserror::Error)]
#[error("the case is complete")]
pub(crate) struct Complete;

impl DomainEvent for CaseEvent {
    fn event_type(&self) -> String {
        "case.filled".to_owned()
    }

    fn event_version(&self) -> String {
        "1".to_owned()
    }
}

/// Take the next step.
pub(crate) struct Fill(pub(crate) u64);

impl Aggregate for Case {
    const TYPE: &'static str = "case";
    type Command = Fill;
    type Event = CaseEvent;
    type Error = Complete;
    type Services = ();

    async fn handle(&mut self, Fill(seed): Fill, (): &(), sink: &EventSink<Self>) -> Result<(), Complete> {
        let event = self.decide(seed)?;
        sink.write(event, self).await;
        Ok(())
    }

    fn apply(&mut self, event: CaseEvent) {
        self.evolve(event);
    }
}

/// Whose turn it is: the case a worker is busy with, and how far along it is.
pub(crate) struct Life {
    /// The id of the case.
    pub(crate) id: String,
    step: u32,
    seed: u64,
}

impl Life {
    /// A new case.
    pub(crate) fn new() -> Self {
        Self { id: uuid::Uuid::now_v7().to_string(), step: 0, seed: 0 }
    }

    /// The next command, to a new case where the last one is complete.
    pub(crate) fn next(&mut self) -> u64 {
        if self.step == EVENTS_A_LIFE {
            *self = Self::new();
        }
        self.step += 1;
        self.seed = self.seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        self.seed
    }
}
