//! One type of id per thing, so that they do not mix. All are UUIDv7 on the wire, made outside the rules.

use uuid::Uuid;

macro_rules! ids {
    ($($(#[$doc:meta])* $type:ident;)+) => { $(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
        #[serde(transparent)]
        pub struct $type(pub Uuid);
        impl std::fmt::Display for $type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { self.0.fmt(f) }
        }
        impl From<Uuid> for $type { fn from(id: Uuid) -> Self { Self(id) } }
        impl From<$type> for Uuid { fn from(id: $type) -> Self { id.0 } }
    )+ };
}

ids! {
    /// A natural person; their key in the vault goes by it.
    PersonId;
    /// An account that signs in.
    AccountId;
    /// A declaration 职称申报.
    DeclarationId;
    /// An employer 用人单位, superiors included.
    EmployerId;
    /// An authority or agency.
    OrganisationId;
    /// A committee 评委会.
    CommitteeId;
    /// A judge 评委: one account's seat in one committee.
    JudgeId;
    /// An annual batch 年度批次.
    BatchId;
    /// A publicity round 公示.
    PublicityRoundId;
    /// A review scheme 评审方案.
    SchemeId;
    /// A review meeting 评审会议.
    ReviewMeetingId;
    /// A quota application 职数申报.
    QuotaApplicationId;
    /// A certificate 证书.
    CertificateId;
    /// An objection 异议.
    ObjectionId;
    /// An operation waiting for a second person 待复核操作.
    ApprovalId;
    /// A stored file 材料.
    MaterialId;
    /// A ballot round of one candidate.
    BallotRoundId;
    /// A node of a review path, or the place where a role is held: an employer, an organisation or a committee.
    NodeId;
}

macro_rules! nodes { ($($type:ident),+) => { $(
    impl From<$type> for NodeId { fn from(id: $type) -> Self { Self(id.0) } }
)+ }; }
nodes!(EmployerId, OrganisationId, CommitteeId);
