//! What the tables of certificates share: what a certificate says, where it comes from and where it stands.

use super::case::{ERASED_NAME, clear, phone_masked, region_in_words, sex_in_words, sex_of};
use crate::column::{Column, date, id, integer, text};
use crate::row::{Cells, RowError};
use chrono::{DateTime, Datelike as _, Utc};
use uuid::Uuid;
use zhicheng_domain::AnyState;
use zhicheng_domain::certificate::{Certificate, Face, Origin, Stage};
use zhicheng_domain::codes::id_number;
use zhicheng_domain::values::{DeclarationKind, Level, Mode};

/// What every certificate's row is made by, beside its own file.
pub const SOURCES: &[&str] = &[
    include_str!("certificate.rs"),
    include_str!("case.rs"),
    include_str!("../../../domain/src/certificate/mod.rs"),
    include_str!("../../../domain/src/certificate/face.rs"),
];

/// Columns of every table with a row per certificate. An imported one has no declaration.
pub const CERTIFICATE: &[Column] = &[
    id("id", "证书标识").always(),
    text("certificate_number", "证书编号").always(),
    id("declaration_id", "申报标识"),
    text("declaration_no", "申报编号"),
    integer("year", "年度").always(),
    text("mode", "取得方式").always().one_of::<Mode>(),
    text("level", "职称等级").always().one_of::<Level>(),
    text("series", "系列").always(),
    text("series_name", "系列名称").always().searchable(),
    text("specialty", "专业").always(),
    text("specialty_name", "专业名称").always().searchable(),
    text("title", "职称").always(),
    text("kind", "申报类型").one_of::<DeclarationKind>(),
    text("applicant_name", "姓名").always().personal().searchable(),
    text("sex", "性别").personal().worded(sex_in_words),
    text("id_number", "身份证号（掩码）").personal().matched_by("id_number_hash"),
    text("id_number_hash", "身份证号检索摘要").sensitive(),
    text("phone", "联系电话（掩码）").personal(),
    id("employer_id", "工作单位标识"),
    text("employer_name", "工作单位").always().searchable(),
    text("uscc", "统一社会信用代码"),
    text("region", "统筹区").worded(region_in_words),
    id("final_organisation_id", "终审机构标识"),
    text("final_organisation_name", "终审机构").searchable(),
    text("stage", "证书环节").always().one_of::<Stage>(),
];

/// Columns of its issue.
pub const ISSUE: &[Column] = &[
    date("acquired_on", "取得时间").always(),
    id("issuing_organisation_id", "发证单位标识").always(),
    text("issuing_organisation_name", "发证单位").always().searchable(),
    text("filing_number", "备案文号"),
    text("document_number", "发文文号"),
];

/// Columns of its revocation.
pub const REVOCATION: &[Column] = &[
    date("revoked_on", "撤销时间"),
    text("revocation_reason", "撤销原因").personal().searchable(),
    text("revocation_basis", "撤销依据").personal().searchable(),
];

/// A certificate that was issued.
#[derive(Debug, Clone, Copy)]
pub struct Paper<'a> {
    /// Its id.
    pub id: Uuid,
    /// It.
    pub it: &'a Certificate,
    /// What it says.
    pub face: &'a Face,
    /// Where it stands.
    pub stage: Stage,
    /// When it was issued.
    pub issued_at: DateTime<Utc>,
}

impl<'a> Paper<'a> {
    /// The certificate of a state; none where the state is another thing's or before the issue.
    pub fn issued(id: Uuid, state: &'a AnyState) -> Option<Self> {
        let it: &Certificate = state.get()?;
        Some(Self { id, it, face: it.face.as_ref()?, stage: it.at()?, issued_at: it.issued_at? })
    }

    /// Where it comes from; none where it was imported.
    pub fn origin(&self) -> Option<&'a Origin> {
        self.it.origin.as_deref()
    }

    /// [`CERTIFICATE`].
    ///
    /// # Errors
    ///
    /// [`RowError::Sealed`] where the log was read without the person's key.
    pub fn cells(&self) -> Result<Cells, RowError> {
        let Self { id, it, face, stage, issued_at: _ } = *self;
        let origin = self.origin();
        let from = |text: fn(&Origin) -> &String| origin.map(text);
        let name = clear("applicant_name", &face.name)?.map_or(ERASED_NAME, String::as_str);
        let number = clear("id_number", &face.id_number)?;
        let phone = match origin.and_then(|origin| origin.phone.as_ref()) {
            Some(phone) => clear("phone", phone)?,
            None => None,
        };
        Ok(vec![
            ("id", id.into()),
            ("certificate_number", (&face.certificate_number).into()),
            ("declaration_id", it.declaration.map(|declaration| declaration.0).into()),
            ("declaration_no", from(|origin| &origin.declaration_no).into()),
            ("year", origin.map_or_else(|| face.acquired_on.year(), |origin| origin.year).into()),
            ("mode", face.mode.name().into()),
            ("level", face.level.name().into()),
            ("series", (&face.series.code).into()),
            ("series_name", (&face.series.name).into()),
            ("specialty", (&face.specialty.code).into()),
            ("specialty_name", (&face.specialty.name).into()),
            ("title", (&face.title.name).into()),
            ("kind", origin.map(|origin| origin.kind.name()).into()),
            ("applicant_name", name.into()),
            ("sex", number.and_then(|number| sex_of(number)).into()),
            ("id_number", number.map(|number| id_number::masked(number)).into()),
            ("id_number_hash", from(|origin| &origin.id_number_hash).into()),
            ("phone", phone.and_then(|phone| phone_masked(phone)).into()),
            ("employer_id", origin.map(|origin| origin.employer_id.0).into()),
            ("employer_name", (&face.employer_name).into()),
            ("uscc", origin.and_then(|origin| origin.uscc.as_ref()).into()),
            ("region", from(|origin| &origin.region).into()),
            ("final_organisation_id", origin.map(|origin| origin.final_organisation.id.0).into()),
            ("final_organisation_name", from(|origin| &origin.final_organisation.name).into()),
            ("stage", stage.name().into()),
        ])
    }

    /// [`REVOCATION`].
    ///
    /// # Errors
    ///
    /// [`RowError::Sealed`] where the log was read without the person's key.
    pub fn revocation(&self) -> Result<Cells, RowError> {
        let revocation = self.it.revocation.as_ref();
        let (reason, basis) = match revocation {
            Some(it) => (clear("revocation_reason", &it.reason)?, clear("revocation_basis", &it.basis)?),
            None => (None, None),
        };
        Ok(vec![
            ("revoked_on", revocation.map(|it| it.on).into()),
            ("revocation_reason", reason.into()),
            ("revocation_basis", basis.and_then(Option::as_ref).into()),
        ])
    }

    /// [`ISSUE`].
    pub fn issue(&self) -> Cells {
        let face = self.face;
        vec![
            ("acquired_on", face.acquired_on.into()),
            ("issuing_organisation_id", face.issuing_organisation.id.0.into()),
            ("issuing_organisation_name", (&face.issuing_organisation.name).into()),
            ("filing_number", face.filing_number.as_ref().into()),
            ("document_number", self.it.document_number.as_ref().into()),
        ]
    }
}
